// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "models/arith/float.h"

namespace addax::tests::soft {

/// Binary floating point in integers, from the definition: a finite number is significand 2^exponent,
/// results are computed exactly and rounded once by a division with remainder. Nothing of the
/// machine's floating point and nothing of models/arith is used.
struct Format {
  int exponent_bits;
  int fraction_bits;
  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  int least_exponent() const { return 1 - bias() - fraction_bits; }  ///< of a significand's unit
  std::uint32_t infinity() const { return ((1U << exponent_bits) - 1U) << fraction_bits; }
  std::uint32_t nan() const { return infinity() | (1U << (fraction_bits - 1)); }
  std::uint32_t sign() const { return 1U << (exponent_bits + fraction_bits); }
};
inline constexpr Format kHalf{5, 10};
inline constexpr Format kSingle{8, 23};

enum class Kind { kFinite, kInfinity, kNaN };
struct Number {
  Kind kind = Kind::kFinite;
  bool negative = false;
  std::uint64_t significand = 0;
  int exponent = 0;
};

inline Number unpacked(const Format& format, std::uint32_t bits) {
  Number number;
  number.negative = (bits & format.sign()) != 0;
  const std::uint32_t magnitude = bits & (format.sign() - 1);
  if (magnitude >= format.infinity()) {
    number.kind = magnitude == format.infinity() ? Kind::kInfinity : Kind::kNaN;
    return number;
  }
  const std::uint32_t one = 1U << format.fraction_bits;
  const std::uint32_t field = magnitude / one;
  number.significand = magnitude % one + (field > 0 ? one : 0);
  number.exponent = format.least_exponent() + std::max(static_cast<int>(field), 1) - 1;
  return number;
}

inline int floor_log2(std::uint64_t a) {
  int log = -1;
  for (; a != 0; a /= 2) ++log;
  return log;
}

/// Rounds to the nearest, to even where two are as near.
inline std::uint32_t packed(const Format& format, const Number& number) {
  const std::uint32_t sign = number.negative ? format.sign() : 0;
  if (number.kind == Kind::kNaN) return format.nan();
  if (number.kind == Kind::kInfinity) return sign | format.infinity();
  if (number.significand == 0) return sign;
  int unit = std::max(floor_log2(number.significand) + number.exponent - format.fraction_bits,
                      format.least_exponent());
  std::uint64_t kept = 0;
  if (unit <= number.exponent) {
    kept = number.significand << (number.exponent - unit);
  } else if (unit - number.exponent < 63) {
    const std::uint64_t divisor = std::uint64_t{1} << (unit - number.exponent);
    kept = number.significand / divisor;
    const std::uint64_t twice = 2 * (number.significand % divisor);
    if (twice > divisor || (twice == divisor && kept % 2 == 1)) ++kept;
  }
  const std::uint64_t one = std::uint64_t{1} << format.fraction_bits;
  if (kept == 2 * one) {
    kept = one;
    ++unit;
  }
  if (kept < one) return sign | static_cast<std::uint32_t>(kept);  // subnormal, or zero
  const int field = unit - format.least_exponent() + 1;
  if (field >= (1 << format.exponent_bits) - 1) return sign | format.infinity();
  return sign | (static_cast<std::uint32_t>(field) << format.fraction_bits) |
         static_cast<std::uint32_t>(kept - one);
}

inline Number product(const Number& a, const Number& b) {
  const bool negative = a.negative != b.negative;
  const auto zero = [](const Number& n) { return n.kind == Kind::kFinite && n.significand == 0; };
  if (a.kind == Kind::kNaN || b.kind == Kind::kNaN) return {Kind::kNaN};
  if (a.kind == Kind::kInfinity || b.kind == Kind::kInfinity)
    return {zero(a) || zero(b) ? Kind::kNaN : Kind::kInfinity, negative};
  return {Kind::kFinite, negative, a.significand * b.significand, a.exponent + b.exponent};
}

/// Exact, or where exponents are far apart a number on the same side of every rounding border:
/// significands have at most 24 bits, so that a number 2^-39 as large only shows that it is not zero.
inline Number total(Number a, Number b) {
  if (a.kind == Kind::kNaN || b.kind == Kind::kNaN) return {Kind::kNaN};
  if (a.kind == Kind::kInfinity && b.kind == Kind::kInfinity && a.negative != b.negative)
    return {Kind::kNaN};
  if (a.kind == Kind::kInfinity) return a;
  if (b.kind == Kind::kInfinity) return b;
  if (a.significand == 0 && b.significand == 0)
    return {Kind::kFinite, a.negative && b.negative, 0, 0};
  if (a.significand == 0) return b;
  if (b.significand == 0) return a;
  if (a.exponent < b.exponent) std::swap(a, b);
  constexpr int kFar = 38;
  if (a.exponent - b.exponent > kFar) {
    b.significand = 1;
    b.exponent = a.exponent - kFar;
  }
  a.significand <<= a.exponent - b.exponent;
  if (a.negative == b.negative)
    return {Kind::kFinite, a.negative, a.significand + b.significand, b.exponent};
  if (a.significand == b.significand) return {};
  const bool a_is_larger = a.significand > b.significand;
  return {Kind::kFinite, a_is_larger ? a.negative : b.negative,
          a_is_larger ? a.significand - b.significand : b.significand - a.significand, b.exponent};
}

inline std::uint32_t add(const Format& format, std::uint32_t a, std::uint32_t b) {
  return packed(format, total(unpacked(format, a), unpacked(format, b)));
}
inline std::uint32_t multiply(const Format& format, std::uint32_t a, std::uint32_t b) {
  return packed(format, product(unpacked(format, a), unpacked(format, b)));
}
inline std::uint32_t to_single(std::uint32_t half) {
  return packed(kSingle, unpacked(kHalf, half));
}
inline std::uint32_t to_half(std::uint32_t single) {
  return packed(kHalf, unpacked(kSingle, single));
}
inline std::uint32_t of_integer(const Format& format, std::int64_t a) {
  return packed(format, {Kind::kFinite, a < 0, static_cast<std::uint64_t>(a < 0 ? -a : a), 0});
}

/// a 2^exponent; `flush` takes subnormal inputs and results below the least normal number as zero.
inline std::uint32_t shifted(std::uint32_t half, int exponent, bool flush) {
  Number number = unpacked(kHalf, half);
  if (number.kind == Kind::kFinite) {
    constexpr int kLeastNormal = -14;
    const auto small = [&] {
      return floor_log2(number.significand) + number.exponent < kLeastNormal;
    };
    if (flush && small()) number.significand = 0;
    number.exponent += exponent;
    if (flush && small()) number.significand = 0;
  }
  return packed(kHalf, number);
}

/// The value of a finite half.
inline double value(std::uint32_t half) {
  const Number number = unpacked(kHalf, half);
  const double magnitude = std::ldexp(static_cast<double>(number.significand), number.exponent);
  return number.negative ? -magnitude : magnitude;
}

}  // namespace addax::tests::soft
