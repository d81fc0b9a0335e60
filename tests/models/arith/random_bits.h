// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "models/arith/float.h"

namespace addax::tests {

/// 32 random bits: the generator's own type is wider.
class RandomBits {
 public:
  explicit RandomBits(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t operator()() { return static_cast<std::uint32_t>(engine_()); }

  std::uint32_t below(std::uint32_t bound) { return (*this)() % bound; }

  /// Finite, of both signs, with magnitudes from 2^least_exponent to below 2^(most_exponent + 1).
  arith::Fp16 half(int least_exponent, int most_exponent) {
    const std::uint32_t range = static_cast<std::uint32_t>(most_exponent - least_exponent + 1);
    const std::uint32_t field = static_cast<std::uint32_t>(least_exponent + 15) + below(range);
    return {static_cast<std::uint16_t>(below(2) << 15U | field << 10U | below(1024))};
  }
  std::vector<arith::Fp16> halves(std::size_t count, int least_exponent, int most_exponent) {
    std::vector<arith::Fp16> values(count);
    for (arith::Fp16& value : values) value = half(least_exponent, most_exponent);
    return values;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace addax::tests
