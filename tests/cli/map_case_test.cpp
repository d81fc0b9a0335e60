// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;
using Json = nlohmann::json;

namespace {

// Counts of mappings by Timeloop (tests/data/README.md).
const std::string kExamples = std::string(ADDAX_SOURCE_DIR) + "/tests/data/access_counts.json";

Json examples() {
  std::ifstream file(kExamples);
  REQUIRE(file.good());
  return Json::parse(file).at("cases");
}

Json example(const std::string& id) {
  for (const Json& each : examples())
    if (each.at("id") == id) return each;
  FAIL("no case " << id);
  return {};
}

Json counts(const std::string& path, const std::string& rules = "addax") {
  const Outcome outcome = run_addax({"map", "--case", path, "--count-rules", rules, "--json", "-"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return Json::parse(outcome.out);
}

/// Four MACs an RF, two RFs a GLB, two GLBs; no id, no energies, no capacities. Every piece that a
/// test changes occurs once.
constexpr const char* kCase = R"({
 "problem": {"M": 6, "K": 8, "N": 4},
 "architecture": {"levels": [
  {"name": "DRAM"},
  {"name": "GLB", "mesh_X": 2},
  {"name": "RF", "instances": 4, "mesh_X": 4, "capacity_words": 40},
  {"name": "MAC", "kind": "compute", "instances": 16, "mesh_X": 8, "mesh_Y": 2}]},
 "mapping": {
  "DRAM": {"temporal_outer_to_inner": [{"dim": "M", "bound": 3}],
           "spatial_X": [{"dim": "N", "bound": 2}]},
  "GLB": {"spatial_X": [{"dim": "M", "bound": 2}], "keep": ["Inputs", "Outputs"]},
  "RF": {"temporal_outer_to_inner": [{"dim": "K", "bound": 4}, {"dim": "K", "bound": 1}],
         "spatial_Y": [{"dim": "K", "bound": 2}], "spatial_X": [{"dim": "N", "bound": 2}]}}})";

}  // namespace

TEST_CASE("Explicit mappings are counted as Timeloop counts them, to the unit") {
  const Json counted = counts(kExamples, "timeloop");
  CHECK(counted.size() == examples().size());
  for (const Json& each : examples()) {
    INFO(each.at("id"));
    CHECK(counted.at(each.at("id").get<std::string>()) == each.at("expected"));
  }
  const Outcome text = run_addax({"map", "--case", kExamples, "--count-rules", "timeloop"});
  CHECK(text.status == 0);
  CHECK(contains(text.out, "all 29 expected figures are met"));
  CHECK_FALSE(contains(text.out, "differs"));
}

TEST_CASE("Partial sums that come back are filled into one of the PEs that are reduced together") {
  // 12 PEs along K share each of the 896 sums, in two rounds: 12 x 896 x 2 = 21 504 tiles' words
  // begin in the RFs, of which the 896 of one PE in the second round are filled. The MACs update
  // 86 016 times; 86 016 - (21 504 - 896) of these read first.
  const Folder folder;
  const std::string path = folder.write("c12.json", example("c12_rs_like_14x12").dump(1));
  const Json outputs = counts(path).at("levels").at("RF").at("Outputs");
  CHECK(outputs == Json({{"reads", 65408}, {"fills", 896}, {"updates", 86016}}));
  const Outcome text = run_addax({"map", "--case", path});
  CHECK(text.status == 1);
  CHECK(contains(text.out, "RF Outputs fills"));
  CHECK(contains(text.out, "10 752"));
  CHECK(contains(text.out, "spatial x: N in 0..14 (tile 2)"));
  CHECK(run_addax({"map", "--case", path, "--json", folder.path("o.json")}).status == 1);
  CHECK(Json::parse(folder.read("o.json")) == counts(path));
}

TEST_CASE("A case may fan out at every level and leave out what follows from the rest") {
  // A GLB holds the inputs and the N of its own half. A word of Inputs serves both GLBs in one read
  // of DRAM; a Weight passes the GLB, which keeps none, and serves both RFs below it, which differ
  // in M, in one read of DRAM. M steps outside K and indexes no weight: they are fetched once.
  // In an RF two MACs along N share an input, two along K are added up before the update.
  const Folder folder;
  const Json levels = counts(folder.write("case.json", kCase)).at("levels");
  CHECK(levels.at("DRAM") == Json::parse(R"({
    "Inputs": {"reads": 48, "fills": 0, "updates": 0},
    "Weights": {"reads": 32, "fills": 0, "updates": 0},
    "Outputs": {"reads": 0, "fills": 0, "updates": 24}})"));
  CHECK(levels.at("GLB") == Json::parse(R"({
    "Inputs": {"reads": 96, "fills": 96, "updates": 0},
    "Outputs": {"reads": 0, "fills": 0, "updates": 24}})"));
  CHECK(levels.at("RF") == Json::parse(R"({
    "Inputs": {"reads": 96, "fills": 96, "updates": 0},
    "Weights": {"reads": 192, "fills": 64, "updates": 0},
    "Outputs": {"reads": 72, "fills": 0, "updates": 96}})"));
  CHECK(counts(folder.path("case.json")).at("cycles") == 12);
}

