// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/audit_layer.h"

#include <algorithm>

#include "models/quantity/check.h"
#include "models/workload/operation.h"

namespace addax::reproduction {

using arith::Arithmetic;
using published::Capacity;
using published::Kind;
using published::kKeyBits;
using published::kShiftBits;
using published::Problem;
using published::UnitCosts;

namespace {

constexpr std::uint32_t kActivationBits = 16;
constexpr std::uint32_t kAccumulatorBits = 32;

double as_double(std::uint64_t count) { return static_cast<double>(count); }

/// Cycles that the busiest unit of a PE needs for `counts`.
double unit_cycles(const arch::Datapath& datapath, const workload::ArithmeticCounts& counts) {
  double most = 0.0;
  for (std::size_t a = 0; a < counts.operations.size(); ++a) {
    if (counts.operations[a] == 0) continue;
    const arch::Datapath::Rate rate = datapath.rate(static_cast<Arithmetic>(a));
    ADDAX_CHECK(rate.operations > 0, "the group that was simulated executes its layer");
    most = std::max(most, as_double(counts.operations[a]) * as_double(rate.cycles) /
                              as_double(rate.operations));
  }
  if (counts.lut_queries > 0)
    most = std::max(most, as_double(counts.lut_queries) / datapath.lut->readers);
  return most;
}

class LayerAccount {
 public:
  LayerAccount(Tally& tally, const AuditLayer& layer, const arch::Architecture& architecture,
               const AuditPrices& prices, Assumption now)
      : tally_(tally),
        layer_(layer),
        group_(architecture.groups[layer.group]),
        prices_(prices),
        now_(now),
        memory_(prices.memory(layer.group, now)),
        pes_(std::uint64_t{architecture.rows} * group_.columns),
        cycle_s_(physical(Assumption::kSilicon) ? 1.0 / architecture.clock.value()
                                                : published::seconds_a_step(Kind::kFc)) {}

  void add_all() {
    if (!workload::is_binary_coded(layer_.format)) return add_product();
    if (physical(Assumption::kTables)) return add_tables();
    add_published_lookups();
    if (physical(Assumption::kSums)) add_summed_lookups();
  }

 private:
  bool physical(Assumption what) const { return reached(now_, what); }

  // One operation, with the tiling that is best for it.
  published::Choice add(const Problem& problem, const UnitCosts& costs, const Capacity& capacity,
                        double seconds_a_step, double AuditEnergy::*operations) {
    const published::Choice choice = published::choose(problem, costs, capacity);
    const published::Accesses accesses = published::accesses(problem, choice.tiling);
    const published::LevelEnergy levels = published::energy(accesses, costs);
    stream(accesses.weights.dram * costs.weights.dram / memory_.dram);
    tally_.energy.dram += levels.dram;
    tally_.energy.buffer += levels.buffer;
    tally_.energy.network += levels.network;
    tally_.energy.registers += levels.registers;
    tally_.energy.*operations += levels.operations;
    tally_.dram_bits += levels.dram / memory_.dram;
    tally_.time_s += choice.steps * seconds_a_step;
    return choice;
  }

  // The published model sends weights past the buffer.
  void stream(double weight_bits) {
    if (physical(Assumption::kMemoryCosts))
      tally_.energy.buffer += weight_bits * (memory_.buffer_write + memory_.buffer_read);
  }

  Capacity capacity(std::uint32_t bits) const {
    Capacity capacity = published::capacity(bits);
    if (physical(Assumption::kSilicon)) capacity.pes_below = pes_ + 1;
    return capacity;
  }

  workload::ArithmeticCounts counts(std::uint32_t key_bits) const {
    workload::Linear linear;
    linear.tokens = 1;
    linear.inputs = layer_.inputs;
    linear.outputs = layer_.outputs;
    linear.weights = layer_.format;
    workload::Realisation how;
    how.key_bits = key_bits;
    return workload::arithmetic(linear, workload::Widths(), how);
  }

  void add_scales() {
    const double bits = as_double(
        workload::stored_bits(layer_.format, layer_.inputs, layer_.outputs).scales.value());
    tally_.dram_bits += bits;
    tally_.energy.dram += bits * memory_.dram;
    stream(bits);
    tally_.energy.network += bits * memory_.network;
    tally_.energy.registers += bits * memory_.weight_register;
  }

