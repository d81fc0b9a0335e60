// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/detailed/vector_cases.h"

#include <algorithm>

#include "models/quantity/diagnosis.h"
#include "sim/engine/kernel.h"
#include "sim/input/architecture_reader.h"

namespace addax::tests {

using workload::VectorFunction;

namespace {

constexpr std::uint64_t kFunctions = static_cast<std::uint64_t>(VectorFunction::kSelect) + 1;

}  // namespace

hw::LayerRun simulated(const VectorCase& one) {
  const engine::Kernel kernel;
  hw::Chip chip("chip", one.architecture);
  return chip.run(one.plan);
}

detailed::VectorRun clocked(const VectorCase& one) {
  const engine::Kernel kernel;
  detailed::VectorChip chip("chip", one.architecture, one.plan);
  return chip.run();
}

VectorCase VectorCases::next() {
  for (;;) {
    VectorCase made{architecture(), {}, {}};
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

std::uint64_t VectorCases::pick(std::uint64_t least, std::uint64_t most) {
  return least + random_() % (most - least + 1);
}

std::uint64_t VectorCases::extent(std::uint64_t most) {
  constexpr std::uint64_t kEdges[] = {1, 2, 3, 16, 17, 127, 128, 1024};
  return std::min(most, pick(0, 2) == 0 ? kEdges[pick(0, 7)] : pick(1, 1ULL << pick(1, 12)));
}

arch::Architecture VectorCases::architecture() {
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

mapping::Placement VectorCases::placement(std::size_t inputs) {
  mapping::Placement where;
  where.input_on_chip = pick(0, 2) == 0;
  where.second_on_chip = pick(0, 2) == 0;
  where.output_on_chip = pick(0, 2) == 0;
  where.inputs = inputs;
  return where;
}

mapping::PlannedLayer VectorCases::elementwise(const mapping::LayerPlanner& planner,
                                               std::string& what) {
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

workload::Transfer VectorCases::transfer(std::string& what) {
  workload::Transfer work;
  const bool out = pick(0, 1) == 1;
  work.direction =
      out ? workload::TransferDirection::kToDram : workload::TransferDirection::kFromDram;
  work.elements = extent(64) * extent(4096);
  work.element_bits = pick(0, 1) == 1 ? 16 : 8;
  what = std::string(workload::name(work.direction)) + ' ' + std::to_string(work.elements);
  return work;
}

}  // namespace addax::tests
