// SPDX-License-Identifier: Apache-2.0
#include "sim/report/energy_audit.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/report/csv_rows.h"
#include "sim/report/latex_text.h"
#include "sim/report/text_table.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

using Json = nlohmann::ordered_json;
using reproduction::audit_steps;
using reproduction::AuditEnergy;
using reproduction::DesignCost;
using result::saving_percent;

struct Part {
  const char* key;
  double AuditEnergy::*value;
};
constexpr Part kParts[] = {
    {"dram", &AuditEnergy::dram},       {"buffer", &AuditEnergy::buffer},
    {"network", &AuditEnergy::network}, {"registers", &AuditEnergy::registers},
    {"tables", &AuditEnergy::tables},   {"arithmetic", &AuditEnergy::arithmetic},
    {"other", &AuditEnergy::other},     {"static", &AuditEnergy::fixed}};

std::array<const AuditReport::Design*, 3> designs(const AuditReport& report) {
  return {&report.fp16, &report.optq, &report.shiftadd};
}

double energy(const AuditReport::Design& design, std::size_t step) {
  return design.costs[step].energy.total();
}
double latency(const AuditReport::Design& design, std::size_t step) {
  return design.costs[step].latency_s;
}

using Figure = double (*)(const AuditReport::Design&, std::size_t);

/// Savings and their factors in one figure after one step.
struct Savings {
  double fp16_percent, optq_percent;
  double compression, multiplication_free;
};
Savings savings(const AuditReport& report, std::size_t step, Figure figure) {
  const double fp16 = figure(report.fp16, step);
  const double optq = figure(report.optq, step);
  const double shiftadd = figure(report.shiftadd, step);
  return {saving_percent(shiftadd, fp16), saving_percent(shiftadd, optq), fp16 / optq,
          optq / shiftadd};
}

std::string signed_percent(double percent) { return fmt::format("{:+.1f} %", percent); }
std::string percent_cell(double percent) { return fmt::format("{:.1f} %", percent); }

Json cost_json(const DesignCost& cost) {
  Json json;
  json["energy_j"] = cost.energy.total();
  json["latency_s"] = cost.latency_s;
  for (const Part& part : kParts) json["energy_by_component_j"][part.key] = cost.energy.*part.value;
  return json;
}

Json design_json(const AuditReport::Design& design) {
  Json json;
  json["format"] = design.format;
  json["stored_bits_a_weight"] = design.stored_bits_a_weight;
  json["rows"] = design.rows;
  json["columns"] = design.columns;
  json["area_mm2"] = design.area_mm2;
  for (int i = 0; i < result::kResourceCount; ++i)
    json["time_bound_by"][name(static_cast<result::Resource>(i))] =
        design.bound_share[static_cast<std::size_t>(i)];
  return json;
}

// What the last step changed; nothing where it is a rounding error.
double residual(double last, double before) {
  constexpr double kRounding = 1e-12;
  const double difference = last - before;
  return std::abs(difference) < kRounding * std::abs(last) ? 0.0 : difference;
}

Json residual_json(const AuditReport::Design& design) {
  const DesignCost& last = design.costs.back();
  const DesignCost& before = design.costs[design.costs.size() - 2];
  Json json;
  json["energy_j"] = last.energy.total() - before.energy.total();
  json["energy_percent"] = -saving_percent(last.energy.total(), before.energy.total());
  json["latency_s"] = last.latency_s - before.latency_s;
  json["latency_percent"] = -saving_percent(last.latency_s, before.latency_s);
  for (const Part& part : kParts)
    json["energy_by_component_j"][part.key] =
        residual(last.energy.*part.value, before.energy.*part.value);
  return json;
}

std::string steps_table(const AuditReport& report, const char* head, Figure figure,
                        const char* unit) {
  TextTable table(1);
  table.row({head, "FP16", "OPTQ", "ShiftAdd", "saved v. FP16", "v. OPTQ", "by compression",
             "by no multiply"});
  table.rule();
  for (std::size_t i = 0; i < audit_steps().size(); ++i) {
    const Savings all = savings(report, i, figure);
    std::vector<std::string> cells = {audit_steps()[i].title};
    for (const auto* design : designs(report)) cells.push_back(si(figure(*design, i), unit));
    cells.insert(cells.end(), {percent_cell(all.fp16_percent), percent_cell(all.optq_percent),
                               "x " + significant(all.compression),
                               "x " + significant(all.multiplication_free)});
    table.row(std::move(cells));
  }
  return table.str();
}

