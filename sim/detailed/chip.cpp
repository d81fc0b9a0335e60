// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/chip.h"

#include <algorithm>

#include "models/quantity/check.h"

namespace addax::detailed {

namespace {

mapping::ArrayShape shape_of(const arch::Architecture& a, const mapping::ProductPlan& plan) {
  return mapping::array_shape(a, plan.group, plan.dataflow.kernel());
}

}  // namespace

Chip::Chip(const sc_core::sc_module_name& name, const arch::Architecture& architecture,
           const mapping::ProductPlan& plan)
    : sc_module(name),
      architecture_(architecture),
      plan_(plan),
      dram_("dram", architecture),
      pes_("pe"),
      activations_({Supply::What::kActivations, plan.dataflow.kernel().widths.activation_bits,
                    architecture.networks.activation.latency_cycles,
                    architecture.networks.activation.width_bits,
                    architecture.groups[plan.group].columns}),
      weights_({Supply::What::kWeights, plan.dataflow.kernel().tiles.code_bits_a_weight(),
                architecture.networks.weight.latency_cycles,
                architecture.networks.weight.width_bits, architecture.groups[plan.group].columns}),
      returns_({architecture.networks.psum.width_bits, architecture.networks.psum.latency_cycles,
                plan.dataflow.kernel().widths.accumulator_bits}),
      collector_({architecture.networks.output.width_bits,
                  architecture.networks.output.latency_cycles,
                  plan.dataflow.kernel().widths.accumulator_bits, plan.dataflow.output_bits()}),
      loader_(dram_, architecture.write_queue) {
  ADDAX_CHECK(plan.dataflow.kernel().format.kind == workload::FormatKind::kFp16 &&
                  plan.dataflow.kernel().widths.accumulator_bits == 32,
              "products of FP16 with FP32 sums");
  const mapping::ArrayShape shape = shape_of(architecture_, plan_);
  pes_.init(shape.rows * shape.columns, [&](const char* pe, std::size_t place) {
    return new Pe(pe, {place, shape.columns, &architecture_.groups[plan_.group],
                       plan_.dataflow.kernel().widths.activation_bits,
                       plan_.dataflow.kernel().tiles.code_bits_a_weight(), &clock_});
  });
  for (Pe& pe : pes_) all_.push_back(&pe);
  SC_HAS_PROCESS(Chip);
  SC_METHOD(tick);
  SC_METHOD(move);
  sensitive << clock_.move;
  dont_initialize();
}

// First all PEs, then what lies between them.
void Chip::tick() {
  if (!running_) return;
  if (!moving_) {
    clock_.work.notify(sc_core::SC_ZERO_TIME);
    moving_ = true;
    next_trigger(sc_core::sc_time(0.5, sc_core::SC_NS));
  } else {
    clock_.move.notify(sc_core::SC_ZERO_TIME);
    moving_ = false;
    next_trigger(sc_core::sc_time(0.5, sc_core::SC_NS));
  }
}

void Chip::move() {
  const std::uint64_t cycle = clock_.cycle();
  stream_.next_cycle();
  resident_.next_cycle();
  for (Pe* pe : all_) pe->settle();
  collector_.move(cycle, loader_, resident_);
  returns_.move(cycle, loader_, resident_);
  activations_.move(cycle, loader_, plan_.activation_streams ? stream_ : resident_);
  weights_.move(cycle, loader_, stream_);
  std::optional<std::uint64_t> sending = weights_.pass();
  const std::optional<std::uint64_t> other = activations_.pass();
  if (plan_.activation_streams && other && (!sending || *other < *sending)) sending = other;
  loader_.move(cycle, sending, ended_passes());
  if ((cycle & 63U) == 0) {
    std::uint64_t done = std::min({activations_.wave(), weights_.wave(), returns_.wave()});
    for (const Pe* pe : all_) done = std::min(done, pe->wave());
    waves_->forget_before(done);
  }
  if (loader_.finished()) running_ = false;
  expect_progress();
  clock_.next();
}

// A model that waits for itself would wait for ever.
void Chip::expect_progress() {
  // Cycles without a word; DRAM is silent for a refresh, 70 cycles in the shipped designs.
  constexpr std::uint64_t kLongest = 1'000'000;
  const std::uint64_t moved = activations_.flow().bits() + weights_.flow().bits() +
                              returns_.flow().bits() + collector_.flow().bits();
  if (moved != moved_) progress_ = clock_.cycle();
  moved_ = moved;
  ADDAX_CHECK(clock_.cycle() - progress_ < kLongest, "nothing moves");
}

// Passes whose PEs are through with them, and whose sums have arrived.
std::uint64_t Chip::ended_passes() {
  while (ended_ < loader_.passes()) {
    for (const Pe* pe : all_) {
      const Wave* wave = waves_->at(pe->wave());
      if (wave != nullptr && wave->pass <= ended_) return ended_;
    }
    if (collector_.arrived(ended_) < waves_->leaving(ended_)) return ended_;
    ++ended_;
  }
  return ended_;
}

ProductRun Chip::run(const Operands& operands) {
  ADDAX_CHECK(!waves_, "a chip runs once");
  waves_ = std::make_unique<Waves>(plan_, shape_of(architecture_, plan_));
  Sums sums;
  sums.outputs = operands.outputs;
  sums.value.assign(operands.tokens * operands.outputs, 0.0F);
  sums.added.assign(sums.value.size(), 0);
  const std::uint64_t width = architecture_.buffer.width_bits;
  stream_.start_layer(plan_.share.half_banks * width);
  resident_.start_layer(plan_.share.resident_banks * width);
  dram_.start_layer();
  loader_.start_layer(plan_);
  activations_.start_layer(*waves_, operands, all_);
  weights_.start_layer(*waves_, operands, all_);
  returns_.start_layer(*waves_, sums, all_);
  collector_.start_layer(sums, all_, loader_.passes());
  for (Pe* pe : all_) pe->start_layer(*waves_, all_);
  clock_.restart();
  ended_ = moved_ = progress_ = 0;
  running_ = true;
  sc_core::sc_start();
  ProductRun run;
  run.cycles = quantity::Cycles(std::max(collector_.last(), loader_.last_write()));
  run.pe_cycles = clock_.cycle() * all_.size();
  run.totals.activation_bits = activations_.flow().bits();
  run.totals.activation_row_bits = activations_.flow().row_bits();
  run.totals.weight_bits = weights_.flow().bits();
  run.totals.weight_row_bits = weights_.flow().row_bits();
  run.totals.psum_bits = returns_.flow().bits();
  run.totals.output_bits = collector_.flow().bits();
  run.totals.dram_read_bits = dram_.read_bits();
  run.totals.dram_write_bits = dram_.write_bits();
  for (const Pe* pe : all_) {
    run.totals.array_arithmetic[arith::Arithmetic::kFp16Multiply] += pe->actions().multiplies;
    run.totals.array_arithmetic[arith::Arithmetic::kFp32Add] += pe->actions().adds;
  }
  run.y = std::move(sums.value);
  return run;
}

}  // namespace addax::detailed
