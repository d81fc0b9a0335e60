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
  ValueCounts counts;
};

std::vector<Row> rows_of(const result::DesignResult& design) {
  std::vector<Row> rows;
  for (const result::LayerResult& layer : design.layers) {
    const result::LayerActivity& a = layer.activity;
    if (!a.counted) continue;
    auto row = std::find_if(rows.begin(), rows.end(),
                            [&](const Row& each) { return each.name == a.name; });
    if (row == rows.end()) row = rows.insert(rows.end(), {a.name, 0, {}});
    row->times += a.repeat;
    row->counts.add(*a.counted);
  }
  return rows;
}

/// "-" where nothing was counted.
template <class Part>
std::string share(const std::optional<Part>& part, std::uint64_t Part::*count,
                  std::uint64_t Part::*all) {
  if (!part) return "-";
  return percent(static_cast<double>(*part.*count) / static_cast<double>(*part.*all));
}

Json zeros_json(const ZeroCounts& zeros) { return {{"zeros", zeros.zeros}, {"all", zeros.all}}; }

}  // namespace

std::string values_text(const result::DesignResult& design) {
  const std::vector<Row> rows = rows_of(design);
  if (rows.empty()) return "";
  TextTable table;
  table.row({"counted from values", "times", "zero weights", "repeated keys", "unused entries",
             "terms rounded", "terms flushed", "zero activations"});
  table.rule();
  for (const Row& row : rows) {
    const ValueCounts& c = row.counts;
    table.row({row.name, grouped(row.times), share(c.weights, &ZeroCounts::zeros, &ZeroCounts::all),
               share(c.keys, &KeyCounts::repeated, &KeyCounts::queries),
               share(c.keys, &KeyCounts::unused, &KeyCounts::entries),
               share(c.terms, &TermCounts::rounded, &TermCounts::additions),
               share(c.terms, &TermCounts::flushed, &TermCounts::additions),
               share(c.activations, &ZeroCounts::zeros, &ZeroCounts::all)});
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
