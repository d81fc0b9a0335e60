// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/sim/sweep/sweep_files.h"

using namespace addax;
using namespace addax::sweep;

namespace {

using Words = std::vector<std::string>;

std::string with(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  INFO(from);
  REQUIRE(at != std::string::npos);
  return text.substr(0, at) + to + text.substr(at + from.size());
}

// All keys of the format.
constexpr const char* kAll = R"(addax: sweep/1
name: all
description: each key once
base:
  arch: {file: eyeriss_shiftadd, buffer.banks: 64}
  tech: {file: physical-45nm, "rows.fp16.multiply.energy_pj": 1}
  trace: {model: opt-125m, phase: decode, weights: shiftadd, bits: 3}
  run: {mapping: fast, dataflow: null}
axes:
  - {key: arch.rows, values: [4, 8]}
  - linked:
      - {key: trace.context, values: [64, 128]}
      - {key: trace.batch, range: {from: 1, to: 2, step: 1}}
  - {key: "arch.groups[0].columns", range: {from: 4, to: 16, spacing: doubling}}
where:
  - arch.rows * arch.groups[0].columns <= 64
equal:
  quantity: pes
  tolerance: 0.5
  reference: 32
  free: {key: arch.groups.multiplier.columns, values: [1, 2]}
sample: {method: random, points: 4, seed: 3}
)";

