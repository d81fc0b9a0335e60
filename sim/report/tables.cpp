// SPDX-License-Identifier: Apache-2.0
#include "sim/report/tables.h"

#include <fmt/format.h>

#include <map>
#include <tuple>
#include <vector>

#include "sim/report/text_table.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

using Json = nlohmann::ordered_json;

std::string energies(const result::DesignResult& design) {
  const cost::TableEnergy& tables = design.energy_of_tables;
  TextTable table;
  table.row({"energy of look-up tables", "design", "share", "assumed"});
  table.rule();
  const double all = design.totals.energy.value.value();
  const auto row = [&](const char* title, const cost::Energy& energy) {
    table.row({title, si(joules(energy.value), "J"), percent(energy.value.value() / all),
               percent(assumed_share(energy))});
  };
  row("building: adds", tables.adds);
  row("building: writes", tables.writes);
  row("reading", tables.reads);
  row("holding", tables.hold);
  row("leakage", tables.leakage);
  return table.str();
}

// Layers of one name whose tables are kept alike.
struct Row {
  std::uint64_t times = 0;
  result::Retention retention;
  cost::TableEnergy energy;
};

using Rows = std::vector<std::pair<std::string, Row>>;

Rows rows_of(const result::DesignResult& design) {
  using Key = std::tuple<std::string, std::uint32_t, std::uint64_t, double>;
  std::map<Key, std::size_t> known;
  Rows rows;
  for (const result::LayerResult& layer : design.layers) {
    const result::LayerActivity& a = layer.activity;
    if (!a.retention) continue;
    const result::Retention& r = *a.retention;
    const Key key{a.name, r.planes, r.output_tiles, r.builds_a_table()};
    const auto [place, fresh] = known.emplace(key, rows.size());
    if (fresh) {
      rows.emplace_back(a.name, Row());
      rows.back().second.retention.planes = r.planes;
      rows.back().second.retention.output_tiles = r.output_tiles;
    }
    Row& row = rows[place->second].second;
    row.times += a.repeat;
    row.retention.distinct += r.distinct;
    row.retention.built += r.built;
    row.retention.queries += r.queries;
    row.energy.add(layer.energy.tables);
  }
  return rows;
}

std::string retentions(const Rows& rows) {
  TextTable table;
  table.row({"tables of", "times", "differ", "built", "builds a table", "outputs a build",
             "planes a build", "tiles a build", "building", "reading", "holding"});
  table.rule();
  for (const auto& [name, row] : rows) {
    const result::Retention& kept = row.retention;
    table.row({name, grouped(row.times), grouped(kept.distinct), grouped(kept.built),
               significant(kept.builds_a_table()), significant(kept.outputs_a_build()),
               grouped(kept.planes), significant(kept.tiles_a_build()),
               si(joules(row.energy.build().value), "J"), si(joules(row.energy.reads.value), "J"),
               si(joules(row.energy.hold.value), "J")});
  }
  return table.str();
}

bool of_table(const cost::AreaPart& part) {
  return part.component.find("].lut.") != std::string::npos;
}

}  // namespace

std::string tables_text(const result::DesignResult& design) {
  const Rows rows = rows_of(design);
  if (rows.empty()) return "";
  return "\n" + energies(design) + "\n" + retentions(rows);
}

std::string table_silicon_text(const cost::AreaReport& area) {
  TextTable table;
  table.row({"look-up tables", "tables", "one", "all", "assumed", "assumed rows"});
  table.rule();
  bool any = false;
  for (const cost::AreaPart& part : area.parts) {
    if (!of_table(part)) continue;
    any = true;
    const double one = part.total.value.value() / static_cast<double>(part.instances);
    table.row(
        {part.component, grouped(part.instances), significant(one) + " um2",
         significant(square_millimetres(part.total.value)) + " mm2",
         percent(assumed_share(part.total)),
         part.assumed_rows.empty() ? "-" : fmt::format("{}", fmt::join(part.assumed_rows, ", "))});
  }
  return any ? "\n" + table.str() : "";
}

Json table_energy_json(const cost::TableEnergy& energy) {
  return {{"build_adds", joules(energy.adds.value)},
          {"build_writes", joules(energy.writes.value)},
          {"read", joules(energy.reads.value)},
          {"hold", joules(energy.hold.value)},
          {"leakage", joules(energy.leakage.value)}};
}

Json retention_json(const result::Retention& retention, const cost::TableEnergy& energy) {
  return {{"distinct", retention.distinct},
          {"built", retention.built},
          {"queries", retention.queries},
          {"builds_a_table", retention.builds_a_table()},
          {"outputs_a_build", retention.outputs_a_build()},
          {"planes_a_build", retention.planes},
          {"tiles_a_build", retention.tiles_a_build()},
          {"energy_j", table_energy_json(energy)}};
}

}  // namespace addax::report
