// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/results.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/input/document.h"
#include "sim/sweep/new_file.h"

namespace addax::sweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "addax.results/1";
constexpr const char* kOwnColumns =
    "id integer primary key, number integer, key text not null unique, content text not null, "
    "status text not null, message text, seconds real";

std::string list_of(const std::vector<std::string>& names, const std::string& after = "") {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quoted(name) + after;
  return text;
}

std::string places(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ", ?";
  return text;
}

std::string json_list(const std::vector<std::string>& words) {
  return nlohmann::json(words).dump();
}

std::string key_value(Database& database, const std::string& key) {
  return text_of(database.value("select value from sweep where key = '" + key + "'"));
}

/// One hash more in a hash of many. The parts are SHA-256, of which 64 bits tell any two apart.
std::uint64_t mixed(std::uint64_t hash, const std::string& sha256) {
  std::uint64_t part = 0;
  std::from_chars(sha256.data(), sha256.data() + std::min<std::size_t>(sha256.size(), 16), part,
                  16);
  return (hash ^ part) * 0x100000001b3U;
}

void create_tables(Database& database) {
  database.run(std::string("create table sweep (key text primary key, value) without rowid;"
                           "create table points (") +
               kOwnColumns + ", " + list_of(output_columns()) +
               ");"
               "create table layers (point integer not null references points(id), " +
               list_of(layer_columns()) +
               ", primary key (point, number)) without rowid;"
               "create table components (point integer not null references points(id), " +
               list_of(component_columns()) + ", primary key (point, component)) without rowid;");
}

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw input::ConfigError(path + ": " + reason);
}

[[noreturn]] void refuse_writing(const std::string& path, const DatabaseError& error) {
  refuse(path, std::string(error.what()) + "; allowed: a file of results that can be written");
}

// SQLite's words for what is no file are of disks.
const std::string& existing(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  const char* why = !fs::exists(status)        ? "no such file"
                    : fs::is_directory(status) ? "found a directory"
                                               : nullptr;
  if (why != nullptr)
    refuse(path, std::string(why) + "; allowed: a file of results of addax sweep");
  return path;
}

// A file of results, whatever the sweep.
void check_format(Database& database, const std::string& path) {
  std::string format;
  try {
    format = key_value(database, "format");
  } catch (const DatabaseError& error) {
    refuse(path, std::string(error.what()) + "; allowed: a file of results of addax sweep");
  }
  if (format != kFormat) refuse(path, "found results '" + format + "'; allowed: " + kFormat);
}

}  // namespace

Results::Results(const std::string& path, Database::Mode mode) try
    : path_(path), database_(path, mode) {
} catch (const DatabaseError& error) {
  refuse_writing(path, error);
}

Results Results::create(const std::string& path, const Sweep& sweep, std::uint64_t points) try {
  std::error_code error;
  if (fs::exists(path, error))
    refuse(path, "is there already; allowed: --resume to go on with it, or another --out");
  NewFile file(path);
  {
    Results made(file.path(), Database::Mode::kCreate);
    made.database_.run("begin");
    create_tables(made.database_);
    made.describe(sweep, points);
    made.database_.run("commit");
  }
  file.put();
  return resume(path, sweep, points);
} catch (const DatabaseError& error) {
  refuse_writing(path, error);
}

Results Results::resume(const std::string& path, const Sweep& sweep, std::uint64_t points) try {
  std::error_code error;
  if (!fs::exists(path, error)) return create(path, sweep, points);
  // Read first: what is not ours stays as it is.
  const std::string name = ResultsReader(path).sweep_name();
  if (name != sweep.name)
    refuse(path,
           "found results of the sweep '" + name + "'; allowed: those of '" + sweep.name + "'");
  Results results(path, Database::Mode::kWrite);
  // Commits survive the end of the process at any moment; readers see the last one.
  results.database_.run("pragma journal_mode = wal; pragma synchronous = normal;");
  results.inputs_ = input_keys(sweep);
  results.database_.run("begin immediate");
  results.add_columns(results.inputs_);
  results.describe(sweep, points);
  results.database_.run("commit");
  results.prepare();
  return results;
} catch (const DatabaseError& error) {
  refuse_writing(path, error);
}

void Results::describe(const Sweep& sweep, std::uint64_t points) {
  Statement statement = database_.prepare("insert or replace into sweep values (?, ?)");
  const std::vector<std::pair<std::string, Cell>> values = {
      {"format", std::string(kFormat)},
      {"name", sweep.name},
      {"description", sweep.description},
      {"file", sweep.bytes},
      {"points", static_cast<std::int64_t>(points)},
      {"inputs", json_list(input_keys(sweep))},
      {"axes", json_list(axis_keys(sweep))}};
  for (const auto& [key, value] : values) statement.bind(1, key).bind(2, value).step();
}

