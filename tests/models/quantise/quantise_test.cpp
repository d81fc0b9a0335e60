// SPDX-License-Identifier: Apache-2.0
#include "models/quantise/quantise.h"

#include <cmath>
#include <limits>

#include "models/quantity/diagnosis.h"
#include "tests/catch.h"
#include "tests/models/quantise/matrices.h"
#include "tests/seed.h"

using namespace addax;
using quantise::Matrix;
using quantise::QuantisedMatrix;
using workload::FormatKind;
using workload::ScaleSharing;
using workload::WeightFormat;
using Codes = std::vector<std::uint16_t>;
using Values = std::vector<double>;

namespace {

WeightFormat row_wise(FormatKind kind, std::uint32_t bits) {
  WeightFormat format = workload::default_format(kind, bits);
  format.scales = {ScaleSharing::kRow, 0, 0, 0};
  return format;
}

WeightFormat random_format(std::mt19937& random) {
  const auto kind = static_cast<FormatKind>(random() % 8);
  WeightFormat format =
      workload::default_format(kind, static_cast<std::uint32_t>(2 + random() % 7));
  const bool any = is_binary_coded(format);
  if (any || kind == FormatKind::kInt || kind == FormatKind::kTernary) {
    const auto sharing = static_cast<ScaleSharing>(random() % (any ? 5 : 3));
    format.scales = {sharing, 0, 0, 0};
    if (sharing == ScaleSharing::kGroup) format.scales.group = 1 + random() % 50;
    if (sharing == ScaleSharing::kBlock) {
      format.scales.block_columns = 1 + random() % 50;
      format.scales.block_rows = random() % 30;
    }
  }
  if (kind == FormatKind::kInt) format.zero_points = random() % 2 != 0;
  if (kind == FormatKind::kTernary) {
    format.gamma = random() % 2 != 0;
    format.packed_trits = random() % 2 != 0;
  }
  if (kind == FormatKind::kMsfp) {
    format.box = 1 + random() % 40;
    format.mantissa_bits = static_cast<std::uint32_t>(1 + random() % 7);
    format.exponent_bits = static_cast<std::uint32_t>(5 + random() % 4);
  }
  return format;
}

}  // namespace

TEST_CASE("FP16 weights are kept") {
  const Matrix m = tests::matrix(1, 3, {1.5F, -0.0F, 65504.0F});
  const QuantisedMatrix q = quantise::quantise(m, WeightFormat{});
  CHECK(q.codes == Codes{0x3E00, 0x8000, 0x7BFF});
  CHECK(quantise::error(m, q).mean_squared == 0.0);
}

TEST_CASE("Integers with zero points reach from the least to the largest weight") {
  // Range 3 in three steps of 1; zero is at code 1.
  const Matrix m = tests::matrix(1, 4, {-1.0F, 0.25F, 2.0F, 0.5F});
  const QuantisedMatrix q = quantise::quantise(m, row_wise(FormatKind::kInt, 2));
  CHECK(q.zero_points == std::vector<std::uint8_t>{1});
  CHECK(q.codes == Codes{0, 1, 3, 1});  // 0.5 is rounded to even
  CHECK(quantise::dequantise(q) == Values{-1, 0, 2, 0});
}

TEST_CASE("Integers without zero points are symmetric") {
  WeightFormat format = row_wise(FormatKind::kInt, 3);
  format.zero_points = false;
  const Matrix m = tests::matrix(1, 4, {-3.0F, 1.5F, 2.5F, 0.4375F});
  const QuantisedMatrix q = quantise::quantise(m, format);
  CHECK(q.codes == Codes{5, 2, 2, 0});  // -3; 1.5 and 2.5 to even
  CHECK(quantise::dequantise(q) == Values{-3, 2, 2, 0});
  format.bits = 1;
  CHECK_THROWS_AS(quantise::quantise(m, format), quantity::Impossible);
}

TEST_CASE("w8a8 has one scale a row that reaches its largest weight") {
  const Matrix m = tests::matrix(2, 2, {127.0F, -63.0F, 0.0F, 0.0F});
  const QuantisedMatrix q = quantise::quantise(m, workload::default_format(FormatKind::kW8a8, 0));
  CHECK(q.scales.size() == 2);
  CHECK(q.codes == Codes{127, 256 - 63, 0, 0});
  CHECK(quantise::dequantise(q) == Values{127, -63, 0, 0});
}

TEST_CASE("A step too small for FP16 is the next that reaches the weights") {
  const Matrix m = tests::matrix(1, 2, {0x1p-24F, -0x1p-23F});
  const QuantisedMatrix q = quantise::quantise(m, workload::default_format(FormatKind::kW8a8, 0));
  CHECK(quantise::dequantise(q) == Values{0x1p-24, -0x1p-23});
}

