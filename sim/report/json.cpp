// SPDX-License-Identifier: Apache-2.0
#include <sstream>
#include <string>
#include <vector>

#include "models/quantity/check.h"
#include "sim/report/configuration.h"
#include "sim/report/report.h"
#include "sim/report/tables.h"
#include "sim/report/units.h"
#include "sim/report/values.h"

namespace addax::report {
namespace {

constexpr int kIndent = 1;
constexpr const char* kEnergy = "energy_j";

struct Writer {
  const cost::CostTable& table;

  Json energies(const std::map<std::string, cost::Energy>& parts) const {
    Json object = Json::object();
    for (const auto& [key, energy] : parts) object[key] = joules(energy.value);
    return object;
  }
  Json interval(const cost::Energy& energy) const {
    return Json::array({joules(energy.low), joules(energy.high)});
  }
  Json intervals(const std::map<std::string, cost::Energy>& parts) const {
    Json object = Json::object();
    for (const auto& [key, energy] : parts) object[key] = interval(energy);
    return object;
  }

  Json totals(const result::Totals& totals) const {
    return {{"cycles", totals.cycles.value()},
            {"latency_s", totals.latency.value()},
            {kEnergy, joules(totals.energy.value)},
            {"area_mm2", square_millimetres(totals.area.value)},
            {"macs", totals.macs},
            {"dram_bits", totals.dram_bits}};
  }

  Json assumed(const result::DesignResult& design) const {
    Json parts = Json::object();
    for (const auto& [key, energy] : design.energy_by_component) parts[key] = assumed_share(energy);
    return {{kEnergy, joules(design.totals.energy.assumed)},
            {"energy_share", assumed_share(design.totals.energy)},
            {"energy_share_by_component", parts},
            {"area_mm2", square_millimetres(design.totals.area.assumed)},
            {"area_share", assumed_share(design.totals.area)}};
  }

  Json design_intervals(const result::DesignResult& design) const {
    const cost::Area& area = design.totals.area;
    return {
        {kEnergy,
         {{"total", interval(design.totals.energy)},
          {"by_component", intervals(design.energy_by_component)},
          {"by_operation", intervals(design.energy_by_operation)}}},
        {"area_mm2", Json::array({square_millimetres(area.low), square_millimetres(area.high)})}};
  }

  Json actions(const action::ActionCounts& counts, const arch::Architecture& architecture) const {
    const cost::PriceList prices(table, architecture);
    Json list = Json::array();
    for (const auto& [action, count] : counts.all()) {
      const cost::Price& price = prices.of(action);
      cost::Energy energy;
      energy.add(price, count);
      list.push_back({{"action", name(action)},
                      {"width_bits", action.width_bits},
                      {"count", count},
                      {kEnergy, joules(energy.value)},
                      {"row", price.row},
                      {"evidence", name(price.evidence)},
                      {"source", price.source}});
    }
    return list;
  }

