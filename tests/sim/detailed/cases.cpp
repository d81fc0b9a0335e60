// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/detailed/cases.h"

#include <algorithm>

#include "models/mapping/mapper.h"
#include "sim/engine/kernel.h"
#include "sim/input/architecture_reader.h"

namespace addax::tests {

namespace {

workload::WeightFormat format(workload::FormatKind kind, std::uint32_t bits,
                              workload::ScaleSharing sharing, std::uint64_t group = 0) {
  workload::WeightFormat made = workload::default_format(kind, bits);
  made.scales = {sharing, group, 0, 0};
  return made;
}

using workload::FormatKind;
using workload::ScaleSharing;

workload::WeightFormat with_offsets(workload::WeightFormat made) {
  made.gamma = true;
  return made;
}

workload::WeightFormat symmetric(workload::WeightFormat made) {
  made.zero_points = false;
  return made;
}

const workload::Widths kInt8 = {8, 16, 32};
const workload::Widths kSum16 = {16, 16, 16};
const std::vector<Kind> kKinds = {
    {"eyeriss_fp16", workload::default_format(FormatKind::kFp16, 0), {}},
    {"eyeriss_fp16_sum16", workload::default_format(FormatKind::kFp16, 0), kSum16},
    {"eyeriss_int", format(FormatKind::kInt, 4, ScaleSharing::kGroup, 16), {}},
    {"eyeriss_int", format(FormatKind::kInt, 3, ScaleSharing::kGroup, 128), {}},
    {"eyeriss_int", format(FormatKind::kInt, 8, ScaleSharing::kRow), {}},
    {"eyeriss_int8", workload::default_format(FormatKind::kW8a8, 8), kInt8},
    {"eyeriss_ternary", format(FormatKind::kTernary, 2, ScaleSharing::kGroup, 24), {}},
    {"eyeriss_ternary", format(FormatKind::kTernary, 2, ScaleSharing::kTensor), kInt8},
    {"eyeriss_ternary", format(FormatKind::kTernary, 2, ScaleSharing::kRow), {}},
    {"eyeriss_msfp", workload::default_format(FormatKind::kMsfp, 0), {}},
    {"eyeriss_shift_add", workload::default_format(FormatKind::kShiftAdd, 3), {}},
    {"eyeriss_shift_add", format(FormatKind::kShiftAdd, 2, ScaleSharing::kRow), {}},
    {"eyeriss_shiftadd", workload::default_format(FormatKind::kShiftAdd, 3), {}},
    {"eyeriss_shiftadd", format(FormatKind::kShiftAdd, 2, ScaleSharing::kColumn), {}},
    {"eyeriss_shiftadd", format(FormatKind::kShiftAdd, 2, ScaleSharing::kRow), {}},
    {"eyeriss_shiftadd_sum16", workload::default_format(FormatKind::kShiftAdd, 2), kSum16},
    {"eyeriss_shiftadd_mu4", workload::default_format(FormatKind::kShiftAdd, 3), {}},
    {"eyeriss_shiftadd_mu4", format(FormatKind::kShiftAdd, 3, ScaleSharing::kRow), {}},
    {"eyeriss_lutgemm", format(FormatKind::kBcq, 3, ScaleSharing::kGroup, 32), {}},
    {"eyeriss_int", symmetric(format(FormatKind::kInt, 5, ScaleSharing::kGroup, 16)), {}},
    {"eyeriss_ternary",
     with_offsets(format(FormatKind::kTernary, 2, ScaleSharing::kGroup, 24)),
     {}},
    {"eyeriss_shift_add", workload::default_format(FormatKind::kBinary, 1), {}},
};

const std::vector<Kind> kTableKinds = {
    {"eyeriss_shiftadd", workload::default_format(FormatKind::kShiftAdd, 3), {}, Table{8, true, 4}},
    {"eyeriss_shiftadd", workload::default_format(FormatKind::kShiftAdd, 3), {}, Table{2, true, 1}},
    {"eyeriss_shiftadd",
     format(FormatKind::kShiftAdd, 2, ScaleSharing::kRow),
     {},
     Table{8, false, 2}},
    {"eyeriss_shiftadd",
     format(FormatKind::kShiftAdd, 2, ScaleSharing::kColumn),
     {},
     Table{2, false, 4}},
    {"eyeriss_shiftadd", workload::default_format(FormatKind::kBinary, 1), {}, Table{4, false, 8}},
    {"eyeriss_shiftadd_sum16", workload::default_format(FormatKind::kShiftAdd, 2), kSum16,
     Table{4, true, 4}},
    {"eyeriss_shiftadd_mu4",
     workload::default_format(FormatKind::kShiftAdd, 3),
     {},
     Table{2, false, 16}},
    {"eyeriss_shiftadd_mu4",
     format(FormatKind::kShiftAdd, 3, ScaleSharing::kRow),
     {},
     Table{8, true, 8}},
    {"eyeriss_lutgemm",
     format(FormatKind::kBcq, 3, ScaleSharing::kGroup, 32),
     {},
     Table{8, true, 4}},
    {"eyeriss_lutgemm",
     format(FormatKind::kBcq, 2, ScaleSharing::kGroup, 128),
     {},
     Table{2, false, 2}},
};

// Beside the table go units and scratchpads for as many readers, and for keys of as many bits, as before.
void replace_table(arch::ColumnGroup& group, const Table& table) {
  arch::Lut& lut = *group.datapath.lut;
  const auto scaled = [](std::uint32_t count, std::uint32_t now, std::uint32_t before) {
    return std::max<std::uint32_t>(1, count * now / before);
  };
  for (arch::Unit& unit : group.datapath.units)
    unit.count = scaled(unit.count, table.readers, lut.readers);
  arch::Scratchpad& keys = group.weight_scratchpad;
  keys.width_bits =
      scaled(keys.width_bits, table.readers * table.key_bits, lut.readers * lut.key_bits);
  arch::Scratchpad& sums = group.psum_scratchpad;
  sums.words = scaled(static_cast<std::uint32_t>(sums.words), table.readers, lut.readers);
  lut.key_bits = table.key_bits;
  lut.half_table = table.half;
  lut.readers = table.readers;
  if (table.readers > 1) lut.storage = arch::Storage::kFlipFlop;
}

}  // namespace

const std::vector<Kind>& kinds() { return kKinds; }
const std::vector<Kind>& table_kinds() { return kTableKinds; }

mapping::ProductPlan plan_of(const Case& one) {
  const mapping::Kernel kernel = {
      one.format, one.widths, mapping::realise(one.architecture.groups[0].datapath, one.linear()),
      mapping::WeightTiles(one.format, one.shape.inputs, one.shape.outputs), one.shape.inputs};
  return mapping::map_product(
             {one.architecture, 0, {}, mapping::normalised_prices(one.architecture, 0)},
             {one.copies, one.shape.tokens, one.shape.outputs, one.shape.inputs}, kernel, {})
      .plan;
}

hw::LayerRun simulated(const arch::Architecture& a, const mapping::ProductPlan& plan) {
  const engine::Kernel kernel;
  hw::Chip chip("chip", a);
  return chip.run(plan);
}

detailed::ProductRun clocked(const arch::Architecture& a, const mapping::ProductPlan& plan,
                             const values::LayerValues& operands) {
  const engine::Kernel kernel;
  detailed::Chip chip("chip", a, plan);
  return chip.run(operands);
}

Case Cases::next(const Kind& kind) {
  Case made{input::read_architecture(kind.architecture), {}, kind.format, kind.widths};
  arch::Architecture& a = made.architecture;
  if (kind.table) replace_table(a.groups[0], *kind.table);
  a.rows = static_cast<std::uint32_t>(pick(1, 7));
  a.groups[0].columns = static_cast<std::uint32_t>(pick(1, 6));
  a.buffer.bank_bytes = 128U << pick(0, 4);
  for (arch::Network* network :
       {&a.networks.activation, &a.networks.weight, &a.networks.psum, &a.networks.output}) {
    if (narrow_) network->width_bits = 32U << pick(0, 4);
    // Scratchpads of two keys want a word a cycle.
    const auto latency = static_cast<std::uint32_t>(pick(1, 3));
    if (!a.groups[0].datapath.lut) network->latency_cycles = latency;
  }
  // Most are bound by something else.
  if (pick(0, 3) > 0) a.dram.peak_bandwidth = quantity::BitsPerSecond(2.048e12);
  constexpr std::uint64_t kTokens[] = {1, 4, 64};
  made.shape = {kTokens[pick(0, 2)], extent(), extent()};
  return made;
}

Case Cases::varied(const Kind& kind) {
  Case made = next(kind);
  arch::Architecture& a = made.architecture;
  a.write_queue = static_cast<std::uint32_t>(pick(1, 4));
  const std::uint64_t refresh = pick(0, 3);
  if (refresh == 0) a.dram.refresh_time = quantity::Nanoseconds(0);
  if (refresh == 1) {
    const double cycle_ns = 1e9 / a.clock.value();
    const std::uint64_t outage = pick(100, 4000), interval = outage * pick(2, 5);
    a.dram.refresh_time = quantity::Nanoseconds(cycle_ns * static_cast<double>(outage));
    a.dram.refresh_interval = quantity::Nanoseconds(cycle_ns * static_cast<double>(interval));
  }
  if (pick(0, 5) == 0)
    a.dram.peak_bandwidth = quantity::BitsPerSecond(2.048e11 / static_cast<double>(pick(1, 4)));
  if (pick(0, 5) == 0) {
    a.buffer.banks = static_cast<std::uint32_t>(pick(4, 12));
    a.buffer.bank_bytes *= 4;
  }
  if (a.groups[0].datapath.lut)
    a.groups[0].datapath.lut->copies = static_cast<std::uint32_t>(pick(1, 2));
  if (made.shape.tokens < 64 && pick(0, 2) == 0)
    (pick(0, 1) == 0 ? made.shape.inputs : made.shape.outputs) = pick(151, 1000);
  arch::check(a);
  return made;
}

std::uint64_t Cases::pick(std::uint64_t least, std::uint64_t most) {
  return least + random_() % (most - least + 1);
}
std::uint64_t Cases::extent() {
  constexpr std::uint64_t kEdges[] = {1, 2, 7, 13, 31, 97, 128, 131};
  return pick(0, 2) == 0 ? kEdges[pick(0, 7)] : pick(1, 150);
}

}  // namespace addax::tests
