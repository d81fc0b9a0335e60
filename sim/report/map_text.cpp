// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "models/quantity/quantity.h"
#include "sim/report/map_report.h"
#include "sim/report/text_table.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

using quantity::checked_mul;

std::string energy(double pj) { return si(pj * 1e-12, "J"); }

/// A share in per cent; what is not zero never reads as zero.
std::string share(double value) {
  constexpr double kLeast = 0.005;
  const double per_cent = 100.0 * value;
  if (value == 0.0) return "0 %";
  if (std::abs(per_cent) < kLeast) return per_cent < 0.0 ? ">-0.01 %" : "<0.01 %";
  return fmt::format("{:+.2f} %", per_cent);
}

/// A deviation from a reference.
std::string deviation(double value, double reference) {
  if (reference == 0.0) return value == 0.0 ? "0 %" : "from nothing";
  return share(value / reference - 1.0);
}

class MapText {
 public:
  explicit MapText(const MapReport& report) : report_(report) {}

  std::string str() const {
    std::string text =
        report_.architecture + ", " + report_.cost_table + ", " + mapping::name(report_.effort);
    if (report_.budget) text += " up to " + grouped(*report_.budget) + " nodes";
    if (!report_.dataflow.empty()) text += ", dataflow " + report_.dataflow;
    text += "\n";
    for (const MappedLayer& layer : report_.layers) text += "\n" + of_layer(layer);
    return text;
  }

 private:
  std::string cycles(double count) const {
    return grouped(static_cast<std::uint64_t>(std::llround(count))) + " cycles (" +
           si(count / report_.clock_hz, "s") + ")";
  }
  std::string cost(const nest::Cost& cost) const {
    return energy(cost.energy_pj) + ", " + cycles(cost.cycles) + ", EDP " +
           si(edp_js(cost, report_.clock_hz), "J s");
  }

  std::string of_layer(const MappedLayer& layer) const {
    const workload::Linear& linear = layer.linear;
    std::string text = "layer " + layer.names.front();
    if (layer.names.size() > 1)
      text += " and " + std::to_string(layer.names.size() - 1) + " equal to it";
    text += fmt::format(": {} tokens x {} inputs x {} outputs", linear.tokens, linear.inputs,
                        linear.outputs);
    if (linear.copies > 1) text += fmt::format(", {} copies", linear.copies);
    text += ", " + workload::describe(linear.weights) + ", column group " + layer.column_group +
            "; inputs " + (layer.placement.input_on_chip ? "on chip" : "from DRAM") + ", outputs " +
            (layer.placement.output_on_chip ? "stay on chip" : "to DRAM") + "; " +
            std::to_string(layer.ways) + " ways searched\n";
    for (const ObjectiveResult& objective : layer.objectives)
      text += "\n" + of_objective(objective);
    if (layer.frontier) text += "\n" + frontier(*layer.frontier);
    return text;
  }

  std::string of_objective(const ObjectiveResult& result) const {
    const ChosenMapping& best = result.best;
    std::string text =
        fmt::format("objective {}: {}\n", search::name(result.objective), cost(best.cost));
    text += "  " + proof(result) + "\n  way: " + best.lowering.space.name + "\n" + units(best);
    text += "\n" + nest_text(best) + "\n" + levels(best) + "\n" + resources(best) + "\n";
    text += closed_form(best);
    if (result.runner_up)
      text += "  runner-up: " + beside(*result.runner_up, result) +
              "\n    way: " + result.runner_up->lowering.space.name + "\n    " +
              result.runner_up->closed_form.plan + "\n";
    else
      text += "  runner-up: none\n";
    if (result.fast) text += "  fast finds: " + beside(*result.fast, result) + "\n";
    return text;
  }

  std::string proof(const ObjectiveResult& result) const {
    const std::string nodes = grouped(result.nodes) + " nodes";
    if (result.proven) return "proven optimal, " + nodes;
    return "not proven: at most " + share(result.gap) + " above the optimum, whose bound is " +
           bound(result) + "; " + nodes;
  }
  std::string bound(const ObjectiveResult& result) const {
    switch (result.objective) {
      case search::Objective::kEnergy:
        return energy(result.bound);
      case search::Objective::kLatency:
        return grouped(static_cast<std::uint64_t>(std::llround(result.bound))) + " cycles";
      case search::Objective::kEdp:
        break;
    }
    return si(edp_js({result.bound, 1.0}, report_.clock_hz), "J s");
  }

  static std::string units(const ChosenMapping& chosen) {
    std::string text;
    if (chosen.lowering.unit > 1)
      text += fmt::format("  k counts units of {} inputs; a word of inputs or weights is of one\n",
                          chosen.lowering.unit);
    if (chosen.lowering.product.copies > 1)
      text += fmt::format("  the nest is that of one of {} copies; the table is of all\n",
                          chosen.lowering.product.copies);
    return text;
  }

