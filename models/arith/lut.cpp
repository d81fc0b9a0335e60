// SPDX-License-Identifier: Apache-2.0
#include "models/arith/lut.h"

#include <string>

#include "models/quantity/check.h"

namespace addax::arith {

std::uint64_t lut_entries(std::uint32_t key_bits, bool half_table) {
  ADDAX_CHECK(key_bits >= 1 && key_bits <= 16, std::to_string(key_bits));
  return std::uint64_t{1} << (half_table ? key_bits - 1 : key_bits);
}

std::uint64_t lut_generator_adds(std::uint32_t key_bits) {
  ADDAX_CHECK(key_bits >= 1 && key_bits <= 16, std::to_string(key_bits));
  if (key_bits == 1) return 0;
  return (std::uint64_t{1} << (key_bits - 1)) + lut_generator_adds((key_bits + 1) / 2) +
         lut_generator_adds(key_bits / 2);
}

std::uint32_t lut_generator_depth(std::uint32_t key_bits) {
  std::uint32_t depth = 0;
  for (std::uint32_t reach = 1; reach < key_bits; reach *= 2) ++depth;
  return depth;
}

}  // namespace addax::arith
