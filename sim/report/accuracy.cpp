// SPDX-License-Identifier: Apache-2.0
#include "sim/report/accuracy.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/report/csv_rows.h"
#include "sim/report/latex_text.h"
#include "sim/report/text_table.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNotes[] = {
    "Perplexities are the paper's, on WikiText-2. They are not computed here.",
    "Energy and latency are those of one decode token, simulated, with all of the model in them; "
    "keys are those that it attends, its own included.",
    "fp16 and optq run on FP16 multipliers in the area of ShiftAddLLM's array, optq with integers "
    "in groups of 128; lutgemm and shiftadd run on arrays of their own.",
    "Scales: lutgemm FP16 in groups of 128; shiftadd blocks of 8 inputs, the variant (Lat.) whose "
    "perplexities these are. The groups behind the perplexities of the others may differ.",
    "A row is on the Pareto front where no other row of its family has at most its perplexity and "
    "at most its energy (or latency), and less of one.",
    "A front is of all points, however bad: its cheapest end may be models of perplexities that "
    "are "
    "of no use.",
    "Families differ in tokenizer and training data: their perplexities cannot be compared.",
    "Published energy is what the published accounting gives for the paper's shapes, in the unit "
    "that it really has. It leaves out attention and the cache.",
};

// Which fronts a row is on, in a letter each.
std::string fronts(const AccuracyRow& row) {
  return std::string(row.pareto_energy ? "E" : "-") + (row.pareto_latency ? "L" : "-");
}

AccuracyFront front_of(const AccuracyReport& report, const std::string& family, const char* cost,
                       bool AccuracyRow::*on_front) {
  AccuracyFront front{family, cost, 0, 0, {}};
  for (const AccuracyRow& row : report.rows) {
    if (row.family != family) continue;
    auto method = std::find_if(front.methods.begin(), front.methods.end(),
                               [&](const auto& each) { return each.name == row.method; });
    if (method == front.methods.end())
      method = front.methods.insert(method, AccuracyFront::Method{row.method, 0, 0});
    ++front.points;
    ++method->points;
    if (row.*on_front) {
      ++front.members;
      ++method->members;
    }
  }
  std::stable_sort(front.methods.begin(), front.methods.end(),
                   [](const auto& a, const auto& b) { return a.members > b.members; });
  return front;
}

Json front_json(const AccuracyFront& front) {
  Json methods;
  for (const AccuracyFront::Method& method : front.methods)
    methods[method.name] = {{"points", method.points}, {"members", method.members}};
  return {{"family", front.family},   {"cost", front.cost}, {"points", front.points},
          {"members", front.members}, {"methods", methods}, {"sentence", front.sentence()}};
}

}  // namespace

std::string AccuracyFront::sentence() const {
  std::string on, off;
  for (const Method& method : methods) {
    std::string& list = method.members > 0 ? on : off;
    list += list.empty() ? "" : ", ";
    list += method.members > 0
                ? fmt::format("{} {} of {}", method.name, method.members, method.points)
                : method.name;
  }
  return fmt::format("{}: {} of {} points are on the front of {}: {}{}.", family, members, points,
                     cost, on, off.empty() ? "" : "; none of " + off);
}

std::vector<AccuracyFront> accuracy_fronts(const AccuracyReport& report) {
  std::vector<AccuracyFront> fronts;
  for (const AccuracyRow& row : report.rows) {
    const bool seen = std::any_of(fronts.begin(), fronts.end(),
                                  [&](const auto& each) { return each.family == row.family; });
    if (seen) continue;
    fronts.push_back(front_of(report, row.family, "energy", &AccuracyRow::pareto_energy));
    fronts.push_back(front_of(report, row.family, "latency", &AccuracyRow::pareto_latency));
  }
  return fronts;
}

