// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "sim/input/document.h"
#include "sim/sweep/results.h"

// Results as CSV and JSON: the same bytes however long they took, and in whatever order points ended.
namespace addax::sweep {
namespace {

using Json = nlohmann::ordered_json;

std::string select(const std::vector<std::string>& columns) {
  std::string text = "select ";
  for (const std::string& column : columns) text += quoted(column) + ", ";
  return text.substr(0, text.size() - 2);
}

std::vector<std::string> exported(const ResultsReader& reader) {
  std::vector<std::string> columns = {"number", "status", "message"};
  for (const std::string& input : reader.inputs()) columns.push_back(input);
  for (const std::string& output : output_columns()) columns.push_back(output);
  return columns;
}

Json object(const Statement& statement, const std::vector<std::string>& columns) {
  Json one = Json::object();
  for (std::size_t i = 0; i < columns.size(); ++i)
    one[columns[i]] = json_of(statement.cell(static_cast<int>(i)));
  return one;
}

Json objects(Statement& statement, const Cell& point, const std::vector<std::string>& columns) {
  Json list = Json::array();
  statement.bind(1, point);
  while (statement.step()) list.push_back(object(statement, columns));
  return list;
}

[[noreturn]] void refuse(const std::string& path, const DatabaseError& error) {
  throw input::ConfigError(path + ": " + error.what() +
                           "; allowed: a file of results of addax sweep");
}

}  // namespace

void ResultsReader::csv(std::ostream& stream) try {
  const std::vector<std::string> columns = exported(*this);
  for (std::size_t i = 0; i < columns.size(); ++i)
    stream << (i == 0 ? "" : ",") << csv_field(columns[i]);
  stream << "\n";
  Statement points =
      database_.prepare(select(columns) + " from points where number is not null order by number");
  while (points.step()) {
    const std::vector<Cell> row = points.row();
    for (std::size_t i = 0; i < row.size(); ++i) stream << (i == 0 ? "" : ",") << csv_field(row[i]);
    stream << "\n";
  }
} catch (const DatabaseError& error) {
  refuse(path_, error);
}

void ResultsReader::json(std::ostream& stream) try {
  const std::vector<std::string> columns = exported(*this);
  std::vector<std::string> with_id = columns;
  with_id.emplace_back("id");
  Statement points =
      database_.prepare(select(with_id) + " from points where number is not null order by number");
  Statement layers =
      database_.prepare(select(layer_columns()) + " from layers where point = ? order by number");
  Statement components = database_.prepare(select(component_columns()) +
                                           " from components where point = ? order by component");
  Json head = {{"addax", "results/1"}, {"sweep", name_}, {"inputs", inputs_}, {"axes", axes_}};
  std::string text = head.dump();
  text.back() = ',';
  stream << text << "\"points\":[";
  bool first = true;
  while (points.step()) {
    Json point = object(points, columns);
    const Cell id = points.cell(static_cast<int>(columns.size()));
    point["components"] = objects(components, id, component_columns());
    point["layers"] = objects(layers, id, layer_columns());
    stream << (first ? "\n" : ",\n") << point.dump();
    first = false;
  }
  stream << "\n]}\n";
} catch (const DatabaseError& error) {
  refuse(path_, error);
}

}  // namespace addax::sweep
