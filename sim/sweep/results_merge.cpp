// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <set>

#include "sim/input/document.h"
#include "sim/sweep/results.h"

namespace addax::sweep {
namespace {

namespace fs = std::filesystem;

/// Temporary files of a database that is being made, gone unless it was put in its place.
class NewFile {
 public:
  explicit NewFile(std::string target) : target_(std::move(target)), path_(target_ + ".new") {
    remove();
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() { remove(); }
  const std::string& path() const { return path_; }
  void put() {
    std::error_code error;
    fs::rename(path_, target_, error);
    if (error) throw input::ConfigError(target_ + ": " + error.message());
  }

 private:
  void remove() const {
    std::error_code error;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(path_ + suffix, error);
  }
  std::string target_, path_;
};

std::string one_value(Database& database, const std::string& sql) {
  Statement statement = database.prepare(sql);
  std::string value;
  while (statement.step()) value = text_of(statement.cell(0));
  return value;
}

void check_together(Database& all, const std::string& source) {
  const auto refuse = [&source](const std::string& what) {
    throw input::ConfigError(source + ": " + what);
  };
  if (one_value(all, "select value from sweep where key = 'file'") !=
      one_value(all, "select value from other.sweep where key = 'file'"))
    refuse("found results of another sweep file; allowed: parts of one sweep");
  const std::string here =
      one_value(all, "select version || ', ' || \"commit\" from points limit 1");
  const std::string there = one_value(
      all,
      "select version || ', ' || \"commit\" from other.points where version is not null and "
      "version || ', ' || \"commit\" <> '" +
          here + "' limit 1");
  if (!here.empty() && !there.empty())
    refuse("found results of Addax " + there + "; allowed: those of " + here +
           ", as in the files before");
  const std::string differs = one_value(all,
                                        "select b.key from points a join other.points b on a.key = "
                                        "b.key where a.content <> b.content");
  if (!differs.empty())
    refuse("found a point (key " + differs +
           ") whose files are not those of the files before; allowed: the same configurations, "
           "traces and tables");
}

void add_rows(Database& all) {
  // Where two files have a point, the one that is done counts; else the first.
  all.run(
      "delete from layers where point in (select a.id from points a join other.points b on a.key = "
      "b.key where a.status <> 'done' and b.status = 'done');"
      "delete from components where point in (select a.id from points a join other.points b on "
      "a.key = b.key where a.status <> 'done' and b.status = 'done');"
      "delete from points where key in (select key from other.points where status = 'done') and "
      "status <> 'done';");
  std::string names;
  Statement columns =
      all.prepare("select name from pragma_table_info('points') where name <> 'id'");
  while (columns.step()) names += ", " + quoted(text_of(columns.cell(0)));
  names = names.substr(2);
  const std::string from = " from other.points where key not in (select key from main.points)";
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

}  // namespace

void merge(const std::string& target, const std::vector<std::string>& sources) {
  std::error_code error;
  if (fs::exists(target, error))
    throw input::ConfigError(target + ": is there already; allowed: a new file");
  std::set<std::string> seen;
  for (const std::string& source : sources) {
    const ResultsReader check(source);
    if (!seen.insert(fs::weakly_canonical(source, error).string()).second)
      throw input::ConfigError(source + ": found twice; allowed: each file once");
  }
  NewFile file(target);
  try {
    Database(sources.front(), Database::Mode::kRead)
        .prepare("vacuum into ?")
        .bind(1, file.path())
        .step();
    Database all(file.path(), Database::Mode::kWrite);
    all.run("pragma synchronous = off");
    for (std::size_t i = 1; i < sources.size(); ++i) {
      all.prepare("attach ? as other").bind(1, sources[i]).step();
      check_together(all, sources[i]);
      all.run("begin");
      add_rows(all);
      all.run("commit; detach other");
    }
  } catch (const DatabaseError& failure) {
    throw input::ConfigError(target + ": " + failure.what());
  }
  file.put();
}

}  // namespace addax::sweep
