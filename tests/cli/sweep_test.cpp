// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;
using Json = nlohmann::json;

namespace {

// Six points that take a millisecond each.
constexpr const char* kSweep = R"(addax: sweep/1
name: quick
base:
  arch: eyeriss_shiftadd
  trace: micro-linear
axes:
  - {key: arch.rows, values: [4, 8, 12]}
  - {key: arch.groups.lut.columns, values: [4, 7]}
)";

std::map<std::string, std::string> row(const std::string& csv, std::size_t number) {
  std::istringstream lines(csv);
  std::string head, line;
  std::getline(lines, head);
  for (std::size_t i = 0; i <= number; ++i) REQUIRE(std::getline(lines, line));
  std::map<std::string, std::string> fields;
  std::istringstream names(head), values(line);
  // No field of these sweeps holds a comma.
  for (std::string name, value; std::getline(names, name, ',');) {
    std::getline(values, value, ',');
    fields[name] = value;
  }
  return fields;
}

/// Every number of a run's totals, and of its baselines, is the row's, bit for bit.
void check_same(const Json& run, const Json& point, std::map<std::string, std::string> fields) {
  const auto same = [&](const std::string& column, const Json& value) {
    INFO(column);
    CHECK(point.at(column) == value);
    CHECK(Json::parse(fields.at(column)).get<double>() == value.get<double>());
  };
  const Json& totals = run.at("totals");
  for (const char* total : {"cycles", "latency_s", "energy_j", "area_mm2", "macs", "dram_bits"})
    same(total, totals.at(total));
  same("rows", run.at("rows"));
  same("columns", run.at("columns"));
  same("energy_low_j", run.at("intervals").at("energy_j").at("total").at(0));
  same("energy_high_j", run.at("intervals").at("energy_j").at("total").at(1));
  same("edp_js", totals.at("energy_j").get<double>() * totals.at("latency_s").get<double>());
  same("energy_area_j_mm2",
       totals.at("energy_j").get<double>() * totals.at("area_mm2").get<double>());
  for (const std::string baseline : {"fp16", "same_bits"}) {
    if (!run.at("baselines").contains(baseline)) {
      CHECK(point.at(baseline + "_energy_j").is_null());
      continue;
    }
    const Json& other = run.at("baselines").at(baseline);
    for (const char* total : {"latency_s", "energy_j", "area_mm2"})
      same(baseline + "_" + total, other.at("totals").at(total));
    same(baseline + "_columns", other.at("columns"));
  }
  const Json& layers = run.at("layers");
  REQUIRE(point.at("layers").size() == layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i)
    for (const char* value : {"name", "kind", "format", "fidelity", "repeat", "macs", "cycles",
                              "latency_s", "energy_j", "dram_read_bits", "bound_by", "mapping"}) {
      INFO("layer " << i << ": " << value);
      CHECK(point.at("layers")[i].at(value) == layers[i].at(value));
    }
  for (const Json& component : point.at("components")) {
    const Json& energy = run.at("energy_j").at("by_component");
    const std::string name = component.at("component");
    CHECK(component.at("energy_j") == (energy.contains(name) ? energy.at(name) : Json()));
  }
}

Json parsed(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  REQUIRE_FALSE(json.is_discarded());
  return json;
}

}  // namespace

TEST_CASE("A sweep runs, is exported, and its front is printed") {
  const Folder folder;
  const std::string file = folder.write("quick.yaml", kSweep), out = folder.path("quick.sqlite");
  CHECK(done({"sweep", file, "--out", out, "-j", "2"}).out == out + ": 6 points done\n");
  CHECK(folder.names() == Words{"quick.sqlite", "quick.yaml"});
  const std::string csv = done({"sweep", "export", out, "--csv", "-"}).out;
  CHECK(lines(csv) == 7);
  CHECK(row(csv, 3)["arch.rows"] == "8");
  CHECK(row(csv, 3)["arch.groups.lut.columns"] == "7");
  CHECK(row(csv, 3)["status"] == "done");
  const Json json = parsed(done({"sweep", "export", out, "--json", "-"}).out);
  CHECK(json.at("sweep") == "quick");
  CHECK(json.at("points").size() == 6);
  const std::string front = done({"pareto", out}).out;
  CHECK(contains(front, "of 6 points of quick are on the front"));
  CHECK(contains(front, "arch.rows"));
  CHECK(done({"sweep", file, "--out", out, "--resume"}).out ==
        out + ": 0 points done, 6 were there\n");
}

