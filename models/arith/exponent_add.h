// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/arith/float.h"
#include "models/arith/span.h"

namespace addax::arith {

/// What becomes of results nearer to zero than 2^-14, the least normal number of binary16.
enum class Underflow {
  kGradual,      ///< subnormal, rounded to the nearest, to even where two are as near
  kFlushToZero,  ///< zero with the result's sign; subnormal inputs count as zero, too
};

/// (-1)^negative 2^exponent, -64 <= exponent <= 63: a term of a scale, stored in 8 bits.
struct PowerOfTwo {
  bool negative = false;
  std::int8_t exponent = 0;
};
/// The sign in bit 7, the exponent in bits 6 to 0 in two's complement. The exponent must be in range.
std::uint8_t encoded(PowerOfTwo term);
PowerOfTwo decoded_power_of_two(std::uint8_t code);

/// How units that shift FP16 values are built.
struct ShiftRules {
  Underflow underflow = Underflow::kGradual;
  /// E: a term 2^e of a tensor's scales is applied as 2^(e + E), and a complete sum of such values is
  /// corrected by 2^-E. Where scales are small, E keeps what is summed away from underflow. The terms
  /// stay as they are stored, so that the unit adds three exponents instead of two.
  std::int8_t tensor_exponent = 0;
};

/// a 2^exponent by an integer addition on the exponent's field. Too large a result becomes infinity;
/// infinities keep their sign, and a NaN becomes kFp16NaN. Results are exact unless they are
/// subnormal. Any exponent of at most 16 bits.
Fp16 exponent_add(Fp16 a, int exponent, Underflow underflow);

/// One term: a (-1)^negative 2^(exponent + E).
Fp16 exponent_add(Fp16 a, PowerOfTwo term, const ShiftRules& rules);

/// a times a scale of k >= 1 terms: k exponent additions and k - 1 FP16 additions, which round, in the
/// order of the terms.
Fp16 scaled(Fp16 a, Span<PowerOfTwo> terms, const ShiftRules& rules);

/// A scale's value, without E. Exact where k 2^(largest - least exponent) is at most 2^53.
double value(Span<PowerOfTwo> terms);

}  // namespace addax::arith
