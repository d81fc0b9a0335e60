// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace addax::quantise {

inline constexpr std::uint32_t kMostTerms = 8;

/// A scale that is not negative, as it is stored: an FP16 number, or k signed powers of two.
struct StoredScale {
  double value = 0.0;
  std::array<std::uint8_t, kMostTerms> terms{};  ///< the first k; unused for FP16
};

/// Rounds scales to what is stored.
class ScaleStore {
 public:
  /// `terms` is k, 0 for FP16.
  explicit ScaleStore(std::uint32_t terms) : terms_(terms) {}

  /// FP16: the nearest, at most its largest. Powers of two: the nearest to what is left, k times
  /// (the smaller where two are as near). `value` is finite and not negative.
  StoredScale nearest(double value) const;

  bool has_zero() const { return terms_ != 1; }
  /// A power of two halved; k = 1.
  StoredScale halved(const StoredScale& scale) const;

 private:
  StoredScale sum_of_terms(double value) const;

  std::uint32_t terms_;
};

}  // namespace addax::quantise
