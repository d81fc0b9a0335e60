// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/cli/harness.h"

// What is wrong in all points of a sweep is found before anything is created, at its line; what only some points
// cannot be is their rows'.
using namespace addax::cli;

namespace {

constexpr const char* kSweep = R"(addax: sweep/1
name: quick
base:
  arch: {file: eyeriss_shiftadd, buffer.banks: 128}
  trace: {model: opt-125m, phase: decode, weights: shiftadd, bits: 3}
  run: {fidelity: analytic, dataflow: null}
axes:
  - {key: arch.rows, values: [4, 8]}
  - {key: arch.groups.lut.columns, values: [4, 7]}
)";

/// The sweep and `addax check` are refused alike, and leave nothing.
void check_all_refused(const std::string& text, const Words& parts) {
  const Folder folder;
  const std::string file = folder.write("s.yaml", text), out = folder.path("r");
  INFO(text);
  for (const Words& words : {Words{"sweep", file, "--out", out}, Words{"check", file}}) {
    check_refused(run_addax(words), parts);
    CHECK(folder.names() == Words{"s.yaml"});
  }
}

void check_all_refused(const std::string& from, const std::string& to, const Words& parts) {
  check_all_refused(replaced(kSweep, from, to), parts);
}

nlohmann::json points_of(const std::string& results) {
  return nlohmann::json::parse(done({"sweep", "export", results, "--json", "-"}).out).at("points");
}

}  // namespace

TEST_CASE("What is wrong in all points of a sweep is refused at its line") {
  check_all_refused(
      "file: eyeriss_shiftadd", "file: eyeriss_shiftad",
      {"s.yaml:4: base.arch.file: ", "'eyeriss_shiftad'", "did you mean 'eyeriss_shiftadd'?"});
  check_all_refused("buffer.banks: 128", "buffer.bankz: 128",
                    {"s.yaml:4: base.arch.buffer.bankz: ", "'bankz'", "did you mean 'banks'?"});
  check_all_refused("model: opt-125m", "model: nope",
                    {"s.yaml:5: base.trace.model: ", "'nope'", "opt-6.7b"});
  check_all_refused("phase: decode", "phase: decod",
                    {"s.yaml:5: base.trace.phase: ", "'decod'", "did you mean 'decode'?"});
  check_all_refused("weights: shiftadd", "weights: shiftade",
                    {"s.yaml:5: base.trace.weights: ", "'shiftade", "ternary"});
  check_all_refused("bits: 3", "bits: 33", {"s.yaml:5: base.trace.bits: ", "33", "1 to 8 bits"});
  check_all_refused("fidelity: analytic", "fidelity: hope",
                    {"s.yaml:6: base.run.fidelity: ", "'hope'", "cycle, analytic, detailed"});
  check_all_refused("dataflow: null", "dataflow: lut",
                    {"s.yaml:6: base.run.dataflow: ", "'lut'", "lut-stationary"});
  check_all_refused("arch.rows", "arch.rowz",
                    {"s.yaml:8: axes[0].key: arch.rowz = 4: ", "'rowz'", "did you mean 'rows'?"});
  check_all_refused("[4, 8]", "[0, 4097]",
                    {"s.yaml:8: axes[0].key: arch.rows = 0: ", "'0'", "an integer from 1 to 4096"});
  check_all_refused("arch.groups.lut.columns", "arch.groups.lutt.columns",
                    {"s.yaml:9: axes[1].key: ", "there is no lutt", "lut, multiplier"});
  check_all_refused("arch.rows, values: [4, 8]", "tech, values: [nope, none]",
                    {"s.yaml:8: axes[0].key: tech = nope: ", "physical-45nm"});
}

TEST_CASE("Of several mistakes the first is named, and that is the one at its line") {
  std::string text = replaced(kSweep, "arch.rows", "arch.rowz");
  check_all_refused(replaced(text, "arch.groups.lut.columns", "arch.clock"),
                    {"s.yaml:8: axes[0].key: arch.rowz = 4: ", "'rowz'"});
  text = replaced(text, "buffer.banks: 128", "buffer.bankz: 128");
  check_all_refused(text, {"s.yaml:4: base.arch.buffer.bankz: ", "'bankz'"});
}

TEST_CASE("What filters and quantities are asked of a file that is not there has its line") {
  const std::string text = replaced(kSweep, "file: eyeriss_shiftadd", "file: eyeriss_shiftad");
  check_all_refused(text + "where: [arch.clock_hz > 1]\n", {"s.yaml:4: base.arch.file: "});
  check_all_refused(text + "equal: {quantity: pes}\n", {"s.yaml:4: base.arch.file: "});
  check_all_refused(std::string(kSweep) + "equal: {quantity: pes}\n",
                    {"s.yaml:10: equal: pes: found ", "PEs where arch.rows = 4"});
}

TEST_CASE("A trace is looked for in the folder of the command, not of the sweep") {
  const Folder folder;
  std::string text = kSweep;
  const std::string trace = "{model: opt-125m, phase: decode, weights: shiftadd, bits: 3}";
  done({"trace", "make", "--model", "opt-125m", "--weights", "fp16", "-o", folder.path("t.yaml")});
  const std::string file = folder.write("s.yaml", replaced(text, trace, "./t.yaml"));
  check_refused(run_addax({"check", file}),
                {"s.yaml:5: base.trace: trace = ./t.yaml: ", "no such file"});
  done({"check", folder.write("s.yaml", replaced(text, trace, folder.path("t.yaml")))});
}

