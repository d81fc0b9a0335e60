// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/buffer_share.h"

#include <algorithm>

#include "models/quantity/quantity.h"

namespace addax::mapping {

namespace {

std::uint32_t most_a_half(const arch::GlobalBuffer& buffer, std::uint64_t resident_bits) {
  const auto taken = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      quantity::ceil_div(resident_bits, buffer.bank_bits()), buffer.banks - 2));
  return (buffer.banks - std::max(taken, 1U)) / 2;
}

/// Of the wishes those that can be had, each once: `large` ones of 7/32 of the banks and more, or others.
std::vector<BufferShare> pick(const arch::GlobalBuffer& buffer, std::uint64_t resident_bits,
                              const std::vector<std::uint32_t>& wishes, bool large) {
  const std::uint32_t most = most_a_half(buffer, resident_bits);
  std::vector<BufferShare> found;
  for (const std::uint32_t half : wishes)
    if (half >= 1 && half <= most && (half >= buffer.banks * 7 / 32) == large &&
        std::none_of(found.begin(), found.end(),
                     [&](const BufferShare& s) { return s.half_banks == half; }))
      found.push_back({half, buffer.banks - 2 * half});
  return found;
}

}  // namespace

std::vector<BufferShare> large_shares(const arch::GlobalBuffer& buffer,
                                      std::uint64_t resident_bits) {
  return pick(buffer, resident_bits,
              {buffer.banks / 4, buffer.banks * 3 / 8, buffer.banks * 7 / 16,
               most_a_half(buffer, resident_bits), buffer.banks * 7 / 32},
              true);
}

std::vector<BufferShare> small_shares(const arch::GlobalBuffer& buffer,
                                      std::uint64_t resident_bits) {
  return pick(buffer, resident_bits,
              {most_a_half(buffer, resident_bits), buffer.banks * 3 / 16, buffer.banks / 8,
               buffer.banks / 16, 1U},
              false);
}

std::uint64_t resident_budget(const arch::GlobalBuffer& buffer) {
  return (buffer.banks - 2 * std::max(buffer.banks / 4, 1U)) * buffer.bank_bits();
}

}  // namespace addax::mapping
