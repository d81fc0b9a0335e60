// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "models/arith/exponent_add.h"
#include "models/arith/float.h"
#include "models/quantity/check.h"

namespace addax::arith {

/// What an accumulator adds in.
enum class SumKind {
  kFp16,   ///< rounds at every add
  kFp32,   ///< FP16 addends are widened exactly; rounds at every add
  kInt32,  ///< two's complement; wraps at 32 bits, does not saturate
};

/// A partial sum: the word that a scratchpad or a link carries, of 16 or 32 bits. FP16 products and
/// table entries are added to floating sums, products of integers to integer sums; anything else is
/// a defect, as is adding sums of different kinds.
class Sum {
 public:
  /// Zero, positive.
  explicit Sum(SumKind kind) : kind_(kind) {}
  /// A word as it was stored; of kFp16 the lower 16 bits are used.
  Sum(SumKind kind, std::uint32_t bits)
      : kind_(kind), bits_(kind == SumKind::kFp16 ? bits & 0xFFFFU : bits) {}

  SumKind kind() const { return kind_; }
  std::uint32_t bits() const { return bits_; }

  void add(Fp16 addend) {
    if (kind_ == SumKind::kFp32) {
      bits_ = fp32_bits(fp32_add(fp32_of_bits(bits_), to_fp32(addend)));
    } else {
      ADDAX_CHECK(kind_ == SumKind::kFp16, "an FP16 addend of an integer sum");
      bits_ = fp16_add({static_cast<std::uint16_t>(bits_)}, addend).bits;
    }
  }
  void add(std::int32_t addend) {
    ADDAX_CHECK(kind_ == SumKind::kInt32, "an integer addend of a floating sum");
    bits_ += static_cast<std::uint32_t>(addend);
  }
  void add(const Sum& other);

  /// Its value, exactly.
  double value() const;
  /// A complete sum at 16 bits, times 2^-E. Rounded once, except for integers beyond 2^24, which
  /// binary32 rounds first (they are infinite at 16 bits unless E > 0). Where FP16 sums are corrected
  /// by E, `underflow` says how; other results are subnormal where they are small.
  Fp16 to_fp16(const ShiftRules& rules = {}) const;

 private:
  SumKind kind_;
  std::uint32_t bits_ = 0;
};

}  // namespace addax::arith
