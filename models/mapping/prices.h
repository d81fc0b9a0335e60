// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "models/arch/architecture.h"
#include "models/quantity/bytes.h"

namespace addax::mapping {

/// What the mapper reckons with: energy of each thing that a mapping makes one column group and the
/// chip around it do, in pJ (or in any other unit: only ratios count).
struct Prices {
  struct Memory {
    double read = 0.0, write = 0.0;  ///< one access of its width
  };
  struct Network {
    double transfer_bit = 0.0, deliver_bit = 0.0;  ///< over the trunk, over one row bus
  };
  double dram_read_bit = 0.0, dram_write_bit = 0.0;
  Memory buffer, activation_pad, weight_pad, psum_pad, table;
  Network activation, weight, psum, output;
  double neighbour_bit = 0.0;
  std::array<double, arith::kArithmeticCount> operation{};
  double cycle = 0.0;  ///< all that leaks, is clocked or is held for one cycle

  double of(arith::Arithmetic arithmetic) const {
    return operation[static_cast<std::size_t>(arithmetic)];
  }
};

/// Eyeriss's normalised costs, in units of a 16-bit MAC: DRAM 200, buffer 6, network 2, register 1
/// for 16 bits, an operation 1; nothing for time. Chen, Emer and Sze, ISCA 2016, Table IV.
Prices normalised_prices(const arch::Architecture& architecture, std::size_t group);

/// Each to the nearest half octave, at most 19 % away: designs that differ in little ask for the same mapping, which
/// hardly depends on more (docs/decisions/0011-known-layers.md).
Prices rounded(const Prices& prices);

void write(quantity::Bytes& bytes, const Prices& prices);

}  // namespace addax::mapping
