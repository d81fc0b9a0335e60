// SPDX-License-Identifier: Apache-2.0
#include "models/arith/ternary.h"

#include <string>

#include "models/quantity/check.h"

namespace addax::arith {
namespace {

template <std::size_t kCount>
std::uint8_t packed(const std::array<std::int8_t, kCount>& trits, int base) {
  int byte = 0;
  for (std::size_t i = kCount; i-- > 0;) {
    ADDAX_CHECK(trits[i] >= -1 && trits[i] <= 1, std::to_string(trits[i]));
    byte = byte * base + trits[i] + 1;
  }
  return static_cast<std::uint8_t>(byte);
}

template <std::size_t kCount>
std::optional<std::array<std::int8_t, kCount>> unpacked(int byte, int base) {
  std::array<std::int8_t, kCount> trits{};
  for (std::int8_t& trit : trits) {
    if (byte % base > 2) return std::nullopt;
    trit = static_cast<std::int8_t>(byte % base - 1);
    byte /= base;
  }
  if (byte != 0) return std::nullopt;
  return trits;
}

}  // namespace

std::uint8_t packed_trits(const FiveTrits& trits) { return packed(trits, 3); }
std::optional<FiveTrits> unpacked_five_trits(std::uint8_t byte) { return unpacked<5>(byte, 3); }
std::uint8_t packed_trits(const FourTrits& trits) { return packed(trits, 4); }
std::optional<FourTrits> unpacked_four_trits(std::uint8_t byte) { return unpacked<4>(byte, 4); }

}  // namespace addax::arith