  static std::string nest_text(const ChosenMapping& chosen) {
    const search::Space& space = chosen.lowering.space;
    std::string text;
    for (const std::string& line : nest::describe(space.problem, space.hierarchy, chosen.mapping))
      text += "  " + line + "\n";
    return text;
  }

  static std::string levels(const ChosenMapping& chosen) {
    const search::Space& space = chosen.lowering.space;
    const std::uint64_t copies = chosen.lowering.product.copies;
    const EnergyParts parts = energy_parts(chosen);
    TextTable table(2);
    table.row({"level", "words of", "held", "held bits", "reads", "fills", "updates", "energy"});
    table.rule();
    for (std::size_t level = 0; level < parts.pj.size(); ++level)
      for (std::size_t tensor = 0; tensor < parts.pj[level].size(); ++tensor) {
        const nest::LevelCounts& counts = chosen.counts.levels[level];
        const double pj = parts.pj[level][tensor];
        if (!counts.kept[tensor] && pj == 0.0) continue;
        std::vector<std::string> row = {space.hierarchy.levels[level].name,
                                        space.problem.tensors[tensor].name};
        if (counts.kept[tensor]) {
          const std::uint64_t held = nest::tile_words(space.problem, chosen.mapping, level, tensor);
          const nest::TensorCounts& moved = counts.tensors[tensor];
          const std::uint64_t bits = space.hierarchy.levels[level].tensors[tensor].word_bits;
          for (const std::uint64_t count :
               {held, checked_mul(held, bits), checked_mul(moved.reads, copies),
                checked_mul(moved.fills, copies), checked_mul(moved.updates, copies)})
            row.push_back(grouped(count));
        } else {
          row.insert(row.end(), 5, "");
        }
        row.push_back(energy(pj));
        table.row(row);
      }
    table.row({"every cycle", "", "", "", "", "", "", energy(parts.cycles_pj)});
    table.row({"arithmetic and operands", "", "", "", "", "", "", energy(parts.fixed_pj)});
    table.rule();
    table.row({"total", "", "", "", "", "", "", energy(chosen.cost.energy_pj)});
    return table.str();
  }

  static std::string resources(const ChosenMapping& chosen) {
    TextTable table(1);
    table.row({"resource", "cycles", "share"});
    table.rule();
    bool first = true;
    for (const ResourceCycles& each : resource_cycles(chosen)) {
      if (each.cycles == 0.0) continue;
      table.row({each.name + (first ? " (binds)" : ""),
                 grouped(static_cast<std::uint64_t>(std::llround(each.cycles))),
                 percent(each.cycles / chosen.cost.cycles)});
      first = false;
    }
    const double idle = idle_cycles(chosen);
    if (idle >= 0.5)
      table.row({"waits, imperfect overlap",
                 grouped(static_cast<std::uint64_t>(std::llround(idle))),
                 percent(idle / chosen.cost.cycles)});
    return table.str();
  }

  std::string closed_form(const ChosenMapping& chosen) const {
    const ClosedForm& form = chosen.closed_form;
    std::string text = fmt::format(
        "  addax run says, in closed form: {} ({}), {} ({}), bound by {}, {} passes\n    ",
        energy(form.energy_pj), deviation(form.energy_pj, chosen.cost.energy_pj),
        cycles(static_cast<double>(form.cycles)),
        deviation(static_cast<double>(form.cycles), chosen.cost.cycles),
        result::name(form.bound_by), grouped(form.passes));
    const char* separator = "";
    for (const auto& [component, pj] : form.energy_pj_by_component) {
      if (pj == 0.0) continue;
      text += separator + component + " " + energy(pj);
      separator = ", ";
    }
    return text + "\n    " + form.plan + "\n";
  }

  std::string beside(const ChosenMapping& other, const ObjectiveResult& result) const {
    const double value = search::value(result.objective, other.cost);
    return cost(other.cost) + ": " +
           deviation(value, search::value(result.objective, result.best.cost)) +
           " beside the best, " +
           deviation(value_in_closed_form(result.objective, other),
                     value_in_closed_form(result.objective, result.best)) +
           " in closed form";
  }

  std::string frontier(const FrontierResult& frontier) const {
    TextTable table(0);
    table.row({"cycles", "latency", "energy", "EDP", "way"});
    table.rule();
    for (const ChosenMapping& point : frontier.points)
      table.row({grouped(static_cast<std::uint64_t>(std::llround(point.cost.cycles))),
                 si(point.cost.cycles / report_.clock_hz, "s"), energy(point.cost.energy_pj),
                 si(edp_js(point.cost, report_.clock_hz), "J s"), point.lowering.space.name});
    return "Pareto set of energy and latency, " +
           std::string(frontier.complete ? "complete" : "as far as the budget reached") + ", " +
           grouped(frontier.nodes) + " nodes\n" + table.str();
  }

  const MapReport& report_;
};

}  // namespace

std::string map_text(const MapReport& report) { return MapText(report).str(); }

}  // namespace addax::report
