// SPDX-License-Identifier: Apache-2.0
#include <regex>

#include "tests/catch.h"
#include "tests/cli/harness.h"
#include "tests/cli/valid_files.h"

using namespace addax::cli;

namespace {

const std::vector<std::string> kRun = {"run", "--arch", "eyeriss_shiftadd", "--trace",
                                       "opt-125m.decode.shiftadd-3bit"};

std::vector<std::string> run_with(const std::vector<std::string>& more) {
  std::vector<std::string> words = kRun;
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Outcome done(const std::vector<std::string>& words) {
  Outcome outcome = run_addax(words);
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  return outcome;
}

}  // namespace

TEST_CASE("Every command has a help text with its usage and an example") {
  CHECK(contains(done({"--help"}).out, "usage: addax COMMAND"));
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"run", "--help"},
                                             {"trace", "--help"},
                                             {"trace", "make", "--help"},
                                             {"area", "--help"},
                                             {"check", "--help"},
                                             {"run", "-h"}}) {
    const std::string text = done(words).out;
    CHECK(contains(text, "usage: addax " + words[0]));
    CHECK(contains(text, "example:\n  addax " + words[0]));
  }
}

TEST_CASE("The version is printed with the commit") {
  CHECK(std::regex_match(done({"--version"}).out,
                         std::regex(R"(addax [0-9]+\.[0-9]+\.[0-9]+ \([-0-9a-z]+\)\n)")));
}

TEST_CASE("A run prints totals, baselines, energy, silicon and layers") {
  const std::string text = done(kRun).out;
  for (const char* part : {"latency", "fp16 iso-area", "same bits iso-area", "ratio",
                           "energy by component", "energy by operation", "area by component",
                           "bound by", "assumed", "decode at 2048 attended keys"}) {
    INFO(part);
    CHECK(contains(text, part));
  }
}

TEST_CASE("A result on standard output takes the place of the text") {
  const std::string json = done(run_with({"--json", "-"})).out;
  CHECK(json.front() == '{');
  CHECK(contains(json, "\"schema\": \"addax.result/1\""));
  CHECK(done(run_with({"--csv", "-"})).out.rfind("design,architecture,", 0) == 0);
  CHECK(contains(done(run_with({"--latex", "-"})).out, "\\toprule"));
}

TEST_CASE("Results in files leave the text where it was, unless it is not wanted") {
  const Folder folder;
  const std::string plain = done(kRun).out;
  const std::vector<std::string> files =
      run_with({"--json", folder.path("a.json"), "--csv", folder.path("a.csv"), "--latex",
                folder.path("a.tex")});
  CHECK(done(files).out == plain);
  CHECK(folder.names() == std::vector<std::string>{"a.csv", "a.json", "a.tex"});
  CHECK(folder.read("a.json") == done(run_with({"--json", "-"})).out);
  CHECK(done(run_with({"--quiet"})).out.empty());
}

TEST_CASE("A result takes the place of an older file as a whole") {
  const Folder folder;
  const std::string path = folder.write("a.json", "old");
  done(run_with({"--quiet", "--json", path}));
  CHECK(folder.read("a.json").front() == '{');
  CHECK(folder.names() == std::vector<std::string>{"a.json"});
}

TEST_CASE("A run gives the same bytes again, and without reuse of equal layers the same numbers") {
  const std::string first = done(run_with({"--json", "-"})).out;
  CHECK(done(run_with({"--json", "-"})).out == first);
  const std::string again = done(run_with({"--json", "-", "--no-reuse"})).out;
  CHECK(replaced(again, "\"reuse_equal_layers\": false", "\"reuse_equal_layers\": true") == first);
}

TEST_CASE("Baselines are those that were asked for") {
  const std::string none = done(run_with({"--baseline", "none", "--json", "-"})).out;
  CHECK(contains(none, "\"baselines\": {}"));
  const std::string fp16 = done(run_with({"--baseline", "fp16", "--json", "-"})).out;
  CHECK(contains(fp16, "\"fp16\": {"));
  CHECK_FALSE(contains(fp16, "\"same_bits\": {"));
  for (const char* equal : {"area", "throughput", "pe"}) {
    const std::string text = done(run_with({"--equal", equal, "--json", "-"})).out;
    CHECK(contains(text, std::string("\"equalisation\": \"iso-") + equal + "\""));
  }
}

TEST_CASE("The analytic fidelity says so in its result") {
  CHECK(contains(done(run_with({"--fidelity", "analytic", "--json", "-"})).out,
                 "\"fidelity\": \"analytic\""));
}

TEST_CASE("A trace that was made reads back as what it was made from") {
  const Folder folder;
  const std::string path = folder.path("made.yaml");
  CHECK(done({"trace", "make", "--model", "opt-125m", "--phase", "decode", "--weights",
              "shiftadd-3bit", "-o", path})
            .out.empty());
  CHECK(contains(done({"check", path}).out, "\"model\": \"opt-125m\""));
  const std::string named =
      done({"run", "--arch", "eyeriss_shiftadd", "--trace", path, "--csv", "-"}).out;
  CHECK(named == done(run_with({"--csv", "-"})).out);
}

TEST_CASE("Phases are chained, with numbers behind a colon, a dash or in options") {
  const std::vector<std::string> make = {"trace", "make", "--model", "opt-125m", "-o", "-"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), make.begin(), make.end());
    return done(more).out;
  };
  const std::string chained = with({"--phase", "prefill:64", "--phase", "decode:65"});
  CHECK(chained == with({"--phase", "prefill-64", "--phase", "decode-65"}));
  CHECK(chained ==
        with({"--phase", "prefill", "--tokens", "64", "--phase", "decode", "--context", "65"}));
  CHECK(with({"--phase", "generate", "--tokens", "4", "--context", "10"}) ==
        with({"--phase", "generate-4-10"}));
  CHECK(with({"--weights", "bcq-3bit", "--group", "64"}) == with({"--weights", "bcq-3bit-g64"}));
  CHECK(with({"--weights", "shiftadd-3bit", "--granularity", "row", "--terms", "2"}) ==
        with({"--weights", "shiftadd-3bit-row-k2"}));
}

TEST_CASE("check prints the effective configuration, defaults filled in") {
  const Folder folder;
  const std::string text = done({"check", folder.write("arch.yaml", kArchitecture)}).out;
  CHECK(contains(text, "\"clock_gated\": true"));
  CHECK(contains(text, "\"initiation_interval\": 1"));
  CHECK(contains(done({"check", folder.write("table.yaml", kCostTable)}).out, "dram.lpddr4"));
  CHECK(contains(done({"check", folder.write("config.json", kModel)}).out, "\"head_dim\": 32"));
}

TEST_CASE("check takes a file in the current folder for a file, whatever its name") {
  const Folder folder;
  const std::string path = folder.write("eyeriss_fp16", kArchitecture);
  CHECK(contains(done({"check", path}).out, "\"name\": \"small\""));
}

TEST_CASE("Silicon alone is written in all its forms") {
  CHECK(contains(done({"area", "--arch", "eyeriss_shiftadd"}).out, "all on chip"));
  CHECK(contains(done({"area", "--arch", "eyeriss_shiftadd", "--json", "-"}).out, "addax.area/1"));
  CHECK(done({"area", "--arch", "eyeriss_shiftadd", "--csv", "-"}).out.rfind("component,", 0) == 0);
}