TEST_CASE("Bandwidth bounds the cycles: all reads of an instance, or its fills and updates") {
  // Of RF an instance reads 24 inputs, 48 weights and 18 sums: 90. It is filled with 24 inputs and
  // 16 weights and updated 24 times: 64.
  const Folder folder;
  const auto cycles = [&](const char* more) {
    const std::string key = "\"capacity_words\": 40";
    return counts(folder.write("case.json", replaced(kCase, key, key + more))).at("cycles");
  };
  CHECK(cycles(", \"read_bw_words_per_cycle\": 4") == 23);
  CHECK(cycles(", \"write_bw_words_per_cycle\": 5") == 13);
  CHECK(cycles(", \"write_bw_words_per_cycle\": 0.5") == 128);
  CHECK(cycles(", \"read_bw_words_per_cycle\": 90, \"write_bw_words_per_cycle\": null") == 12);
}

TEST_CASE("The outermost loop's last tile may be smaller") {
  const Folder folder;
  // M = 5 in tiles of 2: the second RF of each GLB idles in the last.
  const std::string path = folder.write("case.json", replaced(kCase, "\"M\": 6", "\"M\": 5"));
  const Json counted = counts(path);
  CHECK(counted.at("macs") == 5 * 8 * 4);
  CHECK(counted.at("cycles") == 12);
  CHECK(counted.at("levels").at("RF").at("Inputs").at("fills") == 2 * 5 * 8);
  CHECK(contains(run_addax({"map", "--case", path}).out, "for M in 0..3 (tile 2, last 1)"));
}

TEST_CASE("The case of the documentation counts as it says there") {
  std::ifstream file(std::string(ADDAX_SOURCE_DIR) + "/docs/formats/case.md");
  REQUIRE(file.good());
  const std::string page(std::istreambuf_iterator<char>(file), {});
  const std::string fence = "```yaml\n";
  const std::size_t begin = page.find(fence) + fence.size();
  const Folder folder;
  const std::string yaml =
      folder.write("case.yaml", page.substr(begin, page.find("```", begin) - begin));
  const std::string json = folder.write("case.json", example("c12_rs_like_14x12").dump(1));
  CHECK(counts(yaml).at("levels") == counts(json).at("levels"));
}

TEST_CASE("Energy is that of physical accesses, rounded up") {
  const Folder folder;
  Json one = example("c16_underutilised");
  one.erase("expected");
  for (Json& level : one["architecture"]["levels"])
    if (level["kind"] == "compute")
      level.erase("energy_pJ_per_physical_access");
    else
      level["energy_pJ_per_physical_access"] = {{"read", 0}, {"write", 0}, {"update", 0}};
  // DRAM reads 70 inputs and 84 weights: 18 and 21 accesses of 4 words, 39 x 100 pJ.
  one["architecture"]["levels"][0]["energy_pJ_per_physical_access"]["read"] = 100;
  one["architecture"]["levels"][0]["words_per_physical_access"] = 4;
  const std::string path = folder.write("case.json", one.dump());
  CHECK(contains(run_addax({"map", "--case", path}).out, "energy  3.900 nJ without the MACs\n"));
}

