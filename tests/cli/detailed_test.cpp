// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "sim/input/matrix_reader.h"
#include "tests/catch.h"
#include "tests/cli/harness.h"
#include "tests/sim/input/values_files.h"

using namespace addax::cli;

namespace {

const Words kRun = {"run",        "--arch",  "eyeriss_fp16", "--trace", "micro-attention",
                    "--fidelity", "detailed"};

Words run_with(const Words& more) { return joined(kRun, more); }

/// Stored outputs of a layer.
std::vector<float> outputs_in(const std::string& path) {
  const auto matrix = addax::input::read_matrix(path, std::nullopt);
  CHECK(matrix.type == "<f2");
  return matrix.weights.values;
}

Words lines_of(const std::string& text) {
  Words all;
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
  const Words rows = lines_of(done(run_with({"--csv", "-"})).out);
  REQUIRE(rows.size() == 1 + 3 * 6);
  for (const std::string& row : rows) {
    const bool clocked = row.rfind("design,", 0) == 0 && contains(row, ",linear,");
    const std::string last = row.substr(row.rfind(',') + 1);
    CHECK(last == (&row == rows.data() ? "fidelity" : clocked ? "detailed" : "cycle"));
  }
}

TEST_CASE("A detailed run writes waveforms, timeline and values together with its results") {
  const Folder folder;
  const Words words =
      run_with({"--quiet", "--vcd", folder.path("a.vcd"), "--signals", "dram.*,pe[0][0].busy",
                "--timeline", folder.path("a.trace.json"), "--values", folder.path("a.npy"),
                "--layer", "k", "--json", folder.path("a.json")});
  done(words);
  CHECK(folder.names() == Words{"a.json", "a.npy", "a.trace.json", "a.vcd"});
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

// traces/micro/micro-values.yaml derives the sums; (2^-1 + 2^-17) 2 + (2^-2 + 2^-26) 2 and its like are
// rounded to these halves.
TEST_CASE(
    "A detailed run of values gives the outputs that follow by hand, in a file or in its place") {
  const Folder folder;
  const Words words = {"run",     "--arch", "eyeriss_shiftadd", "--trace", "micro-values",
                       "--layer", "up",     "--fidelity",       "detailed"};
  done(joined(words, {"--values", folder.path("up.npy")}));
  CHECK(outputs_in(folder.path("up.npy")) == std::vector<float>{1.5F, -0.5F, 0.0F, 2.5F});
  CHECK(done(joined(words, {"--values", "-"})).out == folder.read("up.npy"));
}

TEST_CASE(
    "Layers of equal shape have outputs of their own values, and are told apart by their paths") {
  const addax::tests::ValuesFolder values;
  // As many zeros in both; the scale is a half.
  values.write("a", addax::tests::ternary(3, 4, {1, 1, 0, 0, 0, 0, 3, 1, 1, 3, 1, 3}));
  values.write("b", addax::tests::ternary(3, 4, {0, 0, 0, 1, 3, 3, 3, 3, 1, 0, 1, 1}));
  values.write_tensor<std::uint16_t>("x", "F16", "[1,4]", {0x3C00, 0x4000, 0x4200, 0x4400});
  values.write_tensor<std::uint16_t>("y", "F16", "[1,4]", {0, 0, 0x4000, 0x4400});
  const auto layer = [](const std::string& name, const std::string& files) {
    return "\n          - {name: " + name + ", kind: linear, reads: [in], writes: " + name +
           ", linear: {tokens: 1, inputs: 4, outputs: 3, role: mlp, weights: trits, values: {" +
           files + "}}}";
  };
  const auto phase = [](const std::string& name, const std::string& blocks) {
    return "\n  - name: " + name +
           "\n    kind: decode\n    new_tokens: 1\n    context: 1\n    blocks:" + blocks;
  };
  const auto block = [](const std::string& name, const std::string& layers) {
    return "\n      - name: " + name + "\n        operations:" + layers;
  };
  values.write("trace.yaml",
               "addax: trace/1\nname: t\nmodel: none\n"
               "formats: {trits: {kind: ternary, scales: {sharing: tensor}}}\nphases:" +
                   phase("decode-1", block("one", layer("up", "weights: a, activations: x") +
                                                      layer("side", "weights: b, activations: x")) +
                                         block("two", layer("up", "weights: a, activations: y"))) +
                   phase("decode-2", block("two", layer("up", "weights: b, activations: y"))) +
                   "\n");
  const Words words = {
      "run",        "--arch",   "eyeriss_ternary", "--trace",    values.path("trace.yaml"),
      "--fidelity", "detailed", "--quiet",         "--baseline", "none"};
  // x = 1 2 3 4, y = 0 0 2 4.
  const std::vector<float> a_x = {1.5F, 0.5F, -1.0F}, b_x = {2.0F, -5.0F, 4.0F};
  const std::vector<float> a_y = {0.0F, 1.0F, -1.0F}, b_y = {2.0F, -3.0F, 3.0F};
  const std::pair<const char*, std::vector<float>> expected[] = {
      {"up", a_x}, {"side", b_x}, {"one/up", a_x}, {"two/up", a_y}, {"decode-2/two/up", b_y}};
  const Folder folder;
  for (const Words& reuse : {Words{}, Words{"--no-reuse"}})
    for (const auto& [name, outputs] : expected) {
      INFO(name << (reuse.empty() ? "" : " without reuse"));
      done(joined(joined(words, reuse), {"--layer", name, "--values", folder.path("out.npy"),
                                         "--vcd", folder.path("out.vcd")}));
      CHECK(outputs_in(folder.path("out.npy")) == outputs);
    }
  CHECK(folder.read("out.vcd").rfind("$comment decode-2, two, up $end\n", 0) == 0);
  const auto refused = [&](const std::string& name, const std::string& allowed) {
    check_refused(run_addax(joined(words, {"--layer", name, "--values", folder.path("no.npy")})),
                  {"--layer: found '" + name + "'", allowed + "\n"});
  };
  refused("down", ": side, up");
  refused("three/up", ": one/side, one/up, two/up");
  refused("decode-2/one/up",
          ": decode-1/one/side, decode-1/one/up, decode-1/two/up, decode-2/two/up");
}

TEST_CASE("What a detailed run cannot write is refused, and leaves nothing") {
  const Folder folder;
  const std::string vcd = folder.path("a.vcd"), json = folder.path("a.json");
  const auto refused = [&](const Words& words, const Words& parts) {
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
