// SPDX-License-Identifier: Apache-2.0
#include "sim/report/comparison.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/quantity/check.h"
#include "models/result/result.h"
#include "sim/report/csv_rows.h"
#include "sim/report/latex_text.h"
#include "sim/report/text_table.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

using Json = nlohmann::ordered_json;

const ComparisonRow& reference_of(const ComparisonReport& report, const ComparisonRow& row,
                                  const std::string& reference) {
  for (const ComparisonRow& each : report.rows)
    if (each.model == row.model && each.design->name == reference) return each;
  ADDAX_UNREACHABLE("a reference is one of the designs");
}

/// row / reference: below 1 the row is better.
struct RowRatios {
  RowRatios(const ComparisonRow& row, const ComparisonRow& reference)
      : energy(row.energy_j / reference.energy_j),
        latency(row.latency_s / reference.latency_s),
        area(row.area_mm2 / reference.area_mm2),
        weights(row.weights_gib / reference.weights_gib) {}
  double energy, latency, area, weights;
};

double saving_percent(double ratio) { return result::saving_percent(ratio, 1.0); }

Json ratios_json(const ComparisonRow& row, const ComparisonRow& reference) {
  const RowRatios ratios(row, reference);
  return {{"reference", reference.design->name},
          {"reference_area_mm2", reference.area_mm2},
          {"energy_ratio", ratios.energy},
          {"latency_ratio", ratios.latency},
          {"area_ratio", ratios.area},
          {"weights_ratio", ratios.weights},
          {"energy_saving_percent", saving_percent(ratios.energy)},
          {"latency_saving_percent", saving_percent(ratios.latency)},
          {"weights_saving_percent", saving_percent(ratios.weights)}};
}

std::string costs_text(const ComparisonReport& report) {
  TextTable table(2);
  std::string model;
  for (const ComparisonRow& row : report.rows) {
    if (row.model != model) {
      table.rule();
      table.row({row.model, "weights", "bits", "stored", "GiB", "keys", "energy", "latency",
                 "array", "area"});
      table.rule();
      model = row.model;
    }
    table.row({row.design->name, row.weights, fmt::format("{:.2f}", row.code_bits),
               fmt::format("{:.2f}", row.stored_bits), fmt::format("{:.2f}", row.weights_gib),
               std::to_string(row.context_tokens), si(row.energy_j, "J"), si(row.latency_s, "s"),
               fmt::format("{} x {}", row.rows, row.columns), significant(row.area_mm2) + " mm2"});
  }
  return table.str();
}

// A row a design and reference, the areas first: a saving on more silicon is not one of like
// against like.
std::string ratios_text(const ComparisonReport& report) {
  TextTable table(2);
  std::string model, design;
  for (const ComparisonRow& row : report.rows) {
    if (row.model != model) {
      table.rule();
      table.row(
          {row.model, "against", "area", "its area", "area ratio", "memory", "energy", "latency"});
      table.rule();
    }
    for (const std::string& name : report.comparison.references) {
      const ComparisonRow& reference = reference_of(report, row, name);
      if (&reference == &row) continue;
      const RowRatios ratios(row, reference);
      std::vector<std::string> cells = {
          row.model == model && row.design->name == design ? "" : row.design->name, name,
          significant(row.area_mm2) + " mm2", significant(reference.area_mm2) + " mm2"};
      for (const double ratio : {ratios.area, ratios.weights, ratios.energy, ratios.latency})
        cells.push_back(fmt::format("x {:.3f}", ratio));
      table.row(std::move(cells));
      model = row.model;
      design = row.design->name;
    }
    model = row.model;
  }
  return table.str();
}

}  // namespace

std::string comparison_text(const ComparisonReport& report) {
  const reproduction::Comparison& comparison = report.comparison;
  std::string text =
      fmt::format("Addax {} ({})\n{}\n{}\ncost table {}\n", report.origin.version,
                  report.origin.commit, comparison.title, comparison.reference, report.cost_table);
  text +=
      costs_text(report) +
      "bits: of a weight's code in the blocks' linear layers; stored: with scales and offsets\n\n" +
      ratios_text(report) +
      "below x 1 the design is better; at another area ratio than x 1 it is not of equal "
      "silicon\n\ndesigns\n";
  for (const reproduction::ComparedDesign& design : comparison.designs)
    text += fmt::format("- {}: {}\n", design.name, design.title);
  text += "\nnotes\n";
  for (const std::string& note : comparison.notes) text += fmt::format("- {}\n", note);
  return text;
}

