// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "models/arith/sum.h"
#include "tests/catch.h"
#include "tests/models/arith/soft_float.h"

namespace addax::tests {

/// A sum in soft float, and beside it the exact value of what it adds up and a bound of its error: an
/// add that gives r is off by at most |r| u, u = 2^-11 at 16 bits and 2^-24 at 32 (sums that are
/// subnormal are exact); other roundings to 16 bits by at most |r| 2^-11 + 2^-25.
class SoftSum {
 public:
  explicit SoftSum(arith::SumKind kind) : narrow_(kind == arith::SumKind::kFp16) {}

  /// An addend that is `exact` but for an error of at most `error`.
  void add(std::uint32_t half, double exact, double error) {
    bits_ = narrow_ ? soft::add(soft::kHalf, bits_, half)
                    : soft::add(soft::kSingle, bits_, soft::to_single(half));
    exact_ += exact;
    error_ += error;
    // What was rounded is at most the exact sum and the errors so far, and a little more.
    error_ += 1.001 * (std::abs(exact_) + error_) * (narrow_ ? 0x1p-11 : 0x1p-24);
  }
  std::uint32_t bits() const { return bits_; }
  std::uint32_t half() const { return narrow_ ? bits_ : soft::to_half(bits_); }
  double exact() const { return exact_; }
  double error() const { return error_; }
  /// Of the sum after it was rounded to 16 bits.
  double half_error() const { return error_ + rounding(exact_, error_); }

  static double rounding(double exact, double error) {
    return 1.001 * (std::abs(exact) + error) * 0x1p-11 + 0x1p-25;
  }

 private:
  bool narrow_;
  std::uint32_t bits_ = 0;
  double exact_ = 0.0;
  double error_ = 0.0;
};

namespace soft {

inline std::uint32_t times(std::uint32_t a, std::uint32_t b) {
  return soft::multiply(soft::kHalf, a, b);
}

inline void add_product(SoftSum& sum, std::uint32_t a, std::uint32_t b) {
  const double exact = soft::value(a) * soft::value(b);
  sum.add(times(a, b), exact, SoftSum::rounding(exact, 0.0));
}

/// A complete part of a sum at 16 bits, times an FP16 scale.
inline void add_scaled(SoftSum& sum, const SoftSum& part, arith::Fp16 scale) {
  const double factor = soft::value(scale.bits);
  const double exact = part.exact() * factor;
  const double error = part.half_error() * std::abs(factor);
  sum.add(times(part.half(), scale.bits), exact, error + SoftSum::rounding(exact, error));
}

inline void check_same(const arith::Sum& found, const SoftSum& expected) {
  REQUIRE(found.bits() == expected.bits());
  REQUIRE(std::abs(found.value() - expected.exact()) <= expected.error());
}

inline std::uint32_t signed_bits(arith::Fp16 x, bool positive) {
  return positive ? x.bits : x.bits ^ 0x8000U;
}

inline void add_signed(SoftSum& sum, arith::Fp16 x, bool positive) {
  const std::uint32_t bits = signed_bits(x, positive);
  sum.add(bits, soft::value(bits), 0.0);
}

/// The sum of signed inputs in the order of the tree, from its definition: lower half and upper half.
inline std::uint32_t tree_sum(const std::vector<arith::Fp16>& x, std::uint32_t key,
                              std::size_t first, std::size_t count) {
  if (count == 1) {
    const bool plus = ((key >> first) & 1U) != 0;
    return plus ? x[first].bits : x[first].bits ^ 0x8000U;
  }
  const std::size_t lower = (count + 1) / 2;
  return add(kHalf, tree_sum(x, key, first, lower), tree_sum(x, key, first + lower, count - lower));
}

/// The same with what a stored half implies: of keys whose highest bit is 1 the negated sum of the
/// complemented key, in the table and in the halves that it is built from.
inline std::uint32_t entry(const std::vector<arith::Fp16>& x, std::uint32_t key, std::size_t first,
                           std::size_t count) {
  if (count == 1) return tree_sum(x, key, first, 1);
  if (((key >> (first + count - 1)) & 1U) != 0) return entry(x, ~key, first, count) ^ 0x8000U;
  const std::size_t lower = (count + 1) / 2;
  return add(kHalf, entry(x, key, first, lower), entry(x, key, first + lower, count - lower));
}

}  // namespace soft
}  // namespace addax::tests
