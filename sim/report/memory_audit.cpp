// SPDX-License-Identifier: Apache-2.0
#include "sim/report/memory_audit.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/report/csv_rows.h"
#include "sim/report/latex_text.h"
#include "sim/report/text_table.h"

namespace addax::report {
namespace {

using Json = nlohmann::ordered_json;
using reproduction::MemoryState;

constexpr const char* kFp16 = "fp16";

std::string shown(const std::optional<double>& value, int decimals) {
  return value ? fmt::format("{:.{}f}", *value, decimals) : "-";
}

std::string full(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

Json json(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

// Designs that save, and what they save against.
struct Saving {
  std::string design, baseline;
};
const std::vector<Saving>& savings() {
  static const std::vector<Saving> all = [] {
    std::vector<Saving> list;
    for (const std::string& design : reproduction::memory_designs()) {
      if (design != kFp16) list.push_back({design, kFp16});
      const std::string same = reproduction::same_bits_design(design);
      if (!same.empty()) list.push_back({design, same});
    }
    return list;
  }();
  return all;
}

Json savings_json(const MemoryState& state) {
  Json object = Json::object();
  for (const Saving& each : savings())
    object[each.design][each.baseline == kFp16 ? "fp16_percent" : "same_bits_percent"] =
        json(memory_saving(state, each.design, each.baseline));
  return object;
}

Json designs_json(const MemoryState& state) {
  Json object = Json::object();
  for (const std::string& design : reproduction::memory_designs())
    object[design] = {{"memory_gib", json(state.designs.at(design))}};
  return object;
}

}  // namespace

std::string memory_audit_text(const MemoryAuditReport& report) {
  std::string text = fmt::format("Addax {} ({})\n{}\nweight memory of {}, {} tokens of context\n\n",
                                 report.origin.version, report.origin.commit, report.source.title,
                                 report.audit.model, report.audit.context_tokens);
  TextTable memory;
  std::vector<std::string> titles = {"GiB after"};
  for (const std::string& design : reproduction::memory_designs()) titles.push_back(design);
  memory.row(std::move(titles));
  memory.rule();
  TextTable saved;
  titles = {"saving % after"};
  for (const Saving& each : savings()) titles.push_back(each.design + " / " + each.baseline);
  saved.row(std::move(titles));
  saved.rule();
  std::string steps = "\nsteps\n";
  for (const MemoryState& state : report.audit.steps) {
    std::vector<std::string> cells = {title(state.step)};
    for (const std::string& design : reproduction::memory_designs())
      cells.push_back(shown(state.designs.at(design), 2));
    memory.row(std::move(cells));
    cells = {title(state.step)};
    for (const Saving& each : savings())
      cells.push_back(shown(memory_saving(state, each.design, each.baseline), 1));
    saved.row(std::move(cells));
    steps += fmt::format("- {}: {}\n", title(state.step), what(state.step));
  }
  return text + memory.str() + "\n" + saved.str() + steps;
}

void memory_audit_json(std::ostream& stream, const MemoryAuditReport& report) {
  Json object = {{"schema", "addax.memory_audit/1"},
                 {"provenance",
                  {{"version", report.origin.version},
                   {"commit", report.origin.commit},
                   {"published_sha256", report.origin.published_sha256}}},
                 {"source", report.source.name},
                 {"quantity", "weight_memory"},
                 {"model", report.audit.model},
                 {"context_tokens", report.audit.context_tokens},
                 {"claim", savings_json(report.audit.steps.front())},
                 {"steps", Json::array()}};
  int number = 0;
  for (const MemoryState& state : report.audit.steps)
    object["steps"].push_back({{"number", number++},
                               {"step", key(state.step)},
                               {"title", title(state.step)},
                               {"what", what(state.step)},
                               {"designs", designs_json(state)},
                               {"savings", savings_json(state)}});
  stream << object.dump(1) << '\n';
}

void memory_audit_csv(std::ostream& stream, const MemoryAuditReport& report) {
  CsvRows csv(stream);
  csv.row("model", "context_tokens", "step", "design", "memory_gib", "saving_fp16_percent",
          "saving_same_bits_percent");
  for (const MemoryState& state : report.audit.steps)
    for (const std::string& design : reproduction::memory_designs()) {
      const std::string same = reproduction::same_bits_design(design);
      csv.row(report.audit.model, report.audit.context_tokens, key(state.step), design,
              full(state.designs.at(design)), full(memory_saving(state, design, kFp16)),
              same.empty() ? "" : full(memory_saving(state, design, same)));
    }
}

std::string memory_audit_latex(const MemoryAuditReport& report) {
  std::string text = fmt::format("% Addax {} ({}), weight memory of {}, {} tokens of context\n",
                                 report.origin.version, report.origin.commit, report.audit.model,
                                 report.audit.context_tokens);
  std::string columns = "l", heads = latex_escaped(report.audit.model) + " (GiB)";
  for (const std::string& design : reproduction::memory_designs()) {
    columns += "r";
    heads += " & " + latex_escaped(design);
  }
  text += "\\begin{tabular}{" + columns + "}\n\\toprule\n" + heads + " \\\\\n\\midrule\n";
  for (const MemoryState& state : report.audit.steps) {
    text += title(state.step);
    for (const std::string& design : reproduction::memory_designs())
      text += " & " + shown(state.designs.at(design), 2);
    text += " \\\\\n";
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace addax::report
