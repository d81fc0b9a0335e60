// SPDX-License-Identifier: Apache-2.0
#include "models/arith/float.h"

#include <cmath>
#include <limits>

namespace addax::arith {
namespace {

static_assert(std::numeric_limits<float>::is_iec559 && sizeof(float) == 4, "binary32");

constexpr std::uint32_t kSign16 = 0x8000, kFraction16 = 0x3FF;
constexpr std::uint32_t kExponentBits16 = 0x1F;
constexpr int kFractionBits16 = 10, kFractionBits32 = 23;
constexpr std::uint32_t kBiasDifference = 127 - 15;
constexpr std::uint32_t kNaN32 = 0x7FC00000;

float quiet(float a) { return std::isnan(a) ? fp32_of_bits(kNaN32) : a; }

}  // namespace

float fp32_add(float a, float b) { return quiet(a + b); }
float fp32_multiply(float a, float b) { return quiet(a * b); }

float to_fp32(Fp16 a) {
  const std::uint32_t sign = (a.bits & kSign16) << 16U;
  const std::uint32_t exponent = (a.bits >> kFractionBits16) & kExponentBits16;
  const std::uint32_t fraction = a.bits & kFraction16;
  if (exponent == kExponentBits16)
    return fraction == 0 ? fp32_of_bits(sign | 0x7F800000U) : fp32_of_bits(kNaN32);
  if (exponent == 0) {
    // Fractions of subnormals are whole multiples of 2^-24.
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  return fp32_of_bits(sign | ((exponent + kBiasDifference) << kFractionBits32) |
                      (fraction << (kFractionBits32 - kFractionBits16)));
}

Fp16 to_fp16(float a) {
  if (std::isnan(a)) return kFp16NaN;
  const std::uint32_t bits = fp32_bits(a);
  const std::uint32_t sign = (bits >> 16U) & kSign16;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  constexpr std::uint32_t kOverflow = 0x477FF000;     // 65520
  constexpr std::uint32_t kLeastNormal = 0x38800000;  // 2^-14
  if (magnitude >= kOverflow) return {static_cast<std::uint16_t>(sign | kFp16Infinity.bits)};
  if (magnitude < kLeastNormal) {
    // The machine rounds: one unit of a sum near 2^(23-24) is a subnormal's unit, 2^-24.
    const std::uint32_t units = fp32_bits(fp32_of_bits(magnitude) + 0.5F) - fp32_bits(0.5F);
    return {static_cast<std::uint16_t>(sign | units)};
  }
  constexpr int kDropped = kFractionBits32 - kFractionBits16;
  const std::uint32_t odd = (magnitude >> kDropped) & 1U;
  const std::uint32_t rounded = magnitude + ((1U << (kDropped - 1)) - 1U) + odd;
  return {static_cast<std::uint16_t>(
      sign | ((rounded >> kDropped) - (kBiasDifference << kFractionBits16)))};
}

// Binary32 holds products of two halves exactly, and rounding a sum twice gives what rounding it once
// does, for 24 >= 2 x 11 + 2 (Figueroa, "When is double rounding innocuous?", SIGNUM 30(3), 1995).
Fp16 fp16_add(Fp16 a, Fp16 b) { return to_fp16(to_fp32(a) + to_fp32(b)); }
Fp16 fp16_multiply(Fp16 a, Fp16 b) { return to_fp16(to_fp32(a) * to_fp32(b)); }

Fp16 negated(Fp16 a) { return {static_cast<std::uint16_t>(a.bits ^ kSign16)}; }

}  // namespace addax::arith
