// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "models/quantity/check.h"
#include "sim/report/csv_rows.h"
#include "sim/report/report.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

void layers(CsvRows& csv, const std::string& role, const result::DesignResult& design) {
  for (const result::LayerResult& layer : design.layers) {
    const result::LayerActivity& a = layer.activity;
    std::vector<std::uint64_t> busy;
    for (const auto& cycles : a.busy) busy.push_back(cycles.value());
    csv.row(role, design.architecture, a.phase, a.block, a.name, a.kind, a.format, a.group,
            a.repeat, a.macs, a.cycles.value(), layer.latency.value(),
            joules(layer.energy.total.value), joules(layer.energy.total.low),
            joules(layer.energy.total.high), joules(layer.energy.total.assumed), a.dram_read_bits,
            a.dram_write_bits, name(a.bound_by), busy.at(0), busy.at(1), busy.at(2), busy.at(3),
            busy.at(4), a.passes, a.repeated.lut_tables, a.padding_macs, a.mapping, a.fidelity);
  }
}

}  // namespace

void csv(std::ostream& stream, const result::Report& report) {
  static_assert(result::kResourceCount == 5, "a busy column for each resource");
  CsvRows csv(stream);
  csv.row("design", "architecture", "phase", "block", "layer", "kind", "format", "column_group",
          "repeat", "macs", "cycles", "latency_s", "energy_j", "energy_j_low", "energy_j_high",
          "energy_j_assumed", "dram_read_bits", "dram_write_bits", "bound_by", "dram_busy_cycles",
          "buffer_busy_cycles", "network_busy_cycles", "compute_busy_cycles",
          "vector_unit_busy_cycles", "passes", "repeated_lut_tables", "padding_macs", "mapping",
          "fidelity");
  layers(csv, "design", report.design);
  if (report.fp16) layers(csv, "fp16", report.fp16->result);
  if (report.same_bits) layers(csv, "same_bits", report.same_bits->result);
}

std::string csv(const result::Report& report) {
  std::ostringstream stream;
  csv(stream, report);
  return stream.str();
}

std::string area_csv(const cost::AreaReport& area) {
  std::ostringstream stream;
  CsvRows csv(stream);
  csv.row("component", "instances", "area_mm2", "area_mm2_low", "area_mm2_high", "area_mm2_assumed",
          "row");
  for (const cost::AreaPart& part : area.parts)
    csv.row(part.component, part.instances, square_millimetres(part.total.value),
            square_millimetres(part.total.low), square_millimetres(part.total.high),
            square_millimetres(part.total.assumed), part.row);
  return stream.str();
}

}  // namespace addax::report
