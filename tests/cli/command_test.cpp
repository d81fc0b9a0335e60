// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <regex>

#include "tests/catch.h"
#include "tests/cli/harness.h"
#include "tests/cli/valid_files.h"

using namespace addax::cli;

namespace {

const Words kRun = {"run", "--arch", "eyeriss_shiftadd", "--trace",
                    "opt-125m.decode.shiftadd-3bit"};

Words run_with(const Words& more) { return joined(kRun, more); }

}  // namespace

TEST_CASE("Every command has a help text with its usage and an example") {
  CHECK(contains(done({"--help"}).out, "usage: addax COMMAND"));
  for (const Words& words : std::vector<Words>{{"run", "--help"},
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

TEST_CASE("The version is printed with the commit and the sources") {
  CHECK(std::regex_match(
      done({"--version"}).out,
      std::regex(R"(addax [0-9]+\.[0-9]+\.[0-9]+ \([-0-9a-z]+\)\nsources [0-9a-f]{64}\n)")));
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
  const Words files = run_with({"--json", folder.path("a.json"), "--csv", folder.path("a.csv"),
                                "--latex", folder.path("a.tex")});
  CHECK(done(files).out == plain);
  CHECK(folder.names() == Words{"a.csv", "a.json", "a.tex"});
  CHECK(folder.read("a.json") == done(run_with({"--json", "-"})).out);
  CHECK(done(run_with({"--quiet"})).out.empty());
}

TEST_CASE("A result takes the place of an older file as a whole") {
  const Folder folder;
  const std::string path = folder.write("a.json", "old");
  done(run_with({"--quiet", "--json", path}));
  CHECK(folder.read("a.json").front() == '{');
  CHECK(folder.names() == Words{"a.json"});
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
  const Words make = {"trace", "make", "--model", "opt-125m", "-o", "-"};
  const auto with = [&](const Words& more) { return done(joined(make, more)).out; };
  const std::string chained = with({"--phase", "prefill:64", "--phase", "decode:65"});
  CHECK(chained == with({"--phase", "prefill-64", "--phase", "decode-65"}));
  CHECK(chained ==
        with({"--phase", "prefill", "--tokens", "64", "--phase", "decode", "--context", "65"}));
  CHECK(with({"--phase", "generate", "--tokens", "4", "--context", "10"}) ==
        with({"--phase", "generate-4-10"}));
  CHECK(with({"--phase", "generate-4", "--context", "10"}) == with({"--phase", "generate-4-10"}));
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

TEST_CASE("What check prints of an architecture, a table or a trace reads back as the same") {
  const Folder folder;
  const std::string made = folder.path("made.yaml");
  done({"trace", "make", "--model", "mixtral-8x7b-v0.1", "--phase", "prefill:4", "--phase",
        "decode:5", "--weights", "ternary-z40", "-o", made});
  Words files = {made, folder.write("table.yaml", kCostTable), folder.write("trace.yaml", kTrace)};
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(ADDAX_SOURCE_DIR) + "/configs/arch"))
    files.push_back(entry.path().string());
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(ADDAX_SOURCE_DIR) + "/configs/tech"))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  for (const std::string& file : files) {
    INFO(file);
    const std::string once = done({"check", file}).out;
    const std::string printed = folder.write("printed.json", once);
    CHECK(done({"check", printed}).out == once);
  }
}

TEST_CASE("A run of what check prints gives the numbers of the files themselves") {
  const Folder folder;
  const std::string arch =
      folder.write("arch.json", done({"check", folder.write("arch.yaml", kArchitecture)}).out);
  const std::string trace =
      folder.write("trace.json", done({"check", folder.write("trace.yaml", kTrace)}).out);
  const std::string table =
      folder.write("table.json", done({"check", folder.write("table.yaml", kCostTable)}).out);
  CHECK(done({"run", "--arch", arch, "--trace", trace, "--tech", table, "--csv", "-"}).out ==
        done({"run", "--arch", folder.path("arch.yaml"), "--trace", folder.path("trace.yaml"),
              "--tech", folder.path("table.yaml"), "--csv", "-"})
            .out);
}

TEST_CASE("check accepts results, and refuses what is none") {
  const Folder folder;
  const std::string run = folder.write("run.json", done(run_with({"--json", "-"})).out);
  CHECK(contains(done({"check", run}).out, "\"fidelity\": \"cycle\""));
  const std::string area = done({"area", "--arch", "eyeriss_shiftadd", "--json", "-"}).out;
  CHECK(contains(done({"check", folder.write("area.json", area)}).out, "\"architecture\": {"));
  struct Fault {
    const char* from;
    const char* to;
    const char* named;
  };
  for (const Fault& fault :
       {Fault{"addax.area/1", "addax.area/2",
              "schema: found 'addax.area/2'; allowed: addax.result/1"},
        Fault{"\"totals\"", "\"total\"", "totals: missing"},
        Fault{"\"area\": [", "\"area\": 3, \"parts\": [", "area: found '3'; allowed: a list"},
        Fault{"\"assumed_share\": ", "\"assumed_share\": -", "totals.assumed_share"}}) {
    INFO(fault.named);
    const std::string path = folder.write("bad.json", replaced(area, fault.from, fault.to));
    check_refused(run_addax({"check", path}), {path + ":", fault.named});
  }
}

TEST_CASE("A phase that is asked for twice is numbered, and the trace runs") {
  const Folder folder;
  const std::string path = folder.path("twice.yaml");
  done({"trace", "make", "--model", "opt-125m", "--phase", "decode:5", "--phase", "decode:5",
        "--phase", "generate-2-4", "-o", path});
  const std::string text = folder.read("twice.yaml");
  for (const char* name : {"name: decode-5\n", "name: \"decode-5#2\"", "name: \"decode-5#3\""})
    CHECK(contains(text, name));
  done({"run", "--arch", "eyeriss_fp16", "--trace", path, "--fidelity", "analytic", "--baseline",
        "none", "--quiet"});
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
