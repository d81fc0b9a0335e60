// SPDX-License-Identifier: Apache-2.0
#include "sim/report/values.h"

#include <algorithm>
#include <vector>

#include "sim/report/text_table.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

using Json = nlohmann::ordered_json;
using workload::KeyCounts;
using workload::TermCounts;
using workload::ValueCounts;
using workload::ZeroCounts;

struct Row {
  std::string name;
  std::uint64_t times = 0;
  ValueCounts counted, assumed;
};

bool same_parts(const ValueCounts& a, const ValueCounts& b) {
  return a.weights.has_value() == b.weights.has_value() &&
         a.activations.has_value() == b.activations.has_value() &&
         a.keys.has_value() == b.keys.has_value() && a.terms.has_value() == b.terms.has_value();
}

/// Layers of a name are one row where the same is known of them. Those of which nothing is have none.
std::vector<Row> rows_of(const result::DesignResult& design) {
  std::vector<Row> rows;
  for (const result::LayerResult& layer : design.layers) {
    const result::LayerActivity& a = layer.activity;
    const ValueCounts counted = a.counted.value_or(ValueCounts{});
    const ValueCounts assumed = a.assumed.value_or(ValueCounts{});
    if (counted.empty() && assumed.empty()) continue;
    auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& each) {
      return each.name == a.name && same_parts(each.counted, counted) &&
             same_parts(each.assumed, assumed);
    });
    if (row == rows.end()) row = rows.insert(rows.end(), {a.name, 0, {}, {}});
    row->times += a.repeat;
    row->counted.add(counted);
    row->assumed.add(assumed);
  }
  return rows;
}

/// A column of shares, count / all of one part.
template <class Part>
std::vector<std::string> column(const std::string& title, const std::vector<Row>& rows,
                                std::optional<Part> ValueCounts::*part, std::uint64_t Part::*count,
                                std::uint64_t Part::*all) {
  const auto share = [&](const Part& of) {
    return percent(static_cast<double>(of.*count) / static_cast<double>(of.*all));
  };
  std::vector<std::string> cells = {title};
  for (const Row& row : rows) {
    const std::optional<Part>&counted = row.counted.*part, &assumed = row.assumed.*part;
    cells.push_back(counted ? share(*counted) : assumed ? share(*assumed) + " assumed" : "-");
  }
  return cells;
}

bool is_of_any_layer(const std::vector<std::string>& column) {
  return std::any_of(column.begin() + 1, column.end(),
                     [](const std::string& cell) { return cell != "-"; });
}

Json zeros_json(const ZeroCounts& zeros) { return {{"zeros", zeros.zeros}, {"all", zeros.all}}; }

}  // namespace

std::string values_text(const result::DesignResult& design) {
  const std::vector<Row> rows = rows_of(design);
  if (rows.empty()) return "";
  using V = ValueCounts;
  using Z = ZeroCounts;
  using K = KeyCounts;
  using T = TermCounts;
  const std::vector<std::vector<std::string>> columns = {
      column("zero weights", rows, &V::weights, &Z::zeros, &Z::all),
      column("repeated keys", rows, &V::keys, &K::repeated, &K::queries),
      column("unused entries", rows, &V::keys, &K::unused, &K::entries),
      column("terms rounded", rows, &V::terms, &T::rounded, &T::additions),
      column("terms flushed", rows, &V::terms, &T::flushed, &T::additions),
      column("zero activations", rows, &V::activations, &Z::zeros, &Z::all)};
  TextTable table;
  for (std::size_t line = 0; line <= rows.size(); ++line) {
    std::vector<std::string> cells = {"counts that values decide", "times"};
    if (line > 0) cells = {rows[line - 1].name, grouped(rows[line - 1].times)};
    for (const std::vector<std::string>& column : columns)
      if (is_of_any_layer(column)) cells.push_back(column[line]);
    table.row(std::move(cells));
    if (line == 0) table.rule();
  }
  return "\n" + table.str();
}

Json values_json(const ValueCounts& counts) {
  Json object = Json::object();
  if (counts.weights) object["weights"] = zeros_json(*counts.weights);
  if (counts.activations) object["activations"] = zeros_json(*counts.activations);
  if (counts.keys)
    object["keys"] = {{"queries", counts.keys->queries},
                      {"repeated", counts.keys->repeated},
                      {"entries", counts.keys->entries},
                      {"unused_entries", counts.keys->unused}};
  if (counts.terms)
    object["terms"] = {{"additions", counts.terms->additions},
                       {"rounded", counts.terms->rounded},
                       {"flushed", counts.terms->flushed}};
  return object;
}

}  // namespace addax::report
