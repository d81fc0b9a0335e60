// SPDX-License-Identifier: Apache-2.0
#include "models/values/count.h"

#include <cmath>

#include "models/arith/lut.h"
#include "models/values/terms.h"
#include "tests/models/values/example.h"
#include "tests/seed.h"

using namespace addax;
using arith::Fp16;
using arith::PowerOfTwo;
using quantise::QuantisedMatrix;
using tests::coded;
using tests::RandomBits;
using values::Execution;
using values::LayerValues;
using workload::ScalePlacement;
using workload::ScaleSharing;

namespace {

QuantisedMatrix trits(std::vector<std::uint16_t> codes) {
  QuantisedMatrix matrix;
  matrix.format = workload::default_format(workload::FormatKind::kTernary, 0);
  matrix.outputs = 2;
  matrix.inputs = codes.size() / 2;
  matrix.codes = std::move(codes);
  matrix.scales.resize(2);
  check(matrix);
  return matrix;
}

Fp16 half(double value) {
  const Fp16 result = arith::to_fp16(static_cast<float>(value));
  REQUIRE(static_cast<double>(arith::to_fp32(result)) == value);
  return result;
}

/// What scaling `a` by terms of these exponents loses.
workload::TermCounts scaled(double a, const std::vector<PowerOfTwo>& terms) {
  values::TermCounter counter;
  counter.scale(half(a), terms);
  return counter.counts();
}

}  // namespace

TEST_CASE("Zero weights are counted in every copy") {
  const LayerValues layer{3, {trits({0, 1, 3, 0, 0, 1}), trits({1, 1, 1, 1, 1, 0})}, {}};
  CHECK(values::zero_weights(layer.weights[0]) == 3);
  CHECK(values::zero_weights(layer) == 4);
  const workload::ValueCounts counts = count(layer, {});
  CHECK(counts.weights->zeros == 4);
  CHECK(counts.weights->all == 12);
  CHECK_FALSE(counts.keys);
  CHECK_FALSE(counts.terms);
  CHECK_FALSE(counts.activations);
}

TEST_CASE("Activations that are zero are counted, of either sign and in 8 bits") {
  LayerValues values{2, {trits({0, 1, 3, 1})}, {}};
  values.activations = std::vector<Fp16>{{0x8000}, {0x0001}, {0x0000}, {0x3C00}};
  CHECK(count(values, {}).activations->zeros == 2);
  CHECK(count(values, {}).activations->all == 4);
  values.activations = std::vector<std::int8_t>{0, -1, 5, 0};
  CHECK(count(values, {}).activations->zeros == 2);
}

TEST_CASE("A term underflows where it rounds, and where it is flushed") {
  const auto check_counts = [](const workload::TermCounts& counts, std::uint64_t additions,
                               std::uint64_t rounded, std::uint64_t flushed) {
    CHECK(counts.additions == additions);
    CHECK(counts.rounded == rounded);
    CHECK(counts.flushed == flushed);
  };
  check_counts(scaled(1.0, {{false, -14}, {true, 3}}), 2, 0, 0);
  // 2^-14 by 2^-1 is subnormal and exact; by 2^-20 it is less than half of 2^-24.
  check_counts(scaled(0x1p-14, {{false, -1}, {true, -20}}), 2, 1, 2);
  // 3 x 2^-24 by 2^-1 would be 1.5 of 2^-24; by 2^2 it is exact, but was zero before where
  // subnormal numbers are flushed.
  check_counts(scaled(0x3p-24, {{false, -1}, {false, 2}, {false, 20}}), 3, 1, 3);
  // Rounded up to the least normal number.
  check_counts(scaled(0x1.ffcp-14, {{false, -1}}), 1, 1, 1);
  check_counts(scaled(0.0, {{false, -60}, {false, 5}}), 2, 0, 0);
  check_counts(scaled(65504.0, {{false, 5}}), 1, 0, 0);  // infinite: no underflow
}

TEST_CASE("Segments are scaled after the query, inputs before the table") {
  // One output, 4 inputs in 2 groups, one plane, one term.
  QuantisedMatrix matrix;
  matrix.format = coded(1, 1, {ScaleSharing::kBlock, 0, 2, 1});
  matrix.outputs = 1;
  matrix.inputs = 4;
  matrix.codes = {1, 0, 1, 1};
  matrix.scale_terms = {arith::encoded({false, -1}), arith::encoded({false, -2})};
  check(matrix);
  const double tiny = 0x1p-24;
  // +3 -3 = 0 loses nothing; 1 + 1 = 2 by 2^-2 is half a 2^-24, which rounds to even zero.
  const LayerValues values{
      1, {matrix}, std::vector<Fp16>{half(3 * tiny), half(3 * tiny), half(tiny), half(tiny)}};
  for (const std::uint32_t mu : {0U, 1U, 2U}) {
    Execution execution;
    execution.how.key_bits = mu;
    const auto after = *count(values, execution).terms;
    CHECK(after.additions == 2);
    CHECK(after.rounded == 1);
    CHECK(after.flushed == 1);
    // Each input by itself: 3 by 2^-1 twice, 1 by 2^-2 twice.
    execution.how.scale_placement = ScalePlacement::kBeforeTable;
    const auto before = *count(values, execution).terms;
    CHECK(before.additions == 4);
    CHECK(before.rounded == 4);
    CHECK(before.flushed == 4);
  }
}