TEST_CASE("A sweep of which one point can be read runs, and the others are recorded") {
  const Folder folder;
  std::string text = replaced(kSweep, "[4, 8]", "[0, 4097, 8]");
  text = replaced(text, "[4, 7]", "[0, 4097, 7]");
  text = replaced(text, "weights: shiftadd, bits: 3", "bits: 3");
  text += "  - {key: trace.weights, values: [nope, shiftadd]}\n";
  const std::string file = folder.write("s.yaml", text), out = folder.path("r");
  CHECK(contains(run_addax({"sweep", file, "--out", out}).out, ": 1 points done, 17 failed"));
  CHECK(done({"check", file}).status == 0);
}

TEST_CASE(
    "A sweep of which all points fail when they run ends with status 2, also when it goes on") {
  const Folder folder;
  // A datapath of tables that has no integers.
  const std::string file = folder.write(
      "s.yaml", replaced(kSweep, "weights: shiftadd, bits: 3", "weights: int, bits: 4"));
  const std::string out = folder.path("r");
  for (const Words& more : {Words{}, Words{"--resume"}}) {
    const Outcome outcome = run_addax(joined({"sweep", file, "--out", out, "--quiet"}, more));
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
  }
  for (const auto& point : points_of(out))
    CHECK(contains(point.at("message"), "a format that a column group of eyeriss_shiftadd runs"));
}

TEST_CASE("Rows may be spaced logarithmically") {
  const Folder folder;
  const std::string file = folder.write(
      "s.yaml", replaced(kSweep, "arch.rows, values: [4, 8]",
                         "arch.rows, range: {from: 1, to: 100, spacing: logarithmic, points: 4}"));
  const std::string out = folder.path("r");
  CHECK(done({"sweep", file, "--out", out}).out == out + ": 8 points done\n");
  CHECK(points_of(out)[4].at("arch.rows") == 22);
}

TEST_CASE("An option that an action of sweep has no use for is a mistake") {
  const Folder folder;
  const std::string file = folder.write("s.yaml", kSweep), out = folder.path("r");
  const auto refused = [&](const Words& words, const Words& parts) {
    INFO(words.back());
    const Words before = folder.names();
    check_refused(run_addax(words), parts);
    CHECK(folder.names() == before);
  };
  const Words list = {"sweep", file, "--list"};
  refused(joined(list, {"--csv", folder.path("x")}),
          {"--csv", "--list", "allowed: --list, --shard"});
  refused(joined(list, {"--json", folder.path("x")}), {"--json", "--list"});
  refused(joined(list, {"--resume"}), {"--resume", "--list"});
  refused(joined(list, {"--out", out}), {"--out", "--list"});
  refused(joined(list, {"-j", "2"}), {"--jobs", "--list"});
  refused(joined(list, {"--quiet"}), {"--quiet", "--list"});
  done({"sweep", file, "--out", out, "--quiet"});
  const Words merge = {"sweep", "merge", folder.path("all"), out};
  for (const Words& more :
       {Words{"-j", "4"}, Words{"--csv", "-"}, Words{"--json", "-"}, Words{"--resume"},
        Words{"--out", folder.path("x")}, Words{"--list"}, Words{"--shard", "1/2"}})
    refused(joined(merge, more), {"merge", "allowed: --quiet"});
  const Words exported = {"sweep", "export", out, "--csv", "-"};
  for (const Words& more : {Words{"-j", "4"}, Words{"--resume"}, Words{"--out", folder.path("x")},
                            Words{"--list"}, Words{"--shard", "1/3"}, Words{"--quiet"}})
    refused(joined(exported, more), {"export", "allowed: --csv, --json"});
}

TEST_CASE("What is no file of results is called what it is") {
  const Folder folder;
  const std::string file = folder.write("s.yaml", kSweep), out = folder.path("r");
  const std::string place = folder.path(".");
  for (const Words& more : {Words{}, Words{"--resume"}}) {
    check_refused(run_addax(joined({"sweep", file, "--out", place}, more)),
                  {"--out", place, "a directory"});
    check_refused(run_addax(joined({"sweep", file, "--out", "-"}, more)), {"--out", "'-'"});
    check_refused(run_addax(joined({"sweep", file, "--out", "/dev/null"}, more)),
                  {"--out", "/dev/null", "no regular file"});
  }
  done({"sweep", file, "--out", out, "--quiet"});
  check_refused(run_addax({"sweep", "merge", "-", out}), {"merge", "'-'"});
  check_refused(run_addax({"sweep", "merge", place, out}), {"merge", place, "a directory"});
  for (const Words& words :
       {Words{"pareto"}, Words{"sweep", "merge", folder.path("all")}, Words{"sweep", "export"}}) {
    const Words csv = words.back() == "export" ? Words{"--csv", "-"} : Words{};
    check_refused(run_addax(joined(joined(words, {place}), csv)), {place, "found a directory"});
    check_refused(run_addax(joined(joined(words, {folder.path("no")}), csv)),
                  {folder.path("no") + ": no such file"});
  }
  CHECK(folder.names() == Words{"r", "s.yaml"});
}

TEST_CASE(
    "A sample that has fewer points than were asked for says so, in a list and when it has run") {
  const Folder folder;
  const std::string file =
      folder.write("s.yaml", std::string(kSweep) + "sample: {method: random, points: 10}\n");
  const std::string out = folder.path("r"), few = " (10 asked for, 4 of them different)\n";
  CHECK(done({"sweep", file, "--list"}).out.rfind("4 points of quick" + few, 0) == 0);
  CHECK(done({"sweep", file, "--out", out}).out == out + ": 4 points done" + few);
}
