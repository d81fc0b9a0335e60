// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/report/map_report.h"

namespace addax::report {

EnergyParts energy_parts(const ChosenMapping& chosen) {
  const search::Space& space = chosen.lowering.space;
  EnergyParts parts;
  parts.pj.assign(space.hierarchy.levels.size(),
                  std::vector<double>(space.problem.tensors.size(), 0.0));
  for (const nest::Charge& charge : space.costs.energy_pj)
    parts.pj.at(charge.level).at(charge.tensor) += nest::charged(charge, chosen.counts);
  parts.cycles_pj = space.costs.a_cycle_pj * chosen.cost.cycles;
  parts.fixed_pj = space.costs.fixed_pj;
  return parts;
}

std::vector<ResourceCycles> resource_cycles(const ChosenMapping& chosen) {
  std::vector<ResourceCycles> all;
  for (const nest::Resource& resource : chosen.lowering.space.costs.resources)
    all.push_back({resource.name, nest::busy(resource, chosen.counts)});
  std::stable_sort(all.begin(), all.end(), [](const ResourceCycles& a, const ResourceCycles& b) {
    return a.cycles > b.cycles;
  });
  return all;
}

double idle_cycles(const ChosenMapping& chosen) {
  const std::vector<ResourceCycles> all = resource_cycles(chosen);
  return chosen.cost.cycles - (all.empty() ? 0.0 : all.front().cycles);
}

double value_in_closed_form(search::Objective objective, const ChosenMapping& chosen) {
  const ClosedForm& form = chosen.closed_form;
  return search::value(objective, {form.energy_pj, static_cast<double>(form.cycles)});
}

double edp_js(const nest::Cost& cost, double clock_hz) {
  return cost.energy_pj * 1e-12 * cost.cycles / clock_hz;
}

}  // namespace addax::report