TEST_CASE("A mistake in a case is named with file, line, key and what is allowed") {
  struct Mistake {
    const char* from;
    const char* to;
    std::vector<std::string> named;
  };
  const std::vector<Mistake> mistakes = {
      {"\"K\": 8", "\"L\": 8", {":2: problem.L"}},
      {"\"K\": 8", "\"K\": 0", {":2: problem.K", "'0'"}},
      {"\"K\": 8", "\"K\": 8.5", {":2: problem.K", "'8.5'"}},
      {"\"K\": 8", "\"K\": 18446744073709551615", {":2: problem", "2^64"}},
      {"\"K\": 8", "\"K\": 9", {":12: ", "bounds 4 x 1 x 2 over K", "whose product is 9"}},
      {"\"K\": 8", "\"K\": 7, \"K\": 8", {":2: problem.K"}},
      {"\"name\": \"GLB\"", "\"name\": \"DRAM\"", {":5: ", "a name for each level"}},
      {"\"mesh_X\": 2", "\"mesh_X\": 3", {":6: ", "mesh_X", "a multiple of the 3 of GLB"}},
      {"\"instances\": 16", "\"instances\": 15", {":7: ", "product of mesh_X and mesh_Y"}},
      {"\"mesh_X\": 2", "\"mesh_x\": 2", {":5: ", "did you mean 'mesh_X'?"}},
      {"\"capacity_words\": 40",
       "\"capacity_words\": 25",
       {":12: mapping.RF", "Inputs 8, Weights 16, Outputs 2", "8 bits (1 words) more than"}},
      {"\"GLB\": {", "\"LLB\": {", {":11: mapping.LLB", "did you mean 'GLB'?"}},
      {"{\"dim\": \"M\", \"bound\": 2}",
       "{\"dim\": \"M\", \"bound\": 1}, {\"dim\": \"M\", \"bound\": 3}",
       {"bounds 3 x 1 x 3 over M"}},
      {"{\"dim\": \"M\", \"bound\": 3}",
       "{\"dim\": \"P\", \"bound\": 3}",
       {":9: mapping.DRAM.temporal_outer_to_inner[0].dim", "M, K, N"}},
      {"\"bound\": 3}", "\"bound\": 0}", {":9: ", "bound", "'0'"}},
      {"[\"Inputs\", \"Outputs\"]", "[\"Inputs\", \"Output\"]", {":11: ", "'Outputs'"}},
      {"[\"Inputs\", \"Outputs\"]", "[\"Inputs\", \"Inputs\"]", {"each tensor once"}},
      {"{\"name\": \"DRAM\"}", "{}", {":4: architecture.levels[0].name"}},
      {"{\"name\": \"DRAM\"}",
       "{\"name\": \"DRAM\", \"read_bw_words_per_cycle\": 0}",
       {":4: ", "read_bw_words_per_cycle"}},
      {"\"problem\"", "\"cases\": [], \"problem\"", {":2: "}},
  };
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.to);
    const Folder folder;
    const std::string path = folder.write("case.json", replaced(kCase, mistake.from, mistake.to));
    std::vector<std::string> named = mistake.named;
    named.push_back(path + ":");
    check_refused(run_addax({"map", "--case", path, "--json", folder.path("o.json")}), named);
    CHECK_FALSE(folder.has("o.json"));
  }
}

TEST_CASE("A loop over more instances than there are says which, where and how many") {
  const Folder folder;
  std::string text = replaced(kCase, "\"mesh_X\": 8, \"mesh_Y\": 2", "\"mesh_X\": 16");
  check_refused(run_addax({"map", "--case", folder.write("case.json", text)}),
                {":12: mapping.RF",
                 "loops over y (K) spread over 2 instances, 1 more than the fan-out of 1"});
  const std::string below = replaced(
      kCase, R"({"name": "MAC", "kind": "compute", "instances": 16, "mesh_X": 8, "mesh_Y": 2})",
      R"({"name": "MAC", "kind": "compute"}, {"name": "L"})");
  check_refused(run_addax({"map", "--case", folder.write("case.json", below)}),
                {":7: architecture.levels[4]", "no level below 'MAC'"});
}

TEST_CASE("Cases in one file have ids of their own") {
  const Folder folder;
  const std::string one = kCase;
  const auto with_id = [&](const char* id) {
    return "{\"id\": \"" + std::string(id) + "\"," + one.substr(1);
  };
  const Json two = counts(folder.write("a.json", "{\"cases\": [" + one + "," + one + "]}"));
  CHECK(two.at("case1") == two.at("case2"));
  CHECK(counts(folder.write("b.json", "{\"cases\": [" + with_id("x") + "]}")) == two.at("case1"));
  check_refused(run_addax({"map", "--case",
                           folder.write("c.json", "{\"cases\": [" + with_id("x") + ",\n" +
                                                      with_id("x") + "]}")}),
                {":14: cases[1].id", "'x' again"});
}

TEST_CASE("The options of map are held to their values") {
  check_refused(run_addax({"map"}), {"--case"});
  check_refused(run_addax({"map", "--case", "/nowhere.json"}), {"/nowhere.json"});
  check_refused(run_addax({"map", "--case", kExamples, "--count-rules", "timelop"}),
                {"--count-rules", "did you mean 'timeloop'?"});
  check_refused(run_addax({"map", "--case", kExamples, "--json", kExamples}), {"--case reads"});
}
