// SPDX-License-Identifier: Apache-2.0
#include "sim/input/trace_reader.h"
#include "sim/input/trace_request.h"
#include "sim/input/trace_writer.h"
#include "sim/input/values_reader.h"
#include "tests/catch.h"
#include "tests/models/values/example.h"
#include "tests/sim/input/values_files.h"

using namespace addax;
using Catch::Matchers::Contains;
using input::Document;
using tests::ternary;
using tests::trace_of;
using tests::ValuesFolder;
using workload::Linear;

namespace {

const Linear& layer(const workload::Trace& trace) {
  return std::get<Linear>(trace.phases.at(0).blocks.at(0).operations.at(0).work);
}

constexpr const char* kTernary =
    "inputs: 3, outputs: 2, weights: {kind: ternary, zero_fraction: 0.25, scales: {sharing: "
    "tensor}}";

/// A trace of ternary weights beside which `a` (3 zeros of 6), `b` (1 of 6) and activations lie.
class Beside {
 public:
  Beside() {
    folder.write("a", ternary(2, 3, {0, 1, 3, 0, 0, 1}));
    folder.write("b", ternary(2, 3, {0, 1, 3, 1, 1, 1}));
    folder.write_tensor("x", "F16", "[2,3]", std::vector<std::uint16_t>(6, 0x3C00));
    folder.write_tensor("x8", "I8", "[2,3]", std::vector<std::int8_t>{1, -2, 3, -128, 127, 0});
  }
  workload::Trace read(const std::string& tokens, const std::string& values,
                       const std::string& bits = "16", const std::string& repeat = "1") const {
    folder.write("t.yaml",
                 trace_of(tokens + ", " + kTernary + ", values: " + values, bits, repeat));
    return input::resolve_trace(folder.path("t.yaml"));
  }
  std::string error(const std::string& tokens, const std::string& values,
                    const std::string& bits = "16") const {
    try {
      read(tokens, values, bits);
    } catch (const input::ConfigError& error) {
      return error.what();
    }
    return "no error";
  }
  ValuesFolder folder;
};

}  // namespace

TEST_CASE("Zeros that were counted take the place of the declared share") {
  const Beside beside;
  const workload::Trace trace = beside.read("tokens: 2", "{weights: a, activations: x}");
  CHECK(layer(trace).counted_zeros == 3);
  CHECK(layer(trace).weights.zero_fraction == 0.5);
  CHECK(zero_weights(layer(trace)) == 3);
  const values::LayerValues values = input::read_layer_values(layer(trace), trace.widths);
  CHECK(values.tokens == 2);
  CHECK(values.weights.at(0).codes == std::vector<std::uint16_t>{0, 1, 3, 0, 0, 1});
  CHECK(std::get<std::vector<arith::Fp16>>(*values.activations).size() == 6);
  CHECK(input::value_files(trace) ==
        std::map<std::string, std::string>{{"a", beside.folder.path("a")},
                                           {"x", beside.folder.path("x")}});
}

TEST_CASE("Each copy has a file of its own, and one share of zeros is that of all") {
  const Beside beside;
  const workload::Trace trace = beside.read("tokens: 1, copies: 2", "{weights: [a, b]}");
  CHECK(zero_weights(layer(trace)) == 4);
  CHECK(layer(trace).weights.zero_fraction == 4.0 / 12.0);
  CHECK_FALSE(input::read_layer_values(layer(trace), trace.widths).activations);
  CHECK_THAT(beside.error("tokens: 1, copies: 2", "{weights: a}"),
             Contains("values.weights: found 'a'; allowed: a list of 2 files, one a copy"));
  CHECK_THAT(beside.error("tokens: 1, copies: 2", "{weights: [a]}"),
             Contains("values.weights: found '1 files'; allowed: 2 files, one a copy"));
}

TEST_CASE("Activations of 8 bits are INT8, signs and all") {
  const Beside beside;
  const workload::Trace trace = beside.read("tokens: 2", "{weights: a, activations: x8}", "8");
  const auto values = input::read_layer_values(layer(trace), trace.widths);
  CHECK(std::get<std::vector<std::int8_t>>(*values.activations) ==
        std::vector<std::int8_t>{1, -2, 3, -128, 127, 0});
  CHECK_THAT(beside.error("tokens: 2", "{weights: a, activations: x}", "8"),
             Contains("x: x: found F16 [2, 3]; allowed: I8 [2, 3]"));
}

TEST_CASE("A written trace names its values again") {
  const Beside beside;
  const workload::Trace trace =
      beside.read("tokens: 2", "{weights: [a], activations: x, tensor: x}");
  const std::string again = beside.folder.path("again.yaml");
  input::write_file(again, input::write_trace(trace));
  CHECK(input::resolve_trace(again) == trace);
  CHECK(workload::with_formats(trace, [](const workload::Operation&,
                                         const Linear&) { return workload::WeightFormat{}; })
            .phases[0]
            .blocks[0]
            .operations[0]
            .work == workload::Work(Linear{2, 3, 2, 1, workload::LinearRole::kMlp, {}}));
}

