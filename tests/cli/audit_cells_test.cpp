// SPDX-License-Identifier: Apache-2.0
// Every cell of an audit's CSV, LaTeX and text against the JSON of the same run.
#include <cmath>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;
using Json = nlohmann::json;

namespace {

/// One audit, written in all ways.
struct Written {
  Json json;
  std::string csv, latex, text;
};
Written written(const std::string& model) {
  const Folder folder;
  const std::string json = "a.json", csv = "a.csv", latex = "a.tex";
  const Outcome outcome =
      run_addax({"reproduce", "shiftaddllm", "--audit", "--model", model, "--json",
                 folder.path(json), "--csv", folder.path(csv), "--latex", folder.path(latex)});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return {Json::parse(folder.read(json)), folder.read(csv), folder.read(latex), outcome.out};
}

using Cells = std::vector<std::string>;
Cells split(const std::string& line, const std::string& separator) {
  Cells cells;
  std::size_t begin = 0;
  for (std::size_t end; (end = line.find(separator, begin)) != std::string::npos;) {
    if (end > begin) cells.push_back(line.substr(begin, end - begin));
    begin = end + separator.size();
  }
  if (begin < line.size()) cells.push_back(line.substr(begin));
  for (std::string& cell : cells) {
    cell.erase(0, cell.find_first_not_of(' '));
    cell.erase(cell.find_last_not_of(' ') + 1);
  }
  return cells;
}

/// Rows of the table whose head starts with `head`, after its rule, up to one that ends it; the head
/// itself first.
std::vector<Cells> table_of(const std::string& text, const std::string& head,
                            const std::string& separator) {
  const std::size_t begin = text.find("\n" + head);
  REQUIRE(begin != std::string::npos);
  std::istringstream stream(text.substr(begin + 1));
  std::string line;
  std::vector<Cells> rows;
  while (std::getline(stream, line) && !line.empty() && line != "\\bottomrule") {
    const bool rule = line == "\\midrule" || line.find_first_not_of('-') == std::string::npos;
    if (!rule) rows.push_back(split(line.substr(0, line.find(" \\\\")), separator));
  }
  return rows;
}

/// A cell as people read it: a number with an SI prefix, or a factor or percentage.
double number(const std::string& cell) {
  const std::string digits = cell.rfind("x ", 0) == 0 ? cell.substr(2) : cell;
  std::size_t end = 0;
  const double value = std::stod(digits, &end);
  const std::string unit = digits.substr(end);
  if (unit.size() != 3) return value;  // " mJ" has a prefix, " J" has none
  const std::string prefixes = "pnum kMG";
  const std::size_t prefix = prefixes.find(unit[1]);
  REQUIRE(prefix != std::string::npos);
  return value * std::pow(10.0, 3.0 * (static_cast<double>(prefix) - 4.0));
}

void check_four_digits(const std::string& cell, const Json& exact) {
  INFO(cell << " for " << exact);
  CHECK(std::abs(number(cell) - exact.get<double>()) <= 5.01e-4 * std::abs(exact.get<double>()));
}
void check_one_decimal(const std::string& cell, const Json& exact) {
  INFO(cell << " for " << exact);
  CHECK(contains(cell, "%"));
  CHECK(std::abs(number(cell) - exact.get<double>()) <= 0.0501);
}

const Cells kDesigns = {"fp16", "optq", "shiftadd"};
const Cells kParts = {"dram",   "buffer",     "network", "registers",
                      "tables", "arithmetic", "other",   "static"};

/// Parts of energy in their order, then `more`.
void check_parts(Cells head, const Cells& more) {
  REQUIRE_FALSE(head.empty());
  head.erase(head.begin());
  Cells expected = kParts;
  expected.insert(expected.end(), more.begin(), more.end());
  CHECK(head == expected);
}

/// The steps of one table of text or LaTeX, whose cells are the same but for signs around them.
void check_steps(const std::vector<Cells>& table, const Json& steps, const std::string& figure) {
  REQUIRE(table.size() == 1 + steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Cells& cells = table[1 + i];
    const Json& step = steps[i];
    INFO(step["step"] << " " << figure);
    REQUIRE(cells.size() == 8);
    CHECK(cells[0] == step["title"]);
    const std::string key = figure + (figure == "energy" ? "_j" : "_s");
    for (std::size_t d = 0; d < kDesigns.size(); ++d)
      check_four_digits(cells[1 + d], step["designs"][kDesigns[d]][key]);
    check_one_decimal(cells[4], step[figure + "_saving_vs_fp16_percent"]);
    check_one_decimal(cells[5], step[figure + "_saving_vs_optq_percent"]);
    check_four_digits(cells[6], step[figure + "_compression_factor"]);
    check_four_digits(cells[7], step[figure + "_multiplication_free_factor"]);
  }
}

}  // namespace

