// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/results.h"

#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/sweep/front.h"
#include "tests/sim/sweep/sweep_files.h"

using namespace addax;
using namespace addax::sweep;
namespace fs = std::filesystem;

namespace {

Point inputs(std::uint64_t number) {
  return {{"arch", "eyeriss_fp16"},
          {"trace", "micro-linear"},
          {"tech", "physical-45nm"},
          {"run.baseline", "none"},
          {"arch.rows", number < 2 ? "4" : "8"},
          {"arch.groups.multiplier.columns", number % 2 == 0 ? "2" : "3"}};
}

Place place(std::uint64_t number, const std::string& content = "as it was") {
  return {number, "key " + std::to_string(number), content, inputs(number)};
}

std::size_t column(const std::string& name) {
  const auto& all = output_columns();
  const auto at = std::find(all.begin(), all.end(), name);
  REQUIRE(at != all.end());
  return static_cast<std::size_t>(at - all.begin());
}

Row done(double energy, double latency = 1.0) {
  Row row;
  row.status = Status::kDone;
  row.seconds = 0.25;
  row.outputs.resize(output_columns().size());
  row.outputs[column("version")] = std::string("1");
  row.outputs[column("energy_j")] = energy;
  row.outputs[column("latency_s")] = latency;
  row.outputs[column("cycles")] = std::int64_t{12};
  row.layers = {std::vector<Cell>(layer_columns().size())};
  row.layers[0][0] = std::int64_t{0};
  row.components = {{std::string("dram"), energy, Cell()}, {std::string("buffer"), 0.5, 2.0}};
  return row;
}

Row ended(Status status) {
  Row row;
  row.status = status;
  row.message = "why, \"quoted\"";
  return row;
}

/// A row's status, energy and number by key, from the file itself.
std::vector<std::string> rows(const std::string& path) {
  Database database(path, Database::Mode::kRead);
  Statement select = database.prepare(
      "select key, status, energy_j, number, content, (select count(*) from layers where point = "
      "id), "
      "(select count(*) from components where point = id) from points order by key");
  std::vector<std::string> all;
  while (select.step()) {
    std::string line;
    for (const Cell& cell : select.row()) line += (line.empty() ? "" : "|") + text_of(cell);
    all.push_back(line);
  }
  return all;
}

using Lines = std::vector<std::string>;

std::vector<bool> taken(Results& results, std::uint64_t points, const std::string& content) {
  return results.take_over(points, [&](std::uint64_t number) { return place(number, content); });
}

std::string csv(const std::string& path) {
  std::ostringstream stream;
  ResultsReader(path).csv(stream);
  return stream.str();
}

nlohmann::json json(const std::string& path) {
  std::ostringstream stream;
  ResultsReader(path).json(stream);
  return nlohmann::json::parse(stream.str());
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("A row crosses a pipe as it is") {
  Row row = done(0.1, 1e-300);
  row.layers[0][1] = std::string("with \xC3\xA9 and \0 in it", 15);
  row.message = "m";
  const Row again = Row::from_bytes(row.bytes());
  CHECK(again.status == row.status);
  CHECK(again.message == row.message);
  CHECK(again.seconds == row.seconds);
  CHECK(again.outputs == row.outputs);
  CHECK(again.layers == row.layers);
  CHECK(again.components == row.components);
  const Row failed = Row::from_bytes(ended(Status::kFailed).bytes());
  CHECK(failed.status == Status::kFailed);
  CHECK(failed.outputs.empty());
}

TEST_CASE("Results hold what was added, are one file when closed, and are not made twice") {
  const Folder folder;
  const std::string path = folder.path("r.sqlite");
  const Sweep sweep = sweep_of(kSweep);
  {
    Results results = Results::create(path, sweep, 4);
    results.add(place(2), done(2.0));
    results.add(place(0), done(1.0));
    results.add(place(1), ended(Status::kFailed));
    CHECK(results.done() == 2);
    // Committed at once: another process sees them.
    CHECK(rows(path).size() == 3);
    results.close();
  }
  CHECK(std::distance(fs::directory_iterator(folder.path("")), fs::directory_iterator()) == 1);
  CHECK(rows(path) == Lines{"key 0|done|1|0|as it was|1|2", "key 1|failed||1|as it was|0|0",
                            "key 2|done|2|2|as it was|1|2"});
  const ResultsReader reader(path);
  CHECK(reader.sweep_name() == "small");
  CHECK(reader.inputs() == input_keys(sweep));
  CHECK(reader.axes() == axis_keys(sweep));
  const std::string before = bytes_of(path);
  CHECK(refusal([&] { Results::create(path, sweep, 4); }) ==
        path + ": is there already; allowed: --resume to go on with it, or another --out");
  CHECK(bytes_of(path) == before);
  CHECK(refusal([&] {
          Results::create(folder.path("no/r.sqlite"), sweep, 4);
        }).find("no/r.sqlite") != std::string::npos);
}

TEST_CASE("A row takes the place of an earlier one of its key, with its layers and components") {
  const Folder folder;
  const std::string path = folder.path("r.sqlite");
  Results results = Results::create(path, sweep_of(kSweep), 4);
  results.add(place(0), done(1.0));
  results.add(place(0), done(5.0));
  CHECK(rows(path) == Lines{"key 0|done|5|0|as it was|1|2"});
  results.add(place(0), ended(Status::kCrashed));
  CHECK(rows(path) == Lines{"key 0|crashed||0|as it was|0|0"});
  Database database(path, Database::Mode::kRead);
  for (const char* table : {"layers", "components"}) {
    Statement count = database.prepare(std::string("select count(*) from ") + table);
    REQUIRE(count.step());
    CHECK(count.cell(0) == Cell(std::int64_t{0}));
  }
}

TEST_CASE(
    "An input that is null is null in the file, in CSV, in JSON and to the filter of a front") {
  const Folder folder;
  const std::string path = folder.path("r.sqlite");
  {
    Results results = Results::create(path, sweep_of(kSweep), 4);
    for (std::uint64_t number = 0; number < 2; ++number) {
      Place at = place(number);
      if (number == 0) at.inputs.back().second = "null";
      results.add(at, done(1.0));
    }
    results.close();
  }
  const std::string key = "arch.groups.multiplier.columns";
  Database database(path, Database::Mode::kRead);
  CHECK(database.value("select number from points where \"" + key + "\" is null") ==
        Cell(std::int64_t{0}));
  CHECK(csv(path).find("\n0,done,,eyeriss_fp16,micro-linear,physical-45nm,none,4,,1,") !=
        std::string::npos);
  const nlohmann::json points = json(path)["points"];
  CHECK(points[0][key].is_null());
  CHECK(points[1][key] == 3);
  ResultsReader reader(path);
  FrontRequest request;
  request.objectives = {{"energy_j", false}};
  request.where = key + " is null";
  CHECK(front(reader, request).fronts.at(0).rows.size() == 1);
  request.where = key + " <> 3";
  CHECK_THROWS_AS(front(reader, request), input::ConfigError);
}

TEST_CASE(
    "What ended stays: done and failed, not crashed or of changed files, and only with the content "
    "of now") {
  const Folder folder;
  const std::string path = folder.path("r.sqlite");
  const Sweep sweep = sweep_of(kSweep);
  {
    Results results = Results::create(path, sweep, 4);
    CHECK(taken(results, 4, "as it was") == std::vector<bool>(4, false));
    results.add(place(0), done(1.0));
    results.add(place(1), ended(Status::kFailed));
    results.add(place(2), ended(Status::kCrashed));
    results.add(place(3), ended(Status::kChanged));
    results.close();
  }
  {
    Results results = Results::resume(path, sweep, 4);
    CHECK(taken(results, 4, "as it was") == std::vector<bool>{true, true, false, false});
    CHECK(taken(results, 4, "changed") == std::vector<bool>(4, false));
    CHECK(results.done() == 0);
    CHECK(rows(path)[0] == "key 0|done|1||as it was|1|2");
    CHECK(taken(results, 4, "as it was") == std::vector<bool>{true, true, false, false});
    CHECK(results.done() == 1);
    results.add(place(0, "changed"), done(7.0));
    results.close();
  }
  CHECK(rows(path)[0] == "key 0|done|7|0|changed|1|2");
}

TEST_CASE("A sweep that was edited keeps the rows of what is no longer in it, without a number") {
  const Folder folder;
  const std::string path = folder.path("r.sqlite");
  {
    Results results = Results::create(path, sweep_of(kSweep), 4);
    for (std::uint64_t number = 0; number < 4; ++number)
      results.add(place(number), done(static_cast<double>(number)));
    results.close();
  }
  // One axis more, in another order; points 3 and 1 are now 0 and 1, and there is a new one.
  const Sweep edited =
      sweep_of(std::string(kSweep) + "  - {key: arch.buffer.banks, values: [8]}\n");
  {
    Results results = Results::resume(path, edited, 3);
    const std::vector<bool> ended = results.take_over(3, [](std::uint64_t number) {
      Place moved = place(number == 0 ? 3 : number == 1 ? 1 : 9);
      moved.number = number;
      moved.inputs.emplace_back("arch.buffer.banks", "8");
      return moved;
    });
    CHECK(ended == std::vector<bool>{true, true, false});
    Place more = place(9);
    more.number = 2;
    more.inputs.emplace_back("arch.buffer.banks", "8");
    results.add(more, done(9.0));
    results.close();
  }
  CHECK(rows(path) == Lines{"key 0|done|0||as it was|1|2", "key 1|done|1|1|as it was|1|2",
                            "key 2|done|2||as it was|1|2", "key 3|done|3|0|as it was|1|2",
                            "key 9|done|9|2|as it was|1|2"});
  ResultsReader reader(path);
  CHECK(reader.inputs() == input_keys(edited));
  CHECK(json(path).at("points").size() == 3);
  CHECK(json(path)["points"][2]["arch.buffer.banks"] == 8);
  // Fewer axes again: the column stays, and is no input.
  Results::resume(path, sweep_of(kSweep), 4).close();
  CHECK(ResultsReader(path).inputs() == input_keys(sweep_of(kSweep)));
}

TEST_CASE("What is no file of results of the sweep is refused, and stays as it is") {
  const Folder folder;
  const Sweep sweep = sweep_of(kSweep);
  const auto refused = [&](const std::string& path, const std::string& part) {
    const std::string before = fs::is_directory(path) ? "" : bytes_of(path);
    const std::string found = refusal([&] { Results::resume(path, sweep, 4); });
    INFO(found);
    CHECK(found.find(path + ": ") == 0);
    CHECK(found.find(part) != std::string::npos);
    CHECK(found.find("allowed: ") != std::string::npos);
    if (!fs::is_directory(path)) CHECK(bytes_of(path) == before);
  };
  refused(folder.write("text",
                       "this is no database, and long enough to look like something at all, "
                       "with more than a hundred bytes of it in the file, which SQLite reads"),
          "not a database");
  refused(folder.write("empty", ""), "no such table");
  refused(folder.path(""), "");
  {
    Database other(folder.path("other"), Database::Mode::kCreate);
    other.run("create table mine (a)");
  }
  refused(folder.path("other"), "no such table");
  {
    Database other(folder.path("later"), Database::Mode::kCreate);
    other.run(
        "create table sweep (key, value); insert into sweep values ('format', 'addax.results/2')");
  }
  refused(folder.path("later"), "found results 'addax.results/2'; allowed: addax.results/1");
  {
    Database other(folder.path("half"), Database::Mode::kCreate);
    other.run(
        "create table sweep (key, value); insert into sweep values ('format', 'addax.results/1')");
  }
  refused(folder.path("half"), "names no inputs");
  std::string other = kSweep;
  other.replace(other.find("name: small"), 11, "name: large");
  Results::create(folder.path("large"), sweep_of(other), 4).close();
  refused(folder.path("large"), "found results of the sweep 'large'; allowed: those of 'small'");
}

TEST_CASE("A file without its tables is refused when it is exported or asked for a front") {
  const Folder folder;
  const std::string path = folder.path("r.sqlite");
  Results::create(path, sweep_of(kSweep), 4).close();
  Database(path, Database::Mode::kWrite).run("drop table points");
  const std::string as_csv = refusal([&] { csv(path); });
  CHECK(as_csv.find(path + ": no such table: points; allowed: a file of results") == 0);
  CHECK(refusal([&] { json(path); }).find("no such table") != std::string::npos);
}

TEST_CASE("Somebody who reads the file neither stops the sweep nor fails its end") {
  const Folder folder;
  const std::string path = folder.path("r.sqlite");
  Results results = Results::create(path, sweep_of(kSweep), 4);
  results.add(place(0), done(1.0));
  Database reader(path, Database::Mode::kRead);
  Statement select = reader.prepare("select key from points");
  REQUIRE(select.step());  // a transaction that stays open
  results.add(place(1), done(2.0));
  results.add(place(2), done(3.0));
  CHECK_NOTHROW(results.close());
  CHECK_FALSE(select.step());  // what it saw when it began
  CHECK(rows(path).size() == 3);
}

TEST_CASE("Exports are in the order of numbers, whatever the order in which points ended") {
  const Folder folder;
  const Sweep sweep = sweep_of(kSweep);
  const auto make = [&](const std::string& name, const std::vector<std::uint64_t>& order) {
    Results results = Results::create(folder.path(name), sweep, 4);
    for (const std::uint64_t number : order)
      results.add(place(number),
                  number == 1 ? ended(Status::kFailed) : done(0.1 * static_cast<double>(number)));
    results.close();
    return folder.path(name);
  };
  const std::string one = make("one", {0, 1, 2, 3}), other = make("other", {3, 1, 0, 2});
  CHECK(csv(one) == csv(other));
  CHECK(json(one) == json(other));
  std::istringstream lines(csv(one));
  std::string line;
  std::getline(lines, line);
  CHECK(line.find("number,status,message,arch,trace,tech,run.baseline,arch.rows,arch.groups."
                  "multiplier.columns,version,commit,") == 0);
  std::getline(lines, line);
  std::getline(lines, line);
  CHECK(line.find(
            "1,failed,\"why, \"\"quoted\"\"\",eyeriss_fp16,micro-linear,physical-45nm,none,4,3,") ==
        0);
  const nlohmann::json points = json(one).at("points");
  REQUIRE(points.size() == 4);
  CHECK(points[3]["energy_j"].get<double>() == 0.1 * 3.0);
  CHECK(points[3]["arch.rows"] == 8);
  CHECK(points[3]["components"][0]["component"] == "buffer");
  CHECK(points[3]["layers"].size() == 1);
  CHECK(points[1]["energy_j"].is_null());
}

TEST_CASE("A front is asked of a file: objectives up and down, filters, and points that are done") {
  const Folder folder;
  const std::string path = folder.path("r.sqlite");
  {
    Results results = Results::create(path, sweep_of(kSweep), 5);
    const std::vector<std::pair<double, double>> values = {{1, 4}, {2, 2}, {3, 3}, {2, 2}};
    for (std::uint64_t i = 0; i < values.size(); ++i)
      results.add(place(i), done(values[i].first, values[i].second));
    results.add(place(4), ended(Status::kFailed));
    results.close();
  }
  ResultsReader reader(path);
  const auto numbers = [&](const FrontRequest& request) {
    std::vector<std::string> found;
    const Front asked = front(reader, request);
    REQUIRE(asked.fronts.size() == 1);
    for (const auto& row : asked.fronts[0].rows) found.push_back(text_of(row[0]));
    return found;
  };
  const FrontRequest::Objective energy{"energy_j", false}, latency{"latency_s", false};
  CHECK(numbers({{energy, latency}, {}}) == Lines{"0", "1", "3"});
  CHECK(numbers({{latency, energy}, {}}) == Lines{"1", "3", "0"});
  CHECK(numbers({{{"energy_j", true}, {"latency_s", true}}, {}}) == Lines{"2", "0"});
  CHECK(numbers({{energy}, {}}) == Lines{"0"});
  CHECK(numbers({{energy, latency}, "arch.rows = 8"}) == Lines{"3"});
  CHECK(numbers({{energy, latency}, "energy_j > 1 and \"number\" < 3"}) == Lines{"1"});
  const Front with_axis = front(reader, {{energy, {"arch.rows", true}}, {}});
  CHECK(with_axis.columns ==
        Lines{"number", "arch.groups.multiplier.columns", "energy_j", "arch.rows"});
  CHECK(with_axis.fronts.at(0).points == 4);
  const auto why = [&](const FrontRequest& request) {
    return refusal([&] { front(reader, request); });
  };
  CHECK(why({{{"energy", false}}, {}}).find("found no column 'energy'") != std::string::npos);
  CHECK(why({{{"energy_jj", false}}, {}}).find("did you mean 'energy_j'?") != std::string::npos);
  CHECK(why({{{"version", false}}, {}}).find("found no column 'version'") != std::string::npos);
  CHECK(why({{{"tables_built", false}}, {}}).find("no point is done") != std::string::npos);
  CHECK(why({{{"arch", false}}, {}}).find("numbers in all objectives") != std::string::npos);
  CHECK(why({{energy}, "energy_j > 100"}).find("where energy_j > 100; allowed: ") !=
        std::string::npos);
  for (const char* wrong : {"energy > 1", "energy_j >", "random() > 0", "1; drop table points",
                            "abs(-9223372036854775796 - cycles) > 0"}) {
    const std::string found = why({{energy}, wrong});
    INFO(found);
    CHECK(found.find(std::string("--where: found '") + wrong + "': ") == 0);
    CHECK(found.find("; allowed: an SQL expression over columns") != std::string::npos);
  }
}
