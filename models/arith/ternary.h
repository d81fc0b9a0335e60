// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace addax::arith {

/// Weights of -1, 0 and 1. The first weight is lowest.
using FiveTrits = std::array<std::int8_t, 5>;

/// Base 3: the sum of (t_i + 1) 3^i, 0 to 242.
std::uint8_t packed_trits(const FiveTrits& trits);
/// None for 243 to 255.
std::optional<FiveTrits> unpacked_five_trits(std::uint8_t byte);

}  // namespace addax::arith
