// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "sim/sweep/results.h"

namespace addax::sweep {
namespace {

using Json = nlohmann::ordered_json;

Cell cell_of_json(const Json& json) {
  if (json.is_number_float()) return json.get<double>();
  if (json.is_number()) return json.get<std::int64_t>();
  if (json.is_string()) return json.get<std::string>();
  return {};
}

Json list_of(const std::vector<Cell>& cells) {
  Json list = Json::array();
  for (const Cell& cell : cells) list.push_back(json_of(cell));
  return list;
}

std::vector<Cell> cells_of(const Json& list) {
  std::vector<Cell> cells;
  for (const Json& each : list) cells.push_back(cell_of_json(each));
  return cells;
}

Json list_of(const std::vector<std::vector<Cell>>& rows) {
  Json list = Json::array();
  for (const std::vector<Cell>& row : rows) list.push_back(list_of(row));
  return list;
}

std::vector<std::vector<Cell>> rows_of(const Json& list) {
  std::vector<std::vector<Cell>> rows;
  for (const Json& each : list) rows.push_back(cells_of(each));
  return rows;
}

}  // namespace

const std::vector<std::string>& output_columns() {
  static const std::vector<std::string> columns = {"version",
                                                   "commit",
                                                   "sources_sha256",
                                                   "arch_sha256",
                                                   "trace_sha256",
                                                   "tech_sha256",
                                                   "rows",
                                                   "columns",
                                                   "pes",
                                                   "clock_hz",
                                                   "dram_bits_per_s",
                                                   "cycles",
                                                   "latency_s",
                                                   "macs",
                                                   "dram_bits",
                                                   "energy_j",
                                                   "energy_low_j",
                                                   "energy_high_j",
                                                   "area_mm2",
                                                   "edp_js",
                                                   "energy_area_j_mm2",
                                                   "power_w",
                                                   "tables_built",
                                                   "tables_distinct",
                                                   "table_queries",
                                                   "fp16_latency_s",
                                                   "fp16_energy_j",
                                                   "fp16_area_mm2",
                                                   "fp16_columns",
                                                   "same_bits_latency_s",
                                                   "same_bits_energy_j",
                                                   "same_bits_area_mm2",
                                                   "same_bits_columns"};
  return columns;
}

const std::vector<std::string>& layer_columns() {
  static const std::vector<std::string> columns = {
      "number",         "phase",           "block",          "name",
      "kind",           "format",          "fidelity",       "repeat",
      "macs",           "cycles",          "latency_s",      "energy_j",
      "dram_read_bits", "dram_write_bits", "bound_by",       "dram_cycles",
      "buffer_cycles",  "network_cycles",  "compute_cycles", "vector_cycles",
      "mapping"};
  return columns;
}

const std::vector<std::string>& component_columns() {
  static const std::vector<std::string> columns = {"component", "energy_j", "area_mm2"};
  return columns;
}

const char* name(Status status) {
  switch (status) {
    case Status::kDone:
      return "done";
    case Status::kFailed:
      return "failed";
    case Status::kCrashed:
      return "crashed";
    case Status::kChanged:
      break;
  }
  return "changed";
}

std::string Row::bytes() const {
  const Json json = {static_cast<int>(status), message,         seconds,
                     list_of(outputs),         list_of(layers), list_of(components)};
  const std::vector<std::uint8_t> packed = Json::to_msgpack(json);
  return {packed.begin(), packed.end()};
}

Row Row::from_bytes(const std::string& bytes) {
  const Json json = Json::from_msgpack(bytes);
  Row row;
  row.status = static_cast<Status>(json[0].get<int>());
  row.message = json[1].get<std::string>();
  row.seconds = json[2].get<double>();
  row.outputs = cells_of(json[3]);
  row.layers = rows_of(json[4]);
  row.components = rows_of(json[5]);
  return row;
}

}  // namespace addax::sweep
