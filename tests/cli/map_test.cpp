// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;
using Json = nlohmann::json;

namespace {

Words map_words(const Words& more) {
  return joined({"map", "--arch", "eyeriss_fp16", "--layer", "1x64x96"}, more);
}

Json mapped(const Words& words) { return Json::parse(done(joined(words, {"--json", "-"})).out); }

constexpr const char* kPins = R"(addax: dataflow/1
name: pinned
levels:
  resident: {temporal: [n, k], innermost: [k]}
  stream: {y: [k], x: [n], y_bounds: {k: 4}}
  pe: {tiles: {k: 2}, keep: [outputs], stationary: [weights]}
)";

}  // namespace

TEST_CASE("map explains the best mapping of each objective") {
  const Outcome outcome = run_addax(map_words({}));
  REQUIRE(outcome.status == 0);
  for (const char* part :
       {"objective energy: ", "objective latency: ", "objective edp: ", "  way: ", "DRAM: Inputs",
        "spatial x: ", "held bits", "every cycle", "arithmetic and operands", "(binds)",
        "addax run says, in closed form: ", "runner-up: ", "fast finds: "})
    CHECK(contains(outcome.out, part));
}

TEST_CASE("the energies of a mapping's levels add up to its energy") {
  const Json report =
      mapped({"map", "--arch", "eyeriss_int", "--layer", "3x128x96", "--weights", "int-4bit"});
  CHECK(report.at("schema") == "addax.map/1");
  REQUIRE(report.at("layers").size() == 1);
  REQUIRE(report.at("layers")[0].at("objectives").size() == 3);
  for (const Json& objective : report.at("layers")[0].at("objectives")) {
    const Json& best = objective.at("best");
    double energy =
        best.at("energy_j_every_cycle").get<double>() + best.at("energy_j_fixed").get<double>();
    for (const Json& level : best.at("levels"))
      for (const Json& tensor : level) energy += tensor.at("energy_j").get<double>();
    CHECK(energy == Approx(best.at("energy_j").get<double>()));
    double longest = 0.0;
    for (const Json& cycles : best.at("resource_cycles"))
      longest = std::max(longest, cycles.get<double>());
    const double idle = best.at("idle_cycles").get<double>();
    CHECK(idle >= 0.0);
    CHECK(longest + idle == Approx(best.at("cycles").get<double>()));
    CHECK(objective.at("gap").get<double>() >= 0.0);
    CHECK(objective.at("fast").at("above_best").get<double>() >= -1e-12);
    CHECK(std::abs(best.at("closed_form").at("energy_deviation").get<double>()) < 0.1);
  }
}

TEST_CASE("each objective's best is no worse in it than the others' best") {
  const Json objectives = mapped(map_words({})).at("layers")[0].at("objectives");
  const auto figure = [&](int i, const char* key) {
    return objectives[i].at("best").at(key).get<double>();
  };
  for (int other = 0; other < 3; ++other) {
    CHECK(figure(0, "energy_j") <= figure(other, "energy_j") * (1 + 1e-9));
    CHECK(figure(1, "cycles") <= figure(other, "cycles") * (1 + 1e-9));
    CHECK(figure(2, "edp_j_s") <= figure(other, "edp_j_s") * (1 + 1e-9));
  }
}

TEST_CASE("the latency of a vector times a square matrix is proven optimal, of tables to 2 %") {
  const auto objective = [](const Words& design) {
    return mapped(joined({"map", "--layer", "1x768x768", "--objective", "latency"}, design))
        .at("layers")[0]
        .at("objectives")[0];
  };
  const Json products = objective({"--arch", "eyeriss_fp16", "--weights", "fp16"});
  CHECK(products.at("proven").get<bool>());
  CHECK(products.at("gap").get<double>() == 0.0);
  // With few rows that share K the last PE has more to add, with many more tables are built: no bound on one
  // of them is the optimum.
  const Json tables = objective({"--arch", "eyeriss_shiftadd_mu4", "--weights", "shiftadd-3bit"});
  CHECK(tables.at("gap").get<double>() < 0.02);
}