void Results::add_columns(const std::vector<std::string>& inputs) {
  std::set<std::string> known;
  Statement statement = database_.prepare("select name from pragma_table_info('points')");
  while (statement.step()) known.insert(text_of(statement.cell(0)));
  for (const std::string& key : inputs)
    if (known.count(key) == 0) database_.run("alter table points add column " + quoted(key));
}

void Results::prepare() {
  const auto insert = [this](const char* what, const std::string& table, const std::string& names,
                             std::size_t count) {
    statements_.emplace(what, database_.prepare("insert into " + table + " (" + names +
                                                ") values (" + places(count) + ")"));
  };
  insert("point", "points",
         "number, key, content, status, message, seconds, " + list_of(output_columns()) +
             (inputs_.empty() ? "" : ", ") + list_of(inputs_),
         6 + output_columns().size() + inputs_.size());
  insert("layer", "layers", "point, " + list_of(layer_columns()), 1 + layer_columns().size());
  insert("component", "components", "point, " + list_of(component_columns()),
         1 + component_columns().size());
  const std::pair<const char*, const char*> others[] = {
      {"take over",
       "update points set number = ?1 where key = ?2 and content = ?3 and status not in "
       "('crashed', 'changed') returning id"},
      {"forget layers", "delete from layers where point in (select id from points where key = ?)"},
      {"forget components",
       "delete from components where point in (select id from points where key = ?)"},
      {"forget point", "delete from points where key = ?"}};
  for (const auto& [what, sql] : others) statements_.emplace(what, database_.prepare(sql));
}

std::vector<bool> Results::take_over(std::uint64_t points,
                                     const std::function<Place(std::uint64_t)>& place_of) try {
  std::vector<bool> ended(points, false);
  Statement& statement = statements_.at("take over");
  std::uint64_t contents = 0;
  database_.run("begin immediate; update points set number = null");
  for (std::uint64_t point = 0; point < points; ++point) {
    const Place place = place_of(point);
    contents = mixed(contents, place.content);
    statement.bind({static_cast<std::int64_t>(point), place.key, place.content});
    while (statement.step()) ended[point] = true;
  }
  database_.prepare("insert or replace into sweep values ('contents', ?)")
      .bind(1, fmt::format("{:016x}", contents))
      .step();
  database_.run("commit");
  return ended;
} catch (const DatabaseError& error) {
  refuse_writing(path_, error);
}

void Results::add(const Place& place, const Row& row) try {
  database_.run("begin immediate");
  for (const char* what : {"forget layers", "forget components", "forget point"})
    statements_.at(what).bind(1, place.key).step();
  std::vector<Cell> cells = {static_cast<std::int64_t>(place.number),
                             place.key,
                             place.content,
                             std::string(name(row.status)),
                             row.message.empty() ? Cell() : Cell(row.message),
                             row.seconds};
  cells.insert(cells.end(), row.outputs.begin(), row.outputs.end());
  cells.resize(6 + output_columns().size());
  for (const std::string& key : inputs_) {
    cells.emplace_back();
    for (const auto& [name, text] : place.inputs)
      if (name == key) cells.back() = cell_of(text);
  }
  statements_.at("point").bind(cells).step();
  const std::int64_t id = database_.last_id();
  const auto add_all = [&](const char* what, const std::vector<std::vector<Cell>>& rows) {
    for (const std::vector<Cell>& each : rows) {
      Statement& statement = statements_.at(what);
      statement.bind(1, id);
      for (std::size_t i = 0; i < each.size(); ++i)
        statement.bind(static_cast<int>(i) + 2, each[i]);
      statement.step();
    }
  };
  add_all("layer", row.layers);
  add_all("component", row.components);
  database_.run("commit");
} catch (const DatabaseError& error) {
  refuse_writing(path_, error);
}

std::uint64_t Results::done() {
  return static_cast<std::uint64_t>(std::get<std::int64_t>(
      database_.value("select count(*) from points where number is not null and status = 'done'")));
}

void Results::close() {
  statements_.clear();
  try {
    database_.run("pragma busy_timeout = 0; pragma journal_mode = delete");
  } catch (const DatabaseError&) {
    // Somebody reads it: the last of them to end does that.
  }
}

ResultsReader::ResultsReader(const std::string& path) try
    : path_(existing(path)), database_(path, Database::Mode::kRead) {
  check_format(database_, path);
  name_ = key_value(database_, "name");
  const auto list = [this](const char* key) {
    return nlohmann::json::parse(key_value(database_, key)).get<std::vector<std::string>>();
  };
  inputs_ = list("inputs");
  axes_ = list("axes");
} catch (const nlohmann::json::exception&) {
  refuse(path, "names no inputs and axes; allowed: a file of results of addax sweep");
} catch (const DatabaseError& error) {
  refuse(path, std::string(error.what()) + "; allowed: a file of results of addax sweep");
}

}  // namespace addax::sweep
