// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/chip.h"

#include <algorithm>

#include "models/quantity/check.h"

namespace addax::detailed {

namespace {

using arith::Arithmetic;

mapping::ArrayShape shape_of(const arch::Architecture& a, const mapping::ProductPlan& plan) {
  return mapping::array_shape(a, plan.group, plan.dataflow.kernel());
}

Supply::Params supply_of(const arch::Architecture& a, const mapping::ProductPlan& plan,
                         Supply::What what) {
  const arch::Network& network =
      what == Supply::What::kActivations ? a.networks.activation : a.networks.weight;
  const arch::ColumnGroup& group = a.groups[plan.group];
  const bool table = plan.dataflow.has_table();
  return {what,
          plan.dataflow.kernel().widths.activation_bits,
          network.latency_cycles,
          network.width_bits,
          group.columns,
          table ? group.datapath.lut->readers : 1,
          a.buffer.width_bits};
}

/// Integers are converted when they come in; of keys, each is a word.
std::uint32_t held_weight_bits(const mapping::ProductPlan& plan) {
  const mapping::Kernel& kernel = plan.dataflow.kernel();
  if (kernel.how.key_bits > 0) return kernel.how.key_bits;
  return kernel.format.kind == workload::FormatKind::kInt ? 16 : kernel.tiles.code_bits_a_weight();
}

/// What a PE holds of the first pass, which no other exceeds.
mapping::ArrayExtents largest_tile(const mapping::ProductPlan& plan) {
  mapping::NestWalk walk(plan.problem, plan.nest);
  walk.next();
  return mapping::pe_tile(plan.dataflow.mapping(),
                          plan.dataflow.array_extents(walk.position().extents));
}

/// Units of the reduction that a scale covers; 0: sums have no segments.
std::uint64_t segment_units(const mapping::ProductPlan& plan, const Products& products) {
  return products.segmented() ? quantity::ceil_div(plan.dataflow.kernel().tiles.inputs_a_scale(),
                                                   products.inputs_a_unit())
                              : 0;
}

}  // namespace

std::optional<std::string> left_out(const mapping::ProductPlan& plan) {
  const mapping::Kernel& kernel = plan.dataflow.kernel();
  const workload::WeightFormat& format = kernel.format;
  if (workload::is_binary_coded(format) && kernel.widths.activation_bits != 16)
    return "binary-coded weights with activations of " +
           std::to_string(kernel.widths.activation_bits) + " bits";
  if (format.kind == workload::FormatKind::kTernary && format.gamma &&
      kernel.tiles.inputs_a_scale() >= kernel.reduction)
    return "ternary weights with an offset (gamma) and one scale for all " +
           std::to_string(kernel.reduction) + " inputs";
  return std::nullopt;
}

Chip::Chip(const sc_core::sc_module_name& name, const arch::Architecture& architecture,
           const mapping::ProductPlan& plan)
    : sc_module(name),
      architecture_(architecture),
      plan_(plan),
      dram_("dram", architecture),
      pes_("pe"),
      activations_(supply_of(architecture, plan, Supply::What::kActivations)),
      weights_(supply_of(architecture, plan, Supply::What::kWeights)),
      returns_({architecture.networks.psum.width_bits, architecture.networks.psum.latency_cycles,
                plan.dataflow.kernel().widths.accumulator_bits, architecture.buffer.width_bits}),
      collector_({architecture.networks.output.width_bits,
                  architecture.networks.output.latency_cycles,
                  plan.dataflow.kernel().widths.accumulator_bits, plan.dataflow.output_bits(),
                  architecture.buffer.width_bits}),
      loader_(dram_, architecture.write_queue, architecture.buffer.width_bits) {
  ADDAX_CHECK(models(plan), mapping::describe(mapping::LayerPlan(plan)));
  const mapping::ArrayShape shape = shape_of(architecture_, plan_);
  const mapping::ArrayExtents tile = largest_tile(plan_);
  const bool table = plan_.dataflow.has_table();
  const std::uint64_t inputs =
      tile[mapping::kUnits] * (table ? plan_.dataflow.kernel().how.key_bits : 1U);
  pes_.init(shape.rows * shape.columns, [&](const char* pe, std::size_t place) {
    return new Pe(pe, {place, &architecture_.groups[plan_.group],
                       plan_.dataflow.kernel().widths.activation_bits, held_weight_bits(plan_),
                       tile[mapping::kTokens] * inputs,
                       table ? 1 : tile[mapping::kOutputs] * tile[mapping::kUnits],
                       architecture_.networks.psum.latency_cycles, &clock_});
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
  returns_.move(cycle, std::min(activations_.wave(), weights_.wave()), loader_, resident_);
  activations_.move(cycle, loader_, plan_.activation_streams ? stream_ : resident_);
  weights_.move(cycle, loader_, stream_);
  std::optional<std::uint64_t> sending = weights_.pass();
  const std::optional<std::uint64_t> other = activations_.pass();
  if (plan_.activation_streams && other && (!sending || *other < *sending)) sending = other;
  loader_.move(cycle, sending, ended_passes(), resident_);
  if (!observers_.empty()) show();
  if ((cycle & 63U) == 0) {
    std::uint64_t done = std::min({activations_.wave(), weights_.wave(), returns_.wave()});
    for (const Pe* pe : all_) done = std::min(done, pe->oldest_wave());
    waves_->forget_before(done);
  }
  if (loader_.finished() || failure_) running_ = false;
  expect_progress();
  clock_.next();
}

// The kernel would turn what is thrown into a report of its own.
void Chip::show() {
  const View view{clock_.cycle(), all_,    activations_, weights_, returns_,
                  collector_,     loader_, stream_,      resident_};
  try {
    for (Observer* observer : observers_) observer->see(view);
  } catch (...) {
    failure_ = std::current_exception();
  }
}

// A model that waits for itself would wait for ever.
void Chip::expect_progress() {
  // Cycles without a word; DRAM is silent for a refresh, 70 cycles in the shipped designs.
  constexpr std::uint64_t kLongest = 1'000'000;
  const std::uint64_t moved = activations_.flow().bits() + weights_.flow().bits() +
                              returns_.flow().bits() + collector_.flow().bits();
  if (moved != moved_) progress_ = clock_.cycle();
  // The rest may wait for what DRAM is at.
  progress_ = std::max(progress_, loader_.last_write());
  if (loader_.asked() > 0) progress_ = std::max(progress_, loader_.ready(loader_.asked() - 1));
  moved_ = moved;
  ADDAX_CHECK(clock_.cycle() < progress_ + kLongest, "nothing moves");
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

ProductRun Chip::run(const values::LayerValues& operands) {
  ADDAX_CHECK(!waves_, "a chip runs once");
  const Products products(plan_, operands);
  waves_ = std::make_unique<Waves>(plan_, shape_of(architecture_, plan_),
                                   segment_units(plan_, products));
  Sums sums;
  sums.products = &products;
  const std::size_t outputs = operands.weights.size() * operands.tokens * products.outputs_a_copy();
  sums.word.assign(outputs, 0);
  sums.output.assign(outputs, 0.0F);
  sums.added.assign(outputs, 0);
  const std::uint64_t width = architecture_.buffer.width_bits;
  stream_.start_layer(plan_.share.half_banks * width);
  resident_.start_layer(plan_.share.resident_banks * width);
  dram_.start_layer();
  loader_.start_layer(plan_);
  activations_.start_layer(*waves_, products, all_);
  weights_.start_layer(*waves_, products, all_);
  returns_.start_layer(*waves_, sums, all_);
  collector_.start_layer(sums, all_, loader_.passes());
  weight_bits_.written.assign(loader_.passes(), 0);
  weight_bits_.read.assign(loader_.passes(), 0);
  for (Pe* pe : all_)
    pe->start_layer(*waves_, products, all_, plan_.dataflow.mapping().keeps_sums, weight_bits_);
  running_ = true;
  sc_core::sc_start();
  if (failure_) std::rethrow_exception(failure_);
  ProductRun run = counted(products);
  run.y = std::move(sums.output);
  return run;
}

ProductRun Chip::counted(const Products& products) const {
  ProductRun run;
  run.cycles = quantity::Cycles(std::max(collector_.last(), loader_.last_write()));
  run.dram_bursts = dram_.bursts();
  run.pe_cycles = clock_.cycle() * all_.size();
  run.totals.passes = loader_.passes();
  run.totals.activation_bits = activations_.flow().bits();
  run.totals.activation_row_bits = activations_.flow().row_bits();
  run.totals.weight_bits = weights_.flow().bits();
  run.totals.weight_row_bits = weights_.flow().row_bits();
  run.totals.psum_bits = returns_.flow().bits();
  run.totals.output_bits = collector_.flow().bits();
  run.totals.dram_read_bits = dram_.read_bits();
  run.totals.dram_write_bits = dram_.write_bits();
  run.totals.stream_reads = weights_.reads();
  run.totals.stream_writes = weights_.loads();
  run.totals.resident_reads = returns_.flow().accesses() + loader_.reads();
  run.totals.resident_writes = returns_.loads() + collector_.flow().accesses();
  (plan_.activation_streams ? run.totals.stream_reads : run.totals.resident_reads) +=
      activations_.reads();
  if (!plan_.placement.input_on_chip)
    (plan_.activation_streams ? run.totals.stream_writes : run.totals.resident_writes) +=
        activations_.loads();
  workload::ArithmeticCounts& arithmetic = run.totals.array_arithmetic;
  for (const Pe* pe : all_) {
    arithmetic.add(pe->arithmetic());
    arithmetic.lut_queries += pe->queries();
    arithmetic.lut_tables += pe->tables_built();
  }
  for (const Operations::Some& one : products.when_sent().list())
    arithmetic[one.what] += one.count * activations_.words();
  run.totals.accesses = array_accesses(products);
  return run;
}

mapping::ArrayAccesses Chip::array_accesses(const Products& products) const {
  mapping::ArrayAccesses sum;
  for (const Pe* pe : all_) sum.add(pe->accesses(), 1);
  // A hop carries a sum, or one of each plane where a scale covers more than a key.
  const mapping::Kernel& kernel = plan_.dataflow.kernel();
  const bool by_plane = products.has_table() && products.segmented() &&
                        kernel.tiles.inputs_a_scale() > kernel.how.key_bits;
  sum.neighbour_bits *=
      std::uint64_t{by_plane ? products.planes() : 1U} * kernel.widths.accumulator_bits;
  // A word wider than its scratchpad takes several accesses; weights lie side by side.
  const arch::ColumnGroup& group = architecture_.groups[plan_.group];
  const std::uint64_t an_activation =
      quantity::ceil_div(kernel.widths.activation_bits, group.activation_scratchpad.width_bits);
  const std::uint64_t a_sum =
      quantity::ceil_div(kernel.widths.accumulator_bits, group.psum_scratchpad.width_bits);
  sum.activation_reads *= an_activation;
  sum.activation_writes *= an_activation;
  sum.psum_reads *= a_sum;
  sum.psum_writes *= a_sum;
  for (std::uint64_t pass = 0; pass < loader_.passes(); ++pass) {
    const std::uint32_t width = group.weight_scratchpad.width_bits;
    sum.weight_writes += quantity::ceil_div(weight_bits_.written[pass], width);
    sum.weight_reads += quantity::ceil_div(weight_bits_.read[pass], width);
  }
  return sum;
}

}  // namespace addax::detailed
