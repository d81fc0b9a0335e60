// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/chip.h"

#include <algorithm>

#include "models/quantity/check.h"
#include "sim/hw/clock.h"

namespace addax::hw {

Chip::Chip(const sc_core::sc_module_name& name, const arch::Architecture& architecture)
    : sc_module(name),
      dram_("dram", architecture),
      buffer_("buffer"),
      activations_("activation_network", architecture.networks.activation),
      weights_("weight_network", architecture.networks.weight),
      psums_("psum_network", architecture.networks.psum),
      outputs_("output_network", architecture.networks.output),
      vector_unit_("vector_unit", architecture),
      dma_("dma", architecture.write_queue),
      groups_("group"),
      array_("array") {
  groups_.init(architecture.groups.size(), [&](const char* group, std::size_t i) {
    return new ColumnGroup(group, architecture.groups[i]);
  });
  for (ColumnGroup& group : groups_) array_.groups.bind(group.target);
  vector_unit_.buffer.bind(buffer_.target);
  dma_.dram.bind(dram_.target);
  dma_.buffer.bind(buffer_.target);
  array_.buffer.bind(buffer_.target);
  array_.activations.bind(activations_.target);
  array_.weights.bind(weights_.target);
  array_.psums.bind(psums_.target);
  array_.outputs.bind(outputs_.target);
  array_.dma.bind(dma_.target);
  array_.vector_unit.bind(vector_unit_.target);
}

namespace {

/// The column group that works on a plan, and how long its results take to come out.
struct ArrayUse {
  std::size_t group = 0;
  PeArray::Drain drain;
};

struct FindArrayUse {
  ArrayUse operator()(const mapping::ProductPlan& plan) const {
    return use(plan.group, plan.dataflow);
  }
  ArrayUse operator()(const mapping::AttentionPlan& plan) const {
    return use(plan.group, plan.scores);
  }
  ArrayUse operator()(const mapping::VectorPlan&) const { return {}; }

 private:
  static ArrayUse use(std::size_t group, const mapping::Dataflow& dataflow) {
    return {group, {dataflow.drain_cycles().value(), dataflow.drain_to_network().value()}};
  }
};

}  // namespace

LayerRun Chip::run(const mapping::LayerPlan& plan) {
  const std::uint64_t origin = now_cycles();
  const ArrayUse use = std::visit(FindArrayUse{}, plan);
  const std::unique_ptr<mapping::PassSource> source = mapping::passes(plan);
  dram_.start_layer();
  buffer_.start_layer(std::visit([](const auto& p) { return p.share; }, plan));
  for (Network* network : {&activations_, &weights_, &psums_, &outputs_}) network->start_layer();
  vector_unit_.start_layer();
  for (ColumnGroup& group : groups_) group.start_layer();
  array_.start_layer(origin, use.group, use.drain);
  dma_.start_layer(*source, origin);
  sc_core::sc_start();
  ADDAX_CHECK(dma_.finished(), "the array stopped before the end of the layer");
  for (ColumnGroup& group : groups_) group.end_layer();
  LayerRun run;
  run.cycles = quantity::Cycles(std::max(array_.last_result(), dma_.last_write()));
  run.dram_bursts = dram_.bursts();
  run.totals = collect(use.group);
  return run;
}

mapping::LayerTotals Chip::collect(std::size_t group) const {
  mapping::LayerTotals sum;
  sum.array_arithmetic = groups_[group].operations();
  sum.accesses = groups_[group].accesses();
  sum.array_cycles = quantity::Cycles(groups_[group].busy_cycles());
  sum.passes = array_.passes();
  sum.vector_cycles = quantity::Cycles(vector_unit_.busy_cycles());
  sum.dram_read_bits = dram_.read_bits();
  sum.dram_write_bits = dram_.write_bits();
  sum.activation_bits = activations_.bits();
  sum.activation_row_bits = activations_.row_bits();
  sum.weight_bits = weights_.bits();
  sum.weight_row_bits = weights_.row_bits();
  sum.psum_bits = psums_.bits();
  sum.output_bits = outputs_.bits();
  sum.stream_reads = buffer_.stream_reads();
  sum.stream_writes = buffer_.stream_writes();
  sum.vector_reads = vector_unit_.reads();
  sum.vector_writes = vector_unit_.writes();
  sum.resident_reads = buffer_.resident_reads() - vector_unit_.reads();
  sum.resident_writes = buffer_.resident_writes() - vector_unit_.writes();
  return sum;
}

}  // namespace addax::hw
