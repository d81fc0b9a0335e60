// SPDX-License-Identifier: Apache-2.0
#include "sim/report/counts.h"

#include <algorithm>

#include "models/quantity/check.h"
#include "sim/report/text_table.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

std::string energy(double pj) { return si(pj * 1e-12, "J"); }

const char* name(nest::Figure figure) {
  switch (figure) {
    case nest::Figure::kCycles:
      return "cycles";
    case nest::Figure::kMacs:
      return "MACs";
    case nest::Figure::kReads:
      return "reads";
    case nest::Figure::kFills:
      return "fills";
    case nest::Figure::kUpdates:
      return "updates";
  }
  ADDAX_UNREACHABLE("an unknown figure");
}

class CaseText {
 public:
  CaseText(const nest::Case& which, const nest::Counts& counts) : case_(which), counts_(counts) {}

  std::string str() const {
    std::string text = case_.id + (case_.description.empty() ? "" : ": " + case_.description);
    text += "\n\n";
    for (const std::string& line : nest::describe(case_.problem, case_.hierarchy, case_.mapping))
      text += line + "\n";
    text += "\n" + table() + "\n" + totals() + comparison();
    return text;
  }

 private:
  bool has_energy() const {
    return std::all_of(case_.energies.begin(), case_.energies.end(),
                       [](const auto& energy) { return energy.has_value(); });
  }

  std::string table() const {
    TextTable table(2);
    std::vector<std::string> head = {"level", "words of", "reads", "fills", "updates"};
    if (has_energy()) head.emplace_back("energy");
    table.row(head);
    table.rule();
    for (std::size_t level = 0; level < counts_.levels.size(); ++level)
      for (std::size_t tensor = 0; tensor < case_.problem.tensors.size(); ++tensor) {
        if (!counts_.levels[level].kept[tensor]) continue;
        const nest::TensorCounts& counts = counts_.levels[level].tensors[tensor];
        std::vector<std::string> row = {case_.hierarchy.levels[level].name,
                                        case_.problem.tensors[tensor].name, grouped(counts.reads),
                                        grouped(counts.fills), grouped(counts.updates)};
        if (has_energy()) row.push_back(energy(nest::access_pj(*case_.energies[level], counts)));
        table.row(row);
      }
    return table.str();
  }

  std::string totals() const {
    std::string text = "MACs    " + grouped(counts_.macs) + "\ncycles  " + grouped(counts_.cycles) +
                       ", bound by " +
                       (counts_.cycles == counts_.steps
                            ? "the MACs of a compute unit"
                            : "a level's bandwidth; computing takes " + grouped(counts_.steps)) +
                       "\n";
    if (!has_energy()) return text;
    double pj = case_.mac_pj.value_or(0.0) * static_cast<double>(counts_.macs);
    for (std::size_t level = 0; level < counts_.levels.size(); ++level)
      for (const nest::TensorCounts& counts : counts_.levels[level].tensors)
        pj += nest::access_pj(*case_.energies[level], counts);
    return text + "energy  " + energy(pj) + (case_.mac_pj ? "" : " without the MACs") + "\n";
  }

  std::string comparison() const {
    if (case_.expected.empty()) return "";
    const std::vector<nest::Deviation> differ = nest::deviations(case_, counts_);
    if (differ.empty())
      return "\nall " + std::to_string(case_.expected.size()) + " expected figures are met\n";
    TextTable table;
    table.row({"differs from what is expected", "counted", "expected"});
    table.rule();
    for (const nest::Deviation& each : differ)
      table.row({figure_name(each.expected), grouped(each.counted), grouped(each.expected.value)});
    return "\n" + table.str();
  }

  std::string figure_name(const nest::Expectation& expected) const {
    std::string figure = name(expected.figure);
    if (expected.figure == nest::Figure::kCycles || expected.figure == nest::Figure::kMacs)
      return figure;
    return case_.hierarchy.levels[expected.level].name + " " +
           case_.problem.tensors[expected.tensor].name + " " + figure;
  }

  const nest::Case& case_;
  const nest::Counts& counts_;
};

}  // namespace

Json counts_json(const nest::Problem& problem, const nest::Hierarchy& hierarchy,
                 const nest::Counts& counts) {
  Json levels = Json::object();
  for (std::size_t level = 0; level < counts.levels.size(); ++level) {
    Json& of_level = levels[hierarchy.levels[level].name] = Json::object();
    for (std::size_t tensor = 0; tensor < problem.tensors.size(); ++tensor) {
      if (!counts.levels[level].kept[tensor]) continue;
      const nest::TensorCounts& words = counts.levels[level].tensors[tensor];
      of_level[problem.tensors[tensor].name] = {
          {"reads", words.reads}, {"fills", words.fills}, {"updates", words.updates}};
    }
  }
  return {{"cycles", counts.cycles}, {"macs", counts.macs}, {"levels", std::move(levels)}};
}

std::string case_text(const nest::Case& which, const nest::Counts& counts) {
  return CaseText(which, counts).str();
}

}  // namespace addax::report
