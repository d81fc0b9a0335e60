// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/audit_prices.h"

#include "models/arith/lut.h"
#include "models/cost/estimate.h"

namespace addax::reproduction {

using action::Component;
using action::Verb;
using arith::Arithmetic;
using published::Kind;

namespace {

MemoryCosts published_memory() {
  constexpr std::uint32_t kBits = 16;
  const published::UnitCosts costs = published::unit_costs(Kind::kFc, kBits);
  MemoryCosts memory;
  memory.dram = costs.inputs.dram / kBits;
  memory.buffer_read = memory.buffer_write = costs.inputs.buffer / kBits;
  memory.network = costs.inputs.network / kBits;
  memory.psum_network = costs.outputs.network / kBits;
  memory.activation_register = costs.inputs.registers / kBits;
  memory.weight_register = costs.weights.registers / kBits;
  memory.psum_register = costs.outputs.registers / kBits;
  return memory;
}

}  // namespace

bool reached(Assumption now, Assumption what) {
  return static_cast<int>(now) >= static_cast<int>(what);
}

OperandBits at_all_levels(std::uint32_t bits) { return {bits, bits, bits, bits, bits, bits, bits}; }
OperandBits on_chip(std::uint32_t bits) { return {0, bits, 0, bits, 0, 0, bits}; }

published::UnitCosts unit_costs(const MemoryCosts& memory, const OperandBits& bits) {
  const double buffer = (memory.buffer_read + memory.buffer_write) / 2.0;
  published::UnitCosts costs;
  costs.inputs = {memory.dram * bits.inputs, memory.buffer_read * bits.inputs,
                  memory.network * bits.inputs, memory.activation_register * bits.input_registers};
  costs.weights = {memory.dram * bits.weights, 0.0, memory.network * bits.weights,
                   memory.weight_register * bits.weight_registers};
  costs.outputs = {memory.dram * bits.outputs, buffer * bits.sums,
                   memory.psum_network * bits.sum_registers,
                   memory.psum_register * bits.sum_registers};
  return costs;
}

AuditPrices::AuditPrices(const SimulatedDesign& design)
    : architecture_(design.architecture),
      prices_(design.table, design.architecture),
      barrel_shift_(cost::look_up(design.table, "barrel.shift", "energy_pj").figure.value) {}

MemoryCosts AuditPrices::memory(std::uint32_t group, Assumption now) const {
  if (!reached(now, Assumption::kMemoryCosts)) return published_memory();
  const auto a_bit = [&](Component component, Verb verb, std::uint32_t width, std::uint32_t index) {
    return prices_.of({component, verb, width, index, {}}).energy.value() / width;
  };
  const auto read_and_write = [&](Component component, const arch::Scratchpad& pad) {
    return a_bit(component, Verb::kRead, pad.width_bits, group) +
           a_bit(component, Verb::kWrite, pad.width_bits, group);
  };
  const arch::ColumnGroup& columns = architecture_.groups[group];
  const std::uint32_t buffer = architecture_.buffer.width_bits;
  MemoryCosts memory;
  memory.dram = a_bit(Component::kDram, Verb::kRead, 1, 0);
  memory.buffer_read = a_bit(Component::kBuffer, Verb::kRead, buffer, 0);
  memory.buffer_write = a_bit(Component::kBuffer, Verb::kWrite, buffer, 0);
  memory.network = a_bit(Component::kWeightNetwork, Verb::kTransfer, 1, 0) +
                   a_bit(Component::kWeightNetwork, Verb::kDeliver, 1, 0);
  memory.psum_network = a_bit(Component::kNeighbourLink, Verb::kTransfer, 1, group);
  memory.activation_register = a_bit(Component::kActivationScratchpad, Verb::kRead,
                                     columns.activation_scratchpad.width_bits, group);
  memory.weight_register = read_and_write(Component::kWeightScratchpad, columns.weight_scratchpad);
  memory.psum_register = read_and_write(Component::kPsumScratchpad, columns.psum_scratchpad) / 2.0;
  return memory;
}

double AuditPrices::of(Arithmetic arithmetic, Assumption now) const {
  if (arithmetic == Arithmetic::kFp32Add && !reached(now, Assumption::kAccumulators))
    arithmetic = Arithmetic::kFp16Add;
  if (!reached(now, Assumption::kArithmeticCosts)) {
    if (arithmetic == Arithmetic::kFp16Multiply)
      return published::unit_costs(Kind::kFc, 16).operation;
    if (arithmetic == Arithmetic::kFp16Add) return published::unit_costs(Kind::kAdd, 16).operation;
  }
  return prices_.of({Component::kArray, Verb::kCompute, 1, 0, arithmetic}).energy.value();
}

double AuditPrices::of(const workload::ArithmeticCounts& counts, Assumption now) const {
  double energy = 0.0;
  for (std::size_t a = 0; a < counts.operations.size(); ++a)
    if (counts.operations[a] > 0)
      energy += static_cast<double>(counts.operations[a]) * of(static_cast<Arithmetic>(a), now);
  return energy;
}

double AuditPrices::shift(Assumption now) const {
  if (reached(now, Assumption::kArithmeticCosts)) return barrel_shift_;
  return published::unit_costs(Kind::kShift, 16).operation;
}

double AuditPrices::query(std::uint32_t group, Assumption now) const {
  if (!reached(now, Assumption::kTables)) return published::unit_costs(Kind::kLut, 16).operation;
  const arch::Lut& lut = *architecture_.groups[group].datapath.lut;
  return prices_.of({Component::kLut, Verb::kRead, lut.entry_bits, group, {}}).energy.value();
}

double AuditPrices::build(std::uint32_t group) const {
  const arch::Lut& lut = *architecture_.groups[group].datapath.lut;
  const double write =
      prices_.of({Component::kLut, Verb::kWrite, lut.entry_bits, group, {}}).energy.value();
  const double add =
      prices_.of({Component::kLut, Verb::kCompute, 1, group, Arithmetic::kFp16Add}).energy.value();
  return static_cast<double>(lut.entries()) * write +
         static_cast<double>(arith::lut_generator_adds(lut.key_bits)) * add;
}

double AuditPrices::hold(std::uint32_t group) const {
  const arch::ColumnGroup& columns = architecture_.groups[group];
  const arch::Lut& lut = *columns.datapath.lut;
  const double bits = static_cast<double>(lut.entries()) * lut.entry_bits * lut.copies;
  return prices_.of({Component::kLut, Verb::kHold, 1, group, {}}).energy.value() * bits *
         architecture_.rows * columns.columns;
}

}  // namespace addax::reproduction
