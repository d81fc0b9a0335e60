// SPDX-License-Identifier: Apache-2.0
#include "models/quantity/diagnosis.h"
#include "models/workload/operation.h"
#include "tests/catch.h"

using namespace addax::workload;
using addax::arith::Arithmetic;
using addax::quantity::Impossible;

// All examples: M = 2 tokens, N = 5 outputs, K = 13 inputs: M N K = 130, M N = 10, N K = 65.
namespace {

Linear layer(WeightFormat format, std::uint64_t copies = 1) {
  return {2, 13, 5, copies, LinearRole::kMlp, format};
}

WeightFormat with_scales(FormatKind kind, std::uint32_t bits, const ScaleLayout& scales) {
  WeightFormat format = default_format(kind, bits);
  format.scales = scales;
  return format;
}

ArithmeticCounts expect(std::initializer_list<std::pair<Arithmetic, std::uint64_t>> counts,
                        std::uint64_t queries = 0, std::uint64_t tables = 0) {
  ArithmeticCounts expected;
  for (const auto& [arithmetic, count] : counts) expected[arithmetic] = count;
  expected.lut_queries = queries;
  expected.lut_tables = tables;
  return expected;
}

constexpr Widths kWidths{};

}  // namespace

TEST_CASE("FP16 takes M N K multiplies and adds, in the accumulator's width") {
  const Linear linear = layer(default_format(FormatKind::kFp16, 0));
  CHECK(arithmetic(linear, kWidths, {}) ==
        expect({{Arithmetic::kFp16Multiply, 130}, {Arithmetic::kFp32Add, 130}}));
  CHECK(arithmetic(linear, {16, 16, 16}, {}) ==
        expect({{Arithmetic::kFp16Multiply, 130}, {Arithmetic::kFp16Add, 130}}));
  // INT8 activations change integer datapaths only; products of an FP16 layer stay FP16.
  CHECK(arithmetic(linear, {8, 16, 32}, {}) ==
        expect({{Arithmetic::kFp16Multiply, 130}, {Arithmetic::kFp32Add, 130}}));
}

TEST_CASE("W8A8 takes integer products and two scalings an output") {
  CHECK(arithmetic(layer(default_format(FormatKind::kW8a8, 0)), kWidths, {}) ==
        expect({{Arithmetic::kInt8Multiply, 130},
                {Arithmetic::kInt32Add, 130},
                {Arithmetic::kFp16Multiply, 20}}));
}

TEST_CASE("Integer weights are scaled after each group, or dequantised before") {
  // G = ceil(13 / 4) = 4, M N G = 40.
  const Linear linear = layer(with_scales(FormatKind::kInt, 3, {ScaleSharing::kGroup, 4, 0, 0}));
  CHECK(arithmetic(linear, kWidths, {0, {}, IntegerMode::kAfterGroup}) ==
        expect({{Arithmetic::kInt8Add, 65},
                {Arithmetic::kFp16Convert, 65},
                {Arithmetic::kFp16Multiply, 130 + 40},
                {Arithmetic::kFp32Add, 130 + 40}}));
  CHECK(arithmetic(linear, kWidths, {0, {}, IntegerMode::kDequantisedTiles}) ==
        expect({{Arithmetic::kInt8Add, 65},
                {Arithmetic::kFp16Convert, 65},
                {Arithmetic::kFp16Multiply, 65 + 130},
                {Arithmetic::kFp32Add, 130}}));
}

TEST_CASE("A bcq layer queries nk keys a row and plane, and multiplies each scale group once") {
  // mu = 4: nk = ceil(13 / 4) = 4; q = 3; S = ceil(13 / 8) = 2.
  const Linear linear = layer(with_scales(FormatKind::kBcq, 3, {ScaleSharing::kGroup, 8, 0, 0}));
  CHECK(arithmetic(linear, kWidths, {4, ScalePlacement::kAfterQuery, {}}) ==
        expect({{Arithmetic::kFp32Add, 2 * 5 * 4 * 3}, {Arithmetic::kFp16Multiply, 2 * 5 * 3 * 2}},
               2 * 5 * 4 * 3, 2 * 4));
}

TEST_CASE("A scaling of shiftadd is k exponent additions and k - 1 adds") {
  const Linear linear = layer(default_format(FormatKind::kShiftAdd, 3));  // blocks of 8 x 1
  SECTION("after the query: M N q S = 60 scalings, M nk tables") {
    CHECK(arithmetic(linear, kWidths, {4, ScalePlacement::kAfterQuery, {}}) ==
          expect({{Arithmetic::kFp32Add, 120},
                  {Arithmetic::kExponentAdd, 3 * 60},
                  {Arithmetic::kFp16Add, 2 * 60}},
                 120, 8));
  }
  SECTION("before the table: M K q R = 390 scalings, M nk q R = 120 tables") {
    CHECK(arithmetic(linear, kWidths, {4, ScalePlacement::kBeforeTable, {}}) ==
          expect({{Arithmetic::kFp32Add, 120},
                  {Arithmetic::kExponentAdd, 3 * 390},
                  {Arithmetic::kFp16Add, 2 * 390}},
                 120, 120));
  }
  SECTION("without a table: M N K q signed adds") {
    CHECK(arithmetic(linear, kWidths, {0, ScalePlacement::kAfterQuery, {}}) ==
          expect({{Arithmetic::kFp32Add, 390},
                  {Arithmetic::kExponentAdd, 180},
                  {Arithmetic::kFp16Add, 120}}));
  }
  SECTION("INT8 activations are summed in INT32") {
    CHECK(arithmetic(linear, {8, 16, 32},
                     {4, ScalePlacement::kAfterQuery, {}})[Arithmetic::kInt32Add] == 120);
  }
}