void check_refused(const std::string& from, const std::string& to, int line, const Words& parts) {
  const std::string found = refusal([&] { sweep_of(with(kAll, from, to)); });
  INFO(to);
  INFO(found);
  const std::string place = "s.yaml:" + std::to_string(line) + ": ";
  CHECK(found.find(place) != std::string::npos);
  CHECK(found.find("allowed: ") != std::string::npos);
  for (const std::string& part : parts) {
    INFO("expected: " << part);
    CHECK(found.find(part) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("A sweep is read with its defaults, keys in the order of base and axes") {
  const Sweep sweep = sweep_of(kSweep);
  CHECK(sweep.name == "small");
  CHECK(sweep.description.empty());
  CHECK(sweep.bytes == kSweep);
  CHECK(sweep.sample.method == Method::kFull);
  CHECK_FALSE(sweep.equal);
  CHECK(input_keys(sweep) == Words{"arch", "trace", "tech", "run.baseline", "arch.rows",
                                   "arch.groups.multiplier.columns"});
  CHECK(axis_keys(sweep) == Words{"arch.rows", "arch.groups.multiplier.columns"});
  CHECK(sweep.base == Point{{"arch", "eyeriss_fp16"},
                            {"trace", "micro-linear"},
                            {"tech", "physical-45nm"},
                            {"run.baseline", "none"}});
}

TEST_CASE("All keys of a sweep are read") {
  const Sweep sweep = sweep_of(kAll);
  CHECK(sweep.description == "each key once");
  REQUIRE(sweep.axes.size() == 3);
  CHECK(sweep.axes[1].keys == Words{"trace.context", "trace.batch"});
  CHECK(sweep.axes[1].levels == std::vector<Words>{{"64", "1"}, {"128", "2"}});
  CHECK(sweep.axes[2].levels == std::vector<Words>{{"4"}, {"8"}, {"16"}});
  REQUIRE(sweep.where.size() == 1);
  REQUIRE(sweep.equal);
  CHECK(sweep.equal->quantity == Quantity::kPes);
  CHECK(sweep.equal->tolerance == 0.5);
  CHECK(sweep.equal->reference == 32.0);
  REQUIRE(sweep.equal->free.size() == 1);
  CHECK(sweep.sample.method == Method::kRandom);
  CHECK(sweep.sample.points == 4);
  CHECK(sweep.sample.seed == 3);
  const auto based = [&](const std::string& key) {
    for (const auto& [name, text] : sweep.base)
      if (name == key) return text;
    return std::string("none");
  };
  CHECK(based("arch") == "eyeriss_shiftadd");
  CHECK(based("arch.buffer.banks") == "64");
  CHECK(based("tech.rows.fp16.multiply.energy_pj") == "1");
  CHECK(based("run.dataflow") == "null");
  CHECK(based("trace.bits") == "3");
}

TEST_CASE("What a sweep prints as its configuration is the same sweep") {
  for (const char* text : {kSweep, kAll}) {
    const Sweep once = sweep_of(text);
    const std::string printed = configuration_json(once).dump(1);
    const Sweep again = sweep_of(printed);
    CHECK(again.base == once.base);
    CHECK(input_keys(again) == input_keys(once));
    REQUIRE(again.axes.size() == once.axes.size());
    for (std::size_t i = 0; i < once.axes.size(); ++i)
      CHECK(again.axes[i].levels == once.axes[i].levels);
    CHECK(configuration_json(again).dump(1) == printed);
  }
}

TEST_CASE("An unknown key of a sweep is refused at every level") {
  check_refused("name: all", "nmae: all", 2, {"'nmae'", "did you mean 'name'?"});
  check_refused("  run: {", "  rnu: {", 8, {"'rnu'", "arch, run, tech, trace"});
  check_refused("mapping: fast", "mappings: fast", 8, {"run.mappings", "fidelity, mapping"});
  check_refused("phase: decode,", "phases: decode,", 7, {"trace.phases", "model, phase, context"});
  check_refused("{key: arch.rows,", "{keys: arch.rows,", 10, {"'keys'", "key, range, values"});
  check_refused("linked:", "link:", 11, {"'link'"});
  check_refused("from: 1,", "form: 1,", 13, {"'form'", "from"});
  check_refused("spacing: doubling", "space: doubling", 14, {"'space'"});
  check_refused("  tolerance: 0.5", "  tolerances: 0.5", 19, {"'tolerances'"});
  check_refused("seed: 3", "seeds: 3", 22, {"'seeds'", "method, points, seed"});
  check_refused("sweep/1", "sweep/2", 1, {"'sweep/2'", "sweep/1"});
}

TEST_CASE("Names, descriptions and what is required of a sweep are checked") {
  check_refused("name: all", "name: ''", 2, {"name", "1 to 100 bytes"});
  check_refused("name: all", "name: a/b", 2, {"'a/b'", "without /"});
  check_refused("name: all", "name: \"a\\nb\"", 2, {"on one line"});
  check_refused("name: all", "name: " + std::string(101, 'x'), 2, {"1 to 100 bytes"});
  check_refused("each key once", std::string(4001, 'x'), 3, {"description", "4000"});
  check_refused("name: all\n", "", 1, {"name: missing"});
  check_refused("file: eyeriss_shiftadd, ", "", 5, {"base.arch.file: missing"});
  check_refused("  arch: {file: eyeriss_shiftadd, buffer.banks: 64}\n", "", 4,
                {"arch, here or on an axis"});
  check_refused("phase: decode, ", "", 4, {"trace.phase"});
  check_refused("model: opt-125m, ", "", 4, {"trace.model"});
  check_refused("weights: shiftadd, ", "", 4, {"trace.weights"});
  check_refused("  trace: {model: opt-125m, phase: decode, weights: shiftadd, bits: 3}\n",
                "  trace: micro-linear\n", 4, {"not both"});
  check_refused("run: {mapping: fast, dataflow: null}", "run: fast", 8, {"'fast'", "a map"});
  check_refused("mapping: fast", "mapping: [fast]", 8, {"run.mapping", "text"});
}

TEST_CASE("Keys of a sweep begin with what can change, and are paths") {
  const std::string allowed = "arch, tech, trace or run, and a path below it";
  for (const std::string key :
       {"rows", "arch.", "arch..rows", "arch.rows.", "archs.rows", "", ".rows",
        "arch.groups[lut].columns", "arch.groups[0", "arch[0].rows", "tech.", "base.arch"}) {
    INFO(key);
    check_refused("arch.rows, values", "'" + key + "', values", 10, {allowed});
  }
  check_refused("arch.rows, values", "\"arch.a\\tb\", values", 10, {allowed});
  check_refused("arch.rows, values", "run, values", 10, {"run. and one of fidelity"});
  check_refused("arch.rows, values", "run.jobs, values", 10, {"run. and one of fidelity"});
  check_refused("arch.rows, values", "trace.layers, values", 10, {"trace. and one of model"});
  check_refused("arch.rows, values", "trace.model.x, values", 10, {"trace. and one of model"});
  check_refused("arch.rows * arch", "rows * arch", 16, {"where[0]", "arch, tech, trace or run"});
  check_refused("arch.rows * arch", "trace.layers * arch", 16, {"trace. and one of model"});
}

TEST_CASE("A key is on one axis, whatever its case, and a value on an axis once") {
  check_refused("key: trace.context", "key: arch.rows", 11, {"arch.rows is on two"});
  check_refused("key: trace.context", "key: trace.batch", 11, {"trace.batch is on two"});
  check_refused("\"arch.groups[0].columns\"", "arch.ROWS", 14, {"arch.ROWS is on two"});
  check_refused("key: arch.groups.multiplier.columns", "key: arch.rows", 21,
                {"arch.rows is on two"});
  check_refused("buffer.banks: 64", "Rows: 64", 4, {"upper and lower case"});
  check_refused("values: [4, 8]", "values: [4, 8, 4]", 10,
                {"found '4'; allowed: each value once; this one comes again"});
  check_refused("values: [4, 8]", "values: [4, 4.0]", 10,
                {"found '4.0'; allowed: each value once; this one comes again"});
  check_refused("values: [4, 8]", "values: [1e1, 10]", 10,
                {"found '10'; allowed: each value once; this one comes again"});
}

TEST_CASE("An axis has values or a range, and linked keys as many as each other") {
  check_refused("values: [4, 8]}", "values: [4, 8], range: {from: 1, to: 2, step: 1}}", 10,
                {"values or range, one of them"});
  check_refused("arch.rows, values: [4, 8]}", "arch.rows}", 10, {"values or range, one of them"});
  check_refused("values: [4, 8]", "values: []", 10, {"one value or more"});
  check_refused("values: [4, 8]", "values: 4", 10, {"a list"});
  check_refused("values: [4, 8]", "values: [[4], 8]", 10, {"text"});
  check_refused("values: [4, 8]", "values: [\"4\\n8\"]", 10, {"one line of text"});
  check_refused("values: [64, 128]", "values: [64, 128, 256]", 13, {"3 values", "it has 2"});
  check_refused("values: [64, 128]", "values: [64]", 13, {"1 values", "it has 2"});
  check_refused("      - {key: trace.batch, range: {from: 1, to: 2, step: 1}}\n", "", 11,
                {"linked", "two keys or more"});
  check_refused("key: arch.rows, values", "key: arch.rows, linked: [], values", 10, {"'key'"});
}

TEST_CASE("A range leads from one number to a larger one in steps, points or factors") {
  const std::string range = "range: {from: 4, to: 16, spacing: doubling}";
  const auto refused = [&](const std::string& text, const Words& parts) {
    check_refused(range, "range: " + text, 14, parts);
  };
  refused("{from: 4, to: 16}", {"step or points, one of them"});
  refused("{from: 4, to: 16, step: 4, points: 2}", {"step or points, one of them"});
  refused("{from: 4, to: 2, step: 1}", {"range.to", "'2'", "a number from 4"});
  refused("{from: 4, to: 16, step: 0}", {"range.step", "'0'"});
  refused("{from: 4, to: 16, step: -1}", {"range.step", "'-1'"});
  refused("{from: 4, to: 4, points: 2}", {"range.to", "more than from"});
  refused("{from: 4, to: 16, points: 1}", {"range.points", "2 to 1000000"});
  refused("{from: 0, to: 1e9, step: 1}", {"range.step", "1000000 values"});
  refused("{from: 0, to: 16, spacing: doubling}", {"range.from", "more than 0"});
  refused("{from: -1, to: 16, spacing: logarithmic, points: 3}", {"range.from", "more than 0"});
  refused("{from: 4, to: 16, spacing: doubling, step: 2}", {"range.step", "none but"});
  refused("{from: 4, to: 16, spacing: doubling, points: 2}", {"range.points", "none where"});
  refused("{from: 4, to: 16, spacing: logarithmic}", {"points too"});
  refused("{from: 4, to: 16, spacing: log, points: 3}", {"'log'", "linear, doubling, logarithmic"});
  refused("{to: 16, step: 1}", {"range.from: missing"});
  refused("{from: four, to: 16, step: 1}", {"'four'", "a number"});
  refused("{from: 1, to: 1.0000001, spacing: logarithmic, points: 4}", {"each value once"});
}

TEST_CASE("A range whose ends are written as integers has integers") {
  const auto levels = [](const std::string& text) {
    const Sweep sweep = sweep_of(with(kAll, "{from: 4, to: 16, spacing: doubling}", text));
    Words values;
    for (const Words& level : sweep.axes[2].levels) values.push_back(level.front());
    return values;
  };
  CHECK(levels("{from: 1, to: 100, spacing: logarithmic, points: 4}") ==
        Words{"1", "5", "22", "100"});
  CHECK(levels("{from: 1, to: 2, spacing: logarithmic, points: 5}") == Words{"1", "2"});
  for (const char* ends : {"from: 1.0, to: 100", "from: 1, to: 1e2", "from: 1, to: 100.0"})
    CHECK(levels(std::string("{") + ends + ", spacing: logarithmic, points: 4}") ==
          Words{"1", "4.64159", "21.5443", "100"});
  CHECK(levels("{from: 1, to: 8, points: 4}") == Words{"1", "3", "6", "8"});
  CHECK(levels("{from: 1, to: 2, step: 0.5}") == Words{"1", "1.5", "2"});
}

TEST_CASE("Filters, what is equal, and samples are checked") {
  const std::string where = "arch.rows * arch.groups[0].columns <= 64";
  for (const char* wrong : {"arch.rows <=", "arch.rows > 1 || arch.rows < 0", "\"arch.rows = 'x\"",
                            "random() > 0", "arch.rows in (select 1)", "\"\""}) {
    INFO(wrong);
    check_refused(where, wrong, 16, {"where[0]", "an expression over keys"});
  }
  check_refused("  - " + where, "  {a: 1}", 15, {"where", "a list"});
  check_refused("quantity: pes", "quantity: power", 18, {"area, throughput, bandwidth, pes"});
  check_refused("  quantity: pes\n", "", 17, {"equal.quantity: missing"});
  check_refused("tolerance: 0.5", "tolerance: 2", 19, {"from 0 to 1"});
  check_refused("reference: 32", "reference: 0", 20, {"equal.reference", "'0'"});
  check_refused("columns, values: [1, 2]}", "columns, range: {from: 1, to: 20000, step: 1}}", 21,
                {"at most 10000 combinations"});
  check_refused("method: random", "method: sobol", 22, {"full, random, latin-hypercube"});
  check_refused("method: random", "method: full", 22, {"'points'"});
  check_refused("points: 4, ", "", 22, {"sample.points: missing"});
  check_refused("points: 4, ", "points: 0, ", 22, {"sample.points", "'0'"});
  check_refused("seed: 3", "seed: -3", 22, {"sample.seed", "'-3'"});
}

TEST_CASE("More points than a sweep may have are refused, and a sample of them is not") {
  std::string text = kSweep;
  for (const char* key : {"a", "b", "c"})
    text += std::string("  - {key: arch.") + key + ", range: {from: 1, to: 100, step: 1}}\n";
  const std::string found = refusal([&] { sweep_of(text); });
  INFO(found);
  CHECK(found.find("s.yaml:6: axes: ") != std::string::npos);
  CHECK(found.find("at most 1000000 points, or a sample of them") != std::string::npos);
  const std::string sample = "sample: {method: latin-hypercube, points: 10}\n";
  CHECK(sweep_of(text + sample).axes.size() == 5);
  for (const char* key : {"d", "e", "f", "g", "h", "i", "j"})
    text += std::string("  - {key: arch.") + key + ", range: {from: 1, to: 100, step: 1}}\n";
  // 2 x 2 x 100^10
  CHECK(refusal([&] { sweep_of(text + sample); })
            .find("s.yaml:6: axes: found a list; allowed: at most 1e+18 points that a sample is "
                  "taken of; it has 4e+20") != std::string::npos);
  std::string many =
      with(kSweep, "base:\n  arch: eyeriss_fp16\n", "base:\n  arch:\n    file: eyeriss_fp16\n");
  for (int key = 0; key < 1000; ++key)
    many.insert(many.find("  trace:"), "    k" + std::to_string(key) + ": 1\n");
  CHECK(refusal([&] { sweep_of(many); }).find("at most 1000 keys") != std::string::npos);
}

TEST_CASE("A sweep that is not there is refused with those that are") {
  const std::string found = refusal([] { read_sweep("aray-shape"); });
  CHECK(found.find("did you mean 'array-shape'?") != std::string::npos);
  CHECK(refusal([] { read_sweep("./none.yaml"); }).find("no such file") != std::string::npos);
}

TEST_CASE("Every sweep that ships reads, and is named as its file") {
  std::size_t sweeps = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(ADDAX_SOURCE_DIR) + "/configs/sweep")) {
    const std::string name = entry.path().stem();
    INFO(name);
    CHECK(read_sweep(entry.path()).name == name);
    ++sweeps;
  }
  CHECK(sweeps >= 10);
}
