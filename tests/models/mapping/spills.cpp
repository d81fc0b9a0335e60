// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/mapper.h"
#include "models/mapping/plan.h"
#include "tests/models/mapping/example.h"

using namespace addax;
using namespace addax::mapping;

namespace {

constexpr std::size_t kN = 2, kK = 3;

/// 2 tokens, 3 outputs, 8 inputs of FP16, x on chip. A sum has 32 bits, a result 16.
ProductPlan plan_of(const std::vector<Loop>& loops, std::size_t output_hold) {
  const arch::Architecture a = example::architecture();
  const Kernel kernel =
      example::kernel(workload::default_format(workload::FormatKind::kFp16, 0), 3, 8);
  LoopNest nest;
  nest.loops = loops;
  nest.hold = {loops.size(), loops.size(), output_hold};
  Placement placement;
  placement.input_on_chip = true;
  return {matrix_product(1, 2, 3, 8),
          nest,
          Dataflow(a, 0, kernel, {{}, {{kUnits, 4}}, {{kOutputs, 2}}, true}),
          0,
          {2, 4},
          placement,
          false};
}

constexpr std::uint64_t kWeightBits = 16 * 3 * 8, kResultBits = 16 * 2 * 3;

struct Spilt {
  std::uint64_t out = 0, back = 0;
};
Spilt spilt(const ProductPlan& plan) {
  const LayerTotals sum = totals(plan);
  example::require_closed_form(sum, example::walk(plan));
  return {sum.dram_write_bits - kResultBits, sum.dram_read_bits - kWeightBits};
}

}  // namespace

TEST_CASE(
    "sums leave at the accumulator's width when the reduction goes on elsewhere, and return") {
  // k in 2 tiles around n in tiles of 2 and 1: after the first k, 2 x 2 and 2 x 1 sums leave.
  const Spilt sums = spilt(plan_of({{kK, 4}, {kN, 2}}, 2));
  CHECK(sums.out == 32 * (4 + 2));
  CHECK(sums.back == 32 * (4 + 2));
  // With k in 3 tiles (3, 3, 2) twice.
  const Spilt twice = spilt(plan_of({{kK, 3}, {kN, 2}}, 2));
  CHECK(twice.out == 2 * 32 * 6);
  CHECK(twice.back == 2 * 32 * 6);
}

TEST_CASE("sums that are held around their reduction do not spill") {
  for (const std::size_t hold : {0, 1}) {
    const Spilt sums = spilt(plan_of({{kK, 4}, {kN, 2}}, hold));  // the whole of y is held
    CHECK(sums.out == 0);
    CHECK(sums.back == 0);
  }
  CHECK(spilt(plan_of({{kN, 2}, {kK, 4}}, 2)).out == 0);
}

TEST_CASE("a tile of outputs that the next step of the reduction finds in its place stays") {
  // n of 2, k of 4, n of 1: two tiles of one output take turns; the third, a remainder, is alone.
  const Spilt sums = spilt(plan_of({{kN, 2}, {kK, 4}, {kN, 1}}, 3));
  CHECK(sums.out == 32 * 2 * 2);
  CHECK(sums.back == 32 * 2 * 2);
}

TEST_CASE("outputs that are placed on chip neither spill nor leave") {
  ProductPlan plan = plan_of({{kK, 4}, {kN, 2}}, 2);
  plan.placement.output_on_chip = true;
  const LayerTotals sum = totals(plan);
  CHECK(sum.dram_write_bits == 0);
  CHECK(sum.dram_read_bits == kWeightBits);
  example::require_closed_form(sum, example::walk(plan));
}

TEST_CASE("a pass that needs sums again loads them to resident banks after all results") {
  const std::unique_ptr<PassSource> source = passes(plan_of({{kK, 4}, {kN, 2}}, 2));
  std::vector<std::uint64_t> loads, stores;
  for (Pass pass; source->next(pass);) {
    CHECK(pass.loads_results == (pass.resident_load_bits > 0));
    loads.push_back(pass.resident_load_bits);
    stores.push_back(pass.store_bits);
  }
  CHECK(loads == std::vector<std::uint64_t>{0, 0, 128, 64});
  CHECK(stores == std::vector<std::uint64_t>{128, 64, 64, 32});
}

TEST_CASE("weights that are held for several passes come at once") {
  ProductPlan plan = plan_of({{kN, 2}, {kK, 4}}, 2);
  plan.nest.hold[1] = 1;  // all inputs of a tile of outputs
  std::vector<std::uint64_t> loads;
  const std::unique_ptr<PassSource> source = passes(plan);
  for (Pass pass; source->next(pass);) loads.push_back(pass.stream_load_bits);
  CHECK(loads == std::vector<std::uint64_t>{16 * 2 * 8, 0, 16 * 8, 0});
  example::require_closed_form(totals(plan), example::walk(plan));
}

TEST_CASE("the first part of spilt scores comes back when all of them have been stored") {
  // As in attention_passes.cpp: 2 heads, 41 keys in 11 tiles.
  arch::Architecture a = example::architecture();
  a.buffer.bank_bytes = 8;
  Placement placement;
  placement.input_on_chip = placement.second_on_chip = placement.output_on_chip = true;
  AttentionPlan plan =
      map_attention({a, 0, placement, normalised_prices(a, 0)}, {1, 2, 2, 4, 1, 40, {}}, {}, {});
  REQUIRE(plan.spills);
  std::size_t waiting = 0, stores = 0;
  const std::unique_ptr<PassSource> source = passes(plan);
  for (Pass pass; source->next(pass);) {
    stores += pass.store_bits > 0 ? 1 : 0;
    if (!pass.loads_results) continue;
    ++waiting;
    CHECK(stores == waiting * 11);
  }
  CHECK(waiting == 2);
}
