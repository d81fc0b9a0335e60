// SPDX-License-Identifier: Apache-2.0
#include "models/values/keys.h"

#include <set>

#include "models/values/count.h"
#include "tests/models/values/example.h"
#include "tests/seed.h"

using namespace addax;
using quantise::QuantisedMatrix;
using tests::coded;
using tests::RandomBits;
using values::Execution;
using workload::ScalePlacement;
using workload::ScaleSharing;

namespace {

/// Three outputs of one plane. With keys of two: 3 0, 0 3, 1 3.
QuantisedMatrix three_rows() {
  QuantisedMatrix matrix;
  matrix.format = coded(1, 0, {ScaleSharing::kRow, 0, 0, 0});
  matrix.outputs = 3;
  matrix.inputs = 4;
  matrix.codes = {1, 1, 0, 0,   //
                  0, 0, 1, 1,   //
                  1, 0, 1, 1};  //
  matrix.scales.resize(3);
  check(matrix);
  return matrix;
}

workload::KeyCounts counted(const QuantisedMatrix& matrix, const Execution& execution,
                            std::uint64_t tokens = 1) {
  return *count({tokens, {matrix}, {}}, execution).keys;
}

/// The signs that one query of a table asks for, turned over so that the last is -1 if `half`.
std::vector<int> signs(const QuantisedMatrix& matrix, std::uint64_t output, std::uint32_t plane,
                       std::uint64_t begin, std::uint64_t mu, bool half) {
  std::vector<int> all;
  for (std::uint64_t k = begin; k < begin + mu; ++k) {
    const bool there = k < matrix.inputs;
    all.push_back(there && (matrix.codes[output * matrix.inputs + k] >> plane) % 2 == 1 ? 1 : -1);
  }
  if (half && all.back() == 1)
    for (int& sign : all) sign = -sign;
  return all;
}

/// By definition: a set of what is asked, table by table.
workload::KeyCounts by_sets(const QuantisedMatrix& matrix, const Execution& execution) {
  const std::uint64_t mu = execution.how.key_bits;
  const bool before = execution.how.scale_placement == ScalePlacement::kBeforeTable;
  const std::uint64_t rows =
      quantise::ScaleIndex(matrix.format, matrix.outputs, matrix.inputs).tile_rows();
  using Table = std::tuple<std::uint64_t, std::uint64_t, std::uint32_t>;
  std::map<Table, std::set<std::vector<int>>> asked;
  workload::KeyCounts counts;
  for (std::uint64_t output = 0; output < matrix.outputs; ++output)
    for (std::uint32_t plane = 0; plane < matrix.format.planes; ++plane)
      for (std::uint64_t begin = 0; begin < matrix.inputs; begin += mu) {
        const Table table{begin, before ? output / rows : 0, before ? plane : 0};
        ++counts.queries;
        if (!asked[table]
                 .insert(signs(matrix, output, plane, begin, mu, execution.half_table))
                 .second)
          ++counts.repeated;
      }
  const std::uint64_t entries = std::uint64_t{1} << (mu - (execution.half_table ? 1 : 0));
  counts.entries = asked.size() * entries;
  for (const auto& [table, entry] : asked) counts.unused += entries - entry.size();
  return counts;
}

}  // namespace

TEST_CASE("A key and its complement repeat each other in half a table and not in a full one") {
  Execution execution;
  execution.how.key_bits = 2;
  // First table: 3 and 0 are one entry, 1 another. Second: 0, 3, 3 are one.
  const auto half = counted(three_rows(), execution);
  CHECK(half.queries == 6);
  CHECK(half.repeated == 3);
  CHECK(half.entries == 4);
  CHECK(half.unused == 1);
  execution.half_table = false;
  // First: 3, 0, 1. Second: 0 and 3.
  const auto full = counted(three_rows(), execution);
  CHECK(full.repeated == 1);
  CHECK(full.entries == 8);
  CHECK(full.unused == 3);
}

TEST_CASE("Every token asks the same keys of tables of its own") {
  Execution execution;
  execution.how.key_bits = 2;
  const auto counts = counted(three_rows(), execution, 5);
  CHECK(counts.queries == 30);
  CHECK(counts.repeated == 15);
  CHECK(counts.entries == 20);
  CHECK(counts.unused == 5);
}

TEST_CASE("A short last key has zeros for the weights that it lacks") {
  QuantisedMatrix matrix = three_rows();
  matrix.inputs = 3;
  matrix.codes = {1, 1, 0, 0, 0, 1, 1, 0, 1};
  check(matrix);
  Execution execution;
  execution.how.key_bits = 2;
  const values::Keys keys(matrix, 2);
  CHECK(keys.a_row() == 2);
  CHECK(keys.of(1, 0)[1] == 1);
  // 3 0 1 and 0 1 1: the second table's 0 and 1 are entries of their own.
  CHECK(counted(matrix, execution).repeated == 2);
  CHECK(counted(matrix, execution).unused == 0);
}

TEST_CASE("Repeated keys and unused entries are those of sets of signs") {
  RandomBits random(tests::printed(4711));
  const std::vector<workload::ScaleLayout> layouts = {{ScaleSharing::kTensor, 0, 0, 0},
                                                      {ScaleSharing::kColumn, 0, 0, 0},
                                                      {ScaleSharing::kBlock, 0, 8, 0},
                                                      {ScaleSharing::kBlock, 0, 8, 3}};
  for (int i = 0; i < 300; ++i) {
    const auto& layout = layouts[random.below(4)];
    const auto format = coded(1 + random.below(4), random.below(3), layout);
    const QuantisedMatrix matrix =
        tests::random_codes(format, 1 + random.below(40), 1 + random.below(40), random);
    Execution execution;
    execution.how.key_bits = 1 + random.below(10);
    execution.half_table = random.below(2) != 0;
    if (random.below(2) != 0) execution.how.scale_placement = ScalePlacement::kBeforeTable;
    CAPTURE(i, describe(format), matrix.outputs, matrix.inputs, execution.how.key_bits);
    const auto found = counted(matrix, execution);
    const auto expected = by_sets(matrix, execution);
    CHECK(found.queries == expected.queries);
    CHECK(found.repeated == expected.repeated);
    CHECK(found.entries == expected.entries);
    CHECK(found.unused == expected.unused);
  }
}

TEST_CASE("A key of sixteen weights reaches every bit of its table") {
  RandomBits random(tests::printed(16));
  const QuantisedMatrix matrix =
      tests::random_codes(coded(2, 1, {ScaleSharing::kRow, 0, 0, 0}), 30, 33, random);
  Execution execution;
  execution.how.key_bits = 16;
  CHECK(counted(matrix, execution).repeated == by_sets(matrix, execution).repeated);
}