  void add_product() {
    const std::uint32_t weight_bits = workload::code_bits_a_weight(layer_.format);
    const std::uint32_t bits = physical(Assumption::kOperandWidths) ? kActivationBits : weight_bits;
    OperandBits widths = at_all_levels(bits);
    widths.weights = widths.weight_registers = weight_bits;
    if (physical(Assumption::kAccumulators)) widths.sums = widths.sum_registers = kAccumulatorBits;
    UnitCosts costs = unit_costs(memory_, widths);
    costs.operation = prices_.of(Arithmetic::kFp16Multiply, now_);
    const Problem problem{1, layer_.inputs, layer_.outputs};
    double cycles = 1.0;
    if (!physical(Assumption::kSums)) {
      UnitCosts sums = unit_costs(memory_, on_chip(kActivationBits));
      sums.operation = prices_.of(Arithmetic::kFp16Add, now_);
      add(problem, sums, capacity(kActivationBits), cycle_s_, &AuditEnergy::arithmetic);
    } else if (physical(Assumption::kScales)) {
      const workload::ArithmeticCounts all = counts(0);
      const double macs = as_double(layer_.inputs) * as_double(layer_.outputs);
      costs.operation = prices_.of(all, now_) / macs;
      cycles = unit_cycles(group_.datapath, all) / macs;
      // Integers are converted when they come in.
      if (layer_.format.kind == workload::FormatKind::kInt)
        costs.weights.registers = memory_.weight_register * kActivationBits;
      add_scales();
    } else {
      costs.operation += prices_.of(Arithmetic::kFp32Add, now_);
    }
    add(problem, costs, capacity(bits), cycles * cycle_s_, &AuditEnergy::arithmetic);
  }

  // The operations that stay as the paper has them: tables built, looked up, results scaled, summed.
  void add_published_lookups() {
    const published::Scheme scheme{published::Method::kShiftAdd, layer_.format.planes};
    for (const published::Operation& operation :
         published::linear_operations(scheme, layer_.inputs, layer_.outputs)) {
      const bool sum = operation.category == published::Category::kFpAdd;
      const bool lookup = operation.category == published::Category::kLutLookup;
      const bool scale = operation.category == published::Category::kFpShift;
      if (physical(Assumption::kSums) && (sum || lookup)) continue;
      if (physical(Assumption::kScales) && scale) continue;
      OperandBits bits = on_chip(kActivationBits);
      if (operation.kind == Kind::kFc) bits = at_all_levels(kActivationBits);
      if (scale) bits = at_all_levels(kShiftBits);
      if (scale && physical(Assumption::kKeys)) bits.inputs = 0;
      UnitCosts costs = unit_costs(memory_, bits);
      costs.operation = scale ? prices_.shift(now_)
                              : published::unit_costs(operation.kind, kActivationBits).operation;
      add(operation.problem, costs, capacity(kActivationBits),
          published::seconds_a_step(operation.kind),
          lookup || operation.category == published::Category::kLutBuild
              ? &AuditEnergy::tables
              : &AuditEnergy::arithmetic);
    }
  }

  // One reduction over the keys of all planes; every lookup ends in the add of a sum.
  void add_summed_lookups() {
    const double queries = as_double(counts(kKeyBits).lut_queries);
    OperandBits bits = on_chip(kActivationBits);
    bits.outputs = bits.sums = kActivationBits;
    if (physical(Assumption::kKeys)) {
      bits.input_registers = 0;  // the table is read instead
      bits.weights = bits.weight_registers = kKeyBits;
    }
    UnitCosts costs = unit_costs(memory_, bits);
    costs.operation = prices_.query(layer_.group, now_);
    const Problem problem{1, layer_.inputs / kKeyBits * layer_.format.planes, layer_.outputs};
    add(problem, costs, capacity(kActivationBits), lookup_cycles() * cycle_s_,
        &AuditEnergy::tables);
    tally_.energy.arithmetic += queries * lookup_arithmetic();
    if (physical(Assumption::kScales)) add_scales();
  }

