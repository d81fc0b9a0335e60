// SPDX-License-Identifier: Apache-2.0
#include "models/quantise/binary_coding.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/quantise/quantise.h"
#include "tests/catch.h"
#include "tests/models/quantise/matrices.h"
#include "tests/seed.h"

using namespace addax;
using quantise::Algorithm;
using quantise::Matrix;
using quantise::QuantisedMatrix;
using tests::squared_error;
using workload::FormatKind;
using workload::ScaleSharing;
using workload::WeightFormat;

namespace {

WeightFormat coded(std::uint32_t planes, std::uint32_t terms, const workload::ScaleLayout& scales) {
  WeightFormat format;
  format.kind = terms == 0 ? FormatKind::kBcq : FormatKind::kShiftAdd;
  format.planes = planes;
  format.scale_terms = terms;
  format.scales = scales;
  return format;
}

const std::vector<workload::ScaleLayout> kLayouts = {
    {ScaleSharing::kTensor, 0, 0, 0}, {ScaleSharing::kRow, 0, 0, 0},
    {ScaleSharing::kGroup, 7, 0, 0},  {ScaleSharing::kColumn, 0, 0, 0},
    {ScaleSharing::kBlock, 0, 8, 0},  {ScaleSharing::kBlock, 0, 3, 4}};

double sum_of_squares(const Matrix& m) {
  double sum = 0.0;
  for (const float value : m.values) sum += static_cast<double>(value) * value;
  return sum;
}

/// The least squared error of `values` in two planes: all codes are tried, scales solved for.
double optimum_of_two_planes(const std::vector<float>& values) {
  const std::size_t n = values.size();
  double best = 1e300;
  for (unsigned first = 0; first < 1U << n; ++first) {
    for (unsigned second = 0; second < 1U << n; ++second) {
      double same = 0.0, p = 0.0, q = 0.0, squares = 0.0;
      for (std::size_t i = 0; i < n; ++i) {
        const double a = ((first >> i) & 1U) != 0 ? 1.0 : -1.0;
        const double b = ((second >> i) & 1U) != 0 ? 1.0 : -1.0;
        same += a * b;
        p += a * values[i];
        q += b * values[i];
        squares += static_cast<double>(values[i]) * values[i];
      }
      const double size = static_cast<double>(n);
      const double determinant = size * size - same * same;
      const double won = determinant == 0.0
                             ? p * p / size
                             : (size * p * p - 2.0 * same * p * q + size * q * q) / determinant;
      best = std::min(best, squares - won);
    }
  }
  return best;
}

}  // namespace

TEST_CASE("One plane is the signs of the weights and their mean magnitude") {
  const Matrix m = tests::matrix(2, 4, {1, -2, 3, -4, 0.5F, 0.5F, -0.25F, 0.75F});
  const QuantisedMatrix q = quantise::quantise(m, coded(1, 0, {ScaleSharing::kRow, 0, 0, 0}));
  CHECK(q.codes == std::vector<std::uint16_t>{1, 0, 1, 0, 1, 1, 0, 1});
  CHECK(quantise::dequantise(q) == std::vector<double>{2.5, -2.5, 2.5, -2.5, 0.5, 0.5, -0.5, 0.5});
  CHECK(squared_error(m, q) == Approx(2.25 + 0.25 + 0.25 + 2.25 + 0.0625 + 0.0625));
}

TEST_CASE("Greedy planes take the signs and the mean magnitude of what is left") {
  // 1, 2, 3, 6 in one plane of 3 leaves -2, -1, 0, 3: a plane of 1.5 with signs - - + +.
  const Matrix m = tests::matrix(1, 4, {1, 2, 3, 6});
  const QuantisedMatrix q =
      quantise::quantise(m, coded(2, 0, {ScaleSharing::kRow, 0, 0, 0}), Algorithm::kGreedy);
  CHECK(quantise::dequantise(q) == std::vector<double>{1.5, 1.5, 4.5, 4.5});
  CHECK(q.codes == std::vector<std::uint16_t>{1, 1, 3, 3});
}

TEST_CASE("Least squares goes on where greedy stops") {
  // From {1.5, 1.5, 4.5, 4.5}: the nearest codes of 1, 2, 3, 6 give 1.5, 1.5, 1.5 or 4.5, 4.5; the
  // optimum 2 +- 4 leaves 1 + 0 + 1 + 0.
  const Matrix m = tests::matrix(1, 4, {1, 2, 3, 6});
  const QuantisedMatrix q = quantise::quantise(m, coded(2, 0, {ScaleSharing::kRow, 0, 0, 0}));
  CHECK(squared_error(m, q) == Approx(2.0));
}

TEST_CASE("Alternating ends between the exhaustive optimum and greedy for tiny groups") {
  std::mt19937 random(tests::printed(20240811));
  std::normal_distribution<float> bell(0.0F, 1.0F);
  int optimal = 0;
  constexpr int kTries = 200;
  for (int i = 0; i < kTries; ++i) {
    Matrix m{1, 2 + random() % 4, {}};
    for (std::uint64_t k = 0; k < m.inputs; ++k)
      m.values.push_back(static_cast<float>(quantise::nearest_fp16(bell(random))));
    const WeightFormat format = coded(2, 0, {ScaleSharing::kRow, 0, 0, 0});
    const double greedy = squared_error(m, quantise::quantise(m, format, Algorithm::kGreedy));
    const double alternating = squared_error(m, quantise::quantise(m, format));
    const double optimum = optimum_of_two_planes(m.values);
    const double noise = 1e-12 * sum_of_squares(m);
    CHECK(alternating <= greedy + noise);
    CHECK(alternating >= optimum - noise);
    // Scales of FP16 cost a little.
    if (alternating <= optimum + 1e-5 * sum_of_squares(m)) ++optimal;
  }
  CHECK(optimal > kTries / 2);
}

