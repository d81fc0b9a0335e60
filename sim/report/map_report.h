// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/mapping/mapper.h"
#include "models/result/result.h"
#include "models/workload/operation.h"
#include "sim/report/configuration.h"

namespace addax::report {

/// What `addax run` says in closed form of the plan that a mapping stands for.
struct ClosedForm {
  double energy_pj = 0.0;
  std::map<std::string, double> energy_pj_by_component;
  std::uint64_t cycles = 0;
  std::uint64_t passes = 0;
  result::Resource bound_by = result::Resource::kDram;
  std::string plan;  ///< in one line
};

/// One mapping of one way, with what the search reckons for it.
struct ChosenMapping {
  mapping::Lowering lowering;
  nest::Mapping mapping;
  nest::Counts counts;  ///< of one copy of the product
  nest::Cost cost;      ///< of all copies
  ClosedForm closed_form;
};

struct ObjectiveResult {
  search::Objective objective{};
  ChosenMapping best;
  std::optional<ChosenMapping> runner_up;
  std::optional<ChosenMapping> fast;  ///< what `fast` finds, where the search was another
  double bound = 0.0;                 ///< in the unit of the objective
  double gap = 0.0;                   ///< best / bound - 1; 0 where proven
  bool proven = false;
  std::uint64_t nodes = 0;
};

struct FrontierResult {
  std::vector<ChosenMapping> points;  ///< by rising cycles
  bool complete = false;
  std::uint64_t nodes = 0;
};

/// A product of weights, and all layers that are equal to it.
struct MappedLayer {
  std::vector<std::string> names;
  workload::Linear linear;
  std::string column_group;
  mapping::Placement placement;
  std::size_t ways = 0;  ///< that were searched
  std::vector<ObjectiveResult> objectives;
  std::optional<FrontierResult> frontier;
};

/// All that one `addax map` found.
struct MapReport {
  result::Provenance provenance;  ///< the trace's hash is empty where a layer was given
  std::string architecture, cost_table;
  double clock_hz = 1.0;
  mapping::Effort effort{};
  std::optional<std::uint64_t> budget;  ///< nodes of `exhaustive`; none: no limit, or `fast`
  std::string dataflow;                 ///< empty where nothing is asked
  std::vector<MappedLayer> layers;
};

/// For people: each layer's best mapping a objective as nest and tables, beside the runner-up.
std::string map_text(const MapReport& report);
/// Schema "addax.map/1" (docs/formats/map.md): full precision, equal bytes for equal input.
std::string map_json(const MapReport& report);
/// One row a layer, objective, level and tensor that the level keeps; what does not belong to a
/// tensor in rows of its own.
std::string map_csv(const MapReport& report);
/// A booktabs table, one row a layer and objective.
std::string map_latex(const MapReport& report);

/// Where the energy of a mapping goes: each level's share of each tensor, what every cycle costs, and
/// what no mapping changes. Their sum is the mapping's energy.
struct EnergyParts {
  std::vector<std::vector<double>> pj;  ///< level, tensor
  double cycles_pj = 0.0, fixed_pj = 0.0;
};
EnergyParts energy_parts(const ChosenMapping& chosen);

/// Cycles that each resource needs, most first: the first binds.
struct ResourceCycles {
  std::string name;
  double cycles = 0.0;
};
std::vector<ResourceCycles> resource_cycles(const ChosenMapping& chosen);

/// Cycles beside those of the busiest resource: waits for first data and what overlaps imperfectly.
double idle_cycles(const ChosenMapping& chosen);

/// An objective's value by the simulator's closed form.
double value_in_closed_form(search::Objective objective, const ChosenMapping& chosen);

/// Energy-delay product, in J s.
double edp_js(const nest::Cost& cost, double clock_hz);

}  // namespace addax::report
