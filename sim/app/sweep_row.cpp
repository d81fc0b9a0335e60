// SPDX-License-Identifier: Apache-2.0
#include "sim/app/sweep_row.h"

#include <limits>
#include <map>

#include "models/quantity/check.h"

namespace addax::app {
namespace {

using sweep::Cell;

/// A count; beyond 63 bits SQLite has numbers only.
Cell count(std::uint64_t value) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return static_cast<double>(value);
  return static_cast<std::int64_t>(value);
}

double joules(const cost::Energy& energy) { return energy.value.value() * 1e-12; }
double square_millimetres(const cost::Area& area) { return area.value.value() * 1e-6; }

void add_baseline(const std::optional<result::Baseline>& baseline, std::vector<Cell>& cells) {
  if (!baseline) {
    cells.resize(cells.size() + 4);
    return;
  }
  const result::Totals& totals = baseline->result.totals;
  cells.insert(cells.end(), {totals.latency.value(), joules(totals.energy),
                             square_millimetres(totals.area), count(baseline->result.columns)});
}

void add_tables(const result::DesignResult& design, std::vector<Cell>& cells) {
  std::uint64_t built = 0, distinct = 0, queries = 0;
  for (const result::LayerResult& layer : design.layers)
    if (const auto& kept = layer.activity.retention) {
      built += kept->built;
      distinct += kept->distinct;
      queries += kept->queries;
    }
  if (queries == 0)
    cells.resize(cells.size() + 3);
  else
    cells.insert(cells.end(), {count(built), count(distinct), count(queries)});
}

std::vector<Cell> outputs(const RunResult& run) {
  const result::Report& report = run.report;
  const result::DesignResult& design = report.design;
  const result::Totals& totals = design.totals;
  const arch::Architecture& architecture = run.configuration.design.architecture;
  const double energy = joules(totals.energy);
  const double latency = totals.latency.value();
  const double area = square_millimetres(totals.area);
  const result::Provenance& origin = report.provenance;
  std::vector<Cell> cells = {origin.version,
                             origin.commit,
                             origin.sources_sha256,
                             origin.architecture_sha256,
                             origin.trace_sha256,
                             origin.cost_table_sha256,
                             count(design.rows),
                             count(design.columns),
                             count(std::uint64_t{design.rows} * design.columns),
                             architecture.clock.value(),
                             architecture.dram.peak_bandwidth.value(),
                             count(totals.cycles.value()),
                             latency,
                             count(totals.macs),
                             count(totals.dram_bits),
                             energy,
                             totals.energy.low.value() * 1e-12,
                             totals.energy.high.value() * 1e-12,
                             area,
                             energy * latency,
                             energy * area,
                             latency > 0.0 ? Cell(energy / latency) : Cell()};
  add_tables(design, cells);
  add_baseline(report.fp16, cells);
  add_baseline(report.same_bits, cells);
  ADDAX_CHECK(cells.size() == sweep::output_columns().size(), "columns of a row");
  return cells;
}

std::vector<Cell> layer_row(std::size_t number, const result::LayerResult& layer) {
  const result::LayerActivity& a = layer.activity;
  std::vector<Cell> cells = {count(number),
                             a.phase,
                             a.block,
                             a.name,
                             a.kind,
                             a.format,
                             a.fidelity,
                             count(a.repeat),
                             count(a.macs),
                             count(a.cycles.value()),
                             layer.latency.value(),
                             joules(layer.energy.total),
                             count(a.dram_read_bits),
                             count(a.dram_write_bits),
                             std::string(name(a.bound_by))};
  for (const quantity::Cycles& busy : a.busy) cells.push_back(count(busy.value()));
  cells.emplace_back(a.mapping);
  ADDAX_CHECK(cells.size() == sweep::layer_columns().size(), "columns of a layer");
  return cells;
}

// Parts of a column group are one component each: "array[0].lut".
std::vector<std::vector<Cell>> components(const result::DesignResult& design) {
  std::map<std::string, std::pair<Cell, Cell>> found;
  for (const auto& [component, energy] : design.energy_by_component)
    found[component].first = joules(energy);
  for (const cost::AreaPart& part : design.area.parts)
    found[part.component].second = square_millimetres(part.total);
  std::vector<std::vector<Cell>> rows;
  for (const auto& [component, each] : found) rows.push_back({component, each.first, each.second});
  return rows;
}

}  // namespace

sweep::Row row_of(const RunResult& run) {
  sweep::Row row;
  row.status = sweep::Status::kDone;
  row.outputs = outputs(run);
  const std::vector<result::LayerResult>& layers = run.report.design.layers;
  for (std::size_t i = 0; i < layers.size(); ++i) row.layers.push_back(layer_row(i, layers[i]));
  row.components = components(run.report.design);
  return row;
}

}  // namespace addax::app