TEST_CASE("Boxes share the exponent of their largest weight") {
  WeightFormat format = workload::default_format(FormatKind::kMsfp, 0);
  format.box = 4;
  // Largest 5: exponent 2, units of 2^(2 + 1 - 3) = 1. The last box holds one weight, 0.09375: exponent
  // -4, units of 2^-6.
  const Matrix m = tests::matrix(1, 5, {5.0F, -2.5F, 0.5F, 1.5F, 0.09375F});
  const QuantisedMatrix q = quantise::quantise(m, format);
  CHECK(q.exponents == std::vector<std::uint8_t>{127 + 2, 127 - 4});
  CHECK(q.codes == Codes{5, 8 + 2, 0, 2, 6});
  CHECK(quantise::dequantise(q) == Values{5, -2, 0, 2, 0.09375});
}

TEST_CASE("A box whose largest weight rounds up takes the next exponent if that is nearer") {
  WeightFormat format = workload::default_format(FormatKind::kMsfp, 0);
  format.box = 2;
  // 7.875 is 7 in units of 1, and 4 x 2 = 8 in units of 2.
  const QuantisedMatrix q = quantise::quantise(tests::matrix(1, 2, {7.875F, 0.0F}), format);
  CHECK(quantise::dequantise(q) == Values{8, 0});
}

TEST_CASE("A weight that is not finite or not of FP16 is refused with its place") {
  for (const float wrong : {std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN(), 0.1F, 1e6F}) {
    Matrix m = tests::matrix(3, 4, std::vector<float>(12, 1.0F));
    m.values[2 * 4 + 1] = wrong;
    try {
      quantise::quantise(m, WeightFormat{});
      FAIL("not refused");
    } catch (const quantity::Impossible& error) {
      CHECK(error.diagnosis().value.find("row 2, column 1") != std::string::npos);
    }
  }
  CHECK_THROWS_AS(quantise::quantise(Matrix{}, WeightFormat{}), quantity::Impossible);
}

TEST_CASE("What is stored takes the bits that the format says, with any remainders") {
  std::mt19937 random(tests::printed(4711));
  for (int i = 0; i < 500; ++i) {
    const Matrix m = tests::random_matrix(random);
    const WeightFormat format = random_format(random);
    INFO(describe(format) << " of " << m.outputs << " x " << m.inputs);
    const QuantisedMatrix q = quantise::quantise(m, format);
    CHECK_NOTHROW(check(q));
    const workload::StoredBits stored = stored_bits(q);
    const workload::StoredBits said = workload::stored_bits(format, m.inputs, m.outputs);
    CHECK(stored.codes == said.codes);
    CHECK(stored.scales == said.scales);
  }
}

TEST_CASE("No weight is further off than the rounding of its format explains") {
  std::mt19937 random(tests::printed(1234));
  for (int i = 0; i < 200; ++i) {
    const Matrix m = tests::random_matrix(random);
    WeightFormat format = row_wise(FormatKind::kInt, static_cast<std::uint32_t>(2 + random() % 7));
    format.zero_points = random() % 2 != 0;
    const QuantisedMatrix q = quantise::quantise(m, format);
    const std::vector<double> values = quantise::dequantise(q);
    for (std::size_t w = 0; w < values.size(); ++w) {
      const double scale = arith::to_fp32(q.scales[w / m.inputs]);
      // Half a step; with zero points another for the zero, and another at the ends of the range.
      CHECK(std::fabs(m.values[w] - values[w]) <= (format.zero_points ? 1.5 : 0.5) * scale);
    }
  }
}

TEST_CASE("A quantised matrix whose parts do not fit its format is refused") {
  const Matrix m = tests::matrix(2, 4, {1, -2, 3, -4, 0.5F, 0.5F, -0.25F, 0.75F});
  const QuantisedMatrix good = quantise::quantise(m, row_wise(FormatKind::kTernary, 0));
  QuantisedMatrix bad = good;
  bad.codes[3] = 2;
  CHECK_THROWS_AS(check(bad), quantity::Impossible);
  bad = good;
  bad.codes.pop_back();
  CHECK_THROWS_AS(check(bad), quantity::Impossible);
  bad = good;
  bad.scales[0] = arith::kFp16NaN;
  CHECK_THROWS_AS(check(bad), quantity::Impossible);
  bad = good;
  bad.gammas.resize(2);
  CHECK_THROWS_AS(check(bad), quantity::Impossible);
}
