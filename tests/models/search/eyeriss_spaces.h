// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/search/space.h"

namespace addax::tests {

struct Gemm {
  std::uint64_t m = 1, k = 1, n = 1;
};

/// M in {1, 128} x (K, N) of small and of large models' layers.
std::vector<Gemm> gemms();

/// Sums of products on a row-stationary-like array of 12 x 14 elements; 108 KiB of buffer split in
/// one of four ways between what is resident and what streams, Inputs in either.
std::vector<search::Space> eyeriss_products(const Gemm& shape);

/// The same with keys of four weights of 3 bit planes, tables of keys and 12 x 32 adders.
std::vector<search::Space> eyeriss_tables(const Gemm& shape);

}  // namespace addax::tests
