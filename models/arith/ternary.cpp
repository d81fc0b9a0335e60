// SPDX-License-Identifier: Apache-2.0
#include "models/arith/ternary.h"

#include <string>

#include "models/quantity/check.h"

namespace addax::arith {

std::uint8_t packed_trits(const FiveTrits& trits) {
  int byte = 0;
  for (std::size_t i = trits.size(); i-- > 0;) {
    ADDAX_CHECK(trits[i] >= -1 && trits[i] <= 1, std::to_string(trits[i]));
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

}  // namespace addax::arith