  // pJ and cycles of a PE for what follows a lookup: its sum, and its scaling once that is physical.
  double lookup_arithmetic() const {
    if (!physical(Assumption::kScales)) return prices_.of(Arithmetic::kFp32Add, now_);
    const workload::ArithmeticCounts all = counts(kKeyBits);
    return prices_.of(all, now_) / as_double(all.lut_queries);
  }
  double lookup_cycles() const {
    if (!physical(Assumption::kScales)) return 1.0;
    const workload::ArithmeticCounts all = counts(kKeyBits);
    return unit_cycles(group_.datapath, all) / as_double(all.lut_queries);
  }

  // A PE holds the table of one key, for all rows and planes; PEs side by side along the outputs
  // each build their own from the inputs that they are sent.
  void add_tables() {
    ADDAX_CHECK(group_.datapath.lut->key_bits == kKeyBits, "the design has the paper's keys");
    const std::uint64_t keys = layer_.inputs / kKeyBits;
    const std::uint32_t planes = layer_.format.planes;
    OperandBits bits;
    bits.weights = bits.weight_registers = kKeyBits * planes;
    bits.outputs = kActivationBits;
    bits.sums = bits.sum_registers =
        physical(Assumption::kAccumulators) ? kAccumulatorBits : kActivationBits;
    UnitCosts costs = unit_costs(memory_, bits);
    costs.operation = planes * prices_.query(layer_.group, now_);
    Capacity one_table = capacity(kActivationBits);
    one_table.input_registers_below = 2;
    const double before_s = tally_.time_s;
    const published::Choice choice = add({1, keys, layer_.outputs}, costs, one_table,
                                         planes * lookup_cycles() * cycle_s_, &AuditEnergy::tables);
    tally_.energy.arithmetic += as_double(counts(kKeyBits).lut_queries) * lookup_arithmetic();
    add_scales();

    const double copies = as_double(choice.tiling.m1);
    const double inputs_bits = as_double(layer_.inputs) * kActivationBits;
    tally_.dram_bits += inputs_bits;
    tally_.energy.dram += inputs_bits * memory_.dram;
    tally_.energy.buffer += inputs_bits * memory_.buffer_read;
    tally_.energy.network += copies * inputs_bits * memory_.network;
    tally_.energy.registers += copies * inputs_bits * memory_.activation_register;
    tally_.energy.tables += as_double(keys) * copies * prices_.build(layer_.group);
    tally_.time_s += as_double(choice.tiling.c2) *
                     as_double(group_.datapath.lut->build_cycles().value()) * cycle_s_;
    tally_.energy.tables += prices_.hold(layer_.group) * (tally_.time_s - before_s) / cycle_s_;
  }

  Tally& tally_;
  const AuditLayer& layer_;
  const arch::ColumnGroup& group_;
  const AuditPrices& prices_;
  Assumption now_;
  MemoryCosts memory_;
  std::uint64_t pes_;
  double cycle_s_;
};

}  // namespace

void account(Tally& tally, const AuditLayer& layer, const arch::Architecture& architecture,
             const AuditPrices& prices, Assumption now) {
  LayerAccount(tally, layer, architecture, prices, now).add_all();
}

void account(Tally& tally, const published::ElementwiseLayer& layer, const AuditPrices& prices,
             Assumption now) {
  const MemoryCosts memory = prices.memory(0, now);
  UnitCosts costs = unit_costs(memory, on_chip(kActivationBits));
  costs.operation =
      prices.of(layer.product ? Arithmetic::kFp16Multiply : Arithmetic::kFp16Add, now);
  const Problem problem{1, layer.width, 1};
  const published::Choice choice =
      published::choose(problem, costs, published::capacity(kActivationBits));
  const published::LevelEnergy levels =
      published::energy(published::accesses(problem, choice.tiling), costs);
  tally.energy.network += levels.network;
  tally.energy.registers += levels.registers;
  tally.energy.arithmetic += levels.operations;
  tally.time_s += choice.steps * published::seconds_a_step(Kind::kAdd);
}

}  // namespace addax::reproduction
