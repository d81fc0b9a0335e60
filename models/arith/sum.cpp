// SPDX-License-Identifier: Apache-2.0
#include "models/arith/sum.h"

#include <cmath>

namespace addax::arith {
namespace {

Fp16 half_of(std::uint32_t bits) { return {static_cast<std::uint16_t>(bits)}; }

// What C++17 leaves to the implementation, a cast of too large an unsigned number, is modular in all
// that compile this, and C++20 makes it so.
std::int32_t integer_of(std::uint32_t bits) { return static_cast<std::int32_t>(bits); }

}  // namespace

void Sum::add(const Sum& other) {
  ADDAX_CHECK(kind_ == other.kind_, "sums of different kinds");
  switch (kind_) {
    case SumKind::kFp16:
      return add(half_of(other.bits_));
    case SumKind::kFp32:
      bits_ = fp32_bits(fp32_add(fp32_of_bits(bits_), fp32_of_bits(other.bits_)));
      return;
    case SumKind::kInt32:
      return add(integer_of(other.bits_));
  }
}

double Sum::value() const {
  switch (kind_) {
    case SumKind::kFp16:
      return to_fp32(half_of(bits_));
    case SumKind::kFp32:
      return fp32_of_bits(bits_);
    case SumKind::kInt32:
      return integer_of(bits_);
  }
  ADDAX_UNREACHABLE("sum kind");
}

Fp16 Sum::to_fp16(const ShiftRules& rules) const {
  if (kind_ == SumKind::kFp16) {
    const Fp16 sum = half_of(bits_);
    return rules.tensor_exponent == 0 ? sum
                                      : exponent_add(sum, -rules.tensor_exponent, rules.underflow);
  }
  // What binary32 cannot hold after the shift is zero or infinite at 16 bits in any case.
  return arith::to_fp16(std::ldexp(static_cast<float>(value()), -rules.tensor_exponent));
}

}  // namespace addax::arith
