// SPDX-License-Identifier: Apache-2.0
#include "models/quantise/stored_scale.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/arith/exponent_add.h"
#include "models/quantise/matrix.h"
#include "models/quantise/quantised.h"
#include "models/quantity/check.h"

namespace addax::quantise {
namespace {

// Terms are chosen from here on; splitting a term or a plane may halve one seven times more.
constexpr int kLeastChosen = -56;
constexpr int kLeastExponent = -64, kLargestExponent = 63;

std::uint8_t encoded(bool negative, int exponent) {
  ADDAX_CHECK(exponent >= kLeastExponent && exponent <= kLargestExponent, std::to_string(exponent));
  return arith::encoded({negative, static_cast<std::int8_t>(exponent)});
}

/// The exponent of the power of two nearest to `magnitude`.
int nearest_exponent(double magnitude) {
  const int below = std::ilogb(magnitude);
  const bool above_is_nearer = magnitude > 1.5 * std::ldexp(1.0, below);
  return std::clamp(below + (above_is_nearer ? 1 : 0), kLeastChosen, kLargestExponent);
}

std::uint8_t halved_term(std::uint8_t term) {
  return encoded(term_value(term) < 0.0, std::ilogb(term_value(term)) - 1);
}

}  // namespace

StoredScale ScaleStore::nearest(double value) const {
  if (terms_ != 0) return sum_of_terms(value);
  return {nearest_fp16(std::min(value, kLargestFp16)), {}};
}

StoredScale ScaleStore::sum_of_terms(double value) const {
  StoredScale scale;
  std::uint32_t used = 0;
  double left = value;
  const auto add = [&](bool negative, int exponent) {
    scale.terms.at(used) = encoded(negative, exponent);
    left -= term_value(scale.terms.at(used));
    ++used;
  };
  // Half the least term or less is nearer to zero, which no term is: two of them are.
  const double negligible = std::ldexp(1.0, kLeastChosen - 1);
  if (value <= negligible) {
    add(false, kLeastChosen);
    if (terms_ > 1) add(true, kLeastChosen);
  }
  while (used < terms_ && std::fabs(left) > negligible)
    add(left < 0.0, nearest_exponent(std::fabs(left)));
  // Terms must be k: 2^e is 2^(e-1) twice.
  for (; used < terms_; ++used)
    scale.terms.at(used) = scale.terms.at(used - 1) = halved_term(scale.terms.at(used - 1));
  for (std::uint32_t i = terms_; i-- > 0;) scale.value += term_value(scale.terms.at(i));
  return scale;
}

StoredScale ScaleStore::halved(const StoredScale& scale) const {
  ADDAX_CHECK(terms_ == 1, std::to_string(terms_));
  StoredScale half;
  half.terms[0] = halved_term(scale.terms[0]);
  half.value = term_value(half.terms[0]);
  return half;
}

}  // namespace addax::quantise
