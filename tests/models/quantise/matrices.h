// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "models/quantise/matrix.h"
#include "models/quantise/quantised.h"

namespace addax::tests {

inline quantise::Matrix matrix(std::uint64_t outputs, std::uint64_t inputs,
                               std::vector<float> values) {
  return {outputs, inputs, std::move(values)};
}

/// A matrix of up to 20 x 40 FP16 values: bell-shaped, with outliers, with many zeros, with constant
/// rows, all zero, a few levels, subnormal, or near FP16's largest.
inline quantise::Matrix random_matrix(std::mt19937& random) {
  const auto below = [&](std::uint64_t end) { return random() % end; };
  quantise::Matrix m{1 + below(20), 1 + below(40), {}};
  const std::uint64_t shape = below(8);
  std::normal_distribution<double> bell(0.0, 0.02);
  double row_value = 0.0;
  for (std::uint64_t i = 0; i < m.outputs * m.inputs; ++i) {
    if (i % m.inputs == 0) row_value = bell(random);
    double value = bell(random);
    if (shape == 1 && below(30) == 0) value *= 300.0;
    if (shape == 2 && below(3) != 0) value = 0.0;
    if (shape == 3) value = row_value;
    if (shape == 4) value = 0.0;
    if (shape == 5) value = 0.25 * static_cast<double>(below(5)) - 0.5;
    if (shape == 6) value = 0x1p-24 * static_cast<double>(below(9)) - 0x1p-22;
    if (shape == 7) value = below(2) != 0 ? 65504.0 : -65504.0;
    m.values.push_back(static_cast<float>(quantise::nearest_fp16(value)));
  }
  return m;
}

/// ||W - Q||^2.
inline double squared_error(const quantise::Matrix& m, const quantise::QuantisedMatrix& q) {
  return quantise::error(m, q).mean_squared * static_cast<double>(m.values.size());
}

}  // namespace addax::tests