TEST_CASE("Blocks of scales are the same whether their rows are said or an eighth") {
  tests::RandomBits random(5);
  const ValuesFolder folder;
  const auto said = tests::coded(2, 1, {workload::ScaleSharing::kBlock, 0, 8, 2});
  folder.write("w", tests::random_codes(said, 16, 8, random));
  folder.write("t.yaml",
               trace_of("tokens: 1, inputs: 8, outputs: 16, weights: {kind: shiftadd, planes: 2, "
                        "scale_terms: 1, scales: {sharing: block, block_columns: 8}}, values: "
                        "{weights: w}"));
  CHECK_NOTHROW(input::resolve_trace(folder.path("t.yaml")));
}

TEST_CASE("Values at fault are named with the trace's line and key, and with what is allowed") {
  const Beside beside;
  beside.folder.write("short", ternary(2, 2, {0, 1, 3, 0}));
  auto row = ternary(2, 3, {0, 1, 3, 0, 0, 1});
  row.format.scales = {};
  row.scales.resize(2);
  beside.folder.write("row", row);
  beside.folder.write("junk", std::string("junk"));
  beside.folder.write_tensor("three", "F16", "[3,3]", std::vector<std::uint16_t>(9));
  beside.folder.write_tensor("inf", "F16", "[2,3]", std::vector<std::uint16_t>(6, 0x7C00));
  const std::string two = "{" + tests::tensor_entry("ab", "I8", "[1]", "[0,1]") + "," +
                          tests::tensor_entry("cd", "I8", "[1]", "[1,2]") + "}";
  beside.folder.write("two", tests::safetensors_file(two, "xy"));
  std::string seven = "{", bytes;
  for (int i = 0; i < 7; ++i)
    seven += (i > 0 ? "," : "") +
             tests::tensor_entry("t" + std::to_string(i), "I8", "[1]",
                                 "[" + std::to_string(i) + "," + std::to_string(i + 1) + "]");
  beside.folder.write("many", tests::safetensors_file(seven + "}", "abcdefg"));
  beside.folder.write("npy",
                      tests::npy_file(tests::npy_header("<f2", "(2, 3)"), std::string(12, ' ')));
  struct Wrong {
    std::string values;
    std::vector<std::string> parts;
  };
  const std::string at = "t.yaml:16: phases[0].blocks[0].operations[0].linear.values";
  const std::vector<Wrong> all = {
      {"{}", {at + ".weights", "missing"}},
      {"a", {at, "found 'a'", "a map"}},
      {"{weights: {}}", {at + ".weights", "text"}},
      {"{weights: ''}", {at + ".weights", "a file's name"}},
      {"{weight: a}", {at + ".weight", "unknown key", "did you mean 'weights'"}},
      {"{weights: [a, b]}", {at + ".weights", "2 files", "1 file"}},
      {"{weights: none}", {at + ".weights", "none: no such file"}},
      {"{weights: junk}", {at + ".weights", "junk: header", "a safetensors file"}},
      {"{weights: short}",
       {at + ".weights", "short: found 2 outputs x 2 inputs of ternary tensor",
        "allowed: 2 outputs x 3 inputs of ternary tensor"}},
      {"{weights: row}", {at + ".weights", "ternary row", "ternary tensor", "another share"}},
      {"{weights: x}", {at + ".weights", "x: __metadata__", "schema"}},
      {"{weights: a, activations: a}", {at + ".activations", "a: found 2 tensors", "'tensor'"}},
      {"{weights: a, activations: three}", {at + ".activations", "F16 [3, 3]", "F16 [2, 3]"}},
      {"{weights: a, activations: x8}", {at + ".activations", "I8 [2, 3]", "F16 [2, 3]"}},
      {"{weights: a, activations: inf}", {at + ".activations", "an infinity or a NaN", "finite"}},
      {"{weights: a, activations: two}", {at + ".activations", "found 2 tensors"}},
      {"{weights: a, activations: two, tensor: ac}",
       {at + ".activations", "no tensor 'ac'", "allowed: 'ab', 'cd'", "did you mean 'ab'"}},
      {"{weights: a, activations: many, tensor: t}",
       {at + ".activations", "allowed: 't0', 't1', 't2', 't3', 't4', ... (7)"}},
      {"{weights: npy}",
       {at + ".weights", "npy: found no safetensors file: a header of 379676406402707 bytes"}},
      {"{weights: a, tensor: x}", {at + ".tensor", "found 'x'", "'activations' beside it"}},
  };
  for (const Wrong& wrong : all) {
    const std::string error = beside.error("tokens: 2", wrong.values);
    INFO(wrong.values << ": " << error);
    CHECK_THAT(error, Contains("allowed"));
    for (const std::string& part : wrong.parts) CHECK_THAT(error, Contains(part));
  }
}