TEST_CASE("Column-wise scales go to the inputs once for all rows") {
  // R = 1: 2 x 13 x 3 = 78 scalings, 2 x 4 x 3 = 24 tables.
  const Linear linear =
      layer(with_scales(FormatKind::kShiftAdd, 3, {ScaleSharing::kColumn, 0, 0, 0}));
  CHECK(arithmetic(linear, kWidths, {4, ScalePlacement::kBeforeTable, {}}) ==
        expect({{Arithmetic::kFp32Add, 120},
                {Arithmetic::kExponentAdd, 3 * 78},
                {Arithmetic::kFp16Add, 2 * 78}},
               120, 24));
}

TEST_CASE("A scale that cuts a key cannot follow the query, nor one of a row precede the table") {
  const auto refused = [](const ScaleLayout& scales, ScalePlacement placement,
                          std::uint32_t key_bits) {
    const Linear linear = layer(with_scales(FormatKind::kShiftAdd, 3, scales));
    try {
      arithmetic(linear, kWidths, {key_bits, placement, {}});
    } catch (const Impossible&) {
      return true;
    }
    return false;
  };
  const ScaleLayout column = {ScaleSharing::kColumn, 0, 0, 0}, row = {ScaleSharing::kRow, 0, 0, 0},
                    group = {ScaleSharing::kGroup, 6, 0, 0},
                    wide = {ScaleSharing::kGroup, 15, 0, 0},
                    block = {ScaleSharing::kBlock, 0, 8, 1};
  CHECK(refused(column, ScalePlacement::kAfterQuery, 4));
  CHECK_FALSE(refused(column, ScalePlacement::kAfterQuery, 1));
  CHECK(refused(group, ScalePlacement::kAfterQuery, 4));
  CHECK_FALSE(refused(group, ScalePlacement::kAfterQuery, 3));
  CHECK_FALSE(refused(wide, ScalePlacement::kAfterQuery, 4));  // one group covers all 13 inputs
  CHECK_FALSE(refused(block, ScalePlacement::kAfterQuery, 4));
  CHECK(refused(row, ScalePlacement::kBeforeTable, 4));
  CHECK(refused(group, ScalePlacement::kBeforeTable, 4));
  CHECK_FALSE(refused(block, ScalePlacement::kBeforeTable, 4));
}

TEST_CASE("Ternary weights add what is not zero, and scale once a group") {
  // 65 weights, floor(0.25 x 65) = 16 zeros: 49 adds a token; G = 4, M N G = 40.
  WeightFormat format = with_scales(FormatKind::kTernary, 0, {ScaleSharing::kGroup, 4, 0, 0});
  format.zero_fraction = 0.25;
  CHECK(arithmetic(layer(format), kWidths, {}) ==
        expect({{Arithmetic::kFp32Add, 98 + 40}, {Arithmetic::kFp16Multiply, 40}}));
  CHECK(arithmetic(layer(format), {8, 16, 32}, {}) == expect({{Arithmetic::kInt32Add, 98},
                                                              {Arithmetic::kFp32Add, 40},
                                                              {Arithmetic::kFp16Multiply, 40}}));
  format.gamma = true;  // M K = 26 adds for the group sums, once for all rows
  CHECK(arithmetic(layer(format), kWidths, {}) ==
        expect({{Arithmetic::kFp32Add, 98 + 40 + 26 + 40}, {Arithmetic::kFp16Multiply, 80}}));
  format.gamma = false;
  format.scales = {ScaleSharing::kTensor, 0, 0, 0};
  CHECK(arithmetic(layer(format), kWidths, {}) ==
        expect({{Arithmetic::kFp32Add, 98 + 10}, {Arithmetic::kFp16Multiply, 10}}));
}

TEST_CASE("Shared-exponent weights convert activations once and join boxes in floating point") {
  WeightFormat format = default_format(FormatKind::kMsfp, 0);
  format.box = 4;
  CHECK(arithmetic(layer(format), kWidths, {}) == expect({{Arithmetic::kFp16Convert, 26},
                                                          {Arithmetic::kInt8Multiply, 130},
                                                          {Arithmetic::kInt16Add, 130},
                                                          {Arithmetic::kExponentAdd, 40},
                                                          {Arithmetic::kFp32Add, 40}}));
}

TEST_CASE("Copies of a matrix multiply every count, and the MACs") {
  const WeightFormat format = default_format(FormatKind::kShiftAdd, 3);
  const Realisation how = {4, ScalePlacement::kAfterQuery, {}};
  ArithmeticCounts thrice;
  thrice.add(arithmetic(layer(format), kWidths, how), 3);
  CHECK(arithmetic(layer(format, 3), kWidths, how) == thrice);
  CHECK(macs(Work{layer(format, 3)}) == 390);
  CHECK(elements_read(Work{layer(format, 3)}, 0) == 2 * 13 * 3);
  CHECK(elements_written(Work{layer(format, 3)}) == 2 * 5 * 3);
}