TEST_CASE("A sweep that ships runs by its name, into a file of its name") {
  const std::string list = done({"sweep", "array-shape", "--list"}).out;
  CHECK(list.rfind("36 points of array-shape\n", 0) == 0);
  CHECK(lines(list) == 37);
  CHECK(contains(list, "      1  arch.rows = 4, arch.groups.lut.columns = 7\n"));
  for (const char* name : {"bandwidth", "baselines", "batch", "bits-granularity", "buffer-size",
                           "dram", "fp16-columns", "iso-area-decode", "iso-area-prefill", "lut"})
    CHECK(lines(done({"sweep", name, "--list"}).out) >= 10);
}

TEST_CASE("Results are written beside a sweep as they are exported later") {
  const Folder folder;
  const std::string file = folder.write("quick.yaml", kSweep);
  done({"sweep", file, "--out", folder.path("a"), "--csv", folder.path("a.csv"), "--json",
        folder.path("a.json"), "--quiet"});
  done({"sweep", "export", folder.path("a"), "--csv", folder.path("b.csv"), "--json",
        folder.path("b.json")});
  CHECK(folder.read("a.csv") == folder.read("b.csv"));
  CHECK(folder.read("a.json") == folder.read("b.json"));
  CHECK(done({"sweep", file, "--out", folder.path("c"), "--csv", "-"}).out == folder.read("a.csv"));
}

TEST_CASE("A row has the numbers of addax run to the last digit, with baselines and without") {
  const Folder folder;
  for (const std::string baseline : {"both", "fp16", "same-bits", "none"})
    for (const std::string fidelity : {"cycle", "analytic"}) {
      const std::string file =
          folder.write("s.yaml",
                       "addax: sweep/1\nname: s\nbase:\n  arch: eyeriss_shiftadd\n  trace: {model: "
                       "opt-125m, phase: "
                       "decode, weights: shiftadd, bits: 3, context: 256}\n  run: {baseline: " +
                           baseline + ", fidelity: " + fidelity +
                           "}\naxes: {key: arch, values: [eyeriss_shiftadd]}\n");
      const std::string out = folder.path(baseline + fidelity);
      const std::string csv = done({"sweep", file, "--out", out, "--csv", "-"}).out;
      const Json points = parsed(done({"sweep", "export", out, "--json", "-"}).out).at("points");
      const Json run = parsed(
          done({"run", "--arch", "eyeriss_shiftadd", "--trace", "opt-125m.decode-256.shiftadd-3bit",
                "--baseline", baseline, "--fidelity", fidelity, "--json", "-"})
              .out);
      INFO(baseline << ", " << fidelity);
      REQUIRE(points.size() == 1);
      check_same(run, points[0], row(csv, 0));
      CHECK(points[0].at("arch_sha256") == run.at("provenance").at("architecture_sha256"));
      CHECK(points[0].at("trace_sha256") == run.at("provenance").at("trace_sha256"));
      CHECK(points[0].at("tech_sha256") == run.at("provenance").at("cost_table_sha256"));
    }
}

TEST_CASE("A changed value gives what a file with that value gives") {
  const Folder folder;
  const std::string file = folder.write("quick.yaml", kSweep);
  const std::string csv = done({"sweep", file, "--out", folder.path("r"), "--csv", "-"}).out;
  const Json points =
      parsed(done({"sweep", "export", folder.path("r"), "--json", "-"}).out).at("points");
  Json architecture =
      parsed(done({"check", ADDAX_SOURCE_DIR "/configs/arch/eyeriss_shiftadd.yaml"}).out);
  architecture["rows"] = 8;
  architecture["groups"][0]["columns"] = 7;
  const std::string changed = folder.write("a.json", architecture.dump());
  const Json run = parsed(done({"run", "--arch", changed, "--trace", "micro-linear", "--baseline",
                                "none", "--json", "-"})
                              .out);
  check_same(run, points.at(3), row(csv, 3));
}

