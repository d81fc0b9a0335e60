// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include "sim/input/document.h"
#include "sim/sweep/results.h"
#include "tests/catch.h"
#include "tests/folder.h"

using namespace addax::sweep;
using addax::input::ConfigError;
using addax::tests::Folder;

namespace {

namespace fs = std::filesystem;
using Numbers = std::vector<std::uint64_t>;
constexpr std::uint64_t kPoints = 6;

/// What a part ran on, and how its points ended.
struct Machine {
  std::string sweep_file = "file", configurations = "a", version = "1";
  Status status = Status::kDone;
  std::uint64_t points = kPoints;
};

/// A hash as SHA-256 gives them, of few digits.
std::string hash(const std::string& text) {
  std::ostringstream digits;
  digits << std::hex << std::hash<std::string>()(text);
  return std::string(16 - digits.str().size(), '0') + digits.str() + std::string(48, '0');
}

Place place(std::uint64_t number, const Machine& machine) {
  const std::string inputs = std::to_string(number);
  return {number,
          hash(inputs),
          hash(inputs + machine.configurations + machine.version),
          {{"arch", inputs}}};
}

Row row(std::uint64_t number, const Machine& machine) {
  Row row;
  row.status = machine.status;
  row.outputs.resize(output_columns().size());
  row.outputs[0] = machine.version;
  row.outputs[1] = std::string("commit");
  if (row.status != Status::kDone) {
    row.message = "why";
    return row;
  }
  const auto index = static_cast<std::int64_t>(number);
  for (const std::int64_t layer : {0, 1}) {
    std::vector<Cell> cells(layer_columns().size());
    cells[0] = layer;
    cells[3] = std::string(number % 2 == 0 ? "q" : "fc1");
    row.layers.push_back(cells);
  }
  row.components = {{std::string("dram"), 0.5 + static_cast<double>(index), {}}};
  return row;
}

Sweep sweep(const Machine& machine) {
  Sweep sweep;
  sweep.name = "s";
  sweep.bytes = machine.sweep_file;
  sweep.base = {{"arch", "0"}};
  return sweep;
}

/// Runs some of the points into a file, or goes on with it.
std::string part(const std::string& path, const Numbers& numbers, const Machine& machine = {}) {
  Results results = Results::resume(path, sweep(machine), machine.points);
  results.take_over(machine.points, [&](std::uint64_t i) { return place(i, machine); });
  for (const std::uint64_t number : numbers)
    results.add(place(number, machine), row(number, machine));
  results.close();
  return path;
}

std::string json(const std::string& path) {
  std::ostringstream text;
  ResultsReader(path).json(text);
  return text.str();
}

std::int64_t counted(const std::string& path, const std::string& from) {
  Database database(path, Database::Mode::kRead);
  Statement statement = database.prepare("select count(*) from " + from);
  REQUIRE(statement.step());
  return std::get<std::int64_t>(statement.cell(0));
}

/// Asserts that files are refused with a message that names the last of them, and that nothing is left of it.
void check_refused(const Folder& folder, const std::vector<std::string>& parts,
                   const std::string& why) {
  const std::vector<std::string> before = folder.names();
  std::string message;
  try {
    merge(folder.path("all"), parts);
  } catch (const ConfigError& error) {
    message = error.what();
  }
  INFO(message);
  CHECK(message.rfind(parts.back() + ": ", 0) == 0);
  CHECK(message.find(why) != std::string::npos);
  CHECK(message.find("allowed") != std::string::npos);
  CHECK(folder.names() == before);
}

}  // namespace

TEST_CASE("merged parts have the points, layers and components of one run, whatever their order") {
  const Folder folder;
  const std::string one = part(folder.path("one"), {0, 1, 2, 3, 4, 5});
  const std::string a = part(folder.path("a"), {5, 0}), b = part(folder.path("b"), {}),
                    c = part(folder.path("c"), {3, 1, 2, 4});
  const Merged merged = merge(folder.path("all"), {a, b, c});
  CHECK(merged.points == kPoints);
  CHECK(merged.all == kPoints);
  CHECK(json(folder.path("all")) == json(one));
  merge(folder.path("again"), {b, c, a});
  CHECK(json(folder.path("again")) == json(one));
  CHECK(folder.names() == std::vector<std::string>{"a", "again", "all", "b", "c", "one"});
}

TEST_CASE("merging says how many points are in none of the parts, and a run may go on with them") {
  const Folder folder;
  const Merged merged =
      merge(folder.path("all"), {part(folder.path("a"), {0, 4}), part(folder.path("b"), {4})});
  CHECK(merged.points == 2);
  CHECK(merged.all == kPoints);
  part(folder.path("all"), {1, 2, 3, 5});
  CHECK(json(folder.path("all")) == json(part(folder.path("one"), {0, 1, 2, 3, 4, 5})));
}

