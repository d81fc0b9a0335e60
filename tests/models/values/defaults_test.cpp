// SPDX-License-Identifier: Apache-2.0
#include "models/values/defaults.h"

#include "tests/models/values/example.h"
#include "tests/seed.h"

using namespace addax;
using quantise::QuantisedMatrix;
using tests::coded;
using values::Execution;
using workload::Linear;
using workload::ScalePlacement;
using workload::ScaleSharing;

namespace {

Linear layer(const workload::WeightFormat& format, std::uint64_t tokens, std::uint64_t inputs,
             std::uint64_t outputs) {
  return {tokens, inputs, outputs, 1, workload::LinearRole::kMlp, format};
}

/// Of all matrices of a shape, one after another: every key is as likely as every other, and
/// independent of it.
workload::KeyCounts of_all_matrices(const Linear& shape, const Execution& execution) {
  QuantisedMatrix matrix;
  matrix.format = shape.weights;
  matrix.outputs = shape.outputs;
  matrix.inputs = shape.inputs;
  matrix.scales.resize(shape.weights.planes *
                       scales_a_plane(shape.weights, shape.inputs, shape.outputs));
  const std::uint32_t planes = shape.weights.planes;
  const std::uint64_t weights = shape.outputs * shape.inputs;
  workload::ValueCounts sum;
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << (weights * planes); ++bits) {
    matrix.codes.clear();
    for (std::uint64_t i = 0; i < weights; ++i)
      matrix.codes.push_back(
          static_cast<std::uint16_t>((bits >> (i * planes)) & ((1U << planes) - 1U)));
    sum.add(count({1, {matrix}, {}}, execution));
  }
  return *sum.keys;
}

}  // namespace

TEST_CASE(
    "Expected keys are the mean of all matrices, also of short keys, half tables and blocks") {
  const auto row = workload::ScaleLayout{ScaleSharing::kRow, 0, 0, 0};
  const auto block = workload::ScaleLayout{ScaleSharing::kBlock, 0, 4, 2};
  struct Shape {
    std::uint32_t planes;
    std::uint64_t inputs, outputs;
    bool before;
  };
  const std::vector<Shape> shapes = {{1, 3, 4, false}, {2, 3, 2, false}, {1, 4, 3, true},
                                     {2, 3, 2, true},  {1, 2, 5, true},  {3, 1, 4, false}};
  for (const Shape& shape : shapes)
    for (const bool half : {false, true})
      for (const std::uint32_t key_bits : {1U, 2U, 4U}) {
        Execution execution;
        execution.how.key_bits = key_bits;
        execution.half_table = half;
        if (shape.before) execution.how.scale_placement = ScalePlacement::kBeforeTable;
        const auto format = coded(shape.planes, 0, shape.before ? block : row);
        const Linear one = layer(format, 1, shape.inputs, shape.outputs);
        const auto all = of_all_matrices(one, execution);
        // As many tokens as there are matrices: the sum is a whole number.
        Linear many = one;
        many.tokens = std::uint64_t{1} << (shape.planes * shape.inputs * shape.outputs);
        const auto expected = *values::defaults(many, {}, execution).keys;
        CAPTURE(shape.planes, shape.inputs, shape.outputs, shape.before, half, key_bits);
        CHECK(expected.queries == all.queries);
        CHECK(expected.entries == all.entries);
        CHECK(expected.repeated == all.repeated);
        CHECK(expected.unused == all.unused);
      }
}

// 4096 queries of each of 512 tables of 128 entries: 128 (127/128)^4096 = 1.4e-12 of them are unused.
TEST_CASE("Many queries repeat all entries, and few hardly any") {
  Execution execution;
  execution.how.key_bits = 8;
  const auto format = coded(1, 0, {ScaleSharing::kRow, 0, 0, 0});
  const auto many = *values::defaults(layer(format, 1, 4096, 4096), {}, execution).keys;
  CHECK(many.unused == 0);
  CHECK(many.repeated == 512U * (4096U - 128U));
  const auto one = *values::defaults(layer(format, 3, 4096, 1), {}, execution).keys;
  CHECK(one.repeated == 0);
  CHECK(one.unused == 3U * 512U * 127U);
}

TEST_CASE("Terms are as many as counted ones, and none underflows") {
  tests::RandomBits random(tests::printed(31));
  const auto format = coded(2, 3, {ScaleSharing::kRow, 0, 0, 0});
  Execution execution;
  const auto terms = *values::defaults(layer(format, 5, 20, 7), {}, execution).terms;
  const auto counted = *count({5,
                               {tests::random_codes(format, 7, 20, random)},
                               values::Activations(random.halves(100, -3, 3))},
                              execution)
                            .terms;
  CHECK(terms.additions == counted.additions);
  CHECK(terms.rounded == 0);
  CHECK(terms.flushed == 0);
}

TEST_CASE("Nothing stands in for what is not counted either") {
  Execution execution;
  const auto row = workload::ScaleLayout{ScaleSharing::kRow, 0, 0, 0};
  workload::Widths int8;
  int8.activation_bits = 8;
  CHECK(values::defaults(layer(coded(2, 3, row), 1, 8, 8), int8, execution).empty());
  CHECK(values::defaults(layer(coded(2, 0, row), 1, 8, 8), {}, execution).empty());
  for (const workload::FormatKind kind :
       {workload::FormatKind::kFp16, workload::FormatKind::kInt, workload::FormatKind::kW8a8,
        workload::FormatKind::kTernary, workload::FormatKind::kMsfp})
    CHECK(
        values::defaults(layer(workload::default_format(kind, 4), 1, 8, 8), {}, execution).empty());
}
