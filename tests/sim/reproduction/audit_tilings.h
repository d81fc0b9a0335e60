// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>

// The operations of docs/physics/published.md, with the best tiling found by trying every one.
namespace addax::tests::audit {

/// pJ of an access to one element, from DRAM down to the registers; or all accesses of a tiling.
struct Levels {
  double dram = 0.0, buffer = 0.0, network = 0.0, registers = 0.0;
};

struct Product {
  long n = 1, c = 1, m = 1;
  Levels in{}, weight{}, out{};
  double operation = 0.0;
  long most_sums = 16, most_inputs = 11, most_weights = 959, most_pes = 191, most_words = 65535;
};

struct Tiled {
  long n0, m0, m1, m2, m3, c0, c1, c2;
  Levels energy;
  double total, steps;
  std::tuple<long, long, long, long, long, long> order() const {
    return {m0, m1, c0, c1, -n0, -m2};
  }
};

/// The tiling that minimises (E - E_min) / E_max + (L - L_min) / L_max. Of equals, but for rounding,
/// the first in the order that models/published/tiling.h states.
Tiled best(const Product& product);

}  // namespace addax::tests::audit
