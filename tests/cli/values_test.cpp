// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;
using Json = nlohmann::json;

namespace {

constexpr const char* kWeights = "micro-values.shiftadd.safetensors";

/// A copy of the shipped trace with values; the path of the trace.
std::string micro_values(const Folder& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(ADDAX_SOURCE_DIR "/traces/micro")) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("micro-values", 0) != 0) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    folder.write(name, {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  }
  return folder.path("micro-values.yaml");
}

Words run_with(const std::string& trace, const Words& more) {
  return joined({"run", "--arch", "eyeriss_shiftadd", "--trace", trace}, more);
}

std::string text_of(const Words& words) { return done(words).out; }

}  // namespace

TEST_CASE("micro-values has the counts that its comment derives, in a folder of any name") {
  const Folder folder;
  const std::string copied = micro_values(folder);
  for (const char* fidelity : {"cycle", "analytic"}) {
    const Json json =
        Json::parse(text_of(run_with("micro-values", {"--fidelity", fidelity, "--json", "-"})));
    const Json& layers = json.at("layers");
    CHECK(layers.at(0).at("values") == Json::parse(R"({
      "activations": {"zeros": 2, "all": 8},
      "keys": {"queries": 8, "repeated": 4, "entries": 128, "unused_entries": 124},
      "terms": {"additions": 16, "rounded": 3, "flushed": 6}})"));
    CHECK(layers.at(1).at("values") == Json::parse(R"({"weights": {"zeros": 15, "all": 32}})"));
    CHECK(layers.at(1).at("format") == "ternary tensor zeros 0.469");
    // 17 adds, and one that takes the scaled sum of each of 4 outputs.
    CHECK(layers.at(1).at("arithmetic").at("fp32.add") == 17 + 4);
    CHECK(json.at("provenance").at("values_sha256").size() == 3);
    for (const auto& baseline : json.at("baselines"))
      for (const auto& layer : baseline.at("layers")) CHECK_FALSE(layer.contains("values"));
    CHECK(text_of(run_with(copied, {"--fidelity", fidelity, "--json", "-"})) ==
          text_of(run_with("micro-values", {"--fidelity", fidelity, "--json", "-"})));
  }
}

TEST_CASE("The text shows shares of what was counted, and which zeros were") {
  const std::string text = text_of(run_with("micro-values", {"--baseline", "none"}));
  for (const char* part : {"counts that values decide", "repeated keys", "50.0 %", "96.9 %",
                           "18.8 %", "37.5 %", "46.9 %", "zero weights counted from values: down"})
    CHECK(contains(text, part));
  const std::string declared = text_of(
      run_with("opt-125m.decode-4.ternary", {"--baseline", "none", "--fidelity", "analytic"}));
  CHECK(contains(declared,
                 "zero weights declared, not counted from values: ternary g128 zeros 0.333"));
  CHECK_FALSE(contains(declared, "counts that values decide"));
}

TEST_CASE("Without values the defaults are shown as assumed, and only of layers that have some") {
  const Words shiftadd = {
      "run",        "--arch",   "eyeriss_shiftadd", "--trace", "opt-125m.decode-4.shiftadd-3bit",
      "--fidelity", "analytic", "--baseline",       "none"};
  const std::string text = text_of(shiftadd);
  for (const char* part : {"counts that values decide", "94.4 % assumed", "0.0 % assumed"})
    CHECK(contains(text, part));
  CHECK_FALSE(contains(text, "zero weights"));
  CHECK_FALSE(contains(text, "zero activations"));
  const Json json = Json::parse(text_of(joined(shiftadd, {"--json", "-"})));
  std::size_t assumed = 0;
  for (const Json& layer : json.at("layers")) {
    CHECK_FALSE(layer.contains("values"));
    if (!layer.contains("values_assumed")) continue;
    ++assumed;
    CHECK(layer.at("format") == "shiftadd-3bit block 8xN/8 k=3");
    CHECK(layer.at("values_assumed").at("terms").at("rounded") == 0);
    CHECK(layer.at("values_assumed").at("terms").at("additions") ==
          layer.at("arithmetic").at("exponent.add"));
    CHECK(layer.at("values_assumed").at("keys").at("queries") ==
          layer.at("arithmetic").at("lut.queries"));
  }
  CHECK(assumed == 6);  // q, k, v, o, fc1, fc2
  const Folder folder;
  done({"check", folder.write("run.json", json.dump())});
  for (const char* trace : {"opt-125m.decode-4.fp16", "opt-125m.decode-4.int-4bit"})
    CHECK_FALSE(contains(text_of({"run", "--arch", "eyeriss_int", "--trace", trace, "--fidelity",
                                  "analytic", "--baseline", "none"}),
                         "counts that values decide"));
}

