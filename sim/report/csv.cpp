// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <sstream>

#include "models/quantity/check.h"
#include "sim/report/report.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

// RFC 4180: quoted where the cell would otherwise break its row.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

// The shortest text that reads back as the same number.
std::string cell(double value) { return fmt::format("{}", value); }
std::string cell(std::uint64_t value) { return std::to_string(value); }

class Csv {
 public:
  explicit Csv(std::ostream& stream) : stream_(stream) {}
  template <class... Cells>
  void row(const Cells&... cells) {
    std::string line;
    ((line += (line.empty() ? "" : ",") + cell(cells)), ...);
    stream_ << line << '\n';
  }

 private:
  std::ostream& stream_;
};

void layers(Csv& csv, const std::string& role, const result::DesignResult& design) {
  for (const result::LayerResult& layer : design.layers) {
    const result::LayerActivity& a = layer.activity;
    std::vector<std::uint64_t> busy;
    for (const auto& cycles : a.busy) busy.push_back(cycles.value());
    csv.row(role, design.architecture, a.phase, a.block, a.name, a.kind, a.format, a.group,
            a.repeat, a.macs, a.cycles.value(), layer.latency.value(),
            joules(layer.energy.total.value), joules(layer.energy.total.low),
            joules(layer.energy.total.high), joules(layer.energy.total.assumed), a.dram_read_bits,
            a.dram_write_bits, std::string(name(a.bound_by)), busy.at(0), busy.at(1), busy.at(2),
            busy.at(3), busy.at(4), a.passes, a.repeated.lut_tables, a.padding_macs, a.mapping);
  }
}

}  // namespace

void csv(std::ostream& stream, const result::Report& report) {
  static_assert(result::kResourceCount == 5, "a busy column for each resource");
  Csv csv(stream);
  const auto header = [](const char* text) { return std::string(text); };
  csv.row(header("design"), header("architecture"), header("phase"), header("block"),
          header("layer"), header("kind"), header("format"), header("column_group"),
          header("repeat"), header("macs"), header("cycles"), header("latency_s"),
          header("energy_j"), header("energy_j_low"), header("energy_j_high"),
          header("energy_j_assumed"), header("dram_read_bits"), header("dram_write_bits"),
          header("bound_by"), header("dram_busy_cycles"), header("buffer_busy_cycles"),
          header("network_busy_cycles"), header("compute_busy_cycles"),
          header("vector_unit_busy_cycles"), header("passes"), header("repeated_lut_tables"),
          header("padding_macs"), header("mapping"));
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
  Csv csv(stream);
  csv.row(std::string("component"), std::string("instances"), std::string("area_mm2"),
          std::string("area_mm2_low"), std::string("area_mm2_high"),
          std::string("area_mm2_assumed"), std::string("row"));
  for (const cost::AreaPart& part : area.parts)
    csv.row(part.component, part.instances, square_millimetres(part.total.value),
            square_millimetres(part.total.low), square_millimetres(part.total.high),
            square_millimetres(part.total.assumed), part.row);
  return stream.str();
}

}  // namespace addax::report