TEST_CASE("Terms are not counted without FP16 activations or powers of two") {
  RandomBits random(tests::printed(1));
  const auto row = workload::ScaleLayout{ScaleSharing::kRow, 0, 0, 0};
  LayerValues values{1, {tests::random_codes(coded(1, 1, row), 2, 4, random)}, {}};
  CHECK_FALSE(count(values, {}).terms);
  values.activations = std::vector<std::int8_t>(4, 1);
  CHECK_FALSE(count(values, {}).terms);
  values.activations = random.halves(4, -3, 3);
  CHECK(count(values, {}).terms);
  values.weights = {tests::random_codes(coded(1, 0, row), 2, 4, random)};
  CHECK_FALSE(count(values, {}).terms);
}

namespace {

/// Whether a times 2^e is no multiple of 2^-24, or with flushing either is below 2^-14.
void lose(workload::TermCounts& counts, double a, const PowerOfTwo& term) {
  const double exact = std::ldexp(a, term.exponent);
  ++counts.additions;
  if (a == 0.0) return;
  counts.rounded += std::fmod(exact, 0x1p-24) != 0.0 ? 1 : 0;
  counts.flushed += std::fabs(a) < 0x1p-14 || std::fabs(exact) < 0x1p-14 ? 1 : 0;
}

/// In real numbers, by what `exact` sums are: an answer of its own where every sum is exact.
workload::TermCounts by_real_numbers(const QuantisedMatrix& matrix, const std::vector<double>& x,
                                     bool before) {
  const quantise::ScaleIndex index(matrix.format, matrix.outputs, matrix.inputs);
  const std::uint64_t k = matrix.format.scale_terms;
  const std::uint64_t scales = scales_a_plane(matrix.format, matrix.inputs, matrix.outputs);
  workload::TermCounts counts;
  const auto scale = [&](double a, std::uint32_t plane, std::uint64_t output, std::uint64_t input) {
    for (std::uint64_t t = 0; t < k; ++t)
      lose(counts, a,
           arith::decoded_power_of_two(
               matrix.scale_terms[(plane * scales + index(output, input)) * k + t]));
  };
  for (std::size_t token = 0; token < x.size(); token += matrix.inputs)
    for (std::uint32_t plane = 0; plane < matrix.format.planes; ++plane)
      for (std::uint64_t output = 0; output < matrix.outputs; ++output) {
        double sum = 0.0;
        for (std::uint64_t input = 0; input < matrix.inputs; ++input) {
          const double value = x[token + input];
          if (before) {
            if (output % index.tile_rows() == 0) scale(value, plane, output, input);
            continue;
          }
          sum += (matrix.codes[output * matrix.inputs + input] >> plane) % 2 == 1 ? value : -value;
          const bool last =
              input + 1 == matrix.inputs || index(output, input + 1) != index(output, input);
          if (!last) continue;
          scale(sum, plane, output, input);
          sum = 0.0;
        }
      }
  return counts;
}

}  // namespace

TEST_CASE("Terms lose what real numbers say, and are as many as the operation counts say") {
  RandomBits random(tests::printed(90210));
  const std::vector<workload::ScaleLayout> layouts = {{ScaleSharing::kTensor, 0, 0, 0},
                                                      {ScaleSharing::kRow, 0, 0, 0},
                                                      {ScaleSharing::kGroup, 8, 0, 0},
                                                      {ScaleSharing::kBlock, 0, 8, 3},
                                                      {ScaleSharing::kColumn, 0, 0, 0}};
  std::uint64_t lost = 0;
  for (int i = 0; i < 300; ++i) {
    const auto& layout = layouts[random.below(5)];
    const auto format = coded(1 + random.below(3), 1 + random.below(3), layout);
    workload::Linear linear;
    linear.tokens = 1 + random.below(3);
    linear.outputs = 1 + random.below(10);
    linear.inputs = 1 + random.below(40);
    linear.weights = format;
    const QuantisedMatrix matrix =
        tests::random_codes(format, linear.outputs, linear.inputs, random, -14, 4);
    // Small multiples of one unit: every sum of 40 is exact in 11 bits.
    const int unit = -24 + static_cast<int>(random.below(20));
    std::vector<double> x;
    std::vector<Fp16> halves;
    for (std::uint64_t j = 0; j < linear.tokens * linear.inputs; ++j) {
      x.push_back(std::ldexp(static_cast<double>(random.below(31)) - 15.0, unit));
      halves.push_back(half(x.back()));
    }
    const bool column = layout.sharing == ScaleSharing::kColumn;
    const bool shared =
        column || layout.sharing == ScaleSharing::kTensor || layout.sharing == ScaleSharing::kBlock;
    const bool before = column || (shared && random.below(2) != 0);
    Execution execution;
    execution.how.key_bits = std::vector<std::uint32_t>{0, 1, 2, 4, 8}[random.below(5)];
    if (before) execution.how.scale_placement = ScalePlacement::kBeforeTable;
    execution.half_table = random.below(2) != 0;
    execution.sum = random.below(2) != 0 ? arith::SumKind::kFp32 : arith::SumKind::kFp16;
    CAPTURE(i, describe(format), linear.tokens, linear.outputs, linear.inputs, before,
            execution.how.key_bits, unit);

    const workload::ValueCounts found =
        count({linear.tokens, {matrix}, values::Activations(halves)}, execution);
    const auto expected = by_real_numbers(matrix, x, before);
    CHECK(found.terms->additions == expected.additions);
    CHECK(found.terms->rounded == expected.rounded);
    CHECK(found.terms->flushed == expected.flushed);
    lost += found.terms->rounded;
    const workload::ArithmeticCounts once = arithmetic(linear, {}, execution.how);
    CHECK(found.terms->additions == once[arith::Arithmetic::kExponentAdd]);
    if (execution.how.key_bits > 0) {
      CHECK(found.keys->queries == once.lut_queries);
      CHECK(found.keys->entries ==
            once.lut_tables * arith::lut_entries(execution.how.key_bits, execution.half_table));
    }
  }
  CHECK(lost > 1000);
}