TEST_CASE("a Pareto set falls in energy as it rises in cycles") {
  const Json layer = mapped(map_words({"--pareto", "--objective", "edp"})).at("layers")[0];
  const Json& points = layer.at("pareto").at("points");
  REQUIRE_FALSE(points.empty());
  for (std::size_t i = 1; i < points.size(); ++i) {
    CHECK(points[i].at("cycles").get<double>() > points[i - 1].at("cycles").get<double>());
    CHECK(points[i].at("energy_j").get<double>() < points[i - 1].at("energy_j").get<double>());
  }
}

TEST_CASE("a map of a trace has equal layers once, and one layer by its name") {
  const Words trace = {"map",       "--arch", "eyeriss_fp16", "--trace", "opt-125m.decode.fp16",
                       "--mapping", "fast",   "--objective",  "edp"};
  const Json report = mapped(trace);
  CHECK(report.at("layers").size() < 7);
  CHECK_FALSE(report.at("provenance").at("trace_sha256").get<std::string>().empty());
  Words one = trace;
  one.insert(one.end(), {"--layer", "fc1"});
  const Json single = mapped(one);
  REQUIRE(single.at("layers").size() == 1);
  CHECK(single.at("layers")[0].at("outputs") == 3072);
  CHECK(single.at("layers")[0].at("objectives")[0].at("fast").is_null());
}

TEST_CASE("map shows the mapping that fast takes in a run, also where rounded prices matter") {
  for (const auto& [arch, trace] :
       std::map<std::string, std::string>{{"eyeriss_int8", "opt-125m.decode.w8a8"},
                                          {"eyeriss_shift_add", "opt-125m.decode.shiftadd-3bit"}}) {
    const Json map = mapped({"map", "--arch", arch, "--trace", trace, "--layer", "fc1", "--mapping",
                             "fast", "--objective", "edp"});
    const Json run = mapped(
        {"run", "--arch", arch, "--trace", trace, "--fidelity", "analytic", "--baseline", "none"});
    const Json& best = map.at("layers")[0].at("objectives")[0].at("best").at("closed_form");
    const auto& layers = run.at("layers");
    const auto fc1 = std::find_if(layers.begin(), layers.end(),
                                  [](const Json& layer) { return layer.at("name") == "fc1"; });
    REQUIRE(fc1 != layers.end());
    CHECK(best.at("plan") == fc1->at("mapping"));
    const auto cycles = best.at("cycles").get<std::uint64_t>();
    CHECK(fc1->at("cycles").get<std::uint64_t>() ==
          cycles * fc1->at("repeat").get<std::uint64_t>());
  }
}

TEST_CASE("the answer of map does not depend on the number of threads") {
  CHECK(mapped(map_words({"--threads", "2"})) == mapped(map_words({})));
}

TEST_CASE("map writes a row a level and tensor, and a table for papers") {
  const Folder folder;
  const Outcome outcome =
      run_addax(map_words({"--objective", "energy", "--csv", folder.path("m.csv"), "--latex",
                           folder.path("m.tex"), "--quiet"}));
  REQUIRE(outcome.status == 0);
  CHECK(outcome.out.empty());
  CHECK(contains(folder.read("m.csv"), "word_bits,held_words,held_bits,reads_words"));
  CHECK(lines(folder.read("m.csv")) > 8);
  CHECK(contains(folder.read("m.tex"), "1x64x96 & energy & "));
}

TEST_CASE("what a search expects of tables is what its passes take, whoever scales") {
  std::ifstream file(std::string(ADDAX_SOURCE_DIR) + "/configs/arch/eyeriss_lutgemm.yaml");
  const std::string shipped{std::istreambuf_iterator<char>(file), {}};
  const Folder folder;
  for (const std::string key_bits : {"2", "4", "8"})
    for (const std::string readers : {"1", "16"})
      for (const std::string copies : {"1", "2"}) {
        std::string design = shipped;
        for (const auto& [from, to] : {std::pair{"key_bits: 8", "key_bits: " + key_bits},
                                       std::pair{"readers: 1\n", "readers: " + readers + "\n"},
                                       std::pair{"copies: 1\n", "copies: " + copies + "\n"},
                                       std::pair{"storage: sram\n        clock",
                                                 std::string("storage: flip_flop\n        clock")}})
          design = replaced(design, from, to);
        INFO(key_bits << " bits, " << readers << " readers, " << copies << " copies");
        const Json report =
            mapped({"map", "--arch", folder.write("a.yaml", design), "--layer", "64x768x768",
                    "--weights", "bcq-3bit", "--objective", "edp", "--mapping", "fast"});
        const Json& closed =
            report.at("layers")[0].at("objectives")[0].at("best").at("closed_form");
        CHECK(std::abs(closed.at("cycles_deviation").get<double>()) < 0.06);
        CHECK(std::abs(closed.at("energy_deviation").get<double>()) < 0.04);
      }
}