TEST_CASE("Points that cannot be have a row with a message, and the others go on") {
  const Folder folder;
  const std::string file =
      folder.write("s.yaml", replaced(kSweep, "values: [4, 8, 12]", "values: [4, 0, 12]"));
  const Outcome outcome = run_addax(
      {"sweep", file, "--out", folder.path("r"), "--csv", folder.path("r.csv"), "-j", "1"});
  CHECK(outcome.status == 0);
  CHECK(contains(outcome.out, "4 points done, 2 failed"));
  CHECK(lines(outcome.err) == 1);  // the first that failed
  CHECK(contains(outcome.err, "addax: arch.rows = 0, arch.groups.lut.columns = 4: "));
  const Json points =
      parsed(done({"sweep", "export", folder.path("r"), "--json", "-"}).out).at("points");
  CHECK(points[2].at("status") == "failed");
  CHECK(contains(points[2].at("message"),
                 "eyeriss_shiftadd.yaml (with groups.lut.columns = 4, rows = 0)"));
  CHECK(contains(points[2].at("message"), "rows: found '0'; allowed: an integer from 1"));
  CHECK(points[2].at("energy_j").is_null());
  CHECK(points[2].at("version").is_string());
  CHECK(points[4].at("status") == "done");
  // What failed is not tried again, as nothing has changed.
  CHECK(contains(done({"sweep", file, "--out", folder.path("r"), "--resume"}).out,
                 "0 points done, 6 were there"));
}

TEST_CASE("Mistakes on the command line of a sweep are refused") {
  const Folder folder;
  const std::string file = folder.write("quick.yaml", kSweep), out = folder.path("r");
  const auto refused = [&](const Words& words, const Words& parts) {
    INFO(words.back());
    check_refused(run_addax(words), parts);
    CHECK(folder.names() == Words{"quick.yaml"});
  };
  const Words sweep = {"sweep", file, "--out", out};
  refused({"sweep"}, {"FILE", "found nothing"});
  refused({"sweep", "aray-shape"}, {"did you mean 'array-shape'?"});
  refused({"sweep", folder.path("none.yaml")}, {"no such file"});
  refused({"sweep", file, file}, {"one sweep"});
  refused(joined(sweep, {"--jobs", "0"}), {"--jobs", "'0'", "1 to 1024"});
  refused(joined(sweep, {"-j", "abc"}), {"--jobs", "'abc'"});
  refused(joined(sweep, {"-j", "-1"}), {"jobs"});
  refused(joined(sweep, {"-j", "1025"}), {"'1025'"});
  refused(joined(sweep, {"--job", "2"}), {"--job"});
  refused(joined(sweep, {"--csv", "-", "--json", "-"}), {"--json", "--csv"});
  refused(joined(sweep, {"--csv", out}), {"--csv", "--out"});
  refused(joined(sweep, {"--json", file}), {"--json", "FILE"});
  refused(joined(sweep, {"--csv", folder.path("no/x.csv")}), {"no/x.csv"});
  refused({"sweep", file, "--out", folder.path("no/r")}, {"no/r", "cannot be written"});
  refused({"sweep", file, "--out", ""}, {"--out", "empty"});
  refused({"sweep", file, "--out", folder.path(".")}, {"allowed"});
  refused({"sweep", "export"}, {"export", "0 files"});
  refused({"sweep", "export", folder.path("none"), "--csv", "-"}, {"none"});
  refused({"sweep", "export", file, "--csv", "-"}, {"not a database"});
  refused({"sweep", "export", file}, {"neither --csv nor --json"});
}