TEST_CASE("Each cell of the audit's CSV is the figure of the JSON that its column names") {
  const Written all = written("opt-350m");
  std::istringstream stream(all.csv);
  std::string line;
  std::getline(stream, line);
  const Cells head = split(line, ",");
  for (const Json& step : all.json["steps"])
    for (const std::string& design : kDesigns) {
      INFO(step["step"] << " " << design);
      REQUIRE(std::getline(stream, line));
      // Titles with commas are quoted; only the last cells are ever empty.
      const std::string title = step["title"].get<std::string>();
      line = replaced(line, contains(title, ",") ? '"' + title + '"' : title, "title");
      const Cells cells = split(line, ",");
      const bool compared = design != "shiftadd";
      REQUIRE(cells.size() + (compared ? 0 : 2) == head.size());
      const Json& cost = step["designs"][design];
      Json expected = {
          {"title", "title"}, {"source", all.json["source"]}, {"model", all.json["model"]},
          {"bits", "3"},      {"context_tokens", "2048"},     {"step", step["step"]},
          {"design", design}, {"energy_j", cost["energy_j"]}, {"latency_s", cost["latency_s"]}};
      for (const std::string& part : kParts)
        expected[part + "_j"] = cost["energy_by_component_j"][part];
      for (const std::string figure : {"energy", "latency"})
        if (compared)
          expected[figure + "_saving_by_shiftadd_percent"] =
              step[figure + "_saving_vs_" + design + "_percent"];
      for (std::size_t i = 0; i < cells.size(); ++i) {
        INFO(head[i]);
        REQUIRE(expected.contains(head[i]));
        if (expected[head[i]].is_string()) {
          CHECK(cells[i] == expected[head[i]]);
        } else {
          CHECK(std::stod(cells[i]) == Approx(expected[head[i]].get<double>()).epsilon(1e-15));
        }
        expected.erase(head[i]);
      }
      CHECK(expected.empty());
    }
  CHECK_FALSE(std::getline(stream, line));
}

TEST_CASE("The tables of an audit, in LaTeX and in text, show the figures of its JSON") {
  const Written all = written("opt-350m");
  for (const std::string figure : {"energy", "latency"}) {
    std::string name = figure;
    const std::vector<Cells> text = table_of(all.text, name + " after the step", "  ");
    CHECK(text[0] == Cells{name + " after the step", "FP16", "OPTQ", "ShiftAdd", "saved v. FP16",
                           "v. OPTQ", "by compression", "by no multiply"});
    check_steps(text, all.json["steps"], figure);
    name[0] = figure == "energy" ? 'E' : 'L';
    const std::vector<Cells> latex = table_of(all.latex, name + " after", "&");
    CHECK(latex[0] == Cells{name + " after", "FP16", "OPTQ", "ShiftAdd", "Saved v. FP16", "v. OPTQ",
                            "Compression", "Multiplication-free"});
    check_steps(latex, all.json["steps"], figure);
  }
}

