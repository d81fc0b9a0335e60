// SPDX-License-Identifier: Apache-2.0
#include "models/arith/msfp.h"

#include <algorithm>
#include <string>

#include "models/quantity/check.h"

namespace addax::arith {
namespace {

/// A finite half as significand 2^exponent.
struct Parts {
  bool negative = false;
  std::int64_t significand = 0;
  int exponent = 0;
};

Parts parts_of(Fp16 a) {
  const int field = (a.bits >> 10U) & 0x1F;
  const std::int64_t fraction = a.bits & 0x3FF;
  return {(a.bits & 0x8000U) != 0, field == 0 ? fraction : fraction + 0x400,
          std::max(field, 1) - 25};
}

bool is_finite(Fp16 a) { return (a.bits & 0x7C00U) != 0x7C00U; }

/// significand 2^shift, rounded to the nearest, to even where two are as near, at most `most`.
std::int64_t rounded(std::int64_t significand, int shift, std::int64_t most) {
  // Significands have 11 bits, mantissas 7: what is shifted further saturates or vanishes.
  constexpr int kFar = 20;
  shift = std::clamp(shift, -kFar, kFar);
  if (shift >= 0) return std::min(significand << shift, most);
  const std::int64_t unit = std::int64_t{1} << -shift;
  const std::int64_t kept = significand / unit, rest = significand % unit;
  const bool up = 2 * rest > unit || (2 * rest == unit && kept % 2 != 0);
  return std::min(kept + (up ? 1 : 0), most);
}

/// floor(log2) of the largest magnitude, if that is not zero; else `least`.
int exponent_of_largest(Span<Fp16> values, int least) {
  int largest = 0;
  for (const Fp16 a : values) largest = std::max(largest, a.bits & 0x7FFF);
  if (largest == 0) return least;
  const Parts parts = parts_of({static_cast<std::uint16_t>(largest)});
  int exponent = parts.exponent;
  for (std::int64_t rest = parts.significand; rest > 1; rest /= 2) ++exponent;
  return exponent;
}

}  // namespace

MsfpBox msfp_box(Span<Fp16> values, const MsfpFormat& format, std::int8_t* mantissas) {
  const std::uint32_t m = format.mantissa_bits, e = format.exponent_bits;
  ADDAX_CHECK(m >= 1 && m <= 7, std::to_string(m));
  ADDAX_CHECK(e >= 1 && e <= 8, std::to_string(e));
  MsfpBox box;
  box.mantissas = {mantissas, values.size};
  box.mantissa_bits = m;
  box.finite = std::all_of(values.begin(), values.end(), is_finite);
  if (!box.finite) {
    std::fill_n(mantissas, values.size, std::int8_t{0});
    return box;
  }
  const int most_exponent = 1 << (e - 1);
  const int least_exponent = 1 - most_exponent;
  const int exponent =
      std::clamp(exponent_of_largest(values, least_exponent), least_exponent, most_exponent);
  box.exponent = static_cast<std::int16_t>(exponent);
  const int unit = exponent - static_cast<int>(m) + 1;
  const std::int64_t most = (1 << m) - 1;
  for (std::size_t i = 0; i < values.size; ++i) {
    const Parts parts = parts_of(values[i]);
    const std::int64_t magnitude = rounded(parts.significand, parts.exponent - unit, most);
    mantissas[i] = static_cast<std::int8_t>(parts.negative ? -magnitude : magnitude);
  }
  return box;
}

std::int16_t msfp_integer_dot(const MsfpBox& a, const MsfpBox& b) {
  ADDAX_CHECK(a.mantissas.size == b.mantissas.size, "boxes of different sizes");
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < a.mantissas.size; ++i)
    sum += static_cast<std::uint32_t>(a.mantissas[i] * b.mantissas[i]);
  // The lower half of a wrapped 32-bit sum is the wrapped 16-bit sum.
  return static_cast<std::int16_t>(sum);
}

Fp16 msfp_product(const MsfpBox& a, const MsfpBox& b, Underflow underflow) {
  if (!a.finite || !b.finite) return kFp16NaN;
  const int units =
      a.exponent + b.exponent - static_cast<int>(a.mantissa_bits + b.mantissa_bits) + 2;
  return exponent_add(to_fp16(static_cast<float>(msfp_integer_dot(a, b))), units, underflow);
}

}  // namespace addax::arith
