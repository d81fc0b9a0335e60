// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/app/commands.h"
#include "sim/report/text_table.h"
#include "sim/report/units.h"
#include "sim/sweep/front.h"

namespace addax::app {
namespace {

Syntax syntax() {
  namespace po = boost::program_options;
  const auto word = [](const char* name) { return po::value<Words>()->value_name(name); };
  Syntax syntax;
  syntax.usage = "addax pareto RESULTS [options]";
  syntax.summary =
      "The points of a sweep that no other point of the same work (model, phase, context, batch) "
      "undercuts\n"
      "in all objectives at once, with the inputs that tell them apart. RESULTS is a file of "
      "'addax sweep' (docs/formats/results.md).";
  syntax.example =
      "addax pareto array-shape.sqlite --minimise energy_j,latency_s,area_mm2\n"
      "  addax pareto array-shape.sqlite --where 'area_mm2 <= 4 and arch.rows > 6' --csv front.csv";
  syntax.positional = "results";
  syntax.options.add_options()("help,h", "this text")(
      "minimise", word("LIST"),
      "columns of the results, with commas between them: energy_j, latency_s, area_mm2, edp_js, "
      "energy_area_j_mm2, ... (default energy_j,latency_s)")("maximise", word("LIST"),
                                                             "columns too; nothing by default")(
      "where", word("SQL"), "only points for which an expression over columns holds")(
      "csv", word("FILE|-"), "write the front")("json", word("FILE|-"), "write the front");
  return syntax;
}

void add_objectives(const CommandLine& line, const std::string& option, const char* otherwise,
                    std::vector<sweep::FrontRequest::Objective>& objectives) {
  std::stringstream list(line.find(option).value_or(otherwise));
  for (std::string column; std::getline(list >> std::ws, column, ',');) {
    column.erase(column.find_last_not_of(' ') + 1);
    for (const auto& other : objectives)
      if (other.column == column)
        throw input::ConfigError("--" + option + ": found '" + column + "' twice; allowed: once");
    objectives.push_back({column, option == "maximise"});
  }
}

sweep::FrontRequest request_of(const CommandLine& line) {
  sweep::FrontRequest request;
  const bool any = line.has("maximise") && !line.has("minimise");
  add_objectives(line, "minimise", any ? "" : "energy_j,latency_s", request.objectives);
  add_objectives(line, "maximise", "", request.objectives);
  if (request.objectives.empty())
    throw input::ConfigError(
        "--minimise: found no column; allowed: one or more, as energy_j,latency_s");
  request.where = line.find("where");
  return request;
}

std::string shown(const sweep::Cell& cell) {
  if (cell == sweep::Cell()) return "null";
  const auto* number = std::get_if<double>(&cell);
  return number != nullptr ? fmt::format("{:.5g}", *number) : sweep::text_of(cell);
}

std::string text(const sweep::Front& front, const std::string& sweep) {
  std::string text;
  for (const sweep::WorkFront& each : front.fronts) {
    if (!text.empty()) text += "\n";
    for (std::size_t i = 0; i < each.work.size(); ++i)
      text += fmt::format("{}{} = {}", i == 0 ? "" : ", ", front.work[i], shown(each.work[i]));
    text += fmt::format("{}{} of {} points of {} are on the front\n\n",
                        each.work.empty() ? "" : ": ", each.rows.size(), each.points, sweep);
    report::TextTable table(0);
    table.row(front.columns);
    table.rule();
    for (const std::vector<sweep::Cell>& row : each.rows) {
      std::vector<std::string> cells;
      for (const sweep::Cell& cell : row) cells.push_back(shown(cell));
      table.row(cells);
    }
    text += table.str();
  }
  return text;
}

void csv(std::ostream& stream, const sweep::Front& front) {
  for (std::size_t i = 0; i < front.columns.size(); ++i)
    stream << (i == 0 ? "" : ",") << sweep::csv_field(front.columns[i]);
  stream << "\n";
  for (const sweep::WorkFront& each : front.fronts)
    for (const std::vector<sweep::Cell>& row : each.rows) {
      for (std::size_t i = 0; i < row.size(); ++i)
        stream << (i == 0 ? "" : ",") << sweep::csv_field(row[i]);
      stream << "\n";
    }
}

void json(std::ostream& stream, const sweep::Front& front, const std::string& sweep) {
  nlohmann::ordered_json document = {{"addax", "front/1"}, {"sweep", sweep}};
  std::uint64_t points = 0;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const sweep::WorkFront& each : front.fronts) {
    points += each.points;
    for (const std::vector<sweep::Cell>& row : each.rows) {
      nlohmann::ordered_json point;
      for (std::size_t i = 0; i < row.size(); ++i) point[front.columns[i]] = sweep::json_of(row[i]);
      list.push_back(point);
    }
  }
  document["points"] = points;
  document["work"] = front.work;
  document["front"] = list;
  stream << document.dump(1) << "\n";
}

}  // namespace

int pareto_command(const Words& words) {
  const Syntax grammar = syntax();
  const CommandLine line(grammar, words);
  if (line.help()) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  const Words files = line.all("results");
  if (files.empty() || files.front().empty())
    throw input::ConfigError("RESULTS: found nothing; allowed: a file of results of addax sweep");
  const sweep::FrontRequest request = request_of(line);
  sweep::ResultsReader results(files.front());
  Outputs outputs(line, {"csv", "json"}, {{"RESULTS", files.front()}});
  const sweep::Front front = sweep::front(results, request);
  outputs.add("csv", [&](std::ostream& stream) { csv(stream, front); });
  outputs.add("json", [&](std::ostream& stream) { json(stream, front, results.sweep_name()); });
  outputs.add_text([&] { return text(front, results.sweep_name()); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