std::string residual_table(const AuditReport& report) {
  TextTable table(1);
  std::vector<std::string> head = {"residual"};
  for (const Part& part : kParts) head.emplace_back(part.key);
  head.insert(head.end(), {"energy", "", "latency", ""});
  table.row(std::move(head));
  table.rule();
  for (const auto* design : designs(report)) {
    const DesignCost& last = design->costs.back();
    const DesignCost& before = design->costs[design->costs.size() - 2];
    std::vector<std::string> cells = {design->name};
    for (const Part& part : kParts)
      cells.push_back(si(residual(last.energy.*part.value, before.energy.*part.value), "J"));
    cells.insert(cells.end(),
                 {si(last.energy.total() - before.energy.total(), "J"),
                  signed_percent(-saving_percent(last.energy.total(), before.energy.total())),
                  si(last.latency_s - before.latency_s, "s"),
                  signed_percent(-saving_percent(last.latency_s, before.latency_s))});
    table.row(std::move(cells));
  }
  return table.str();
}

std::string designs_table(const AuditReport& report) {
  TextTable table(2);
  table.row({"design", "weights of the blocks", "stored bits", "array", "area", "bound by"});
  table.rule();
  for (const auto* design : designs(report)) {
    std::string bound;
    for (int i = 0; i < result::kResourceCount; ++i) {
      const double share = design->bound_share[static_cast<std::size_t>(i)];
      if (share < 0.005) continue;
      bound += (bound.empty() ? "" : ", ") +
               fmt::format("{} {:.0f} %", name(static_cast<result::Resource>(i)), 100.0 * share);
    }
    table.row({design->name, design->format, fmt::format("{:.3f}", design->stored_bits_a_weight),
               fmt::format("{} x {}", design->rows, design->columns),
               fmt::format("{:.3f} mm2", design->area_mm2), bound});
  }
  return table.str();
}

// What is left of the saving against the same bits, and where it is saved.
std::string remainder_table(const AuditReport& report) {
  const AuditEnergy& optq = report.optq.costs.back().energy;
  const AuditEnergy& shiftadd = report.shiftadd.costs.back().energy;
  TextTable table(1);
  std::vector<std::string> head = {"simulated, OPTQ less ShiftAdd"};
  std::vector<std::string> saved = {"energy"};
  std::vector<std::string> share = {"of OPTQ's energy"};
  for (const Part& part : kParts) {
    const double difference = optq.*part.value - shiftadd.*part.value;
    head.emplace_back(part.key);
    saved.push_back(si(difference, "J"));
    share.push_back(signed_percent(100.0 * difference / optq.total()));
  }
  head.emplace_back("all");
  saved.push_back(si(optq.total() - shiftadd.total(), "J"));
  share.push_back(signed_percent(saving_percent(shiftadd.total(), optq.total())));
  table.row(std::move(head));
  table.rule();
  table.row(std::move(saved));
  table.row(std::move(share));
  return table.str();
}

// Empty for ShiftAdd itself.
std::string saving_cell(const AuditReport::Design& design, const AuditReport::Design& shiftadd,
                        std::size_t step, Figure figure) {
  if (&design == &shiftadd) return "";
  return Json(saving_percent(figure(shiftadd, step), figure(design, step))).dump();
}

