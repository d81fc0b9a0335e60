// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/mapping/lowering_costs.h"
#include "models/quantity/quantity.h"

namespace addax::mapping {

/// What the costs of a lowering are made of: bits and counts of a word, prices, and where sums go that are made.
class LoweredTerms {
 protected:
  LoweredTerms(const LoweredDesign& design, nest::Costs& costs)
      : arch_(design.context.architecture),
        group_(arch_.groups.at(design.context.group)),
        price_(design.context.prices),
        placement_(design.context.placement),
        product_(design.product),
        lowering_(design.lowering),
        kernel_(design.lowering.kernel),
        shape_(design.shape),
        with_memory_(design.with_memory),
        spills_(design.spills),
        dataflow_(arch_, design.context.group, kernel_, {}),
        unit_(number(lowering_.unit)),
        source_(lowering_.activation_streams ? kStreamLevel : kResidentLevel),
        costs_(costs) {}

  static double number(std::uint64_t count) { return static_cast<double>(count); }
  bool has_table() const { return shape_.readers > 0; }
  bool has_scales() const { return kernel_.tiles.inputs_a_scale() > 0; }
  double activation_bits() const { return unit_ * kernel_.widths.activation_bits; }
  double stored_bits() const { return unit_ * kStoredActivationBits; }
  double code_bits() const {
    return number(kernel_.tiles.code_bits(0, lowering_.unit, 1)) /
           (has_table() ? kernel_.format.planes : 1);
  }
  double scale_bits() const { return number(kernel_.tiles.scale_bits(0, lowering_.unit, 0, 1)); }
  double sum_bits() const { return kernel_.widths.accumulator_bits; }
  double outputs() const { return number(product_.tokens) * number(product_.outputs); }
  double macs() const {
    return outputs() * number(quantity::ceil_div(product_.inputs, lowering_.unit)) * unit_;
  }
  double accesses(double bits) const { return bits / arch_.buffer.width_bits; }
  static double accesses(double bits, const arch::Scratchpad& pad) {
    return number(quantity::ceil_div(static_cast<std::uint64_t>(bits), pad.width_bits));
  }

  void energy(std::size_t level, std::size_t tensor, nest::Flow flow, double each) {
    if (each != 0.0) costs_.energy_pj.push_back({level, tensor, flow, each});
  }
  static void time(nest::Resource& resource, std::size_t level, std::size_t tensor, nest::Flow flow,
                   double cycles) {
    resource.charges.push_back({level, tensor, flow, cycles});
  }

  const arch::Architecture& arch_;
  const arch::ColumnGroup& group_;
  const Prices& price_;
  const Placement& placement_;
  const Product& product_;
  const Lowering& lowering_;
  const Kernel& kernel_;
  const ArrayShape& shape_;
  bool with_memory_;
  bool spills_;
  Dataflow dataflow_;
  double unit_;
  std::size_t source_;  ///< level that activations come from
  nest::Costs& costs_;
};

/// Adds energies and times of DRAM, buffer, networks and scratchpads.
void add_traffic(const LoweredDesign& design, nest::Costs& costs);
/// Adds those of arithmetic units and tables.
void add_units(const LoweredDesign& design, nest::Costs& costs);

}  // namespace addax::mapping
