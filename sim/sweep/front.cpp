// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/front.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

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
  return std::isfinite(value);
}

[[noreturn]] void refuse_where(const std::string& where, const std::runtime_error& error) {
  throw input::ConfigError("--where: found '" + where + "': " + error.what() +
                           "; allowed: an SQL expression over columns, as arch.rows <= 16");
}

Statement selected(ResultsReader& results, const std::vector<std::string>& columns,
                   const std::optional<std::string>& where) {
  std::string sql = "select ";
  for (std::size_t i = 0; i < columns.size(); ++i) sql += (i == 0 ? "" : ", ") + quoted(columns[i]);
  sql += " from points where number is not null and status = 'done'";
  try {
    if (where) sql += " and (" + named_words(*where).sql + ")";
    return results.database().prepare(sql + " order by number");
  } catch (const std::runtime_error& error) {
    refuse_where(where.value_or(""), error);
  }
}

std::vector<std::vector<Cell>> rows_of(Statement statement,
                                       const std::optional<std::string>& where) try {
  std::vector<std::vector<Cell>> rows;
  while (statement.step()) rows.push_back(statement.row());
  return rows;
} catch (const DatabaseError& error) {
  refuse_where(where.value_or(""), error);
}

bool is_objective(const FrontRequest& request, const std::string& column) {
  return std::any_of(request.objectives.begin(), request.objectives.end(),
                     [&column](const auto& each) { return each.column == column; });
}

// Inputs and outputs that are equal where points do the same work (scripts/plot/results.py has the same).
const std::vector<std::string> kWork = {
    "trace.model", "trace.phase", "trace.context", "trace.batch", "trace.distinct_experts", "macs"};

/// Those that a request does not ask about. MACs follow from the others: who asks about one of them compares
/// different MACs too.
std::vector<std::string> work_columns(const ResultsReader& results, const FrontRequest& request) {
  const bool across = std::any_of(kWork.begin(), kWork.end(), [&](const std::string& column) {
    return is_objective(request, column);
  });
  const std::vector<std::string> axes = results.axes();
  std::vector<std::string> columns;
  for (const std::string& column : kWork) {
    const bool axis = std::find(axes.begin(), axes.end(), column) != axes.end();
    if (column == "macs" ? !across : axis && !is_objective(request, column))
      columns.push_back(column);
  }
  return columns;
}

/// A point as it is compared.
struct Compared {
  std::vector<Cell> row;   ///< columns of the front
  std::vector<Cell> work;  ///< work_columns()
  std::vector<double> values;
};

std::vector<Compared> compared(ResultsReader& results, const FrontRequest& request,
                               const std::vector<std::string>& columns,
                               const std::vector<std::string>& work) {
  std::vector<std::string> all = columns;
  all.insert(all.end(), work.begin(), work.end());
  const std::size_t first = columns.size() - request.objectives.size();
  std::vector<Compared> points;
  for (std::vector<Cell>& row : rows_of(selected(results, all, request.where), request.where)) {
    Compared point;
    point.values.resize(request.objectives.size());
    bool complete = true;
    for (std::size_t i = 0; i < point.values.size(); ++i)
      complete =
          complete && number(row[first + i], request.objectives[i].maximise, point.values[i]);
    if (!complete) continue;
    const auto end = row.begin() + static_cast<std::ptrdiff_t>(columns.size());
    point.row.assign(row.begin(), end);
    point.work.assign(end, row.end());
    points.push_back(std::move(point));
  }
  return points;
}

/// Of columns of work the fewest, from the first, that tell all works apart.
std::vector<std::size_t> telling(const std::vector<Compared>& points, std::size_t columns) {
  std::set<std::vector<Cell>> all;
  for (const Compared& point : points) all.insert(point.work);
  std::vector<std::size_t> kept;
  std::size_t told = 1;
  for (std::size_t column = 0; column < columns && told < all.size(); ++column) {
    std::set<std::vector<Cell>> parts;
    for (const std::vector<Cell>& work : all) {
      std::vector<Cell> part;
      for (const std::size_t each : kept) part.push_back(work[each]);
      part.push_back(work[column]);
      parts.insert(part);
    }
    if (parts.size() == told) continue;
    told = parts.size();
    kept.push_back(column);
  }
  return kept;
}

WorkFront front_of(std::vector<Compared*> points, const std::vector<std::size_t>& work) {
  WorkFront found;
  for (const std::size_t column : work) found.work.push_back(points.front()->work[column]);
  found.points = points.size();
  std::vector<std::vector<double>> values;
  for (const Compared* point : points) values.push_back(point->values);
  std::vector<std::size_t> kept = front(values);
  std::stable_sort(kept.begin(), kept.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  for (const std::size_t each : kept) found.rows.push_back(std::move(points[each]->row));
  return found;
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
  const std::vector<std::string> work = work_columns(results, request);
  std::vector<Compared> points = compared(results, request, found.columns, work);
  if (points.empty())
    throw input::ConfigError(
        results.path() + ": no point is done and has numbers in all objectives" +
        (request.where ? " where " + *request.where : "") + "; allowed: at least one");
  const std::vector<std::size_t> told = telling(points, work.size());
  for (const std::size_t column : told) found.work.push_back(work[column]);
  std::map<std::vector<Cell>, std::size_t> places;
  std::vector<std::vector<Compared*>> works;
  for (Compared& point : points) {
    const auto [place, added] = places.emplace(point.work, works.size());
    if (added) works.emplace_back();
    works[place->second].push_back(&point);
  }
  // Keys are axes; MACs are a column only where they are needed.
  const bool macs = !found.work.empty() && found.work.back() == "macs";
  if (macs)
    found.columns.insert(found.columns.begin() + static_cast<std::ptrdiff_t>(first), "macs");
  for (const std::vector<Compared*>& of_work : works) {
    found.fronts.push_back(front_of(of_work, told));
    WorkFront& last = found.fronts.back();
    if (macs)
      for (std::vector<Cell>& row : last.rows)
        row.insert(row.begin() + static_cast<std::ptrdiff_t>(first), last.work.back());
  }
  return found;
}

}  // namespace addax::sweep