void comparison_json(std::ostream& stream, const ComparisonReport& report) {
  const reproduction::Comparison& comparison = report.comparison;
  Json object = {{"schema", "addax.comparison/1"},
                 {"provenance",
                  {{"version", report.origin.version},
                   {"commit", report.origin.commit},
                   {"published_sha256", report.origin.published_sha256},
                   {"cost_table_sha256", report.origin.cost_table_sha256}}},
                 {"source", comparison.name},
                 {"title", comparison.title},
                 {"reference", comparison.reference},
                 {"cost_table", report.cost_table},
                 {"designs", Json::array()},
                 {"references", comparison.references},
                 {"rows", Json::array()},
                 {"notes", comparison.notes}};
  for (const reproduction::ComparedDesign& design : comparison.designs)
    object["designs"].push_back({{"name", design.name},
                                 {"title", design.title},
                                 {"architecture", design.architecture},
                                 {"weights", design.weights},
                                 {"side", name(design.side)}});
  for (const ComparisonRow& row : report.rows) {
    Json against = Json::array();
    for (const std::string& each : comparison.references)
      against.push_back(ratios_json(row, reference_of(report, row, each)));
    object["rows"].push_back({{"model", row.model},
                              {"design", row.design->name},
                              {"context_tokens", row.context_tokens},
                              {"architecture", row.architecture},
                              {"rows", row.rows},
                              {"columns", row.columns},
                              {"weights", row.weights},
                              {"code_bits", row.code_bits},
                              {"stored_bits", row.stored_bits},
                              {"weights_gib", row.weights_gib},
                              {"energy_j", row.energy_j},
                              {"latency_s", row.latency_s},
                              {"area_mm2", row.area_mm2},
                              {"against", against}});
  }
  stream << object.dump(1) << '\n';
}

void comparison_csv(std::ostream& stream, const ComparisonReport& report) {
  CsvRows csv(stream);
  csv.row("model", "design", "context_tokens", "architecture", "rows", "columns", "weights",
          "code_bits", "stored_bits", "weights_gib", "energy_j", "latency_s", "area_mm2",
          "reference", "reference_area_mm2", "energy_ratio", "latency_ratio", "area_ratio",
          "weights_ratio", "energy_saving_percent", "latency_saving_percent",
          "weights_saving_percent");
  for (const ComparisonRow& row : report.rows)
    for (const std::string& each : report.comparison.references) {
      const ComparisonRow& reference = reference_of(report, row, each);
      const RowRatios ratios(row, reference);
      csv.row(row.model, row.design->name, row.context_tokens, row.architecture, row.rows,
              row.columns, row.weights, row.code_bits, row.stored_bits, row.weights_gib,
              row.energy_j, row.latency_s, row.area_mm2, each, reference.area_mm2, ratios.energy,
              ratios.latency, ratios.area, ratios.weights, saving_percent(ratios.energy),
              saving_percent(ratios.latency), saving_percent(ratios.weights));
    }
}

std::string comparison_latex(const ComparisonReport& report) {
  const std::vector<std::string>& references = report.comparison.references;
  std::string text = fmt::format("% Addax {} ({}), cost table {}\n", report.origin.version,
                                 report.origin.commit, report.cost_table);
  text += "\\begin{tabular}{llrrrr" + std::string(2 * references.size(), 'r') +
          "}\n\\toprule\nModel & Design & Weights (GiB) & Energy & Latency & Area (mm$^2$)";
  for (const char* ratio : {"$E/E$ ", "$A/A$ "})
    for (const std::string& each : references) text += " & " + (ratio + latex_escaped(each));
  text += " \\\\\n";
  std::string model;
  for (const ComparisonRow& row : report.rows) {
    if (row.model != model) text += "\\midrule\n";
    text += fmt::format("{} & {} & {:.2f} & {} & {} & {}",
                        row.model == model ? "" : latex_escaped(row.model),
                        latex_escaped(row.design->name), row.weights_gib, si(row.energy_j, "J"),
                        si(row.latency_s, "s"), significant(row.area_mm2));
    for (double RowRatios::*figure : {&RowRatios::energy, &RowRatios::area})
      for (const std::string& each : references)
        text += fmt::format(" & {:.3f}", RowRatios(row, reference_of(report, row, each)).*figure);
    text += " \\\\\n";
    model = row.model;
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace addax::report
