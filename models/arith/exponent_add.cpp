// SPDX-License-Identifier: Apache-2.0
#include "models/arith/exponent_add.h"

#include <cmath>
#include <string>

#include "models/quantity/check.h"

namespace addax::arith {
namespace {

constexpr std::uint32_t kSign = 0x8000, kFraction = 0x3FF, kHiddenOne = 0x400;
constexpr int kFractionBits = 10;
constexpr int kSpecial = 31;  // the exponent's field of infinities and NaN

Fp16 of(std::uint32_t bits) { return {static_cast<std::uint16_t>(bits)}; }

/// significand 2^-drop, rounded to the nearest, to even where two are as near; drop >= 1.
std::uint32_t rounded_shift(std::uint32_t significand, int drop) {
  if (drop > kFractionBits + 1) return 0;
  const std::uint32_t kept = significand >> drop;
  const std::uint32_t rest = significand & ((1U << drop) - 1U);
  const std::uint32_t half = 1U << (drop - 1);
  return kept + (rest > half || (rest == half && (kept & 1U) != 0) ? 1U : 0U);
}

}  // namespace

std::uint8_t encoded(PowerOfTwo term) {
  ADDAX_CHECK(term.exponent >= -64 && term.exponent <= 63, std::to_string(term.exponent));
  return static_cast<std::uint8_t>((term.negative ? 0x80 : 0) | (term.exponent & 0x7F));
}

PowerOfTwo decoded_power_of_two(std::uint8_t code) {
  const int field = code & 0x7F;
  return {(code & 0x80) != 0, static_cast<std::int8_t>(field < 64 ? field : field - 128)};
}

Fp16 exponent_add(Fp16 a, int exponent, Underflow underflow) {
  const std::uint32_t sign = a.bits & kSign;
  int field = (a.bits >> kFractionBits) & kSpecial;
  std::uint32_t significand = a.bits & kFraction;
  if (field == kSpecial) return significand == 0 ? a : kFp16NaN;
  if (field != 0) {
    significand |= kHiddenOne;
  } else {
    if (significand == 0 || underflow == Underflow::kFlushToZero) return of(sign);
    for (field = 1; significand < kHiddenOne; --field) significand <<= 1U;
  }
  field += exponent;
  if (field >= kSpecial) return of(sign | kFp16Infinity.bits);
  if (field >= 1)
    return of(sign | (static_cast<std::uint32_t>(field) << kFractionBits) |
              (significand & kFraction));
  if (underflow == Underflow::kFlushToZero) return of(sign);
  // Rounding up to the hidden one carries into the exponent's field: the least normal number.
  return of(sign | rounded_shift(significand, 1 - field));
}

Fp16 exponent_add(Fp16 a, PowerOfTwo term, const ShiftRules& rules) {
  const Fp16 shifted = exponent_add(a, term.exponent + rules.tensor_exponent, rules.underflow);
  return term.negative && shifted != kFp16NaN ? negated(shifted) : shifted;
}

Fp16 scaled(Fp16 a, Span<PowerOfTwo> terms, const ShiftRules& rules) {
  ADDAX_CHECK(terms.size >= 1, "a scale without terms");
  Fp16 sum = exponent_add(a, terms[0], rules);
  for (std::size_t i = 1; i < terms.size; ++i)
    sum = fp16_add(sum, exponent_add(a, terms[i], rules));
  return sum;
}

double value(Span<PowerOfTwo> terms) {
  // Terms are mostly stored by falling size: the least come first.
  double sum = 0.0;
  for (std::size_t i = terms.size; i-- > 0;)
    sum += std::ldexp(terms[i].negative ? -1.0 : 1.0, terms[i].exponent);
  return sum;
}

}  // namespace addax::arith
