// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <set>

#include "sim/input/document.h"
#include "sim/input/output_files.h"
#include "sim/sweep/new_file.h"
#include "sim/sweep/results.h"

namespace addax::sweep {
namespace {

namespace fs = std::filesystem;

std::string one_value(Database& database, const std::string& sql) {
  return text_of(database.value(sql));
}

/// What points of a file ran on: "0.1.0, 3f2a".
std::string versions(Database& all, const std::string& schema) {
  return one_value(all,
                   "select version || ', ' || \"commit\" || coalesce(', sources ' || "
                   "substr(sources_sha256, 1, 12), '') from " +
                       schema + ".points where number is not null limit 1");
}

void check_begun(Database& database, const std::string& source) {
  if (one_value(database, "select value from sweep where key = 'contents'").empty())
    throw input::ConfigError(source +
                             ": found a sweep that ended before its first point; allowed: results "
                             "of one that ran, which --resume makes of it");
}

void check_together(Database& all, const std::string& source) {
  const auto refuse = [&source](const std::string& what) {
    throw input::ConfigError(source + ": " + what);
  };
  const auto differs = [&all](const char* key) {
    const auto value = [&](const std::string& schema) {
      return one_value(all, "select value from " + schema + ".sweep where key = '" + key + "'");
    };
    return value("main") != value("other");
  };
  if (differs("file")) refuse("found results of another sweep file; allowed: parts of one sweep");
  if (!differs("contents")) return;
  const std::string here = versions(all, "main"), there = versions(all, "other");
  if (!here.empty() && !there.empty() && here != there)
    refuse("found results of Addax " + there + "; allowed: those of " + here +
           ", as in the files before");
  refuse(
      "found points whose configurations, traces or tables differ from those of the files before; "
      "allowed: parts that ran on the same files");
}

/// Points that an earlier version of the sweep left.
void drop_unnumbered(Database& all) {
  for (const char* table : {"layers", "components"})
    all.run(std::string("delete from ") + table +
            " where point in (select id from points where number is null)");
  all.run("delete from points where number is null");
}

void add_rows(Database& all, const std::vector<std::string>& inputs) {
  // Where two files have a point, the one that is done counts; else the first.
  all.run(
      "create temp table worse as select id from points where status <> 'done' and key in (select "
      "key from other.points where status = 'done' and number is not null)"
      ";delete from layers where point in (select id from temp.worse);"
      "delete from components where point in (select id from temp.worse);"
      "delete from points where id in (select id from temp.worse);drop table temp.worse");
  std::string names = "number, key, content, status, message, seconds";
  for (const auto& list : {output_columns(), inputs})
    for (const std::string& name : list) names += ", " + quoted(name);
  const std::string from =
      " from other.points where number is not null and key not in (select key from main.points)";
  all.run("create temp table coming as select id, key" + from + ";insert into points (" + names +
          ") select " + names + from + ";");
  for (const auto& [table, list] :
       {std::pair("layers", layer_columns()), std::pair("components", component_columns())}) {
    std::string columns_of;
    for (const std::string& column : list) columns_of += ", x." + quoted(column);
    all.run(std::string("insert into main.") + table + " select p.id" + columns_of +
            " from other." + table +
            " x join temp.coming c on c.id = x.point join main.points p on p.key = c.key;");
  }
  all.run("drop table temp.coming");
}

std::uint64_t count(Database& database, const std::string& sql) {
  const Cell cell = database.value(sql);
  const auto* whole = std::get_if<std::int64_t>(&cell);
  return whole == nullptr ? 0 : static_cast<std::uint64_t>(*whole);
}

}  // namespace

Merged merge(const std::string& target, const std::vector<std::string>& sources) {
  std::error_code error;
  if (fs::exists(target, error))
    throw input::ConfigError(target + ": is there already; allowed: a new file");
  std::set<std::string> seen;
  for (const std::string& source : sources) {
    ResultsReader part(source);
    check_begun(part.database(), source);
    if (!seen.insert(fs::weakly_canonical(source, error).string()).second)
      throw input::ConfigError(source + ": found twice; allowed: each file once");
  }
  input::check_writable(target);
  const std::vector<std::string> inputs = ResultsReader(sources.front()).inputs();
  NewFile file(target);
  Merged merged;
  std::string source = sources.front();
  try {
    Database(source, Database::Mode::kRead).prepare("vacuum into ?").bind(1, file.path()).step();
    Database all(file.path(), Database::Mode::kWrite);
    all.run("pragma synchronous = off");
    drop_unnumbered(all);
    for (std::size_t i = 1; i < sources.size(); ++i) {
      source = sources[i];
      all.prepare("attach ? as other").bind(1, source).step();
      check_together(all, source);
      all.run("begin");
      add_rows(all, inputs);
      all.run("commit; detach other");
    }
    merged = {count(all, "select count(*) from points"),
              count(all, "select value from sweep where key = 'points'")};
  } catch (const DatabaseError& failure) {
    throw input::ConfigError(source + ": cannot be merged into " + target + ": " + failure.what() +
                             "; allowed: whole results, and a disk with room for them");
  }
  file.put();
  return merged;
}

}  // namespace addax::sweep