TEST_CASE("a dataflow file pins what it names") {
  const Folder folder;
  const std::string path = folder.write("d.yaml", kPins);
  const Json report = mapped(map_words({"--dataflow", path, "--objective", "energy"}));
  CHECK(report.at("dataflow") == "pinned");
  const Json& best = report.at("layers")[0].at("objectives")[0].at("best");
  CHECK(best.at("levels").at("PE").at("Outputs").at("kept") == true);
  const Outcome checked = run_addax({"check", path});
  REQUIRE(checked.status == 0);
  const std::string again = folder.write("e.yaml", checked.out);
  CHECK(run_addax({"check", again}).out == checked.out);
}

TEST_CASE("a mistake in a dataflow is named with file, line, key and what is allowed") {
  struct Mistake {
    const char* from;
    const char* to;
    Words named;
  };
  const std::vector<Mistake> mistakes = {
      {"dataflow/1", "dataflw/1", {":1: addax", "allowed: dataflow/1"}},
      {"name: pinned", "name: ''", {":2: name"}},
      {"resident:", "residnt:", {":4: levels.residnt", "did you mean 'resident'?"}},
      {"temporal: [n, k]",
       "temporal: [n, j]",
       {":4: levels.resident.temporal[1]", "'j'", "m, n, k"}},
      {"temporal: [n, k]", "temporal: [n, n]", {":4: ", "each word once"}},
      {"temporal: [n, k]", "temprl: [n, k]", {":4: ", "did you mean 'temporal'?"}},
      {"y_bounds: {k: 4}", "y_bounds: {k: 0}", {":5: levels.stream.y_bounds.k", "'0'"}},
      {"y_bounds: {k: 4}", "y_bounds: {l: 4}", {":5: levels.stream.y_bounds.l"}},
      {"keep: [outputs]", "keep: [outputs], bypass: [outputs]", {":6: levels.pe.bypass", "both"}},
      {"keep: [outputs]", "keep: [sums]", {":6: levels.pe.keep[0]", "inputs, weights, outputs"}},
      {"resident:", "dram: {tiles: {k: 2}}\n  resident:", {":4: levels.dram.tiles"}},
  };
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.to);
    const Folder folder;
    const std::string path = folder.write("d.yaml", replaced(kPins, mistake.from, mistake.to));
    check_refused(run_addax(map_words({"--dataflow", path})), mistake.named);
  }
}

TEST_CASE("a map that finds nothing says what excluded how many, and the nearest") {
  const Folder folder;
  const std::string rows =
      folder.write("rows.yaml", replaced(kPins, "y_bounds: {k: 4}", "y_bounds: {k: 400}"));
  check_refused(run_addax(map_words({"--dataflow", rows})),
                {"layer '1x64x96' on eyeriss_fp16", "found no mapping",
                 "loops over y spread over 400 instances; there are", "excludes", "nearest"});
  const std::string bypass =
      folder.write("bypass.yaml", replaced(kPins, "keep: [outputs]", "bypass: [inputs]"));
  check_refused(run_addax(map_words({"--dataflow", bypass})), {"it always keeps the inputs"});
  const std::string order = folder.write(
      "order.yaml", replaced(kPins, "y_bounds: {k: 4}", "temporal: [], y_bounds: {k: 12}"));
  check_refused(
      run_addax({"map", "--arch", "eyeriss_fp16", "--layer", "1x8x8", "--dataflow", order}),
      {"found no mapping", "excludes"});
  check_refused(run_addax({"map", "--arch", "eyeriss_shiftadd_mu4", "--layer", "1x64x96",
                           "--weights", "shiftadd-3bit", "--dataflow", "weight-stationary"}),
                {"keeps the weights", "--dataflow weight-stationary"});
}

