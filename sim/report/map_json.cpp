// SPDX-License-Identifier: Apache-2.0
#include "models/quantity/quantity.h"
#include "sim/report/map_report.h"

namespace addax::report {
namespace {

using quantity::checked_mul;

double joules_of(double pj) { return pj * 1e-12; }

/// A deviation as a fraction; null where there is nothing to deviate from.
Json deviation(double value, double reference) {
  return reference == 0.0 ? Json() : Json(value / reference - 1.0);
}

class MapJson {
 public:
  explicit MapJson(const MapReport& report) : report_(report) {}

  Json document() const {
    Json layers = Json::array();
    for (const MappedLayer& layer : report_.layers) layers.push_back(of_layer(layer));
    return {{"schema", "addax.map/1"},
            {"provenance", provenance()},
            {"architecture", report_.architecture},
            {"cost_table", report_.cost_table},
            {"clock_hz", report_.clock_hz},
            {"mapping", mapping::name(report_.effort)},
            {"budget_nodes", report_.budget ? Json(*report_.budget) : Json()},
            {"dataflow", report_.dataflow.empty() ? Json() : Json(report_.dataflow)},
            {"layers", std::move(layers)}};
  }

 private:
  Json provenance() const {
    const result::Provenance& p = report_.provenance;
    Json object = {{"version", p.version},
                   {"commit", p.commit},
                   {"sources_sha256", p.sources_sha256},
                   {"trace_sha256", p.trace_sha256},
                   {"cost_table_sha256", p.cost_table_sha256},
                   {"architecture_sha256", p.architecture_sha256}};
    if (!p.values_sha256.empty()) object["values_sha256"] = p.values_sha256;
    return object;
  }

  Json cost(const nest::Cost& cost) const {
    return {{"energy_j", joules_of(cost.energy_pj)},
            {"cycles", cost.cycles},
            {"latency_s", cost.cycles / report_.clock_hz},
            {"edp_j_s", edp_js(cost, report_.clock_hz)}};
  }

  Json of_layer(const MappedLayer& layer) const {
    Json objectives = Json::array();
    for (const ObjectiveResult& each : layer.objectives) objectives.push_back(of_objective(each));
    const mapping::Placement& placement = layer.placement;
    Json json = {{"names", layer.names},
                 {"tokens", layer.linear.tokens},
                 {"inputs", layer.linear.inputs},
                 {"outputs", layer.linear.outputs},
                 {"copies", layer.linear.copies},
                 {"weights", configuration_json(layer.linear.weights)},
                 {"column_group", layer.column_group},
                 {"placement",
                  {{"input_on_chip", placement.input_on_chip},
                   {"output_on_chip", placement.output_on_chip},
                   {"resident_bits", placement.resident_bits}}},
                 {"ways", layer.ways},
                 {"objectives", std::move(objectives)}};
    if (layer.frontier) json["pareto"] = frontier(*layer.frontier);
    return json;
  }

  Json of_objective(const ObjectiveResult& result) const {
    Json json = {{"objective", search::name(result.objective)},
                 {"proven", result.proven},
                 {"gap", result.gap},
                 {bound_key(result.objective), bound(result)},
                 {"nodes", result.nodes},
                 {"best", of_mapping(result.best)}};
    json["runner_up"] = result.runner_up ? beside(*result.runner_up, result) : Json();
    json["fast"] = result.fast ? beside(*result.fast, result) : Json();
    return json;
  }

  static const char* bound_key(search::Objective objective) {
    if (objective == search::Objective::kEnergy) return "bound_energy_j";
    return objective == search::Objective::kLatency ? "bound_cycles" : "bound_edp_j_s";
  }
  double bound(const ObjectiveResult& result) const {
    if (result.objective == search::Objective::kEnergy) return joules_of(result.bound);
    if (result.objective == search::Objective::kLatency) return result.bound;
    return joules_of(result.bound) / report_.clock_hz;
  }

