// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace addax::quantise {

/// A value and how many weights have it.
struct Line {
  double value = 0.0;
  double count = 0.0;
};

/// The weights that share scales, by value. Codes depend on values alone, so a large tile costs no
/// more than the FP16 numbers that there are.
using Spectrum = std::vector<Line>;

/// Sorted from the least value. The order of `values` is lost.
Spectrum spectrum_of(std::vector<float>& values);

/// The same by magnitude.
Spectrum magnitudes(const Spectrum& spectrum);

}  // namespace addax::quantise