std::string accuracy_text(const AccuracyReport& report) {
  std::string text = fmt::format("Addax {} ({})\n{}\ncost table {}\n", report.origin.version,
                                 report.origin.commit, report.source.title, report.cost_table);
  TextTable table(2);
  std::string family, model;
  for (const AccuracyRow& row : report.rows) {
    if (row.family != family) {
      table.rule();
      table.row({row.family, "method", "bits", "perplexity", "keys", "energy", "latency", "area",
                 "weights", "front", "published"});
      table.rule();
    }
    table.row({row.model == model ? "" : row.model, row.method, fmt::format("{:.2f}", row.bits),
               fmt::format("{:.2f}", row.perplexity), std::to_string(row.context_tokens),
               si(row.energy_j, "J"), si(row.latency_s, "s"), significant(row.area_mm2) + " mm2",
               fmt::format("{:.2f} GiB", row.weights_gib), fronts(row),
               si(row.published_energy_mj * 1e-3, "J")});
    family = row.family;
    model = row.model;
  }
  text += table.str() + "\nfront: on the Pareto front of perplexity and energy (E), latency (L)\n";
  for (const AccuracyFront& front : accuracy_fronts(report))
    text += fmt::format("- {}\n", front.sentence());
  text += "\nnotes\n";
  for (const char* note : kNotes) text += fmt::format("- {}\n", note);
  return text;
}

void accuracy_json(std::ostream& stream, const AccuracyReport& report) {
  Json object = {{"schema", "addax.accuracy/1"},
                 {"provenance",
                  {{"version", report.origin.version},
                   {"commit", report.origin.commit},
                   {"published_sha256", report.origin.published_sha256},
                   {"cost_table_sha256", report.origin.cost_table_sha256}}},
                 {"source", report.source.name},
                 {"cost_table", report.cost_table},
                 {"rows", Json::array()},
                 {"fronts", Json::array()},
                 {"notes", kNotes}};
  for (const AccuracyRow& row : report.rows)
    object["rows"].push_back({{"model", row.model},
                              {"family", row.family},
                              {"method", row.method},
                              {"bits", row.bits},
                              {"perplexity", row.perplexity},
                              {"perplexity_table", row.perplexity_table},
                              {"context_tokens", row.context_tokens},
                              {"architecture", row.architecture},
                              {"weights", row.weights},
                              {"energy_j", row.energy_j},
                              {"latency_s", row.latency_s},
                              {"area_mm2", row.area_mm2},
                              {"weights_gib", row.weights_gib},
                              {"published_energy_mj", row.published_energy_mj},
                              {"pareto_energy", row.pareto_energy},
                              {"pareto_latency", row.pareto_latency}});
  for (const AccuracyFront& front : accuracy_fronts(report))
    object["fronts"].push_back(front_json(front));
  stream << object.dump(1) << '\n';
}

void accuracy_csv(std::ostream& stream, const AccuracyReport& report) {
  CsvRows csv(stream);
  csv.row("model", "family", "method", "bits", "perplexity", "perplexity_table", "context_tokens",
          "architecture", "weights", "energy_j", "latency_s", "area_mm2", "weights_gib",
          "published_energy_mj", "pareto_energy", "pareto_latency");
  for (const AccuracyRow& row : report.rows)
    csv.row(row.model, row.family, row.method, row.bits, row.perplexity, row.perplexity_table,
            row.context_tokens, row.architecture, row.weights, row.energy_j, row.latency_s,
            row.area_mm2, row.weights_gib, row.published_energy_mj, row.pareto_energy,
            row.pareto_latency);
}

std::string accuracy_latex(const AccuracyReport& report) {
  std::string text = fmt::format("% Addax {} ({}), cost table {}; * on the Pareto front\n",
                                 report.origin.version, report.origin.commit, report.cost_table);
  const std::string end = "\\bottomrule\n\\end{tabular}\n";
  const auto starred = [](const std::string& cell, bool star) { return cell + (star ? "*" : ""); };
  std::string family;
  for (const AccuracyRow& row : report.rows) {
    if (row.family != family) {
      if (!family.empty()) text += end + "\n";
      text +=
          "\\begin{tabular}{llrrrrr}\n\\toprule\nModel & Method & Bits & Perplexity & Energy & "
          "Latency & Weights (GiB) \\\\\n\\midrule\n";
    }
    text += fmt::format("{} & {} & {:.2f} & {:.2f} & {} & {} & {:.2f} \\\\\n",
                        latex_escaped(row.model), latex_escaped(row.method), row.bits,
                        row.perplexity, starred(si(row.energy_j, "J"), row.pareto_energy),
                        starred(si(row.latency_s, "s"), row.pareto_latency), row.weights_gib);
    family = row.family;
  }
  return text + (family.empty() ? "" : end);
}

}  // namespace addax::report
