// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/chip.h"

#include "models/mapping/mapper.h"
#include "tests/catch.h"
#include "tests/sim/hw/bench.h"

using namespace addax;
using namespace addax::hw;
using mapping::Placement;

namespace {

Placement everything_on_chip() {
  Placement placement;
  placement.input_on_chip = placement.second_on_chip = placement.output_on_chip = true;
  return placement;
}

mapping::AttentionPlan attention(const arch::Architecture& a, const workload::AttentionShape& s) {
  mapping::AttentionPlan plan = mapping::map_attention(
      {a, 0, everything_on_chip(), mapping::normalised_prices(a, 0)}, s, {}, {});
  plan.lane_cycles_a_score = 5;
  plan.lane_cycles_a_row = 1;
  plan.score_reads = 3;
  plan.score_writes = 2;
  return plan;
}

/// Runs a plan twice on one chip; both runs take the same time and count what the closed form does.
LayerRun run_twice(const arch::Architecture& a, const mapping::LayerPlan& plan) {
  engine::Kernel kernel;
  Chip chip("chip", a);
  const LayerRun first = chip.run(plan);
  const LayerRun second = chip.run(plan);
  CHECK(first.cycles == second.cycles);
  CHECK(first.dram_bursts == second.dram_bursts);
  mapping::example::require_closed_form(mapping::totals(plan), first.totals);
  mapping::example::require_closed_form(mapping::totals(plan), second.totals);
  return first;
}

}  // namespace

TEST_CASE("a product on the chip counts what its closed form says, with a table and without") {
  for (const bool table : {false, true}) {
    arch::Architecture a = table ? mapping::example::with_table(4) : bench::architecture();
    a.dram.latency = quantity::Nanoseconds(10);
    const auto format = workload::default_format(
        table ? workload::FormatKind::kShiftAdd : workload::FormatKind::kFp16, 3, 16);
    const workload::Linear linear{3, 50, 40, 2, workload::LinearRole::kMlp, format};
    const mapping::Kernel kernel =
        mapping::example::kernel(format, 40, 50, mapping::realise(a.groups[0].datapath, linear));
    const LayerRun run =
        run_twice(a, mapping::map_product({a, 0, {}, mapping::normalised_prices(a, 0)},
                                          {2, 3, 40, 50}, kernel, {})
                         .plan);
    CHECK(run.totals.dram_write_bits == 16 * 2 * 3 * 40);
    CHECK(run.cycles >= run.totals.array_cycles);
  }
}

TEST_CASE("attention on the chip counts what its closed form says") {
  arch::Architecture a = bench::architecture();
  a.buffer.bank_bytes = 128;
  const LayerRun run = run_twice(a, attention(a, {2, 4, 2, 8, 3, 40, {}}));
  CHECK(run.cycles >= run.totals.array_cycles);
  CHECK(run.cycles >= run.totals.vector_cycles);
}

TEST_CASE("attention that spills its scores ends, even where parts of its softmax are empty") {
  arch::Architecture a = bench::architecture();
  a.buffer = {3, 64, 512};
  a.vector_unit.lanes = 65536;
  const mapping::AttentionPlan plan = attention(a, {1, 1, 1, 4, 1, 63, {}});
  REQUIRE(plan.spills);
  CHECK(run_twice(a, plan).totals.dram_write_bits == 64 * 16);
}

TEST_CASE("the time of a small layer, by hand") {
  // FP16, N = 5, K = 7, one token, everything in one pass, x and y on chip. Weights: 560 bits are 5
  // bursts of 2 cycles behind 10 of latency: there in cycle 20. An idle array fills for a cycle and
  // computes for 8; 560 bits over the weight network's 128 take 5, the stream's 9 words 3. Drain: a
  // cycle each of network, unit, second row and output network.
  const arch::Architecture a = bench::architecture();
  const auto format = workload::default_format(workload::FormatKind::kFp16, 0);
  const mapping::Dataflow dataflow(a, 0, mapping::example::kernel(format, 5, 7),
                                   {{}, {{mapping::kUnits, 4}}, {{mapping::kOutputs, 2}}, true});
  const mapping::LoopNest one_pass;
  const mapping::ProductPlan plan{mapping::matrix_product(1, 1, 5, 7),
                                  one_pass,
                                  dataflow,
                                  0,
                                  {4, 8},
                                  everything_on_chip(),
                                  false};
  CHECK(run_twice(a, plan).cycles == quantity::Cycles(20 + 1 + 8 + 4));
}
