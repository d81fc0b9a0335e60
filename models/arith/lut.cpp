// SPDX-License-Identifier: Apache-2.0
#include "models/arith/lut.h"

#include <algorithm>
#include <array>
#include <string>

namespace addax::arith {
namespace {

constexpr std::uint32_t kMostKeyBits = 16;

/// Half a table of `key_bits` inputs into 2^(key_bits - 1) entries. Returns its adds.
std::uint64_t build_half(const Fp16* inputs, std::uint32_t key_bits, Fp16* entries) {
  if (key_bits == 1) {
    entries[0] = negated(inputs[0]);
    return 0;
  }
  const std::uint32_t lower_bits = (key_bits + 1) / 2;
  const std::uint32_t upper_bits = key_bits / 2;
  std::array<Fp16, (1U << (kMostKeyBits / 2 - 1))> lower{}, upper{};
  std::uint64_t adds = build_half(inputs, lower_bits, lower.data()) +
                       build_half(inputs + lower_bits, upper_bits, upper.data());
  const std::uint32_t lower_keys = 1U << lower_bits, upper_keys = 1U << (upper_bits - 1);
  for (std::uint32_t u = 0; u < upper_keys; ++u) {
    for (std::uint32_t l = 0; l < lower_keys; ++l) {
      const bool stored = l < lower_keys / 2;
      const Fp16 low = stored ? lower[l] : negated(lower[lower_keys - 1 - l]);
      entries[u * lower_keys + l] = fp16_add(upper[u], low);
      ++adds;
    }
  }
  return adds;
}

}  // namespace

std::uint64_t lut_entries(std::uint32_t key_bits, bool half_table) {
  ADDAX_CHECK(key_bits >= 1 && key_bits <= kMostKeyBits, std::to_string(key_bits));
  return std::uint64_t{1} << (half_table ? key_bits - 1 : key_bits);
}

std::uint64_t lut_generator_adds(std::uint32_t key_bits) {
  ADDAX_CHECK(key_bits >= 1 && key_bits <= kMostKeyBits, std::to_string(key_bits));
  if (key_bits == 1) return 0;
  return (std::uint64_t{1} << (key_bits - 1)) + lut_generator_adds((key_bits + 1) / 2) +
         lut_generator_adds(key_bits / 2);
}

std::uint32_t lut_generator_depth(std::uint32_t key_bits) {
  std::uint32_t depth = 0;
  for (std::uint32_t reach = 1; reach < key_bits; reach *= 2) ++depth;
  return depth;
}

Table::Table(std::uint32_t key_bits, bool half_table)
    : key_bits_(key_bits),
      complement_(static_cast<std::uint32_t>(lut_entries(key_bits, false) - 1)),
      entries_(lut_entries(key_bits, half_table)) {}

std::uint64_t Table::build(Span<Fp16> inputs) {
  ADDAX_CHECK(inputs.size <= key_bits_, std::to_string(inputs.size));
  std::array<Fp16, kMostKeyBits> padded{};
  std::copy(inputs.begin(), inputs.end(), padded.begin());
  const std::uint64_t adds = build_half(padded.data(), key_bits_, entries_.data());
  for (std::size_t key = lut_entries(key_bits_, true); key < entries_.size(); ++key)
    entries_[key] = negated(entries_[complement_ - key]);
  return adds;
}

}  // namespace addax::arith
