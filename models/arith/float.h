// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

namespace addax::arith {

/// A number of IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 of fraction.
struct Fp16 {
  std::uint16_t bits = 0;
};
inline bool operator==(Fp16 a, Fp16 b) { return a.bits == b.bits; }  ///< the same bits
inline bool operator!=(Fp16 a, Fp16 b) { return a.bits != b.bits; }

inline constexpr Fp16 kFp16NaN{0x7E00};       ///< the NaN that every operation gives
inline constexpr Fp16 kFp16Infinity{0x7C00};  ///< positive

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

/// Binary32 is the machine's float. All operations round to the nearest, to even where two are as
/// near; know subnormals and infinities; and give one NaN, quiet and positive, whatever came in.
float fp32_add(float a, float b);
float fp32_multiply(float a, float b);

/// Exact.
float to_fp32(Fp16 a);
/// Rounded once; what is 65520 or more becomes infinity.
Fp16 to_fp16(float a);

Fp16 fp16_add(Fp16 a, Fp16 b);
Fp16 fp16_multiply(Fp16 a, Fp16 b);
Fp16 negated(Fp16 a);  ///< the sign bit turned over, of a NaN too

}  // namespace addax::arith
