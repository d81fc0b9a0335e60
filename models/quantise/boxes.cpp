// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "models/quantise/kinds.h"

namespace addax::quantise {
namespace {

/// The numbers of a box: magnitudes in units of 2^(exponent + 1 - m).
struct Box {
  double unit = 0.0, most = 0.0;

  double magnitude(double value) const {
    return std::min(std::nearbyint(std::fabs(value) / unit), most);
  }
  double squared_error(const float* values, std::uint64_t count) const {
    double error = 0.0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const double left = std::fabs(values[i]) - magnitude(values[i]) * unit;
      error += left * left;
    }
    return error;
  }
};

Box box_of(const workload::WeightFormat& format, int stored) {
  const int exponent = stored - exponent_bias(format.exponent_bits);
  const int mantissa = static_cast<int>(format.mantissa_bits);
  return {std::ldexp(1.0, exponent + 1 - mantissa), std::ldexp(1.0, mantissa) - 1.0};
}

/// The largest magnitude's exponent, or the next where that magnitude would be rounded up to it.
int best_exponent(const workload::WeightFormat& format, const float* values, std::uint64_t count) {
  float largest = 0.0F;
  for (std::uint64_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(values[i]));
  if (largest == 0.0F) return 0;
  const int top = (1 << format.exponent_bits) - 1;
  const int exponent = std::ilogb(largest) + exponent_bias(format.exponent_bits);
  const int low = std::clamp(exponent, 0, top), high = std::clamp(exponent + 1, 0, top);
  const double low_error = box_of(format, low).squared_error(values, count);
  const double high_error = box_of(format, high).squared_error(values, count);
  return high_error < low_error ? high : low;
}

}  // namespace

void quantise_boxes(const Matrix& matrix, QuantisedMatrix& quantised) {
  const workload::WeightFormat& format = quantised.format;
  for (std::uint64_t row = 0; row < matrix.outputs; ++row) {
    for (std::uint64_t column = 0; column < matrix.inputs; column += format.box) {
      const std::uint64_t count = std::min(format.box, matrix.inputs - column);
      const std::uint64_t first = row * matrix.inputs + column;
      const int stored = best_exponent(format, matrix.values.data() + first, count);
      const Box box = box_of(format, stored);
      quantised.exponents.push_back(static_cast<std::uint8_t>(stored));
      for (std::uint64_t i = first; i < first + count; ++i) {
        const double value = matrix.values[i];
        const auto magnitude = static_cast<unsigned>(box.magnitude(value));
        const unsigned sign = value < 0.0 && magnitude != 0 ? 1U : 0U;
        quantised.codes[i] = static_cast<std::uint16_t>(magnitude | (sign << format.mantissa_bits));
      }
    }
  }
}

}  // namespace addax::quantise
