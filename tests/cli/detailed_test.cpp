// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "sim/input/matrix_reader.h"
#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;

namespace {

const std::vector<std::string> kRun = {
    "run", "--arch", "eyeriss_fp16", "--trace", "micro-attention", "--fidelity", "detailed"};

std::vector<std::string> run_with(const std::vector<std::string>& more) {
  std::vector<std::string> words = kRun;
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Outcome done(const std::vector<std::string>& words) {
  Outcome outcome = run_addax(words);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(outcome.err.empty());
  return outcome;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) all.push_back(line);
  return all;
}

}  // namespace

TEST_CASE("A detailed run says what was clocked, layer by layer and in words") {
  const Folder folder;
  const std::string path = folder.path("run.json");
  const std::string text = done(run_with({"--json", path})).out;
  CHECK(contains(text, "fidelity      detailed\n"));
  CHECK(contains(text, "- detailed: 3 of 6 layers; the others by cycle: kv_write, attention\n"));
  CHECK(contains(text, "- fp16: simulated by cycle, the design by detailed\n"));
  CHECK(contains(folder.read("run.json"), "\"fidelity\": \"detailed\""));
  CHECK(contains(done({"check", path}).out, "\"fidelity\": \"detailed\""));
  const std::vector<std::string> rows = lines_of(done(run_with({"--csv", "-"})).out);
  REQUIRE(rows.size() == 1 + 3 * 6);
  for (const std::string& row : rows) {
    const bool clocked = row.rfind("design,", 0) == 0 && contains(row, ",linear,");
    const std::string last = row.substr(row.rfind(',') + 1);
    CHECK(last == (&row == rows.data() ? "fidelity" : clocked ? "detailed" : "cycle"));
  }
}

TEST_CASE("A detailed run writes waveforms, timeline and values together with its results") {
  const Folder folder;
  const std::vector<std::string> words =
      run_with({"--quiet", "--vcd", folder.path("a.vcd"), "--signals", "dram.*,pe[0][0].busy",
                "--timeline", folder.path("a.trace.json"), "--values", folder.path("a.npy"),
                "--layer", "k", "--json", folder.path("a.json")});
  done(words);
  CHECK(folder.names() == std::vector<std::string>{"a.json", "a.npy", "a.trace.json", "a.vcd"});
  const std::string dump = folder.read("a.vcd");
  CHECK(dump.rfind("$comment decode-6, block, k $end\n$timescale 1 ns $end\n", 0) == 0);
  CHECK(contains(dump, "$scope module pe[0][0] $end\n$var wire 1 $ busy $end\n"));
  const auto values = addax::input::read_matrix(folder.path("a.npy"), std::nullopt);
  CHECK(values.type == "<f2");
  CHECK(values.weights.outputs == 1);
  CHECK(values.weights.inputs == 4);
  const std::string timeline = folder.read("a.trace.json");
  done(words);
  CHECK(folder.read("a.vcd") == dump);
  CHECK(folder.read("a.trace.json") == timeline);
}

TEST_CASE("What a detailed run cannot write is refused, and leaves nothing") {
  const Folder folder;
  const std::string vcd = folder.path("a.vcd"), json = folder.path("a.json");
  const auto refused = [&](const std::vector<std::string>& words,
                           const std::vector<std::string>& parts) {
    check_refused(run_addax(words), parts);
    CHECK(folder.names().empty());
  };
  refused(run_with({"--vcd", vcd, "--signals", "pe[0][99].*", "--json", json}),
          {"--signals: found 'pe[0][99].*'", "pe[0][0].busy", "pe[11][13]"});
  refused(run_with({"--vcd", vcd, "--signals", "busy,"}), {"--signals: found 'busy'"});
  refused(run_with({"--vcd", vcd, "--layer", "attention"}),
          {"--layer: found 'attention'", "k, q, v"});
  refused(run_with({"--vcd", "-"}), {"--vcd: found '-'"});
  refused(run_with({"--timeline", "/dev/null"}), {"/dev/null", "regular file"});
  refused(run_with({"--vcd", vcd, "--timeline", vcd}), {"--timeline", "--vcd writes"});
  refused(run_with({"--signals", "*"}), {"--signals", "--vcd"});
  refused(run_with({"--timeline", vcd, "--layer", "q"}), {"--layer", "--vcd or --values"});
  for (const char* option : {"--vcd", "--timeline", "--values"})
    refused({"run", "--arch", "eyeriss_fp16", "--trace", "micro-attention", option, vcd},
            {option, "--fidelity cycle", "--fidelity detailed"});
  refused({"run", "--arch", "eyeriss_fp16", "--trace", "micro-norm", "--fidelity", "detailed",
           "--values", vcd},
          {"--fidelity: found 'detailed", "no layer"});
  refused({"run", "--arch", "eyeriss_fp16", "--trace", "opt-6.7b.prefill.fp16", "--fidelity",
           "detailed", "--vcd", vcd},
          {"opt-6.7b.prefill.fp16", "fc2", "36000000000", "--fidelity cycle"});
}
