// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/front.h"

#include <algorithm>
#include <numeric>

#include "sim/input/document.h"

namespace addax::sweep {
namespace {

bool undercuts(const std::vector<double>& a, const std::vector<double>& b) {
  bool smaller = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    smaller = smaller || a[i] < b[i];
  }
  return smaller;
}

std::vector<std::string> outputs_of(const std::vector<std::string>& columns) {
  std::vector<std::string> numbers;
  for (const std::string& column : columns)
    if (column != "version" && column != "commit" && column.find("sha256") == std::string::npos)
      numbers.push_back(column);
  return numbers;
}

void check_column(const std::string& column, const ResultsReader& results) {
  std::vector<std::string> known = outputs_of(output_columns());
  for (const std::string& input : results.inputs()) known.push_back(input);
  if (std::find(known.begin(), known.end(), column) != known.end()) return;
  std::string words;
  for (const std::string& each : known) words += (words.empty() ? "" : ", ") + each;
  const auto near = input::nearest(column, known);
  throw input::ConfigError(results.path() + ": found no column '" + column + "'; allowed: " +
                           words + (near ? "; did you mean '" + *near + "'?" : ""));
}

/// A cell as a number to be made small; false: it is none.
bool number(const Cell& cell, bool maximise, double& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell))
    value = static_cast<double>(*whole);
  else if (const auto* real = std::get_if<double>(&cell))
    value = *real;
  else
    return false;
  if (maximise) value = -value;
  return true;
}

[[noreturn]] void refuse_where(const std::string& where, const std::runtime_error& error) {
  throw input::ConfigError("--where: found '" + where + "': " + error.what() +
                           "; allowed: an SQL expression over columns, as arch.rows <= 16");
}

Statement selected(ResultsReader& results, const std::vector<std::string>& columns,
                   const std::string& where) {
  std::string sql = "select ";
  for (std::size_t i = 0; i < columns.size(); ++i) sql += (i == 0 ? "" : ", ") + quoted(columns[i]);
  sql += " from points where number is not null and status = 'done'";
  try {
    if (!where.empty()) sql += " and (" + named_words(where).sql + ")";
    return results.database().prepare(sql + " order by number");
  } catch (const std::runtime_error& error) {
    refuse_where(where, error);
  }
}

std::vector<std::vector<Cell>> rows_of(Statement statement, const std::string& where) try {
  std::vector<std::vector<Cell>> rows;
  while (statement.step()) rows.push_back(statement.row());
  return rows;
} catch (const DatabaseError& error) {
  refuse_where(where, error);
}

bool is_objective(const FrontRequest& request, const std::string& column) {
  return std::any_of(request.objectives.begin(), request.objectives.end(),
                     [&column](const auto& each) { return each.column == column; });
}

}  // namespace

// By the first column, then the others: what comes later cannot undercut what is in the front.
std::vector<std::size_t> front(const std::vector<std::vector<double>>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<std::size_t> kept;
  for (const std::size_t each : order)
    if (std::none_of(kept.begin(), kept.end(),
                     [&](std::size_t other) { return undercuts(values[other], values[each]); }))
      kept.push_back(each);
  std::sort(kept.begin(), kept.end());
  return kept;
}

Front front(ResultsReader& results, const FrontRequest& request) {
  Front found;
  found.columns = {"number"};
  for (const std::string& key : results.axes())
    if (!is_objective(request, key)) found.columns.push_back(key);
  const std::size_t first = found.columns.size();
  for (const FrontRequest::Objective& objective : request.objectives) {
    check_column(objective.column, results);
    found.columns.push_back(objective.column);
  }
  std::vector<std::vector<Cell>> rows;
  std::vector<std::vector<double>> values;
  for (std::vector<Cell>& row :
       rows_of(selected(results, found.columns, request.where), request.where)) {
    std::vector<double> value(request.objectives.size());
    bool complete = true;
    for (std::size_t i = 0; i < value.size(); ++i)
      complete = complete && number(row[first + i], request.objectives[i].maximise, value[i]);
    if (!complete) continue;
    rows.push_back(std::move(row));
    values.push_back(std::move(value));
  }
  if (rows.empty())
    throw input::ConfigError(
        results.path() + ": no point is done and has numbers in all objectives" +
        (request.where.empty() ? "" : " where " + request.where) + "; allowed: at least one");
  found.points = rows.size();
  std::vector<std::size_t> kept = front(values);
  std::stable_sort(kept.begin(), kept.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  for (const std::size_t each : kept) found.rows.push_back(std::move(rows[each]));
  return found;
}

}  // namespace addax::sweep
