// SPDX-License-Identifier: Apache-2.0
#include "sim/report/rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/report/memory_audit.h"
#include "tests/catch.h"

using namespace addax;
using namespace addax::report;
using Json = nlohmann::json;

namespace {

reproduction::Row example() {
  reproduction::Row row;
  row.figure = {"10",
                "opt-66b",
                "shiftadd_3bit",
                "shiftadd_3bit",
                reproduction::Measure::kModelEnergy,
                "1990.17",
                1990.17,
                "J",
                0.0};
  row.value = 1990.179;
  row.unit = "mJ";
  row.deviation_percent = 100.0 * (1990.179 - 1990.17) / 1990.17;
  row.digits = reproduction::Digits::kCut;
  row.agreement = reproduction::Agreement::kDigits;
  row.remarks = {{1, "The unit, \"J\", is mJ.", false, true}, {3, "Shifts.", false, false}};
  row.alternatives = {{"kv_width = 2048", 1995.125}};
  row.breakdown = published::Breakdown{1.0, 2.0, 3.0, 4.0, 5.0, 0.5};
  return row;
}

reproduction::Row unknown() {
  reproduction::Row row;
  row.figure = {
      "1",   "", "int8.shift area", "int8.shift", reproduction::Measure::kUnitArea, "34", 34.0,
      "um2", 0.0};
  row.unit = "um2";
  return row;
}

struct Fixture {
  reproduction::Source source;
  std::vector<reproduction::Row> rows = {example(), unknown()};
  Fixture() { source.name = "mine"; }
  Reproduction reproduction(bool breakdown) const {
    return {source, rows, "costs", breakdown, {"1.2.3", "abc", "f00", "bar"}};
  }
};

Json json_of(const Reproduction& reproduction) {
  std::ostringstream stream;
  rows_json(stream, reproduction);
  return Json::parse(stream.str());
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_CASE("A row in JSON has the figure, ours, the deviation and the notes") {
  const Json json = json_of(Fixture().reproduction(false));
  CHECK(json.at("schema") == "addax.reproduction/1");
  CHECK(json.at("provenance").at("version") == "1.2.3");
  CHECK(json.at("provenance").at("published_sha256") == "f00");
  CHECK(json.at("source") == "mine");
  const Json row = json.at("rows").at(0);
  CHECK(row.at("table") == "10");
  CHECK(row.at("model") == "opt-66b");
  CHECK(row.at("row") == "shiftadd_3bit");
  CHECK(row.at("published") == 1990.17);
  CHECK(row.at("published_unit") == "J");
  CHECK(row.at("value") == 1990.179);
  CHECK(row.at("unit") == "mJ");
  CHECK(row.at("deviation_percent").get<double>() == Approx(0.000452223));
  CHECK(row.at("within_tolerance") == true);
  CHECK(row.at("note") ==
        "[1] The unit, \"J\", is mJ. [3] Shifts. Ours with kv_width = 2048: 1995.12 mJ.");
  CHECK(row.at("notes").size() == 2);
  CHECK(row.at("notes").at(0).at("whole_table") == true);
  CHECK(row.at("notes").at(1).at("whole_table") == false);
  CHECK(row.at("digits") == "cut");
  CHECK(row.at("counted") == true);
  CHECK(row.at("alternatives").at(0).at("value") == 1995.125);
  CHECK_FALSE(row.contains("fp_mult"));
}

TEST_CASE("What has nothing to compare is null in JSON") {
  const Json row = json_of(Fixture().reproduction(false)).at("rows").at(1);
  CHECK(row.at("value").is_null());
  CHECK(row.at("deviation_percent").is_null());
  CHECK(row.at("within_tolerance").is_null());
  CHECK(row.at("agreement") == "none");
  CHECK(row.at("digits").is_null());
}

TEST_CASE("The breakdown sums to the energy's categories, and is asked for") {
  const Json rows = json_of(Fixture().reproduction(true)).at("rows");
  CHECK(rows.at(0).at("fp_mult") == 1.0);
  CHECK(rows.at(0).at("fp_add") == 2.0);
  CHECK(rows.at(0).at("fp_shift") == 3.0);
  CHECK(rows.at(0).at("lut_build") == 4.0);
  CHECK(rows.at(0).at("lut_lookup") == 5.0);
  CHECK(rows.at(0).at("latency_s") == 0.5);
  CHECK_FALSE(rows.at(1).contains("fp_mult"));
}

TEST_CASE("A CSV has as many cells in each row as it has titles") {
  for (const bool breakdown : {false, true}) {
    Fixture fixture;
    for (reproduction::Row& row : fixture.rows) row.remarks.clear();  // no commas within cells
    std::ostringstream stream;
    rows_csv(stream, fixture.reproduction(breakdown));
    std::istringstream lines(stream.str());
    std::string line;
    std::getline(lines, line);
    const std::size_t commas = count(line, ",");
    int rows = 0;
    for (; std::getline(lines, line); ++rows) CHECK(count(line, ",") == commas);
    CHECK(rows == 2);
  }
}

TEST_CASE("LaTeX has a tabular of equal rows for each table, and no bare special character") {
  const std::string text = rows_latex(Fixture().reproduction(false));
  CHECK(count(text, "\\begin{tabular}") == 2);
  CHECK(count(text, "\\end{tabular}") == 2);
  CHECK(count(text, "shiftadd\\_3bit") == 1);
  CHECK(count(text, "$\\mu$m$^2$") == 1);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.find(" & ") != std::string::npos) CHECK(count(line, " & ") == 5);
}

TEST_CASE("Text counts what agrees and lists each finding once") {
  Fixture fixture;
  fixture.rows.push_back(fixture.rows.front());
  const std::string text = rows_text(fixture.reproduction(true));
  CHECK(count(text, "Shifts.") == 1);
  CHECK(count(text, "Table 10") ==
        2);  // rows of one table stand together where the source has them
  CHECK(count(text,
              "energy of models: 2 of 2 cells to the printed digit (2 only when cut, 0 only when "
              "rounded, 0 either way)") == 1);
  CHECK(count(text, "1 with nothing of ours to compare") == 1);
}

TEST_CASE("A remark on a whole table stands once below its title, and beside no cell") {
  Fixture fixture;
  fixture.rows = {example(), example()};
  const std::string text = rows_text(fixture.reproduction(false));
  CHECK(count(text, "Table 10\n   1  The unit, \"J\", is mJ.\nmodel ") == 1);
  CHECK(count(text, "The unit") == 1);
  CHECK(count(text, "(cut)      3\n") == 2);
  const std::string latex = rows_latex(fixture.reproduction(false));
  CHECK(count(latex, "{Notes: 1}") == 1);
  CHECK(count(latex, " & 3 \\\\\n") == 2);
}

TEST_CASE("What is not counted is shown and left out of every count, in every form") {
  Fixture fixture;
  fixture.rows = {example(), example()};
  fixture.rows[1].figure.counted = false;
  const Reproduction reproduction = fixture.reproduction(false);
  const std::string text = rows_text(reproduction);
  CHECK(count(text, "digits (cut), not counted") == 1);
  CHECK(count(text, "1990.179") == 2);
  CHECK(agreement_text(fixture.rows) ==
        "1 of 1 cells to the printed digit (1 only when cut, 0 only when rounded, 0 either way), 1 "
        "more not counted");
  const Json json = json_of(reproduction);
  const Json summary = json.at("summary").at("10");
  CHECK(summary.at("cells") == 1);
  CHECK(summary.at("digits") == 1);
  CHECK(summary.at("digits_cut") == 1);
  CHECK(summary.at("not_counted") == 1);
  CHECK(json.at("rows").at(1).at("counted") == false);
  CHECK(json.at("rows").at(1).at("value") == 1990.179);
  std::ostringstream csv;
  rows_csv(csv, reproduction);
  CHECK(count(csv.str(), ",digits,cut,true,") == 1);
  CHECK(count(csv.str(), ",digits,cut,false,") == 1);
  const std::string latex = rows_latex(reproduction);
  CHECK(count(latex, "shiftadd\\_3bit$^*$") == 1);
  CHECK(count(latex, "$^*$ not counted") == 1);
}

TEST_CASE("A cell that equals its print from more than one per cent away is named") {
  Fixture fixture;
  CHECK(count(rows_text(fixture.reproduction(false)), "% away") == 0);
  fixture.rows[0].figure.printed = "23";
  fixture.rows[0].figure.value = 23.0;
  fixture.rows[0].value = 23.69;
  fixture.rows[0].deviation_percent = 3.0;
  const std::string text = rows_text(fixture.reproduction(false));
  CHECK(count(text,
              "opt-66b shiftadd_3bit: 23 to the printed digit, yet +3.000 % away: 23.69 mJ\n") ==
        1);
  const Json summary = json_of(fixture.reproduction(false)).at("summary").at("10");
  CHECK(summary.at("digits_beyond_1_percent") == 1);
}

TEST_CASE("An audit of memory in JSON has each design and its savings after each step") {
  reproduction::MemoryAudit audit;
  audit.model = "small";
  audit.context_tokens = 100;
  reproduction::MemoryState state;
  state.step = reproduction::MemoryStep::kScales;
  state.designs = {{"fp16", 16.0},
                   {"optq_3bit", 4.0},
                   {"shiftadd_3bit", 3.0},
                   {"optq_2bit", std::nullopt},
                   {"shiftadd_2bit", 2.0}};
  audit.steps = {state};
  const reproduction::Source source;
  std::ostringstream stream;
  memory_audit_json(stream, {source, audit, {}});
  const Json json = Json::parse(stream.str());
  CHECK(json.at("schema") == "addax.memory_audit/1");
  CHECK(json.at("quantity") == "weight_memory");
  const Json step = json.at("steps").at(0);
  CHECK(step.at("step") == "scales");
  CHECK(step.at("designs").at("optq_3bit").at("memory_gib") == 4.0);
  CHECK(step.at("designs").at("optq_2bit").at("memory_gib").is_null());
  CHECK(step.at("savings").at("shiftadd_3bit").at("fp16_percent") == 81.25);
  CHECK(step.at("savings").at("shiftadd_3bit").at("same_bits_percent") == 25.0);
  CHECK(step.at("savings").at("shiftadd_2bit").at("same_bits_percent").is_null());
}
