// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/lowering_costs.h"

#include "models/mapping/lowering_terms.h"

namespace addax::mapping {

namespace {

// Copies run one after another and share nothing.
void for_all_copies(nest::Costs& costs, double copies) {
  costs.fixed_pj *= copies;
  for (nest::Charge& charge : costs.energy_pj) charge.each *= copies;
  for (nest::Wait& wait : costs.waits) wait.cycles *= copies;
  for (nest::Resource& resource : costs.resources) {
    resource.a_step *= copies;
    for (nest::Charge& charge : resource.charges) charge.each *= copies;
  }
}

}  // namespace

nest::Costs lowered_costs(const LoweredDesign& design) {
  nest::Costs costs;
  costs.cycles_a_step = 0.0;
  costs.a_cycle_pj = design.context.prices.cycle;
  add_traffic(design, costs);
  add_units(design, costs);
  for_all_copies(costs, static_cast<double>(design.product.copies));
  return costs;
}

}  // namespace addax::mapping
