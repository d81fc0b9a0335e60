// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/vector_chip.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "models/mapping/layer_planner.h"
#include "models/quantity/diagnosis.h"
#include "sim/engine/bounds.h"
#include "sim/engine/kernel.h"
#include "sim/hw/chip.h"
#include "sim/input/architecture_reader.h"
#include "tests/catch.h"
#include "tests/seed.h"
#include "tests/sim/hw/bench.h"

using namespace addax;
using workload::VectorFunction;

namespace {

/// A vector operation, or a mere transfer, on a chip that may run it.
struct Case {
  arch::Architecture architecture;
  std::string what;
  mapping::VectorPlan plan;
};

hw::LayerRun simulated(const Case& one) {
  const engine::Kernel kernel;
  hw::Chip chip("chip", one.architecture);
  return chip.run(one.plan);
}

detailed::VectorRun clocked(const Case& one) {
  const engine::Kernel kernel;
  detailed::VectorChip chip("chip", one.architecture, one.plan);
  return chip.run();
}

class Cases {
 public:
  explicit Cases(std::uint32_t seed) : random_(tests::printed(seed)) {}

  /// All functions in turn, and transfers.
  Case next() {
    for (;;) {
      Case made{architecture(), {}, {}};
      try {
        const mapping::LayerPlanner planner(made.architecture, {}, {});
        const bool transfer = number_ % (kFunctions + 2) >= kFunctions;
        const mapping::PlannedLayer layer =
            transfer ? planner.transfer(this->transfer(made.what), placement(1))
                     : elementwise(planner, made.what);
        made.plan = std::get<mapping::VectorPlan>(layer.plan);
      } catch (const quantity::Impossible&) {
        continue;  // an odd width cannot be rotated
      }
      ++number_;
      return made;
    }
  }

 private:
  static constexpr std::uint64_t kFunctions =
      static_cast<std::uint64_t>(VectorFunction::kSelect) + 1;

  std::uint64_t pick(std::uint64_t least, std::uint64_t most) {
    return least + random_() % (most - least + 1);
  }
  std::uint64_t extent(std::uint64_t most) {
    constexpr std::uint64_t kEdges[] = {1, 2, 3, 16, 17, 127, 128, 1024};
    return std::min(most, pick(0, 2) == 0 ? kEdges[pick(0, 7)] : pick(1, 1ULL << pick(1, 12)));
  }

  arch::Architecture architecture() {
    arch::Architecture a = input::read_architecture("eyeriss_fp16");
    a.buffer.width_bits = 32U << pick(0, 2);
    a.buffer.bank_bytes = 128U << pick(0, 4);
    a.buffer.banks = static_cast<std::uint32_t>(pick(4, 32));
    a.vector_unit.lanes = static_cast<std::uint32_t>(pick(1, 32));
    a.vector_unit.buffer_width_bits = 32U << pick(0, 4);
    a.vector_unit.latency_cycles = static_cast<std::uint32_t>(pick(1, 8));
    constexpr double kBandwidths[] = {2e10, 1e11, 4e11, 2e12};
    a.dram.peak_bandwidth = quantity::BitsPerSecond(kBandwidths[pick(0, 3)]);
    if (pick(0, 2) == 0) a.dram.refresh_time = quantity::Nanoseconds(0);
    a.write_queue = static_cast<std::uint32_t>(pick(1, 4));
    arch::check(a);
    return a;
  }

  mapping::Placement placement(std::size_t inputs) {
    mapping::Placement where;
    where.input_on_chip = pick(0, 2) == 0;
    where.second_on_chip = pick(0, 2) == 0;
    where.output_on_chip = pick(0, 2) == 0;
    where.inputs = inputs;
    return where;
  }

  mapping::PlannedLayer elementwise(const mapping::LayerPlanner& planner, std::string& what) {
    workload::Elementwise work;
    work.function = static_cast<VectorFunction>(number_ % (kFunctions + 2));
    work.rows = extent(64);
    work.width = extent(4096);
    const bool norm =
        work.function == VectorFunction::kLayerNorm || work.function == VectorFunction::kRmsNorm;
    if (norm) work.parameter_elements = work.width;
    const bool terms =
        work.function == VectorFunction::kCombine || work.function == VectorFunction::kSelect;
    if (terms) work.terms = pick(1, 4);
    const bool two =
        work.function == VectorFunction::kAdd || work.function == VectorFunction::kMultiply;
    what = std::string(workload::name(work.function)) + ' ' + std::to_string(work.rows) + " x " +
           std::to_string(work.width);
    return planner.elementwise(work, placement(two ? 2 : 1));
  }

  workload::Transfer transfer(std::string& what) {
    workload::Transfer work;
    const bool out = pick(0, 1) == 1;
    work.direction =
        out ? workload::TransferDirection::kToDram : workload::TransferDirection::kFromDram;
    work.elements = extent(64) * extent(4096);
    work.element_bits = pick(0, 1) == 1 ? 16 : 8;
    what = std::string(workload::name(work.direction)) + ' ' + std::to_string(work.elements);
    return work;
  }

  std::mt19937 random_;
  std::uint64_t number_ = 0;
};

void require_same_actions(const Case& one, const detailed::VectorRun& clocked,
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

result::Resource bound_of(const Case& one) {
  const auto busy = engine::bounds(one.architecture, one.plan, mapping::totals(one.plan));
  return static_cast<result::Resource>(std::max_element(busy.begin(), busy.end()) - busy.begin());
}

}  // namespace

TEST_CASE("cycle is as fast as the clocked vector unit, and does the same") {
  constexpr int kCases = 600;
  Cases cases(20261124);
  std::map<result::Resource, Deviations> deviations;
  int beyond = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case one = cases.next();
    INFO("case " << i << ": " << one.what << ", " << one.plan.chunks << " chunks");
    const detailed::VectorRun run = clocked(one);
    const hw::LayerRun simple = simulated(one);
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
  Case one{hw::bench::architecture(), {}, {}};
  mapping::VectorPlan& plan = one.plan;
  plan.load_bits = plan.store_bits = plan.read_bits = plan.write_bits = 640;
  plan.lane_cycles = 40;
  plan.lanes = one.architecture.vector_unit.lanes;
  plan.share = {2, 4};
  CHECK(clocked(one).cycles == quantity::Cycles(36 + 20));
  // One lane is busy for 40 cycles.
  one.architecture.vector_unit.lanes = plan.lanes = 1;
  CHECK(clocked(one).cycles == quantity::Cycles(21 + 1 + 40 + 4 + 20));
  // Two cycles a word over half a port: the last is there in 41, and out after 4 + 2.
  one.architecture.vector_unit.lanes = plan.lanes = 4;
  one.architecture.vector_unit.buffer_width_bits = 32;
  CHECK(clocked(one).cycles == quantity::Cycles(41 + 4 + 2 + 20));
}

TEST_CASE("a mere transfer keeps its half until its data have gone, clock by clock") {
  Case one{hw::bench::architecture(), {}, {}};
  mapping::VectorPlan& plan = one.plan;
  plan.load_bits = plan.store_bits = 1920;  // 640 a chunk
  plan.chunks = 3;
  plan.share = {2, 4};
  const std::uint64_t cycles = clocked(one).cycles.value();
  CHECK(cycles >= 80);  // as in `cycle`; a cycle or two a chunk may be lost on the way
  CHECK(cycles <= 80 + 2 * 3);
}
