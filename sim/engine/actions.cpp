// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/actions.h"

#include "models/arith/lut.h"

namespace addax::engine {

using action::Action;
using action::ActionCounts;
using action::Component;
using action::Verb;
using quantity::checked_mul;

namespace {

void add_arithmetic(ActionCounts& counts, const workload::ArithmeticCounts& arithmetic,
                    Component component, std::uint32_t group) {
  for (std::size_t a = 0; a < arithmetic.operations.size(); ++a)
    counts.add({component, Verb::kCompute, 1, group, static_cast<arith::Arithmetic>(a)},
               arithmetic.operations[a]);
}

void add_memories(ActionCounts& counts, const arch::Architecture& a,
                  const mapping::LayerTotals& t) {
  counts.add({Component::kDram, Verb::kRead}, t.dram_read_bits);
  counts.add({Component::kDram, Verb::kWrite}, t.dram_write_bits);
  const std::uint32_t width = a.buffer.width_bits;
  counts.add({Component::kBuffer, Verb::kRead, width},
             t.stream_reads + t.resident_reads + t.vector_reads);
  counts.add({Component::kBuffer, Verb::kWrite, width},
             t.stream_writes + t.resident_writes + t.vector_writes);
  const auto network = [&counts](Component component, std::uint64_t bits, std::uint64_t row_bits) {
    counts.add({component, Verb::kTransfer}, bits);
    counts.add({component, Verb::kDeliver}, row_bits);
  };
  network(Component::kActivationNetwork, t.activation_bits, t.activation_row_bits);
  network(Component::kWeightNetwork, t.weight_bits, t.weight_row_bits);
  network(Component::kPsumNetwork, t.psum_bits, t.psum_bits);
  network(Component::kOutputNetwork, t.output_bits, t.output_bits);
}

void add_array(ActionCounts& counts, const arch::Architecture& a,
               const mapping::PlannedLayer& layer, const mapping::LayerTotals& t) {
  const auto g = static_cast<std::uint32_t>(layer.group);
  const arch::ColumnGroup& group = a.groups[layer.group];
  const mapping::ArrayAccesses& x = t.accesses;
  const auto scratchpad = [&](Component component, const arch::Scratchpad& pad, std::uint64_t reads,
                              std::uint64_t writes) {
    counts.add({component, Verb::kRead, pad.width_bits, g}, reads);
    counts.add({component, Verb::kWrite, pad.width_bits, g}, writes);
  };
  scratchpad(Component::kActivationScratchpad, group.activation_scratchpad, x.activation_reads,
             x.activation_writes);
  scratchpad(Component::kWeightScratchpad, group.weight_scratchpad, x.weight_reads,
             x.weight_writes);
  scratchpad(Component::kPsumScratchpad, group.psum_scratchpad, x.psum_reads, x.psum_writes);
  counts.add({Component::kNeighbourLink, Verb::kTransfer, 1, g}, x.neighbour_bits);
  add_arithmetic(counts, t.array_arithmetic, Component::kArray, g);
  if (t.array_arithmetic.lut_queries == 0) return;
  const arch::Lut& lut = *group.datapath.lut;
  counts.add({Component::kLut, Verb::kRead, lut.entry_bits, g}, x.lut_reads);
  counts.add({Component::kLut, Verb::kWrite, lut.entry_bits, g}, x.lut_writes);
  counts.add({Component::kLut, Verb::kCompute, 1, g, arith::Arithmetic::kFp16Add},
             checked_mul(t.array_arithmetic.lut_tables, arith::lut_generator_adds(lut.key_bits)));
}

// The clock of a group that works, and the tables that it keeps.
void add_clock(ActionCounts& counts, const arch::Architecture& a, std::uint32_t g, bool tables,
               quantity::Cycles cycles) {
  const arch::ColumnGroup& group = a.groups[g];
  const std::uint64_t pe_cycles =
      checked_mul(std::uint64_t{a.rows} * group.columns, cycles.value());
  counts.add({Component::kArray, Verb::kClocked, 1, g}, pe_cycles);
  if (!tables) return;
  const arch::Lut& lut = *group.datapath.lut;
  const std::uint64_t table_bits = lut.entries() * lut.entry_bits * lut.copies;
  counts.add({Component::kLut, Verb::kHold, 1, g}, checked_mul(table_bits, pe_cycles));
}

// Everything leaks all the time, whether its layer needs it or not.
void add_power(ActionCounts& counts, const arch::Architecture& a, quantity::Cycles cycles) {
  counts.add({Component::kDram, Verb::kPowered}, cycles.value());
  counts.add({Component::kBuffer, Verb::kPowered}, cycles.value());
  counts.add({Component::kVectorUnit, Verb::kPowered}, cycles.value());
  for (std::size_t i = 0; i < a.groups.size(); ++i) {
    const auto g = static_cast<std::uint32_t>(i);
    const std::uint64_t pe_cycles =
        checked_mul(std::uint64_t{a.rows} * a.groups[i].columns, cycles.value());
    counts.add({Component::kArray, Verb::kPowered, 1, g}, pe_cycles);
    counts.add({Component::kActivationScratchpad, Verb::kPowered, 1, g}, pe_cycles);
    counts.add({Component::kWeightScratchpad, Verb::kPowered, 1, g}, pe_cycles);
    counts.add({Component::kPsumScratchpad, Verb::kPowered, 1, g}, pe_cycles);
    if (a.groups[i].datapath.lut) counts.add({Component::kLut, Verb::kPowered, 1, g}, pe_cycles);
  }
}

}  // namespace

ActionCounts actions(const arch::Architecture& architecture, const mapping::PlannedLayer& layer,
                     const mapping::LayerTotals& totals, quantity::Cycles cycles) {
  ActionCounts counts;
  add_memories(counts, architecture, totals);
  if (totals.array_cycles.value() > 0) add_array(counts, architecture, layer, totals);
  add_arithmetic(counts, layer.vector_arithmetic, Component::kVectorUnit, 0);
  if (totals.array_cycles.value() > 0)
    add_clock(counts, architecture, static_cast<std::uint32_t>(layer.group),
              totals.array_arithmetic.lut_queries > 0, cycles);
  if (totals.vector_cycles.value() > 0)
    counts.add({Component::kVectorUnit, Verb::kClocked}, cycles.value());
  add_power(counts, architecture, cycles);
  return counts;
}

ActionCounts cycle_actions(const arch::Architecture& architecture, std::uint32_t group) {
  ActionCounts counts;
  const bool tables = architecture.groups.at(group).datapath.lut.has_value();
  add_clock(counts, architecture, group, tables, quantity::Cycles(1));
  add_power(counts, architecture, quantity::Cycles(1));
  return counts;
}

}  // namespace addax::engine