  Json beside(const ChosenMapping& other, const ObjectiveResult& result) const {
    Json json = of_mapping(other);
    json["above_best"] = deviation(search::value(result.objective, other.cost),
                                   search::value(result.objective, result.best.cost));
    json["closed_form_above_best"] = deviation(value_in_closed_form(result.objective, other),
                                               value_in_closed_form(result.objective, result.best));
    return json;
  }

  Json of_mapping(const ChosenMapping& chosen) const {
    const search::Space& space = chosen.lowering.space;
    const EnergyParts parts = energy_parts(chosen);
    Json json = {{"way", space.name}};
    json.update(cost(chosen.cost));
    json["inputs_a_unit"] = chosen.lowering.unit;
    json["nest"] = nest::describe(space.problem, space.hierarchy, chosen.mapping);
    json["levels"] = levels(chosen, parts);
    json["energy_j_every_cycle"] = joules_of(parts.cycles_pj);
    json["energy_j_fixed"] = joules_of(parts.fixed_pj);
    json["resource_cycles"] = resources(chosen);
    json["idle_cycles"] = idle_cycles(chosen);
    json["closed_form"] = closed_form(chosen);
    return json;
  }

  static Json levels(const ChosenMapping& chosen, const EnergyParts& parts) {
    const search::Space& space = chosen.lowering.space;
    const std::uint64_t copies = chosen.lowering.product.copies;
    Json json = Json::object();
    for (std::size_t level = 0; level < parts.pj.size(); ++level) {
      const nest::Level& storage = space.hierarchy.levels[level];
      Json& of_level = json[storage.name] = Json::object();
      for (std::size_t tensor = 0; tensor < parts.pj[level].size(); ++tensor) {
        const double pj = parts.pj[level][tensor];
        const bool kept = chosen.counts.levels[level].kept[tensor];
        if (!kept && pj == 0.0) continue;
        const nest::TensorCounts& moved = chosen.counts.levels[level].tensors[tensor];
        const std::uint64_t held =
            kept ? nest::tile_words(space.problem, chosen.mapping, level, tensor) : 0;
        const std::uint64_t bits = storage.tensors[tensor].word_bits;
        of_level[space.problem.tensors[tensor].name] = {
            {"kept", kept},
            {"word_bits", bits},
            {"held_words", held},
            {"held_bits", checked_mul(held, bits)},
            {"reads_words", checked_mul(moved.reads, copies)},
            {"fills_words", checked_mul(moved.fills, copies)},
            {"updates_words", checked_mul(moved.updates, copies)},
            {"energy_j", joules_of(pj)}};
      }
    }
    return json;
  }

  static Json resources(const ChosenMapping& chosen) {
    Json json = Json::object();
    for (const ResourceCycles& each : resource_cycles(chosen)) json[each.name] = each.cycles;
    return json;
  }

  Json closed_form(const ChosenMapping& chosen) const {
    const ClosedForm& form = chosen.closed_form;
    const auto cycles = static_cast<double>(form.cycles);
    Json components = Json::object();
    for (const auto& [component, pj] : form.energy_pj_by_component)
      components[component] = joules_of(pj);
    return {{"energy_j", joules_of(form.energy_pj)},
            {"energy_j_by_component", std::move(components)},
            {"cycles", form.cycles},
            {"latency_s", cycles / report_.clock_hz},
            {"bound_by", result::name(form.bound_by)},
            {"passes", form.passes},
            {"energy_deviation", deviation(form.energy_pj, chosen.cost.energy_pj)},
            {"cycles_deviation", deviation(cycles, chosen.cost.cycles)},
            {"plan", form.plan}};
  }

  Json frontier(const FrontierResult& frontier) const {
    Json points = Json::array();
    for (const ChosenMapping& point : frontier.points) points.push_back(of_mapping(point));
    return {
        {"complete", frontier.complete}, {"nodes", frontier.nodes}, {"points", std::move(points)}};
  }

  const MapReport& report_;
};

}  // namespace

std::string map_json(const MapReport& report) { return MapJson(report).document().dump(1) + "\n"; }

}  // namespace addax::report
