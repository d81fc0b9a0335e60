// SPDX-License-Identifier: Apache-2.0
#include "sim/report/report.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "tests/catch.h"

using namespace addax;
using action::Component;
using action::Verb;
using arith::Arithmetic;
using nlohmann::json;

namespace {

// Beyond the 53 bits of a double: a writer that goes through one would round it.
constexpr std::uint64_t kLarge = (std::uint64_t{1} << 60U) + 1;

result::LayerActivity layer(const std::string& block, const std::string& name) {
  result::LayerActivity a;
  a.phase = "decode-2048";
  a.block = block;
  a.name = name;
  a.kind = "linear";
  a.format = "int-3bit g128, \"zp\"";
  a.group = "multiplier";
  a.repeat = 2;
  a.macs = 4096;
  a.cycles = quantity::Cycles(1000);
  a.passes = 4;
  a.dram_read_bits = 12288;
  a.dram_write_bits = 64;
  a.bound_by = result::Resource::kDram;
  a.busy[0] = quantity::Cycles(900);
  a.arithmetic[Arithmetic::kFp16Multiply] = 4096;
  a.repeated[Arithmetic::kFp16Convert] = 128;
  a.mapping = "for n in 4: for k in 2";
  a.actions.add({Component::kDram, Verb::kRead, 1, 0, {}}, 12288);
  a.actions.add({Component::kArray, Verb::kCompute, 16, 0, Arithmetic::kFp16Multiply}, 4096);
  return a;
}

struct Example {
  report::Configuration configuration;
  result::Report report;
};

Example example(std::size_t blocks = 2) {
  Example e;
  const arch::Architecture architecture = input::read_architecture("eyeriss_fp16");
  e.configuration.table = input::read_cost_table("physical-45nm");
  workload::Trace trace;
  trace.name = "toy.decode";
  trace.notes = {"context 2048: the default"};
  e.configuration.design = {architecture, trace};
  e.configuration.fp16 = e.configuration.design;

  result::Activity activity;
  for (std::size_t i = 0; i < blocks; ++i)
    activity.layers.push_back(layer("block." + std::to_string(i), "q_proj"));
  activity.cycles = quantity::Cycles(1000 * blocks);
  e.report.provenance = {"0.1.0", "abc", "s", "t", "c", "a"};
  e.report.fidelity = "cycle";
  e.report.design = result::evaluate(activity, architecture, trace.name, e.configuration.table);
  activity.cycles = quantity::Cycles(4000 * blocks);
  for (auto& each : activity.layers) each.cycles = quantity::Cycles(4000);
  e.report.fp16 =
      result::Baseline{result::evaluate(activity, architecture, trace.name, e.configuration.table),
                       result::Equalisation::kIsoArea, -0.01};
  return e;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::size_t cells_of(const std::string& line) {
  std::size_t cells = 1;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) ++cells;
  }
  return cells;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t occurrences(const std::string& text, const std::string& of) {
  std::size_t count = 0;
  for (std::size_t at = text.find(of); at != std::string::npos; at = text.find(of, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("JSON has every key of its schema") {
  const Example e = example();
  const json document = json::parse(report::json(e.report, e.configuration));
  CHECK(document.at("schema") == "addax.result/1");
  for (const char* key : {"version", "commit", "trace_sha256", "cost_table_sha256",
                          "architecture_sha256", "configuration"})
    CHECK(document.at("provenance").contains(key));
  const auto check_design = [](const json& design) {
    for (const char* key : {"cycles", "latency_s", "energy_j", "area_mm2", "macs", "dram_bits"})
      CHECK(design.at("totals").contains(key));
    for (const char* key : {"by_component", "by_operation"})
      CHECK(design.at("energy_j").contains(key));
    for (const char* key : {"intervals", "assumed", "area", "actions", "notes"})
      CHECK(design.contains(key));
    REQUIRE(design.at("layers").size() == 2);
    for (const char* key : {"name", "cycles", "latency_s", "energy_j", "dram_bits", "bound_by",
                            "mapping", "repeated", "column_group"})
      CHECK(design.at("layers")[0].contains(key));
  };
  check_design(document);
  check_design(document.at("baselines").at("fp16"));
  CHECK_FALSE(document.at("baselines").contains("same_bits"));
  CHECK(document.at("ratios").at("fp16").at("latency") == 0.25);
}

TEST_CASE("JSON written layer by layer is laid out as one tree, whatever its strings hold") {
  Example e = example();
  e.report.design.notes = {"\"layers\": null", "a\nb"};
  e.report.design.layers[0].activity.mapping = "\"layers\": null,\n";
  e.report.fp16->result.layers.clear();
  const std::string text = report::json(e.report, e.configuration);
  const auto document = nlohmann::ordered_json::parse(text);
  CHECK(document.dump(1) + "\n" == text);
  CHECK(document.at("layers").size() == 2);
  CHECK(document.at("layers")[1].at("column_group") == "multiplier");
  CHECK(document.at("baselines").at("fp16").at("layers").empty());
}

TEST_CASE("JSON without baselines has empty baselines and ratios") {
  Example e = example();
  e.report.fp16.reset();
  const json document = json::parse(report::json(e.report, e.configuration));
  CHECK(document.at("baselines") == json::object());
  CHECK(document.at("ratios") == json::object());
}

TEST_CASE("JSON numbers round-trip: counts are integers, energies the very double") {
  Example e = example();
  e.report.design.totals.macs = kLarge;
  const json document = json::parse(report::json(e.report, e.configuration));
  CHECK(document.at("totals").at("macs").is_number_unsigned());
  CHECK(document.at("totals").at("macs").get<std::uint64_t>() == kLarge);
  CHECK(document.at("totals").at("energy_j").get<double>() ==
        e.report.design.totals.energy.value.value() * 1e-12);
}

TEST_CASE("Every action in JSON names the row and source of its price, and energies sum up") {
  const Example e = example();
  const json document = json::parse(report::json(e.report, e.configuration));
  double sum = 0.0;
  for (const json& action : document.at("actions")) {
    CHECK_FALSE(action.at("row").get<std::string>().empty());
    CHECK_FALSE(action.at("source").get<std::string>().empty());
    sum += action.at("energy_j").get<double>();
  }
  CHECK(sum == Approx(document.at("totals").at("energy_j").get<double>()));
}

TEST_CASE("Writers give the same bytes for the same report") {
  const Example e = example();
  const Example again = example();
  CHECK(report::json(e.report, e.configuration) == report::json(again.report, again.configuration));
  CHECK(report::csv(e.report) == report::csv(again.report));
  CHECK(report::text(e.report, e.configuration) == report::text(again.report, again.configuration));
  CHECK(report::latex(e.report) == report::latex(again.report));
}

TEST_CASE("CSV has one row a layer and design, all of equal length") {
  const Example e = example();
  const std::vector<std::string> lines = lines_of(report::csv(e.report));
  REQUIRE(lines.size() == 1 + 2 + 2);
  for (const std::string& line : lines) CHECK(cells_of(line) == cells_of(lines[0]));
  CHECK(lines[1].find("\"int-3bit g128, \"\"zp\"\"\",multiplier,2,") != std::string::npos);
  CHECK(lines[0].find(",format,column_group,repeat,") != std::string::npos);
}

TEST_CASE("Equal blocks are one row of the text, with how often they come") {
  const Example e = example(64);
  const std::string text = report::text(e.report, e.configuration);
  CHECK(occurrences(text, "q_proj") == 1);
  for (const std::string& line : lines_of(text))
    if (line.find("q_proj") != std::string::npos) CHECK(line.find(" 128 ") != std::string::npos);
}

TEST_CASE("The text shows the baseline beside the design, notes and work done again") {
  const Example e = example();
  const std::string text = report::text(e.report, e.configuration);
  for (const char* part : {"fp16 iso-area", "0.2500", "context 2048: the default", "fp16.convert",
                           "-1.00 %", "energy by component", "energy by operation", "bound by"})
    CHECK(contains(text, part));
  for (const std::string& line : lines_of(text))
    CHECK((line.empty() || (line.back() != ' ' && line.back() != '\t')));
}

TEST_CASE("LaTeX is a booktabs table with special characters escaped") {
  const Example e = example();
  const std::string text = report::latex(e.report);
  for (const char* part : {"\\toprule", "\\midrule", "\\bottomrule", "eyeriss\\_fp16", "0.2500"})
    CHECK(contains(text, part));
}

TEST_CASE("Silicon alone: parts sum to the total in all its forms") {
  const arch::Architecture architecture = input::read_architecture("eyeriss_fp16");
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  const cost::AreaReport area = cost::area(table, architecture);
  const json document = json::parse(
      report::area_json(area, architecture, table, {"0.1.0", "abc", "s", "", "c", "a"}));
  CHECK(document.at("schema") == "addax.area/1");
  double sum = 0.0;
  for (const json& part : document.at("area")) sum += part.at("area_mm2").get<double>();
  CHECK(sum == Approx(document.at("totals").at("area_mm2").get<double>()));
  CHECK(lines_of(report::area_csv(area)).size() == 1 + area.parts.size());
  CHECK(contains(report::area_text(area, architecture, table), "all on chip"));
}