TEST_CASE("Results that are there are not replaced, and no file that points read is") {
  const Folder folder;
  const std::string file = folder.write("quick.yaml", kSweep);
  const std::string out = folder.write("r", "mine");
  check_refused(run_addax({"sweep", file, "--out", out}), {"is there already", "--resume"});
  check_refused(run_addax({"sweep", file, "--out", out, "--resume"}), {"r: ", "not a database"});
  CHECK(folder.read("r") == "mine");
  done({"trace", "make", "--model", "opt-125m", "--weights", "fp16", "-o", folder.path("t.yaml")});
  const std::string other =
      folder.write("other.yaml", replaced(kSweep, "micro-linear", folder.path("t.yaml")));
  check_refused(
      run_addax({"sweep", other, "--out", folder.path("o"), "--csv", folder.path("t.yaml")}),
      {"--csv", "trace"});
  CHECK(folder.names() == Words{"other.yaml", "quick.yaml", "r", "t.yaml"});
}

TEST_CASE("Results of another sweep are not gone on with") {
  const Folder folder;
  const std::string file = folder.write("quick.yaml", kSweep), out = folder.path("r");
  done({"sweep", file, "--out", out, "--quiet"});
  const std::string other =
      folder.write("other.yaml", replaced(kSweep, "name: quick", "name: slow"));
  check_refused(run_addax({"sweep", other, "--out", out, "--resume"}), {"'quick'", "'slow'"});
  // The same with more points does those that are new.
  const std::string more =
      folder.write("more.yaml", replaced(kSweep, "values: [4, 8, 12]", "values: [12, 8, 16]"));
  CHECK(
      contains(done({"sweep", more, "--out", out, "--resume"}).out, "2 points done, 4 were there"));
  // In another order of axes and values all are there.
  const std::string turned = folder.write("turned.yaml", R"(addax: sweep/1
name: quick
base: {trace: micro-linear, arch: eyeriss_shiftadd}
axes:
  - {key: arch.groups.lut.columns, values: [7, 4]}
  - {key: arch.rows, values: [16, 8, 12]}
)");
  CHECK(contains(done({"sweep", turned, "--out", out, "--resume"}).out,
                 "0 points done, 6 were there"));
}

TEST_CASE("More workers than the system lets start are the user's to mend") {
  const Folder folder;
  const std::string file = folder.write(
      "s.yaml", replaced(kSweep, "values: [4, 7]", "range: {from: 1, to: 100, step: 1}"));
  // Workers are not more than points: 1000 for 300 points, and room for 30 files.
  rlimit files{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  rlimit few = files;
  few.rlim_cur = 30;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  const Outcome outcome = run_addax({"sweep", file, "--out", folder.path("r"), "-j", "1000"});
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &files) == 0);
  check_refused(outcome, {"--jobs: found 1000: cannot connect a worker"});
  CHECK(folder.names() == Words{"s.yaml"});
}

TEST_CASE("A sweep is checked: its file, its filters, and what is to be equal") {
  const Folder folder;
  const std::string file = folder.write("quick.yaml", kSweep);
  const std::string printed = done({"check", file}).out;
  CHECK(parsed(printed).at("base").at("tech") == "physical-45nm");
  const std::string again = folder.write("again.yaml", printed);
  CHECK(done({"sweep", again, "--list"}).out == done({"sweep", file, "--list"}).out);
  CHECK(done({"check", again}).out == printed);
  CHECK(done({"check", file, "--as", "sweep"}).out == printed);
  const auto refused = [&](const std::string& more, const Words& parts) {
    check_refused(run_addax({"check", folder.write("s.yaml", kSweep + more)}), parts);
  };
  refused("wheres: []\n", {"s.yaml:9", "'wheres'", "did you mean 'where'?"});
  refused("where: [arch.depth > 1]\n", {"there is no arch.depth"});
  refused("where: [arch.rows > 100]\n", {"no point passes"});
  refused("equal: {quantity: area}\n", {"s.yaml:9: equal: area: ", "mm2", "arch.rows = 4"});
  CHECK(done({"check",
              folder.write("s.yaml", std::string(kSweep) + "where: [arch.buffer.banks = 64]\n")})
            .status == 0);
}

