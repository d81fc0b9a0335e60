// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>

namespace addax::arith {

/// A number of IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 of fraction.
struct Fp16 {
  std::uint16_t bits = 0;
};
inline bool operator==(Fp16 a, Fp16 b) { return a.bits == b.bits; }  ///< the same bits
inline bool operator!=(Fp16 a, Fp16 b) { return a.bits != b.bits; }

inline constexpr Fp16 kFp16NaN{0x7E00};       ///< the NaN that every operation gives
inline constexpr Fp16 kFp16Infinity{0x7C00};  ///< positive

static_assert(std::numeric_limits<float>::is_iec559 && sizeof(float) == 4, "binary32");

/// The 32 bits of a binary32, as a register holds them.
inline std::uint32_t fp32_bits(float a) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &a, sizeof bits);
  return bits;
}
inline float fp32_of_bits(std::uint32_t bits) {
  float a = 0.0F;
  std::memcpy(&a, &bits, sizeof a);
  return a;
}

inline constexpr std::uint32_t kFp32NaN = 0x7FC00000;  ///< the bits of the NaN that operations give

/// Binary32 is the machine's float. All operations round to the nearest, to even where two are as
/// near; know subnormals and infinities; and give one NaN, quiet and positive, whatever came in.
inline float fp32_quiet(float a) { return a == a ? a : fp32_of_bits(kFp32NaN); }
inline float fp32_add(float a, float b) { return fp32_quiet(a + b); }
inline float fp32_multiply(float a, float b) { return fp32_quiet(a * b); }

/// Exact.
inline float to_fp32(Fp16 a) {
  const std::uint32_t sign = (a.bits & 0x8000U) << 16U;
  const std::uint32_t magnitude = (a.bits & 0x7FFFU) << 13U;
  constexpr std::uint32_t kLeastNormal = 1U << 23U, kInfinity = 31U << 23U;
  if (magnitude - kLeastNormal < kInfinity - kLeastNormal)
    return fp32_of_bits(sign | (magnitude + ((127U - 15U) << 23U)));
  if (magnitude >= kInfinity)
    return fp32_of_bits(magnitude == kInfinity ? sign | 0x7F800000U : kFp32NaN);
  // Fractions of subnormals are whole multiples of 2^-24.
  return fp32_of_bits(sign | fp32_bits(static_cast<float>(magnitude >> 13U) * 0x1p-24F));
}

/// Rounded once; what is 65520 or more becomes infinity.
inline Fp16 to_fp16(float a) {
  const std::uint32_t bits = fp32_bits(a);
  const std::uint32_t sign = (bits >> 16U) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  constexpr std::uint32_t kOverflow = 0x477FF000;     // 65520
  constexpr std::uint32_t kLeastNormal = 0x38800000;  // 2^-14
  std::uint32_t result = 0;
  if (magnitude - kLeastNormal < kOverflow - kLeastNormal) {
    const std::uint32_t odd = (magnitude >> 13U) & 1U;
    result = (magnitude + 0xFFFU + odd - ((127U - 15U) << 23U)) >> 13U;
  } else if (magnitude < kLeastNormal) {
    // The machine rounds: one unit of a sum near 2^(23-24) is a subnormal's unit, 2^-24.
    result = fp32_bits(fp32_of_bits(magnitude) + 0.5F) - fp32_bits(0.5F);
  } else if (magnitude > 0x7F800000U) {
    return kFp16NaN;
  } else {
    result = kFp16Infinity.bits;
  }
  return {static_cast<std::uint16_t>(sign | result)};
}

// Binary32 holds products of two halves exactly, and rounding a sum twice gives what rounding it once
// does, for 24 >= 2 x 11 + 2 (Figueroa, "When is double rounding innocuous?", SIGNUM 30(3), 1995).
inline Fp16 fp16_add(Fp16 a, Fp16 b) { return to_fp16(to_fp32(a) + to_fp32(b)); }
inline Fp16 fp16_multiply(Fp16 a, Fp16 b) { return to_fp16(to_fp32(a) * to_fp32(b)); }

/// The sign bit turned over, of a NaN too.
inline Fp16 negated(Fp16 a) { return {static_cast<std::uint16_t>(a.bits ^ 0x8000U)}; }

}  // namespace addax::arith
