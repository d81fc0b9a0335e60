// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/vector_chip.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/engine/bounds.h"
#include "tests/catch.h"
#include "tests/seed.h"
#include "tests/sim/detailed/vector_cases.h"
#include "tests/sim/hw/bench.h"

using namespace addax;
using tests::VectorCase;

namespace {

void require_same_actions(const VectorCase& one, const detailed::VectorRun& clocked,
                          const mapping::LayerTotals& simple) {
  REQUIRE(clocked.totals.passes == simple.passes);
  REQUIRE(clocked.totals.dram_read_bits == simple.dram_read_bits);
  REQUIRE(clocked.totals.dram_write_bits == simple.dram_write_bits);
  REQUIRE(clocked.totals.stream_writes == simple.stream_writes);
  REQUIRE(clocked.totals.resident_reads == simple.resident_reads);
  REQUIRE(clocked.totals.vector_reads == simple.vector_reads);
  REQUIRE(clocked.totals.vector_writes == simple.vector_writes);
  REQUIRE(clocked.lane_cycles == one.plan.lane_cycles);
  // `cycle` rounds every chunk up to whole cycles of all lanes.
  const std::uint64_t all_lanes = simple.vector_cycles.value() * one.plan.lanes;
  REQUIRE(all_lanes >= clocked.lane_cycles);
  REQUIRE(all_lanes < clocked.lane_cycles + one.plan.chunks * one.plan.lanes);
}

/// By how much `cycle` is off, by what bounds the case.
struct Deviations {
  int cases = 0, within_five = 0, beyond = 0;  ///< beyond 5 % and 20 cycles
  double worst = 0.0;
};

result::Resource bound_of(const VectorCase& one) {
  const auto busy = engine::bounds(one.architecture, one.plan, mapping::totals(one.plan));
  return static_cast<result::Resource>(std::max_element(busy.begin(), busy.end()) - busy.begin());
}

}  // namespace

TEST_CASE("cycle is as fast as the clocked vector unit, and does the same") {
  constexpr int kCases = 600;
  tests::VectorCases cases(tests::printed(20261124));
  std::map<result::Resource, Deviations> deviations;
  int beyond = 0;
  for (int i = 0; i < kCases; ++i) {
    const VectorCase one = cases.next();
    INFO("case " << i << ": " << one.what << ", " << one.plan.chunks << " chunks");
    const detailed::VectorRun run = tests::clocked(one);
    const hw::LayerRun simple = tests::simulated(one);
    require_same_actions(one, run, simple.totals);
    const auto exact = static_cast<double>(run.cycles.value());
    const double off = std::abs(static_cast<double>(simple.cycles.value()) - exact);
    Deviations& of = deviations[bound_of(one)];
    ++of.cases;
    of.within_five += off <= 0.05 * exact ? 1 : 0;
    const bool far = off > 20.0 && off > 0.05 * exact;
    of.beyond += far ? 1 : 0;
    beyond += far ? 1 : 0;
    if (far) of.worst = std::max(of.worst, off / exact);
  }
  for (const auto& [bound, of] : deviations)
    WARN(result::name(bound) << ": " << of.cases << " cases, " << of.within_five << " within 5 %, "
                             << of.beyond << " beyond that and 20 cycles, worst of these "
                             << of.worst);
  CHECK(beyond <= kCases / 20);
}

TEST_CASE("the time of a vector operation clock by clock, by hand") {
  // 640 bits come in bursts of two words in cycles 12, 14, ... 20, and are there in 21. The port takes
  // a word a cycle, the four lanes its four lane-cycles in the next, from 22 to 31; results move four
  // cycles later, until 35. DRAM has them after 10 cycles of latency and 10 of transfer.
  VectorCase one{hw::bench::architecture(), {}, {}};
  mapping::VectorPlan& plan = one.plan;
  plan.load_bits = plan.store_bits = plan.read_bits = plan.write_bits = 640;
  plan.lane_cycles = 40;
  plan.lanes = one.architecture.vector_unit.lanes;
  plan.share = {2, 4};
  CHECK(tests::clocked(one).cycles == quantity::Cycles(36 + 20));
  // One lane is busy for 40 cycles.
  one.architecture.vector_unit.lanes = plan.lanes = 1;
  CHECK(tests::clocked(one).cycles == quantity::Cycles(21 + 1 + 40 + 4 + 20));
  // Two cycles a word over half a port: the last is there in 41, and out after 4 + 2.
  one.architecture.vector_unit.lanes = plan.lanes = 4;
  one.architecture.vector_unit.buffer_width_bits = 32;
  CHECK(tests::clocked(one).cycles == quantity::Cycles(41 + 4 + 2 + 20));
}

TEST_CASE("a mere transfer keeps its half until its data have gone, clock by clock") {
  VectorCase one{hw::bench::architecture(), {}, {}};
  mapping::VectorPlan& plan = one.plan;
  plan.load_bits = plan.store_bits = 1920;  // 640 a chunk
  plan.chunks = 3;
  plan.share = {2, 4};
  const std::uint64_t cycles = tests::clocked(one).cycles.value();
  CHECK(cycles >= 80);  // as in `cycle`; a cycle or two a chunk may be lost on the way
  CHECK(cycles <= 80 + 2 * 3);
}