TEST_CASE("the options of a search are held to their values") {
  check_refused(run_addax({"map", "--arch", "eyeriss_fp17", "--layer", "1x1x1"}),
                {"eyeriss_fp17", "did you mean"});
  for (const char* layer : {"1x2", "0x2x3", "1x2x3x", "axbxc", "1x2x99999999", "", "1x2x-3"})
    check_refused(run_addax({"map", "--arch", "eyeriss_fp16", "--layer", layer}),
                  {"--layer", "tokens x inputs x outputs"});
  check_refused(run_addax({"map", "--arch", "eyeriss_fp16"}), {"--layer", "--trace"});
  check_refused(run_addax(map_words({"--weights", "shiftad-3bit"})), {"did you mean"});
  check_refused(run_addax(map_words({"--weights", "ternary-g7x"})), {"weights"});
  check_refused(run_addax(map_words({"--objective", "enrgy"})), {"did you mean 'energy'?"});
  check_refused(run_addax(map_words({"--mapping", "best"})), {"exhaustive, fast"});
  check_refused(run_addax(map_words({"--budget", "0"})), {"--budget"});
  check_refused(run_addax(map_words({"--budget", "9", "--mapping", "fast"})), {"with exhaustive"});
  check_refused(run_addax(map_words({"--threads", "0"})), {"--threads"});
  check_refused(run_addax(map_words({"--dataflow", "weight-stationry"})),
                {"did you mean 'weight-stationary'?"});
  check_refused(run_addax(map_words({"--dataflow", "/nowhere.yaml"})), {"/nowhere.yaml"});
  check_refused(run_addax(map_words({"--case", "c.json"})), {"--arch", "without it"});
  check_refused(run_addax(map_words({"--count-rules", "addax"})), {"--count-rules", "--case"});
  const Words trace = {"map", "--arch", "eyeriss_fp16", "--trace", "opt-125m.decode.fp16"};
  const auto with = [&](const Words& more) {
    Words words = trace;
    words.insert(words.end(), more.begin(), more.end());
    return run_addax(words);
  };
  check_refused(with({"--weights", "fp16"}), {"--weights", "--trace"});
  check_refused(with({"--layer", "fc3"}), {"--layer", "fc1, fc2", "did you mean"});
}

TEST_CASE("a trace without products of weights has nothing to map") {
  const Folder folder;
  const std::string path = folder.write("t.yaml", R"(addax: trace/1
name: toy
model: toy
widths: {activation_bits: 16, kv_bits: 16, accumulator_bits: 32}
formats: {}
phases:
  - name: decode-16
    kind: decode
    batch: 1
    new_tokens: 1
    context: 16
    blocks:
      - name: block
        operations:
          - name: norm
            kind: norm
            elementwise: {function: rms_norm, rows: 1, width: 64, parameter_elements: 63}
            reads: [x]
            writes: h
)");
  check_refused(run_addax({"map", "--arch", "eyeriss_fp16", "--trace", path}),
                {"--trace", "a linear layer"});
}

TEST_CASE("a run says how its mappings were chosen") {
  const Words words = {"run",        "--arch",   "eyeriss_fp16", "--trace", "opt-125m.decode.fp16",
                       "--fidelity", "analytic", "--baseline",   "none"};
  const auto run = [&](const Words& more) {
    Words all = words;
    all.insert(all.end(), more.begin(), more.end());
    return mapped(all);
  };
  const Json standard = run({});
  const Json energy = run({"--objective", "energy", "--mapping", "exhaustive"});
  const auto configuration = [](const Json& result) {
    return result.at("provenance").at("configuration");
  };
  CHECK(configuration(standard).at("mapping") == "fast");
  CHECK(configuration(standard).at("objective") == "edp");
  CHECK(configuration(energy).at("mapping") == "exhaustive");
  CHECK(configuration(energy).at("objective") == "energy");
  check_refused(run_addax({"run", "--arch", "eyeriss_fp16", "--trace", "opt-125m.decode.fp16",
                           "--mapping", "exhaustiv"}),
                {"--mapping", "did you mean 'exhaustive'?"});
}
