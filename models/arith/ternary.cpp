// SPDX-License-Identifier: Apache-2.0
#include "models/arith/ternary.h"

#include <string>

#include "models/quantity/check.h"

namespace addax::arith {
namespace {

void check(std::int8_t trit) { ADDAX_CHECK(trit >= -1 && trit <= 1, std::to_string(trit)); }

}  // namespace

std::uint8_t packed_trits(const FiveTrits& trits) {
  int byte = 0;
  for (std::size_t i = trits.size(); i-- > 0;) {
    check(trits[i]);
    byte = byte * 3 + trits[i] + 1;
  }
  return static_cast<std::uint8_t>(byte);
}

std::optional<FiveTrits> unpacked_five_trits(std::uint8_t byte) {
  FiveTrits trits{};
  int left = byte;
  for (std::int8_t& trit : trits) {
    trit = static_cast<std::int8_t>(left % 3 - 1);
    left /= 3;
  }
  if (left != 0) return std::nullopt;
  return trits;
}

std::uint8_t packed_trits(const FourTrits& trits) {
  unsigned byte = 0;
  for (std::size_t i = 0; i < trits.size(); ++i) {
    check(trits[i]);
    byte |= (static_cast<unsigned>(trits[i]) & 3U) << (2 * i);
  }
  return static_cast<std::uint8_t>(byte);
}

std::optional<FourTrits> unpacked_four_trits(std::uint8_t byte) {
  FourTrits trits{};
  for (std::size_t i = 0; i < trits.size(); ++i) {
    const unsigned code = (byte >> (2 * i)) & 3U;
    if (code == 2) return std::nullopt;
    trits[i] = static_cast<std::int8_t>(code == 3 ? -1 : static_cast<int>(code));
  }
  return trits;
}

}  // namespace addax::arith