TEST_CASE("of a point in two parts the one that is done counts, else the first") {
  const Folder folder;
  Machine failing;
  failing.status = Status::kFailed;
  Machine crashing;
  crashing.status = Status::kCrashed;
  const std::string failed = part(folder.path("failed"), {0, 1, 2}, failing);
  const std::string crashed = part(folder.path("crashed"), {1, 2, 3}, crashing);
  const std::string done = part(folder.path("done"), {2, 4});
  const std::vector<std::vector<std::string>> orders = {{failed, crashed, done},
                                                        {done, failed, crashed}};
  for (const std::vector<std::string>& order : orders) {
    const std::string all = folder.path("all" + fs::path(order[0]).filename().string());
    CHECK(merge(all, order).points == 5);
    CHECK(counted(all, "points where status = 'done' and number in (2, 4)") == 2);
    CHECK(counted(all, "points where status = 'failed' and number in (0, 1)") == 2);
    CHECK(counted(all, "points where status = 'crashed' and number = 3") == 1);
    CHECK(counted(all, "layers") == 4);
    CHECK(counted(all, "layers l join points p on p.id = l.point where p.status = 'done'") == 4);
    CHECK(counted(all, "components") == 2);
  }
}

TEST_CASE("points that are no longer in the sweep, and their columns, do not hinder a merge") {
  const Folder folder;
  Machine older;
  older.version = "0";
  older.points = 7;
  part(folder.path("a"), {0, 6}, older);
  {
    Database database(folder.path("a"), Database::Mode::kWrite);
    database.run("alter table points add column \"arch.rows\"");
  }
  part(folder.path("a"), {0, 1, 2});
  const std::string b = part(folder.path("b"), {3, 4, 5});
  CHECK(counted(folder.path("a"), "points where number is null") == 1);
  merge(folder.path("all"), {folder.path("a"), b});
  CHECK(counted(folder.path("all"), "points") == 6);
  CHECK(counted(folder.path("all"), "layers") == 12);
  merge(folder.path("other"), {b, folder.path("a")});
  const std::string one = part(folder.path("one"), {0, 1, 2, 3, 4, 5});
  CHECK(json(folder.path("all")) == json(one));
  CHECK(json(folder.path("other")) == json(one));
}

TEST_CASE("a part whose process was killed is merged with what it had committed") {
  const Folder folder;
  const std::string killed = folder.path("a");
  {
    Results results = Results::create(folder.path("running"), sweep({}), kPoints);
    results.take_over(kPoints, [](std::uint64_t i) { return place(i, {}); });
    for (const std::uint64_t i : {1, 2}) results.add(place(i, {}), row(i, {}));
    // What a killed process leaves: the file and the commits that are not in it yet.
    REQUIRE(fs::exists(folder.path("running-wal")));
    fs::copy(folder.path("running"), killed);
    fs::copy(folder.path("running-wal"), killed + "-wal");
  }
  CHECK(merge(folder.path("all"), {part(folder.path("b"), {0, 3}), killed}).points == 4);
  CHECK(merge(folder.path("other"), {killed, folder.path("b")}).points == 4);
}

TEST_CASE("parts that do not belong together are refused, and nothing is written") {
  const Folder folder;
  const std::string first = part(folder.path("a"), {0, 1});
  Machine other;
  other.sweep_file = "another file";
  check_refused(folder, {first, part(folder.path("b"), {2}, other)}, "another sweep file");
  other = {};
  other.version = "2";
  check_refused(folder, {first, part(folder.path("c"), {2}, other)},
                "found results of Addax 2, commit; allowed: those of 1, commit");
  // The points are others, and none tells of itself that it ran on another configuration.
  other = {};
  other.configurations = "b";
  const std::string changed = part(folder.path("d"), {2}, other);
  check_refused(folder, {first, changed}, "configurations, traces or tables");
  check_refused(folder, {first, part(folder.path("e"), {3}), changed},
                "configurations, traces or tables");
  check_refused(folder, {first, part(folder.path("f"), {}, other)},
                "configurations, traces or tables");
}

TEST_CASE("a file that is no part, or is one twice, is refused, and nothing is written") {
  const Folder folder;
  const std::string first = part(folder.path("a"), {0, 1});
  check_refused(folder, {first, folder.path("nowhere")}, "results of addax sweep");
  std::ofstream(folder.path("text")) << "addax: sweep/1\n";
  check_refused(folder, {first, folder.path("text")}, "results of addax sweep");
  { Database(folder.path("other"), Database::Mode::kCreate).run("create table t (x)"); }
  check_refused(folder, {first, folder.path("other")}, "results of addax sweep");
  check_refused(
      folder,
      {first, folder.path("../") + fs::path(first).parent_path().filename().string() + "/a"},
      "found twice");
  fs::create_symlink(first, folder.path("link"));
  check_refused(folder, {first, folder.path("link")}, "found twice");
  Numbers many(200);
  std::iota(many.begin(), many.end(), 0);
  Machine large;
  large.points = many.size();
  const std::string cut = part(folder.path("cut"), many, large);
  fs::resize_file(cut, fs::file_size(cut) / 2);
  check_refused(folder, {part(folder.path("whole"), {0, 1}, large), cut}, "malformed");
  { Results::create(folder.path("empty"), sweep({}), kPoints).close(); }
  check_refused(folder, {first, folder.path("empty")}, "before its first point");
}

TEST_CASE("a merge takes nobody's place") {
  const Folder folder;
  const std::string a = part(folder.path("a"), {0}), b = part(folder.path("b"), {1});
  const std::string before = json(a);
  CHECK_THROWS_AS(merge(a, {a, b}), ConfigError);
  CHECK_THROWS_AS(merge(a, {b}), ConfigError);
  CHECK(json(a) == before);
  CHECK_THROWS_AS(merge(folder.path("nowhere/all"), {a, b}), ConfigError);
  CHECK(folder.names() == std::vector<std::string>{"a", "b"});
}
