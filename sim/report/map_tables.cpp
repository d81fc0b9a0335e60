// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <sstream>

#include "models/quantity/quantity.h"
#include "sim/report/csv_rows.h"
#include "sim/report/latex_text.h"
#include "sim/report/map_report.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

using quantity::checked_mul;

/// Rows of one layer and objective.
class CsvOfMapping {
 public:
  CsvOfMapping(CsvRows& csv, const std::string& layer, const ObjectiveResult& result,
               double clock_hz)
      : csv_(csv), layer_(layer), result_(result), clock_hz_(clock_hz) {}

  void write() const {
    const ChosenMapping& best = result_.best;
    const search::Space& space = best.lowering.space;
    const EnergyParts parts = energy_parts(best);
    for (std::size_t level = 0; level < parts.pj.size(); ++level)
      for (std::size_t tensor = 0; tensor < parts.pj[level].size(); ++tensor) {
        const bool kept = best.counts.levels[level].kept[tensor];
        const double pj = parts.pj[level][tensor];
        if (!kept && pj == 0.0) continue;
        const std::uint64_t held =
            kept ? nest::tile_words(space.problem, best.mapping, level, tensor) : 0;
        row(space.hierarchy.levels[level].name, space.problem.tensors[tensor].name,
            {held, space.hierarchy.levels[level].tensors[tensor].word_bits,
             best.counts.levels[level].tensors[tensor]},
            pj);
      }
    row("every cycle", "", {}, parts.cycles_pj);
    row("fixed", "", {}, parts.fixed_pj);
  }

 private:
  struct Words {
    std::uint64_t held = 0;
    std::uint64_t bits = 0;
    nest::TensorCounts moved;
  };
  void row(const std::string& level, const std::string& tensor, const Words& words,
           double pj) const {
    const std::uint64_t copies = result_.best.lowering.product.copies;
    const nest::Cost& cost = result_.best.cost;
    csv_.row(layer_, search::name(result_.objective), result_.best.lowering.space.name, level,
             tensor, words.bits, words.held, checked_mul(words.held, words.bits),
             checked_mul(words.moved.reads, copies), checked_mul(words.moved.fills, copies),
             checked_mul(words.moved.updates, copies), pj * 1e-12, cost.energy_pj * 1e-12,
             cost.cycles, edp_js(cost, clock_hz_), result_.proven, result_.gap);
  }

  CsvRows& csv_;
  const std::string& layer_;
  const ObjectiveResult& result_;
  double clock_hz_;
};

}  // namespace

std::string map_csv(const MapReport& report) {
  std::ostringstream stream;
  CsvRows csv(stream);
  csv.row("layer", "objective", "way", "level", "tensor", "word_bits", "held_words", "held_bits",
          "reads_words", "fills_words", "updates_words", "energy_j", "mapping_energy_j",
          "mapping_cycles", "mapping_edp_j_s", "proven", "gap");
  for (const MappedLayer& layer : report.layers)
    for (const ObjectiveResult& result : layer.objectives)
      CsvOfMapping(csv, layer.names.front(), result, report.clock_hz).write();
  return stream.str();
}

std::string map_latex(const MapReport& report) {
  std::string text =
      fmt::format("% Addax {} ({}), mappings on {}, cost table {}\n", report.provenance.version,
                  report.provenance.commit, report.architecture, report.cost_table);
  text +=
      "\\begin{tabular}{llrrrrr}\n\\toprule\n"
      "Layer & Objective & Energy & Latency & Energy-delay product & Gap & fast \\\\\n\\midrule\n";
  for (const MappedLayer& layer : report.layers)
    for (const ObjectiveResult& result : layer.objectives) {
      const nest::Cost& cost = result.best.cost;
      const std::string fast =
          result.fast ? latex_escaped(percent(search::value(result.objective, result.fast->cost) /
                                                  search::value(result.objective, cost) -
                                              1.0))
                      : "";
      text += fmt::format("{} & {} & {} & {} & {} & {} & {} \\\\\n",
                          latex_escaped(layer.names.front()), search::name(result.objective),
                          si(cost.energy_pj * 1e-12, "J"), si(cost.cycles / report.clock_hz, "s"),
                          si(edp_js(cost, report.clock_hz), "J\\,s"),
                          latex_escaped(percent(result.gap)), fast);
    }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace addax::report