TEST_CASE("Fronts are filtered, of several objectives, and written as CSV and JSON") {
  const Folder folder;
  const std::string file = folder.write("quick.yaml", kSweep), out = folder.path("r");
  done({"sweep", file, "--out", out, "--quiet"});
  const Json points = parsed(done({"sweep", "export", out, "--json", "-"}).out).at("points");
  const Json front = parsed(
      done({"pareto", out, "--minimise", "energy_j, latency_s,area_mm2", "--json", "-"}).out);
  CHECK(front.at("points") == 6);
  std::vector<int> expected;
  for (const Json& point : points) {
    bool undercut = false;
    for (const Json& other : points) {
      bool no_larger = true, smaller = false;
      for (const char* column : {"energy_j", "latency_s", "area_mm2"}) {
        no_larger = no_larger && other.at(column) <= point.at(column);
        smaller = smaller || other.at(column) < point.at(column);
      }
      undercut = undercut || (no_larger && smaller);
    }
    if (!undercut) expected.push_back(point.at("number"));
  }
  std::vector<int> found;
  for (const Json& point : front.at("front")) found.push_back(point.at("number"));
  std::sort(found.begin(), found.end());
  CHECK(found == expected);
  // Cycles are whole: ties are all in.
  const Json least = parsed(done({"pareto", out, "--minimise", "cycles", "--json", "-"}).out);
  for (const Json& point : least.at("front"))
    CHECK(point.at("cycles") == least.at("front")[0].at("cycles"));
  const std::string csv =
      done({"pareto", out, "--where", "arch.rows >= 8", "--maximise", "area_mm2", "--csv", "-"})
          .out;
  CHECK(csv.rfind("number,arch.rows,arch.groups.lut.columns,area_mm2\n5,12,7,", 0) == 0);
  CHECK(lines(csv) == 2);
  const std::string one =
      done({"pareto", out, "--minimise", "arch.rows,energy_j", "--csv", "-"}).out;
  CHECK(one.rfind("number,arch.groups.lut.columns,arch.rows,energy_j\n", 0) == 0);
}

TEST_CASE("Mistakes on the command line of a front are refused") {
  const Folder folder;
  const std::string file = folder.write("quick.yaml", kSweep), out = folder.path("r");
  done({"sweep", file, "--out", out, "--quiet"});
  const auto refused = [&](const Words& words, const Words& parts) {
    INFO(words.back());
    check_refused(run_addax(words), parts);
    CHECK(folder.names() == Words{"quick.yaml", "r"});
  };
  const Words pareto = {"pareto", out};
  refused({"pareto"}, {"RESULTS", "found nothing"});
  refused({"pareto", folder.path("none")}, {"none"});
  refused({"pareto", file}, {"not a database"});
  refused({"pareto", out, out}, {"more words"});
  refused(joined(pareto, {"--minimise", "energy"}), {"'energy'", "energy_j", "latency_s"});
  refused(joined(pareto, {"--minimise", "energy_j,latencys"}), {"did you mean 'latency_s'?"});
  refused(joined(pareto, {"--minimise", "energy_j,energy_j"}), {"twice"});
  refused(joined(pareto, {"--minimise", "energy_j", "--maximise", "energy_j"}), {"twice"});
  refused(joined(pareto, {"--minimise", ","}), {"found no column ''"});
  refused(joined(pareto, {"--minimise", ""}), {"--minimise", "no column"});
  refused(joined(pareto, {"--minimise", "fp16_energy_j"}), {"numbers in all objectives"});
  refused(joined(pareto, {"--where", "arch.rows >"}), {"--where", "arch.rows >"});
  refused(joined(pareto, {"--where", "rows2 > 1"}), {"no such column"});
  refused(joined(pareto, {"--where", "arch.rows > 100"}), {"no point", "where arch.rows > 100"});
  refused(joined(pareto, {"--where", "load_extension('x')"}),
          {"load_extension", "min, max, abs, round"});
  refused(joined(pareto, {"--csv", out}), {"--csv", "RESULTS"});
  refused(joined(pareto, {"--csv", "-", "--json", "-"}), {"--json"});
}
