// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "sim/report/report.h"
#include "sim/report/tables.h"
#include "sim/report/text_table.h"
#include "sim/report/units.h"
#include "sim/report/values.h"

namespace addax::report {
namespace {

// Phases beyond this are a generation, whose steps differ in little: their layers are one row.
constexpr std::size_t kMostPhasesApart = 3;

struct Column {
  std::string title;
  const result::DesignResult* design;
  const result::Baseline* baseline;  ///< null for the design itself
};

std::vector<Column> columns_of(const result::Report& report) {
  std::vector<Column> columns = {{"design", &report.design, nullptr}};
  if (report.fp16) columns.push_back({"fp16", &report.fp16->result, &*report.fp16});
  if (report.same_bits)
    columns.push_back({"same bits", &report.same_bits->result, &*report.same_bits});
  return columns;
}

std::string phases(const workload::Trace& trace) {
  std::string text;
  for (const workload::Phase& phase : trace.phases) {
    if (&phase != &trace.phases.front() && &phase != &trace.phases.back() &&
        trace.phases.size() > kMostPhasesApart)
      continue;
    text += text.empty() ? "" : trace.phases.size() > kMostPhasesApart ? " to " : ", then ";
    text += phase.kind == workload::PhaseKind::kDecode
                ? fmt::format("decode at {} attended keys", phase.context)
                : fmt::format("prefill of {} tokens", phase.new_tokens);
    if (phase.batch > 1) text += fmt::format(", batch {}", phase.batch);
  }
  return text;
}

std::string header(const result::Report& report, const Configuration& configuration) {
  const arch::Architecture& a = configuration.design.architecture;
  std::string tables = report.design.cost_table;
  for (const std::string& parent : configuration.table.lineage) tables += " < " + parent;
  TextTable table(2);
  table.row({"architecture", fmt::format("{}: {} x {} PEs at {}, DRAM {} at {}", a.name, a.rows,
                                         a.columns(), si(a.clock.value(), "Hz"), a.dram.type,
                                         si(a.dram.peak_bandwidth.value() / 8.0, "B/s"))});
  table.row({"trace", report.design.trace});
  table.row({"phases", phases(configuration.design.trace)});
  table.row({"widths", fmt::format("activations {} b, KV cache {} b, sums {} b",
                                   configuration.design.trace.widths.activation_bits,
                                   configuration.design.trace.widths.kv_bits,
                                   configuration.design.trace.widths.accumulator_bits)});
  table.row({"cost table", tables});
  table.row({"fidelity", report.fidelity});
  return fmt::format("Addax {} ({})\n", report.provenance.version, report.provenance.commit) +
         table.str();
}

std::string interval(const cost::Energy& energy) {
  if (energy.low == energy.high) return "";
  return fmt::format("{} .. {}", si(joules(energy.low), "J"), si(joules(energy.high), "J"));
}

std::string totals(const result::Report& report) {
  TextTable table;
  const std::vector<Column> columns = columns_of(report);
  const auto row = [&](const std::string& title, auto value, auto ratio) {
    std::vector<std::string> cells = {title};
    for (const Column& column : columns) {
      cells.push_back(value(*column.design));
      if (column.baseline != nullptr)
        cells.push_back(ratio(result::ratios(report.design.totals, column.design->totals)));
    }
    table.row(std::move(cells));
  };
  const auto none = [](const result::Ratios&) { return std::string(); };
  using Design = result::DesignResult;
  using Ratios = result::Ratios;

  std::vector<std::string> titles = {""};
  for (const Column& column : columns) {
    titles.push_back(column.baseline == nullptr
                         ? column.title
                         : column.title + " " + name(column.baseline->equalisation));
    if (column.baseline != nullptr) titles.emplace_back("ratio");
  }
  table.row(std::move(titles));
  table.rule();
  row(
      "latency", [](const Design& d) { return si(d.totals.latency.value(), "s"); },
      [](const Ratios& r) { return significant(r.latency); });
  row(
      "energy", [&](const Design& d) { return si(joules(d.totals.energy.value), "J"); },
      [](const Ratios& r) { return significant(r.energy); });
  row(
      "energy x delay",
      [&](const Design& d) {
        return si(joules(d.totals.energy.value) * d.totals.latency.value(), "Js");
      },
      [](const Ratios& r) { return significant(r.edp); });
  row(
      "area",
      [](const Design& d) { return significant(square_millimetres(d.totals.area.value)) + " mm2"; },
      [](const Ratios& r) { return significant(r.area); });
  row(
      "array", [](const Design& d) { return fmt::format("{} x {}", d.rows, d.columns); }, none);
  row(
      "cycles", [](const Design& d) { return grouped(d.totals.cycles.value()); }, none);
  row(
      "MACs", [](const Design& d) { return grouped(d.totals.macs); }, none);
  row(
      "DRAM traffic",
      [](const Design& d) { return si(static_cast<double>(d.totals.dram_bits) / 8.0, "B"); }, none);
  row(
      "on assumed rows: energy",
      [](const Design& d) { return percent(assumed_share(d.totals.energy)); }, none);
  row(
      "on assumed rows: area",
      [](const Design& d) { return percent(assumed_share(d.totals.area)); }, none);
  std::string text = table.str();
  if (columns.size() > 1) text += "ratio = design / baseline: below 1 the design is better\n";
  const std::string range = interval(report.design.totals.energy);
  if (!range.empty())
    text += "energy of the design within the ranges of its sources: " + range + "\n";
  for (const Column& column : columns)
    if (column.baseline != nullptr)
      text += fmt::format("{}: {} on {}, {} held within {:+.2f} %\n", column.title,
                          column.design->trace, column.design->architecture,
                          name(column.baseline->equalisation), column.baseline->residual * 100.0);
  return text;
}

using EnergyMap = std::map<std::string, cost::Energy>;

// Keys with the largest first; what costs nothing anywhere is left out.
std::vector<std::string> by_size(const std::map<std::string, double>& sizes) {
  std::vector<std::string> keys;
  for (const auto& [key, size] : sizes)
    if (size > 0.0) keys.push_back(key);
  std::stable_sort(keys.begin(), keys.end(), [&](const std::string& a, const std::string& b) {
    return sizes.at(a) > sizes.at(b);
  });
  return keys;
}

std::string energies(const result::Report& report, const std::string& title,
                     EnergyMap result::DesignResult::*part) {
  const std::vector<Column> columns = columns_of(report);
  TextTable table;
  std::vector<std::string> titles = {title};
  std::map<std::string, double> largest;
  for (const Column& column : columns) {
    titles.push_back(column.title);
    titles.emplace_back("share");
    for (const auto& [key, energy] : column.design->*part)
      largest[key] = std::max(largest[key], energy.value.value());
  }
  titles.emplace_back("assumed");
  table.row(std::move(titles));
  table.rule();
  for (const std::string& key : by_size(largest)) {
    std::vector<std::string> cells = {key};
    for (const Column& column : columns) {
      const auto found = (column.design->*part).find(key);
      const bool there = found != (column.design->*part).end();
      const double all = column.design->totals.energy.value.value();
      cells.push_back(there ? si(joules(found->second.value), "J") : "-");
      cells.push_back(there && all > 0.0 ? percent(found->second.value.value() / all) : "");
    }
    const auto found = (report.design.*part).find(key);
    cells.push_back(found != (report.design.*part).end() ? percent(assumed_share(found->second))
                                                         : "");
    table.row(std::move(cells));
  }
  return table.str();
}

std::string area_table(const cost::AreaReport& area) {
  TextTable table;
  table.row({"area by component", "instances", "area", "share", "assumed"});
  table.rule();
  const double all = area.total.value.value();
  for (const cost::AreaPart& part : area.parts)
    table.row({part.component, grouped(part.instances),
               significant(square_millimetres(part.total.value)) + " mm2",
               all > 0.0 ? percent(part.total.value.value() / all) : "",
               percent(assumed_share(part.total))});
  table.row({"all on chip", "", significant(square_millimetres(area.total.value)) + " mm2", "",
             percent(assumed_share(area.total))});
  return table.str();
}

// Layers that a reader need not tell apart.
struct LayerRow {
  std::string phase;
  const result::LayerActivity* first = nullptr;
  std::uint64_t repeat = 0, cycles = 0, dram_bits = 0;
  double latency_s = 0.0;
  cost::Energy energy;
};

std::vector<LayerRow> layer_rows(const result::DesignResult& design) {
  std::map<std::string, std::size_t> phases;
  for (const result::LayerResult& layer : design.layers) phases.emplace(layer.activity.phase, 0);
  const bool apart = phases.size() <= kMostPhasesApart;
  const std::string together = fmt::format("{} phases", phases.size());

  using Key = std::tuple<std::string, std::string, std::string, std::string, result::Resource>;
  std::map<Key, std::size_t> known;
  std::vector<LayerRow> rows;
  for (const result::LayerResult& layer : design.layers) {
    const result::LayerActivity& a = layer.activity;
    const std::string phase = apart ? a.phase : together;
    const auto [place, fresh] =
        known.emplace(Key{phase, a.name, a.kind, a.format, a.bound_by}, rows.size());
    if (fresh) {
      rows.emplace_back();
      rows.back().phase = phase;
      rows.back().first = &a;
    }
    LayerRow& row = rows[place->second];
    row.repeat += a.repeat;
    row.cycles += a.cycles.value();
    row.dram_bits += a.dram_read_bits + a.dram_write_bits;
    row.latency_s += layer.latency.value();
    row.energy.add(layer.energy.total);
  }
  return rows;
}

std::string layers(const result::DesignResult& design) {
  TextTable table(3);
  table.row({"phase", "layer", "weights", "times", "cycles", "latency", "share", "bound by", "DRAM",
             "energy"});
  table.rule();
  const double all = design.totals.latency.value();
  for (const LayerRow& row : layer_rows(design))
    table.row({row.phase, row.first->name, row.first->format, grouped(row.repeat),
               grouped(row.cycles), si(row.latency_s, "s"),
               all > 0.0 ? percent(row.latency_s / all) : "", name(row.first->bound_by),
               si(static_cast<double>(row.dram_bits) / 8.0, "B"),
               si(joules(row.energy.value), "J")});
  return table.str();
}

std::string repeated(const result::DesignResult& design) {
  workload::ArithmeticCounts once, again;
  std::uint64_t padding = 0;
  for (const result::LayerResult& layer : design.layers) {
    once.add(layer.activity.arithmetic);
    again.add(layer.activity.repeated);
    padding += layer.activity.padding_macs;
  }
  TextTable table;
  table.row({"work done again for tiles", "again", "once", "share"});
  table.rule();
  bool any = false;
  const auto row = [&](const std::string& title, std::uint64_t more, std::uint64_t count) {
    if (more == 0) return;
    any = true;
    table.row({title, grouped(more), grouped(count),
               count > 0 ? percent(static_cast<double>(more) / static_cast<double>(count)) : ""});
  };
  row("lut tables", again.lut_tables, once.lut_tables);
  row("lut queries", again.lut_queries, once.lut_queries);
  for (int i = 0; i < arith::kArithmeticCount; ++i) {
    const auto arithmetic = static_cast<arith::Arithmetic>(i);
    row(arith::name(arithmetic), again[arithmetic], once[arithmetic]);
  }
  row("MACs of padding", padding, design.totals.macs);
  return any ? "\n" + table.str() : "";
}

/// Each note once.
std::string listed(const std::vector<std::string>& notes) {
  if (notes.empty()) return "";
  std::string text = "\nnotes\n";
  std::map<std::string, bool> said;
  for (const std::string& note : notes)
    if (said.emplace(note, true).second) text += "- " + note + "\n";
  return text;
}

std::string notes(const result::Report& report, const Configuration& configuration) {
  std::vector<std::string> all = configuration.design.trace.notes;
  all.insert(all.end(), report.design.notes.begin(), report.design.notes.end());
  for (const Column& column : columns_of(report))
    if (column.baseline != nullptr)
      for (const std::string& note : column.design->notes)
        all.push_back(column.title + ": " + note);
  return listed(all);
}

}  // namespace

std::string text(const result::Report& report, const Configuration& configuration) {
  using result::DesignResult;
  return header(report, configuration) + "\n" + totals(report) + "\n" +
         energies(report, "energy by component", &DesignResult::energy_by_component) + "\n" +
         energies(report, "energy by operation", &DesignResult::energy_by_operation) + "\n" +
         area_table(report.design.area) + "\n" + layers(report.design) +
         tables_text(report.design) + values_text(report.design) + repeated(report.design) +
         notes(report, configuration);
}

std::string area_text(const cost::AreaReport& area, const arch::Architecture& architecture,
                      const cost::CostTable& table) {
  return fmt::format("{}: {} x {} PEs, {}\n\n", architecture.name, architecture.rows,
                     architecture.columns(), table.name) +
         area_table(area) + table_silicon_text(area) + listed(area.notes);
}

}  // namespace addax::report