std::string latex_table(const AuditReport& report, const char* head, Figure figure,
                        const char* unit) {
  std::string text = fmt::format(
      "\\begin{{tabular}}{{lrrrrrrr}}\n\\toprule\n"
      "{} & FP16 & OPTQ & ShiftAdd & Saved v. FP16 & v. OPTQ & Compression & "
      "Multiplication-free \\\\\n\\midrule\n",
      head);
  for (std::size_t i = 0; i < audit_steps().size(); ++i) {
    const Savings all = savings(report, i, figure);
    text += latex_escaped(audit_steps()[i].title);
    for (const auto* design : designs(report)) text += " & " + si(figure(*design, i), unit);
    text += fmt::format(" & {:.1f}\\,\\% & {:.1f}\\,\\% & {} & {} \\\\\n", all.fp16_percent,
                        all.optq_percent, significant(all.compression),
                        significant(all.multiplication_free));
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace

std::string audit_text(const AuditReport& report) {
  const std::size_t last = audit_steps().size() - 1;
  const Savings e = savings(report, last, energy);
  std::string text = fmt::format(
      "Audit of {}: {}, {} bits, one token at context {}\n"
      "from the published accounting to {} ({}) under {}, one assumption after the other\n\n",
      report.source, report.model, report.bits, report.context, report.architecture,
      name(report.equalisation), report.cost_table);
  text += designs_table(report) + "\n";
  text += steps_table(report, "energy after the step", energy, "J") + "\n";
  text += steps_table(report, "latency after the step", latency, "s") + "\n";
  text += residual_table(report) + "\n" + remainder_table(report) + "\n";
  for (const AuditReport::Claim& claim : report.claims)
    text += fmt::format("Claimed ({}): {} of FP16's energy is saved; {} remain.\n", claim.where,
                        percent_cell(claim.saving_percent), percent_cell(e.fp16_percent));
  text += fmt::format(
      "FP16 to ShiftAdd is a factor of {} in energy: {} is compression, {} what the design "
      "without\n"
      "multiplications adds: scales, time and arithmetic, as the last table has them.\n",
      significant(e.compression * e.multiplication_free), significant(e.compression),
      significant(e.multiplication_free));
  text += "\nSteps\n";
  for (const reproduction::AuditStep& step : audit_steps())
    text += fmt::format("  {}: {}\n", step.title, step.what);
  return text;
}

std::string audit_json(const AuditReport& report) {
  Json json;
  json["schema"] = "addax.audit/1";
  Json& provenance = json["provenance"];
  provenance["version"] = report.provenance.version;
  provenance["commit"] = report.provenance.commit;
  provenance["sources_sha256"] = report.provenance.sources_sha256;
  provenance["published_sha256"] = report.published_sha256;
  provenance["trace_sha256"] = report.provenance.trace_sha256;
  provenance["architecture_sha256"] = report.provenance.architecture_sha256;
  provenance["cost_table_sha256"] = report.provenance.cost_table_sha256;
  json["source"] = report.source;
  json["quantity"] = "energy_latency";
  json["model"] = report.model;
  json["context_tokens"] = report.context;
  json["bits"] = report.bits;
  json["architecture"] = report.architecture;
  json["cost_table"] = report.cost_table;
  json["equalisation"] = name(report.equalisation);
  json["claims"] = Json::array();
  for (const AuditReport::Claim& claim : report.claims)
    json["claims"].push_back(
        {{"where", claim.where}, {"saving_vs_fp16_percent", claim.saving_percent}});
  for (const auto* design : designs(report)) json["designs"][design->name] = design_json(*design);
  for (std::size_t i = 0; i < audit_steps().size(); ++i) {
    Json step;
    step["step"] = audit_steps()[i].key;
    step["title"] = audit_steps()[i].title;
    step["what"] = audit_steps()[i].what;
    for (const auto* design : designs(report))
      step["designs"][design->name] = cost_json(design->costs[i]);
    for (const auto& [prefix, figure] :
         {std::pair<const char*, Figure>{"energy", energy}, {"latency", latency}}) {
      const Savings all = savings(report, i, figure);
      const std::string name = prefix;
      step[name + "_saving_vs_fp16_percent"] = all.fp16_percent;
      step[name + "_saving_vs_optq_percent"] = all.optq_percent;
      step[name + "_compression_factor"] = all.compression;
      step[name + "_multiplication_free_factor"] = all.multiplication_free;
    }
    json["steps"].push_back(std::move(step));
  }
  for (const auto* design : designs(report))
    json["residual"][design->name] = residual_json(*design);
  return json.dump(1) + "\n";
}

std::string audit_csv(const AuditReport& report) {
  std::ostringstream stream;
  CsvRows rows(stream);
  rows.row("source", "model", "bits", "context_tokens", "step", "title", "design", "energy_j",
           "latency_s", "dram_j", "buffer_j", "network_j", "registers_j", "tables_j",
           "arithmetic_j", "other_j", "static_j", "energy_saving_by_shiftadd_percent",
           "latency_saving_by_shiftadd_percent");
  for (std::size_t i = 0; i < audit_steps().size(); ++i)
    for (const auto* design : designs(report)) {
      const AuditEnergy& e = design->costs[i].energy;
      rows.row(report.source, report.model, report.bits, report.context, audit_steps()[i].key,
               audit_steps()[i].title, design->name, e.total(), latency(*design, i), e.dram,
               e.buffer, e.network, e.registers, e.tables, e.arithmetic, e.other, e.fixed,
               saving_cell(*design, report.shiftadd, i, energy),
               saving_cell(*design, report.shiftadd, i, latency));
    }
  return stream.str();
}

std::string audit_latex(const AuditReport& report) {
  std::string text = fmt::format(
      "% Addax {} ({}): audit of {}, {}, {} bits, context {}, {} ({}), cost table {}\n",
      report.provenance.version, report.provenance.commit, report.source, report.model, report.bits,
      report.context, report.architecture, name(report.equalisation), report.cost_table);
  for (const auto* design : designs(report))
    text += fmt::format("% {}: {}, {} x {} PEs, {:.3f} mm2\n", design->name, design->format,
                        design->rows, design->columns, design->area_mm2);
  return text + latex_table(report, "Energy after", energy, "J") + "\n" +
         latex_table(report, "Latency after", latency, "s");
}

}  // namespace addax::report
