// SPDX-License-Identifier: Apache-2.0
#include "models/quantise/spectrum.h"

#include <algorithm>
#include <cmath>

namespace addax::quantise {
namespace {

void append(Spectrum& spectrum, const Line& line) {
  if (spectrum.empty() || spectrum.back().value != line.value) {
    spectrum.push_back(line);
  } else {
    spectrum.back().count += line.count;
  }
}

}  // namespace

Spectrum spectrum_of(std::vector<float>& values) {
  std::sort(values.begin(), values.end());
  Spectrum spectrum;
  for (const float value : values) append(spectrum, {static_cast<double>(value), 1.0});
  return spectrum;
}

Spectrum magnitudes(const Spectrum& spectrum) {
  Spectrum sorted = spectrum;
  for (Line& line : sorted) line.value = std::fabs(line.value);
  std::sort(sorted.begin(), sorted.end(),
            [](const Line& a, const Line& b) { return a.value < b.value; });
  Spectrum merged;
  for (const Line& line : sorted) append(merged, line);
  return merged;
}

}  // namespace addax::quantise
