// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/arith/exponent_add.h"
#include "models/arith/float.h"
#include "models/arith/span.h"

namespace addax::arith {

/// Numbers of m bits and a sign that share an exponent (Darvish Rouhani et al., "Pushing the Limits
/// of Narrow Precision Inferencing at Cloud Scale with Microsoft Floating Point", NeurIPS 2020).
struct MsfpFormat {
  std::uint32_t mantissa_bits = 0;  ///< m, without the sign: 1 to 7
  /// 1 to 8, biased by 2^(e-1) - 1 as IEEE 754 has it; 6 hold every FP16 exponent.
  std::uint32_t exponent_bits = 0;
};

/// A box: value i is mantissas[i] 2^(exponent - m + 1), |mantissas[i]| < 2^m.
struct MsfpBox {
  Span<std::int8_t> mantissas;
  std::int16_t exponent = 0;
  std::uint32_t mantissa_bits = 0;
  bool finite = true;  ///< whether all inputs were; if not, any product with the box is NaN
};

/// Puts values into a box; its mantissas go to `mantissas`, one for each value. The exponent is that of
/// the largest magnitude, floor(log2), as near as exponent_bits allow, and the least one for zeros.
/// Mantissas are rounded to the nearest, to even where two are as near, and saturate at 2^m - 1.
MsfpBox msfp_box(Span<Fp16> values, const MsfpFormat& format, std::int8_t* mantissas);

/// The sum of products of mantissas: INT8 multiplications, INT16 additions, which wrap; the result is
/// right where it fits, as it does if the box's size times (2^m - 1)^2 is at most 32767. Boxes of the
/// same size.
std::int16_t msfp_integer_dot(const MsfpBox& a, const MsfpBox& b);

/// What two boxes add to a sum: that integer, rounded to FP16, times 2^(both exponents - both m + 2) by
/// an exponent addition. kFp16NaN unless both boxes are finite.
Fp16 msfp_product(const MsfpBox& a, const MsfpBox& b, Underflow underflow);

}  // namespace addax::arith
