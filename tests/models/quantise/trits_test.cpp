// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "models/quantise/quantise.h"
#include "tests/catch.h"
#include "tests/models/quantise/matrices.h"
#include "tests/seed.h"

using namespace addax;
using quantise::Matrix;
using quantise::QuantisedMatrix;
using tests::squared_error;
using workload::FormatKind;
using workload::WeightFormat;

namespace {

WeightFormat ternary(bool gamma) {
  WeightFormat format = workload::default_format(FormatKind::kTernary, 0);
  format.scales = {workload::ScaleSharing::kTensor, 0, 0, 0};
  format.gamma = gamma;
  return format;
}

/// Least squared error with a given threshold on magnitudes.
double error_at(const Matrix& m, double threshold) {
  double kept = 0.0, sum = 0.0, squares = 0.0;
  for (const float value : m.values) {
    squares += static_cast<double>(value) * value;
    if (std::fabs(value) <= threshold) continue;
    kept += 1.0;
    sum += std::fabs(value);
  }
  return kept == 0.0 ? squares : squares - sum * sum / kept;
}

double sum_of_squares(const Matrix& m) { return error_at(m, 1e300); }

}  // namespace

TEST_CASE("Trits keep the largest weights at their mean magnitude") {
  // 4 kept: 16; 4 and 2: 18; all: 49 / 4 < 18.
  const Matrix m = tests::matrix(1, 4, {0.5F, -4.0F, 2.0F, -0.5F});
  const QuantisedMatrix q = quantise::quantise(m, ternary(false));
  CHECK(q.codes == std::vector<std::uint16_t>{0, 3, 1, 0});
  CHECK(quantise::dequantise(q) == std::vector<double>{0, -3, 3, 0});
  CHECK(q.format.zero_fraction == 0.5);
}

TEST_CASE("No threshold does better, nor does seven tenths of the mean magnitude") {
  std::mt19937 random(tests::printed(606));
  for (int i = 0; i < 200; ++i) {
    const Matrix m = tests::random_matrix(random);
    const double found = squared_error(m, quantise::quantise(m, ternary(false)));
    // FP16 rounds the scale by at most 2^-12 of it, or by half its least number.
    const double noise =
        0x1p-20 * sum_of_squares(m) + 0x1p-50 * static_cast<double>(m.values.size());
    double mean = 0.0;
    for (const float value : m.values)
      mean += std::fabs(value) / static_cast<double>(m.values.size());
    CHECK(found <= error_at(m, 0.7 * mean) + noise);
    for (const float value : m.values) CHECK(found <= error_at(m, std::fabs(value)) + noise);
  }
}

TEST_CASE("An offset finds three levels that are not around zero") {
  const Matrix m = tests::matrix(2, 3, {1.0F, 1.5F, 2.0F, 2.0F, 1.0F, 1.5F});
  const QuantisedMatrix q = quantise::quantise(m, ternary(true));
  CHECK(quantise::error(m, q).mean_squared == 0.0);
  CHECK(arith::to_fp32(q.scales[0]) == 0.5F);
  CHECK(arith::to_fp32(q.gammas[0]) == 1.5F);
}

TEST_CASE("An offset never makes trits worse") {
  std::mt19937 random(tests::printed(607));
  for (int i = 0; i < 300; ++i) {
    const Matrix m = tests::random_matrix(random);
    const double without = squared_error(m, quantise::quantise(m, ternary(false)));
    CHECK(squared_error(m, quantise::quantise(m, ternary(true))) <=
          without + 1e-12 * sum_of_squares(m));
  }
}