TEST_CASE("Alternating never ends worse than greedy, and a plane more never makes it worse") {
  std::mt19937 random(tests::printed(77002));
  for (int i = 0; i < 400; ++i) {
    const Matrix m = tests::random_matrix(random);
    const workload::ScaleLayout layout = kLayouts[random() % kLayouts.size()];
    const auto terms = static_cast<std::uint32_t>(random() % 9);
    // Errors are compared by sums that round.
    const double noise = 1e-13 * sum_of_squares(m);
    double before = sum_of_squares(m) + noise;
    for (std::uint32_t planes = 1; planes <= 8; ++planes) {
      const WeightFormat format = coded(planes, terms, layout);
      const QuantisedMatrix q = quantise::quantise(m, format);
      check(q);
      const double alternating = squared_error(m, q);
      const double greedy = squared_error(m, quantise::quantise(m, format, Algorithm::kGreedy));
      INFO(describe(format) << " of " << m.outputs << " x " << m.inputs << ", matrix " << i);
      CHECK(alternating <= greedy + noise);
      // A power of two is never zero: one plane of one term may add 2^-56 to weights of zero.
      const bool from_nothing = planes == 1 && terms == 1;
      CHECK(alternating <= before + noise + (from_nothing ? 1e-30 : 0.0));
      before = alternating;
    }
  }
}

TEST_CASE("Codes are the nearest of those that the scales allow") {
  std::mt19937 random(tests::printed(5150));
  for (int i = 0; i < 100; ++i) {
    const Matrix m = tests::random_matrix(random);
    const auto planes = static_cast<std::uint32_t>(1 + random() % 4);
    QuantisedMatrix q = quantise::quantise(m, coded(planes, 0, kLayouts[random() % 6]));
    const std::vector<double> chosen = quantise::dequantise(q);
    for (std::uint16_t code = 0; code < 1U << planes; ++code) {
      std::fill(q.codes.begin(), q.codes.end(), code);
      const std::vector<double> other = quantise::dequantise(q);
      for (std::size_t w = 0; w < chosen.size(); ++w)
        CHECK(std::fabs(m.values[w] - chosen[w]) <= std::fabs(m.values[w] - other[w]) + 1e-12);
    }
  }
}

TEST_CASE("Weights that a format can store are stored exactly") {
  // Levels +-3 +-1, with scales that FP16 and two powers of two (4 - 1, 2 - 1) have.
  const Matrix m = tests::matrix(1, 8, {4, -4, 2, -2, 4, 2, -2, -4});
  for (const std::uint32_t terms : {0U, 2U, 3U, 8U}) {
    const QuantisedMatrix q = quantise::quantise(m, coded(2, terms, {ScaleSharing::kRow, 0, 0, 0}));
    INFO(terms << " terms");
    CHECK(squared_error(m, q) == 0.0);
  }
}

TEST_CASE("Groups of zeros are zeros, or what the least power of two leaves of them") {
  const Matrix m = tests::matrix(2, 4, std::vector<float>(8, 0.0F));
  for (std::uint32_t planes = 1; planes <= 8; ++planes)
    for (std::uint32_t terms = 0; terms <= 8; ++terms)
      for (const Algorithm algorithm : {Algorithm::kGreedy, Algorithm::kAlternating}) {
        const QuantisedMatrix q =
            quantise::quantise(m, coded(planes, terms, {ScaleSharing::kGroup, 3, 0, 0}), algorithm);
        const quantise::QuantisationError error = quantise::error(m, q);
        INFO(planes << " planes of " << terms << " terms");
        CHECK_FALSE(error.relative.has_value());
        CHECK(error.largest_absolute <= (terms == 1 ? 0x1p-56 : 0.0));
      }
}

TEST_CASE("The same matrix gives the same codes and scales again") {
  std::mt19937 random(tests::printed(9));
  for (int i = 0; i < 20; ++i) {
    const Matrix m = tests::random_matrix(random);
    const WeightFormat format = coded(3, 3, kLayouts[random() % 6]);
    const QuantisedMatrix a = quantise::quantise(m, format), b = quantise::quantise(m, format);
    CHECK(a.codes == b.codes);
    CHECK(a.scale_terms == b.scale_terms);
  }
}

TEST_CASE("Codes and scales do not depend on the number of threads") {
  std::mt19937 random(tests::printed(1204));
  for (const workload::ScaleLayout& layout : kLayouts)
    for (const std::uint32_t terms : {0U, 2U})
      for (const Algorithm algorithm : {Algorithm::kGreedy, Algorithm::kAlternating}) {
        const Matrix m = tests::random_matrix(random);
        const QuantisedMatrix one = quantise::quantise(m, coded(3, terms, layout), algorithm, 1);
        const QuantisedMatrix four = quantise::quantise(m, coded(3, terms, layout), algorithm, 4);
        CHECK(one.codes == four.codes);
        CHECK(one.scales == four.scales);
        CHECK(one.scale_terms == four.scale_terms);
      }
}