  Json layer(const result::LayerResult& layer) const;
  /// With null for the layers.
  Json design(const result::DesignResult& design, const Subject& subject) const;
};

Json area_parts(const cost::AreaReport& area) {
  Json list = Json::array();
  for (const cost::AreaPart& part : area.parts)
    list.push_back({{"component", part.component},
                    {"instances", part.instances},
                    {"area_mm2", square_millimetres(part.total.value)},
                    {"area_mm2_low", square_millimetres(part.total.low)},
                    {"area_mm2_high", square_millimetres(part.total.high)},
                    {"area_mm2_assumed", square_millimetres(part.total.assumed)},
                    {"row", part.row},
                    {"assumed_rows", part.assumed_rows}});
  return list;
}

Json arithmetic_json(const workload::ArithmeticCounts& counts) {
  Json object = Json::object();
  for (int i = 0; i < arith::kArithmeticCount; ++i) {
    const auto arithmetic = static_cast<arith::Arithmetic>(i);
    if (counts[arithmetic] > 0) object[arith::name(arithmetic)] = counts[arithmetic];
  }
  if (counts.lut_queries > 0) object["lut.queries"] = counts.lut_queries;
  if (counts.lut_tables > 0) object["lut.tables"] = counts.lut_tables;
  return object;
}

Json Writer::layer(const result::LayerResult& result) const {
  const result::LayerActivity& a = result.activity;
  Json busy = Json::object();
  for (int i = 0; i < result::kResourceCount; ++i)
    busy[name(static_cast<result::Resource>(i))] = a.busy.at(static_cast<std::size_t>(i)).value();
  Json object = {{"name", a.name},
                 {"phase", a.phase},
                 {"block", a.block},
                 {"kind", a.kind},
                 {"format", a.format},
                 {"column_group", a.group},
                 {"fidelity", a.fidelity},
                 {"repeat", a.repeat},
                 {"macs", a.macs},
                 {"cycles", a.cycles.value()},
                 {"latency_s", result.latency.value()},
                 {kEnergy, joules(result.energy.total.value)},
                 {std::string(kEnergy) + "_low", joules(result.energy.total.low)},
                 {std::string(kEnergy) + "_high", joules(result.energy.total.high)},
                 {std::string(kEnergy) + "_by_component", energies(result.energy.by_component)},
                 {"dram_bits", quantity::checked_add(a.dram_read_bits, a.dram_write_bits)},
                 {"dram_read_bits", a.dram_read_bits},
                 {"dram_write_bits", a.dram_write_bits},
                 {"dram_bursts", a.dram_bursts},
                 {"bound_by", name(a.bound_by)},
                 {"busy_cycles", busy},
                 {"passes", a.passes},
                 {"arithmetic", arithmetic_json(a.arithmetic)},
                 {"repeated", arithmetic_json(a.repeated)},
                 {"padding_macs", a.padding_macs},
                 {"mapping", a.mapping}};
  if (a.retention) object["tables"] = retention_json(*a.retention, result.energy.tables);
  if (a.counted) object["values"] = values_json(*a.counted);
  if (a.assumed) object["values_assumed"] = values_json(*a.assumed);
  return object;
}

Json Writer::design(const result::DesignResult& design, const Subject& subject) const {
  return {{"architecture", design.architecture},
          {"trace", design.trace},
          {"cost_table", design.cost_table},
          {"rows", design.rows},
          {"columns", design.columns},
          {"totals", totals(design.totals)},
          {kEnergy,
           {{"by_component", energies(design.energy_by_component)},
            {"by_operation", energies(design.energy_by_operation)}}},
          {"tables", {{kEnergy, table_energy_json(design.energy_of_tables)}}},
          {"intervals", design_intervals(design)},
          {"assumed", assumed(design)},
          {"area", area_parts(design.area)},
          {"actions", actions(design.actions, subject.architecture)},
          {"layers", nullptr},
          {"notes", design.notes}};
}

Json subject_json(const Subject& subject) {
  return {{"architecture", configuration_json(subject.architecture)},
          {"trace", summary_json(subject.trace)}};
}

Json provenance(const result::Provenance& provenance) {
  Json object = {{"version", provenance.version},
                 {"commit", provenance.commit},
                 {"sources_sha256", provenance.sources_sha256},
                 {"trace_sha256", provenance.trace_sha256},
                 {"cost_table_sha256", provenance.cost_table_sha256},
                 {"architecture_sha256", provenance.architecture_sha256}};
  if (!provenance.values_sha256.empty()) object["values_sha256"] = provenance.values_sha256;
  return object;
}

Json run_configuration(const result::Report& report, const Configuration& configuration) {
  Json object = {{"fidelity", report.fidelity},
                 {"reuse_equal_layers", configuration.reuse_equal_layers},
                 {"mapping", configuration.mapping},
                 {"objective", configuration.objective},
                 {"dataflow", configuration.dataflow}};
  object.update(subject_json(configuration.design));
  object["cost_table"] = summary_json(configuration.table);
  return object;
}

Json ratios_json(const result::Ratios& ratios) {
  return {{"energy", ratios.energy},
          {"latency", ratios.latency},
          {"area", ratios.area},
          {"edp", ratios.edp}};
}

/// A tree as text that is part of a larger one: all its line breaks are layout, since those of
/// strings are escaped.
std::string indented(const Json& tree, const std::string& indent) {
  std::string text = indent;
  for (const char c : tree.dump(kIndent)) {
    text += c;
    if (c == '\n') text += indent;
  }
  return text;
}

/// Writes `document`, with the layers of `designs` in place of the null that stands for them. No
/// string can hold the pattern, as quotes in strings are escaped.
void write_with_layers(std::ostream& stream, const std::string& document,
                       const std::vector<const result::DesignResult*>& designs,
                       const Writer& writer) {
  const std::string pattern = "\"layers\": null";
  std::size_t done = 0;
  for (const result::DesignResult* design : designs) {
    const std::size_t at = document.find(pattern, done);
    ADDAX_CHECK(at != std::string::npos, design->architecture);
    const std::size_t line = document.rfind('\n', at) + 1;
    const std::string indent(at - line, ' ');
    stream << document.substr(done, at - done) << "\"layers\": [";
    for (std::size_t i = 0; i < design->layers.size(); ++i)
      stream << (i == 0 ? "\n" : ",\n") << indented(writer.layer(design->layers[i]), indent + " ");
    stream << (design->layers.empty() ? "]" : "\n" + indent + "]");
    done = at + pattern.size();
  }
  stream << document.substr(done) << "\n";
}

}  // namespace

void json(std::ostream& stream, const result::Report& report, const Configuration& configuration) {
  const Writer writer{configuration.table};
  Json document = {{"schema", "addax.result/1"}, {"provenance", provenance(report.provenance)}};
  document["provenance"]["configuration"] = run_configuration(report, configuration);
  document.update(writer.design(report.design, configuration.design));

  Json baselines = Json::object();
  Json ratios = Json::object();
  std::vector<const result::DesignResult*> designs = {&report.design};
  const auto add = [&](const char* key, const std::optional<result::Baseline>& baseline,
                       const std::optional<Subject>& subject) {
    if (!baseline) return;
    ADDAX_CHECK(subject.has_value(), key);
    designs.push_back(&baseline->result);
    baselines[key] = {{"equalisation", name(baseline->equalisation)},
                      {"residual", baseline->residual},
                      {"configuration", subject_json(*subject)}};
    baselines[key].update(writer.design(baseline->result, *subject));
    ratios[key] = ratios_json(result::ratios(report.design.totals, baseline->result.totals));
  };
  add("fp16", report.fp16, configuration.fp16);
  add("same_bits", report.same_bits, configuration.same_bits);
  document["baselines"] = baselines;
  document["ratios"] = ratios;
  write_with_layers(stream, document.dump(kIndent), designs, writer);
}

std::string json(const result::Report& report, const Configuration& configuration) {
  std::ostringstream stream;
  json(stream, report, configuration);
  return stream.str();
}

std::string area_json(const cost::AreaReport& area, const arch::Architecture& architecture,
                      const cost::CostTable& table, const result::Provenance& origin) {
  Json document = {{"schema", "addax.area/1"},
                   {"provenance",
                    {{"version", origin.version},
                     {"commit", origin.commit},
                     {"sources_sha256", origin.sources_sha256},
                     {"cost_table_sha256", origin.cost_table_sha256},
                     {"architecture_sha256", origin.architecture_sha256}}}};
  document["provenance"]["configuration"] = {{"architecture", configuration_json(architecture)},
                                             {"cost_table", summary_json(table)}};
  document["architecture"] = architecture.name;
  document["cost_table"] = table.name;
  document["totals"] = {{"area_mm2", square_millimetres(area.total.value)},
                        {"area_mm2_low", square_millimetres(area.total.low)},
                        {"area_mm2_high", square_millimetres(area.total.high)},
                        {"area_mm2_assumed", square_millimetres(area.total.assumed)},
                        {"assumed_share", assumed_share(area.total)}};
  document["area"] = area_parts(area);
  document["notes"] = area.notes;
  return document.dump(kIndent) + "\n";
}

}  // namespace addax::report
