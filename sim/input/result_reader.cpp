// SPDX-License-Identifier: Apache-2.0
#include "sim/input/result_reader.h"

#include <limits>

namespace addax::input {
namespace {

using Keys = std::vector<const char*>;

constexpr std::uint64_t kMostCount = std::numeric_limits<std::uint64_t>::max();
constexpr double kMost = std::numeric_limits<double>::max();

void counts(const Value& map, const Keys& keys) {
  for (const char* key : keys) map.at(key).integer(0, kMostCount);
}
void amounts(const Value& map, const Keys& keys) {
  for (const char* key : keys) map.at(key).number(0.0, kMost);
}
void texts(const Value& map, const Keys& keys) {
  for (const char* key : keys) map.at(key).text();
}
void text_list(const Value& list) {
  for (const Value& each : list.list()) each.text();
}
void amount_map(const Value& map) {
  for (const auto& entry : map.entries()) entry.second.number(0.0, kMost);
}
void count_map(const Value& map) {
  for (const auto& entry : map.entries()) entry.second.integer(0, kMostCount);
}
void interval(const Value& list) {
  const std::vector<Value> ends = list.list();
  if (ends.size() != 2) list.fail("a list of two numbers: low, high");
  ends[1].number(ends[0].number(0.0, kMost), kMost);
}
void interval_map(const Value& map) {
  for (const auto& entry : map.entries()) interval(entry.second);
}

void check_area_parts(const Value& parts) {
  for (const Value& part : parts.list()) {
    texts(part, {"component", "row"});
    counts(part, {"instances"});
    amounts(part, {"area_mm2", "area_mm2_low", "area_mm2_high", "area_mm2_assumed"});
    if (const auto rows = part.find("assumed_rows")) text_list(*rows);
  }
}

void check_tables(const Value& tables) {
  counts(tables, {"distinct", "built", "queries", "planes_a_build"});
  amounts(tables, {"builds_a_table", "outputs_a_build", "tiles_a_build"});
  amount_map(tables.at("energy_j"));
}

void check_layer(const Value& layer) {
  texts(layer, {"name", "phase", "block", "kind", "format", "column_group", "mapping"});
  counts(layer, {"repeat", "macs", "cycles", "dram_bits", "dram_read_bits", "dram_write_bits",
                 "dram_bursts", "passes", "padding_macs"});
  amounts(layer, {"latency_s", "energy_j", "energy_j_low", "energy_j_high"});
  amount_map(layer.at("energy_j_by_component"));
  layer.at("bound_by").word({"dram", "buffer", "network", "compute", "vector_unit"});
  for (const char* key : {"busy_cycles", "arithmetic", "repeated"}) count_map(layer.at(key));
  // Absent from results that are older than it.
  if (const auto fidelity = layer.find("fidelity"))
    fidelity->word({"cycle", "analytic", "detailed"});
  // Absent where the layer has no tables, and from results that are older than it.
  if (const auto tables = layer.find("tables")) check_tables(*tables);
  // Absent where the layer has no values, and where nothing stands in for them.
  for (const char* key : {"values", "values_assumed"})
    if (const auto values = layer.find(key))
      for (const auto& entry : values->entries()) count_map(entry.second);
}

void check_action(const Value& action) {
  texts(action, {"action", "row", "source"});
  counts(action, {"width_bits", "count"});
  amounts(action, {"energy_j"});
  action.at("evidence").word({"measured", "derived", "assumed"});
}

void check_intervals(const Value& intervals) {
  const Value energy = intervals.at("energy_j");
  interval(energy.at("total"));
  interval_map(energy.at("by_component"));
  interval_map(energy.at("by_operation"));
  interval(intervals.at("area_mm2"));
}

/// What a design and each of its baselines have.
void check_design(const Value& design) {
  texts(design, {"architecture", "trace", "cost_table"});
  counts(design, {"rows", "columns"});
  const Value totals = design.at("totals");
  counts(totals, {"cycles", "macs", "dram_bits"});
  amounts(totals, {"latency_s", "energy_j", "area_mm2"});
  for (const char* key : {"by_component", "by_operation"})
    amount_map(design.at("energy_j").at(key));
  // Absent from results that are older than it, as are the notes on an area.
  if (const auto tables = design.find("tables")) amount_map(tables->at("energy_j"));
  check_intervals(design.at("intervals"));
  const Value assumed = design.at("assumed");
  amounts(assumed, {"energy_j", "energy_share", "area_mm2", "area_share"});
  amount_map(assumed.at("energy_share_by_component"));
  check_area_parts(design.at("area"));
  for (const Value& action : design.at("actions").list()) check_action(action);
  for (const Value& layer : design.at("layers").list()) check_layer(layer);
  text_list(design.at("notes"));
}

void check_provenance(const Value& provenance, const Keys& hashes) {
  texts(provenance, {"version", "commit"});
  texts(provenance, hashes);
  // Absent from results that are older than it.
  if (const auto sources = provenance.find("sources_sha256")) sources->text();
  const Value configuration = provenance.at("configuration");
  for (const char* key : {"architecture", "cost_table"})
    if (!configuration.at(key).is_map()) configuration.at(key).fail("a map");
}

void check_run(const Value& root) {
  const Value provenance = root.at("provenance");
  check_provenance(provenance, {"trace_sha256", "cost_table_sha256", "architecture_sha256"});
  if (const auto values = provenance.find("values_sha256"))
    for (const auto& entry : values->entries()) entry.second.text();
  const Value configuration = provenance.at("configuration");
  configuration.at("fidelity").word({"cycle", "analytic", "detailed"});
  configuration.at("reuse_equal_layers").boolean();
  // Absent from results that are older than the choice.
  if (const auto effort = configuration.find("mapping")) effort->word({"fast", "exhaustive"});
  if (const auto objective = configuration.find("objective"))
    objective->word({"energy", "latency", "edp"});
  check_design(root);
  const Value baselines = root.at("baselines");
  const Value ratios = root.at("ratios");
  baselines.allow_only({"fp16", "same_bits"});
  for (const auto& [key, baseline] : baselines.entries()) {
    check_design(baseline);
    baseline.at("equalisation").word({"iso-area", "iso-throughput", "iso-pe"});
    baseline.at("residual").number(-kMost, kMost);
    amounts(ratios.at(key), {"energy", "latency", "area", "edp"});
  }
}

void check_area(const Value& root) {
  check_provenance(root.at("provenance"), {"cost_table_sha256", "architecture_sha256"});
  texts(root, {"architecture", "cost_table"});
  amounts(root.at("totals"),
          {"area_mm2", "area_mm2_low", "area_mm2_high", "area_mm2_assumed", "assumed_share"});
  check_area_parts(root.at("area"));
  if (const auto notes = root.find("notes")) text_list(*notes);
}

}  // namespace

void check_result(const Document& document) {
  const Value root = document.root();
  const std::string schema = root.at("schema").word({"addax.result/1", "addax.area/1"});
  if (schema == "addax.area/1") return check_area(root);
  check_run(root);
}

}  // namespace addax::input