TEST_CASE("The residual is what the last step changes, in JSON and in text") {
  const Written all = written("opt-350m");
  const std::vector<Cells> rows = table_of(all.text, "residual", "  ");
  REQUIRE(rows.size() == 1 + kDesigns.size());
  check_parts(rows[0], {"energy", "latency"});
  const std::size_t last = all.json["steps"].size() - 1;
  for (std::size_t d = 0; d < kDesigns.size(); ++d) {
    INFO(kDesigns[d]);
    const Json& to = all.json["steps"][last]["designs"][kDesigns[d]];
    const Json& from = all.json["steps"][last - 1]["designs"][kDesigns[d]];
    const Json& residual = all.json["residual"][kDesigns[d]];
    const Cells& cells = rows[1 + d];
    REQUIRE(cells.size() == 13);
    CHECK(cells[0] == kDesigns[d]);
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      INFO(kParts[i]);
      const double before = from["energy_by_component_j"][kParts[i]].get<double>();
      const double after = to["energy_by_component_j"][kParts[i]].get<double>();
      CHECK(residual["energy_by_component_j"][kParts[i]].get<double>() ==
            Approx(after - before).margin(1e-15));
      check_four_digits(cells[1 + i], residual["energy_by_component_j"][kParts[i]]);
    }
    for (const std::string figure : {"energy", "latency"}) {
      const std::string key = figure + (figure == "energy" ? "_j" : "_s");
      const double before = from[key].get<double>(), after = to[key].get<double>();
      CHECK(residual[key].get<double>() == Approx(after - before).margin(1e-15));
      CHECK(residual[figure + "_percent"].get<double>() ==
            Approx(100.0 * (after / before - 1.0)).margin(1e-9));
      const std::size_t column = figure == "energy" ? 9 : 11;
      check_four_digits(cells[column], residual[key]);
      check_one_decimal(cells[column + 1], residual[figure + "_percent"]);
    }
  }
}

TEST_CASE("The text says what is left of the saving against the same bits, and who claimed what") {
  const Written all = written("opt-350m");
  const Json& designs = all.json["steps"].back()["designs"];
  const std::vector<Cells> rows = table_of(all.text, "simulated, OPTQ less ShiftAdd", "  ");
  REQUIRE(rows.size() == 3);
  check_parts(rows[0], {"all"});
  const auto check = [&](std::size_t column, const Json& optq, const Json& shiftadd) {
    const double saved = optq.get<double>() - shiftadd.get<double>();
    check_four_digits(rows[1].at(column), saved);
    check_one_decimal(rows[2].at(column),
                      100.0 * saved / designs["optq"]["energy_j"].get<double>());
  };
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    INFO(kParts[i]);
    check(1 + i, designs["optq"]["energy_by_component_j"][kParts[i]],
          designs["shiftadd"]["energy_by_component_j"][kParts[i]]);
  }
  check(9, designs["optq"]["energy_j"], designs["shiftadd"]["energy_j"]);
  const auto one_decimal = [](const Json& percent) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << percent.get<double>() << " %";
    return text.str();
  };
  REQUIRE_FALSE(all.json["claims"].empty());
  for (const Json& claim : all.json["claims"])
    CHECK(contains(
        all.text,
        "Claimed (" + claim["where"].get<std::string>() +
            "): " + one_decimal(claim["saving_vs_fp16_percent"]) + " of FP16's energy is saved; " +
            one_decimal(all.json["steps"].back()["energy_saving_vs_fp16_percent"]) + " remain."));
}

TEST_CASE("The text shows each design as the JSON has it") {
  const Written all = written("opt-350m");
  const std::vector<Cells> rows = table_of(all.text, "design ", "  ");
  REQUIRE(rows.size() == 1 + kDesigns.size());
  for (std::size_t d = 0; d < kDesigns.size(); ++d) {
    const Json& design = all.json["designs"][kDesigns[d]];
    const Cells& cells = rows[1 + d];
    INFO(kDesigns[d]);
    REQUIRE(cells.size() == 6);
    CHECK(cells[0] == kDesigns[d]);
    CHECK(cells[1] == design["format"]);
    CHECK(std::stod(cells[2]) == Approx(design["stored_bits_a_weight"].get<double>()).margin(6e-4));
    CHECK(cells[3] == design["rows"].dump() + " x " + design["columns"].dump());
    CHECK(std::stod(cells[4]) == Approx(design["area_mm2"].get<double>()).margin(6e-4));
    for (const auto& bound : design["time_bound_by"].items()) {
      const double percent = 100.0 * bound.value().get<double>();
      std::ostringstream share;
      share << bound.key() << " " << std::fixed << std::setprecision(0) << percent << " %";
      CHECK(contains(cells[5], share.str()) == (percent >= 0.5));
    }
  }
}
