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
      array_("array") {
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

const mapping::Dataflow* dataflow_of(const mapping::LayerPlan& plan) {
  if (const auto* product = std::get_if<mapping::ProductPlan>(&plan)) return &product->dataflow;
  if (const auto* attention = std::get_if<mapping::AttentionPlan>(&plan)) return &attention->scores;
  return nullptr;
}

}  // namespace

LayerRun Chip::run(const mapping::LayerPlan& plan) {
  const std::uint64_t origin = now_cycles();
  const mapping::Dataflow* dataflow = dataflow_of(plan);
  const std::unique_ptr<mapping::PassSource> source = mapping::passes(plan);
  dram_.start_layer();
  buffer_.start_layer(std::visit([](const auto& p) { return p.share; }, plan));
  for (Network* network : {&activations_, &weights_, &psums_, &outputs_}) network->start_layer();
  vector_unit_.start_layer();
  array_.start_layer(origin, dataflow != nullptr ? dataflow->drain_cycles().value() : 0);
  dma_.start_layer(*source, origin);
  sc_core::sc_start();
  ADDAX_CHECK(dma_.front() == nullptr, "the array stopped before the end of the layer");
  LayerRun run;
  run.cycles = quantity::Cycles(std::max(array_.last_result(), dma_.last_write()));
  run.dram_bursts = dram_.bursts();
  run.totals = collect(plan, *source);
  return run;
}

mapping::LayerTotals Chip::collect(const mapping::LayerPlan& plan,
                                   const mapping::PassSource& source) const {
  mapping::LayerTotals sum;
  // Only the PEs' own actions are taken from the kinds of pass; the rest is what the modules saw.
  const std::vector<std::uint64_t>& works = array_.works_done();
  for (std::size_t i = 0; i < works.size(); ++i) {
    const mapping::PassWork& work = source.work(i);
    sum.array_arithmetic.add(work.arithmetic, works[i]);
    sum.accesses.add(work.accesses, works[i]);
  }
  if (array_.scalings() > 0)
    sum.array_arithmetic.add(dataflow_of(plan)->scaling(array_.scalings()));
  sum.passes = array_.passes();
  sum.array_cycles = quantity::Cycles(array_.array_cycles());
  sum.vector_cycles = quantity::Cycles(vector_unit_.busy_cycles());
  sum.dram_read_bits = dram_.read_bits();
  sum.dram_write_bits = dram_.write_bits();
  sum.activation_bits = activations_.bits();
  sum.activation_row_bits = activations_.row_bits();
  sum.weight_bits = weights_.bits();
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