TEST_CASE("What is counted has no default, and what is not has one") {
  const Folder folder;
  const std::string trace = micro_values(folder);
  folder.write("weights.yaml", replaced(folder.read("micro-values.yaml"),
                                        ", activations: micro-values.x.safetensors", ""));
  const auto up = [](const std::string& path) {
    return Json::parse(text_of(run_with(path, {"--baseline", "none", "--json", "-"})))
        .at("layers")
        .at(0);
  };
  CHECK_FALSE(up(trace).contains("values_assumed"));
  CHECK(up(folder.path("weights.yaml")).at("values").size() == 1);  // keys
  CHECK(up(folder.path("weights.yaml")).at("values_assumed") ==
        Json::parse(R"({"terms": {"additions": 16, "rounded": 0, "flushed": 0}})"));
}

TEST_CASE("Values of a repeated block stand for all repetitions, and a note says so") {
  const Folder folder;
  const std::string trace = micro_values(folder);
  folder.write("twice.yaml", replaced(folder.read("micro-values.yaml"), "- name: block\n",
                                      "- name: block\n        repeat: 2\n"));
  const Json json = Json::parse(text_of(run_with(folder.path("twice.yaml"), {"--json", "-"})));
  CHECK(json.at("layers").at(0).at("values").at("keys").at("queries") == 16);
  CHECK(json.at("layers").at(1).at("values").at("weights").at("zeros") == 30);
  CHECK(json.at("notes").at(1) == "values of one block taken for all its repetitions: block");
}

TEST_CASE("check reads the values of a trace, and a result that has them") {
  const Folder folder;
  const std::string trace = micro_values(folder);
  const Json checked = Json::parse(text_of({"check", trace}));
  const auto& operations = checked.at("phases").at(0).at("blocks").at(0).at("operations");
  CHECK(operations.at(0).at("linear").at("values").at("weights") == Json::array({kWeights}));
  CHECK(operations.at(1).at("linear").at("weights").at("zero_fraction") == 15.0 / 32.0);
  // What check prints is such a trace itself.
  const std::string again = folder.write("again.yaml", checked.dump());
  CHECK(Json::parse(text_of({"check", again})) == checked);
  const std::string result = folder.path("result.json");
  done(run_with(trace, {"--quiet", "--json", result}));
  done({"check", result});
  folder.write(kWeights, folder.read(kWeights) + "x");
  check_refused(run_addax({"check", trace}),
                {"micro-values.yaml:33: phases[0].blocks[0].operations[0].linear.values.weights",
                 kWeights, "1 bytes that are no tensor's"});
}

TEST_CASE("A result never takes the place of values") {
  const Folder folder;
  const std::string trace = micro_values(folder);
  const std::string before = folder.read(kWeights);
  check_refused(run_addax(run_with(trace, {"--quiet", "--json", folder.path(kWeights)})),
                {"--json", "which --trace reads", "another file"});
  check_refused(run_addax({"map", "--arch", "eyeriss_shiftadd", "--trace", trace, "--mapping",
                           "fast", "--json", folder.path(kWeights)}),
                {"--json", "which --trace reads", "another file"});
  CHECK(folder.read(kWeights) == before);
  const Json map = Json::parse(text_of(
      {"map", "--arch", "eyeriss_shiftadd", "--trace", trace, "--mapping", "fast", "--json", "-"}));
  CHECK(map.at("provenance").at("values_sha256").size() == 3);
}
