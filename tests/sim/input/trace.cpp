// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sim/input/model_reader.h"
#include "sim/input/trace_reader.h"
#include "sim/input/trace_request.h"
#include "sim/input/trace_writer.h"
#include "tests/catch.h"

using namespace addax::input;
using namespace addax::workload;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

template <class Action>
std::string message(Action action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

constexpr const char* kGood = R"(addax: trace/1
name: tiny
model: none
formats:
  low: {kind: int, bits: 4, scales: {sharing: group, group: 8}}
phases:
  - name: decode-3
    kind: decode
    new_tokens: 1
    context: 3
    blocks:
      - name: block
        operations:
          - name: up
            kind: linear
            linear: {tokens: 1, inputs: 16, outputs: 8, role: mlp, weights: low}
            reads: [x]
            writes: y
          - name: scores
            kind: scores
            scores: {heads: 2, kv_heads: 1, head_dim: 4}
            reads: [y, y]
            writes: s
)";

/// The error that reading kGood gives after `from` is replaced by `to`.
std::string error_with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  return message([&] { read_trace(Document::parse(text, "t.yaml")); });
}

const Linear& first_linear(const Trace& trace, const std::string& block, const std::string& name) {
  for (const Block& b : trace.phases.at(0).blocks)
    if (b.name == block)
      for (const Operation& operation : b.operations)
        if (operation.name == name) return std::get<Linear>(operation.work);
  throw std::runtime_error("no " + block + "." + name);
}

class TemporaryText {
 public:
  explicit TemporaryText(const std::string& text)
      : path_(fs::temp_directory_path() / ("addax-bits-" + std::to_string(::getpid()) + ".json")) {
    std::ofstream(path_) << text;
  }
  ~TemporaryText() { fs::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("A written trace is read back equal, for every model, phase and format") {
  for (const std::string& model : shipped_models())
    for (const char* rest :
         {".decode.fp16", ".prefill-16.int-3bit-g64", ".generate-3.shiftadd-3bit",
          ".decode-7.ternary-z40", ".decode.bcq-2bit-row", ".decode.w8a8", ".decode.binary",
          ".decode.msfp", ".decode.shiftadd-2bit-column-k2"}) {
      CAPTURE(model, rest);
      std::string bytes;
      const Trace trace = resolve_trace(model + rest, &bytes);
      CHECK(read_trace(Document::parse(bytes, "t.yaml")) == trace);
    }
}

TEST_CASE("A hand-written trace is read, its attention taking tokens from the phase") {
  const Trace trace = read_trace(Document::parse(kGood, "t.yaml"));
  CHECK(first_linear(trace, "block", "up").weights.bits == 4);
  const auto& scores = std::get<Scores>(trace.phases[0].blocks[0].operations[1].work);
  CHECK(scores.shape.past == 2);
  CHECK(attended_pairs(scores.shape) == 3);
  CHECK(macs(trace) == 16 * 8 + 2 * 3 * 4);
}

TEST_CASE("Faults of a trace are named with line, key, value and what is allowed") {
  CHECK_THAT(error_with("trace/1", "trace/2"), Contains("t.yaml:1: addax: found 'trace/2'"));
  CHECK_THAT(error_with("model: none\n", ""), Contains("model: missing"));
  CHECK_THAT(error_with("model: none", "modle: none"), Contains("t.yaml:3: modle"));
  CHECK_THAT(error_with("kind: int", "kind: itn"), Contains("did you mean 'int'"));
  CHECK_THAT(error_with("bits: 4", "bits: 0"), Contains("formats.low.bits: found '0'"));
  CHECK_THAT(error_with("bits: 4", "bits: 40"),
             Contains("formats.low.bits: found '40'; allowed: 1 to 8"));
  CHECK_THAT(error_with("bits: 4", "planes: 4"), Contains("formats.low.bits: found '0'"));
  CHECK_THAT(error_with("group: 8", "group: 0"), Contains("t.yaml:5: formats.low.scales.group"));
  CHECK_THAT(error_with("sharing: group", "sharing: column"), Contains("scales.sharing"));
  CHECK_THAT(error_with("kind: decode", "kind: deocde"), Contains("did you mean 'decode'"));
  CHECK_THAT(error_with("new_tokens: 1", "new_tokens: 2"),
             Contains("new_tokens: found '2'; allowed: 1"));
  CHECK_THAT(error_with("context: 3", "context: 0"), Contains("context: found '0'"));
  CHECK_THAT(error_with("weights: low", "weights: lwo"), Contains("found 'lwo'; allowed: low"));
  CHECK_THAT(error_with("role: mlp", "role: mpl"), Contains("did you mean 'mlp'"));
  CHECK_THAT(error_with("tokens: 1, inputs", "tokens: 0, inputs"),
             Contains("t.yaml:16: phases[0]"));
  CHECK_THAT(error_with("tokens: 1, inputs", "inputs"), Contains("linear.tokens: missing"));
  CHECK_THAT(error_with("outputs: 8", "outputs: 4e3"), Contains("outputs: found '4e3'"));
  CHECK_THAT(error_with("kv_heads: 1", "kv_heads: 3"),
             Contains("kv_heads: found '3'; allowed: a divisor"));
  CHECK_THAT(error_with("kind: linear", "kind: lineal"), Contains("did you mean 'linear'"));
  CHECK_THAT(error_with("name: scores", "name: up"), Contains("a name that no other here has"));
  CHECK_THAT(error_with("            scores: {heads: 2, kv_heads: 1, head_dim: 4}\n", ""),
             Contains("one of linear, scores"));
  CHECK_THAT(error_with("reads: [x]", "softmax: {}"), Contains("one work an operation"));
  CHECK_THAT(error_with("reads: [x]", "reads: x"), Contains("reads: found 'x'; allowed: a list"));
  CHECK_THAT(error_with("tokens: 1, inputs: 16, outputs: 8",
                        "tokens: 2000000000, inputs: 2000000000, outputs: 2000000000"),
             Contains("t.yaml:16: ") && Contains("linear.tokens: found '2000000000'") &&
                 Contains("below 2^64"));
}

TEST_CASE("Operations read as many tensors as they compute with") {
  const auto count = [](const std::string& from, const std::string& to) {
    return error_with(from, to);
  };
  CHECK_THAT(count("reads: [x]", "reads: [x, x]"),
             Contains("t.yaml:17: ") && Contains("'2 tensors'; allowed: 1 tensor for linear"));
  CHECK_THAT(count("            reads: [x]\n", ""), Contains("'0 tensors'; allowed: 1 tensor"));
  CHECK_THAT(count("reads: [y, y]", "reads: [y]"),
             Contains("'1 tensor'; allowed: 2 tensors for scores"));
  const auto vector = [&](const std::string& function, const std::string& reads) {
    return count(
        "            linear: {tokens: 1, inputs: 16, outputs: 8, role: mlp, weights: low}\n"
        "            reads: [x]",
        "            elementwise: {function: " + function +
            ", rows: 1, width: 8}\n            reads: " + reads);
  };
  CHECK(vector("add", "[a]") == "no error");
  CHECK(vector("multiply", "[a, b]") == "no error");
  CHECK(vector("combine", "[a, b]") == "no error");
  CHECK_THAT(vector("add", "[a, b, c]"), Contains("allowed: 1 or 2 tensors for add"));
  CHECK_THAT(vector("add", "[]"), Contains("'0 tensors'; allowed: 1 or 2 tensors for add"));
  CHECK_THAT(vector("combine", "[a]"), Contains("allowed: 2 tensors for combine"));
  CHECK_THAT(vector("silu", "[a, b]"), Contains("allowed: 1 tensor for silu"));
}

TEST_CASE("A tensor has what its readers need") {
  // y has 8 elements; the queries are 2 heads of 4.
  CHECK_THAT(error_with("outputs: 8", "outputs: 7"),
             Contains("t.yaml:22: ") &&
                 Contains("reads[0]: found 'y'; allowed: a tensor of 8 elements or more, and up "
                          "leaves 7 in it"));
  const std::string tail = "            writes: s\n";
  const auto after = [&](const std::string& inputs, const std::string& tensor) {
    return error_with(tail, tail +
                                "          - name: after\n            kind: linear\n"
                                "            linear: {tokens: 1, inputs: " +
                                inputs + ", outputs: 1, role: mlp, weights: low}\n" +
                                "            reads: [" + tensor + "]\n");
  };
  CHECK(after("8", "y") == "no error");
  CHECK(after("4", "y") == "no error");
  CHECK_THAT(after("3", "y"), Contains("rows of the linear's 3 inputs, and up leaves 8 in it"));
  CHECK_THAT(after("16", "y"), Contains("16 inputs"));
  // An input of the phase has the rows that its first linear reads.
  CHECK(after("16", "x") == "no error");
  CHECK(after("999", "elsewhere") == "no error");
  CHECK_THAT(after("999", "x"), Contains("999 inputs, and up reads rows of 16"));
}

TEST_CASE("A repeated block reads what it left behind itself") {
  // In its first turn "up" reads an input of 16 elements, in its second what it wrote: 8.
  std::string text = kGood;
  const auto swap = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  swap("      - name: block\n", "      - name: block\n        repeat: 2\n");
  swap("reads: [x]", "reads: [y]");
  CHECK_THAT(message([&] { read_trace(Document::parse(text, "t.yaml")); }),
             Contains("rows of the linear's 16 inputs, and up leaves 8"));
}

TEST_CASE("A short name means the context, scales and terms of the paper") {
  const Trace opt = resolve_trace("opt-6.7b.decode.shiftadd-3bit");
  CHECK(opt.phases[0].context == 2048);
  const WeightFormat weights = first_linear(opt, "block.0-31", "q").weights;
  CHECK(describe(weights) == "shiftadd-3bit block 8xN/8 k=3");
  CHECK(first_linear(opt, "end", "head").weights.kind == FormatKind::kFp16);
  CHECK(describe(
            first_linear(resolve_trace("llama-2-7b.prefill-512.shiftadd-2bit"), "block.0-31", "q")
                .weights) == "shiftadd-2bit block 8x16 k=3");
  CHECK(describe(parse_weights("ternary", "bitnet")) == "ternary tensor zeros 0.333");
  CHECK(describe(parse_weights("ternary-gamma-packed", "opt")) ==
        "ternary g128 gamma packed zeros 0.333");
  CHECK(describe(parse_weights("shiftadd-3bit-g128", "opt")) == "shiftadd-3bit block 8x16 k=3");
  CHECK(describe(parse_weights("bcq-4bit-g64", "opt")) == "bcq-4bit g64");
  CHECK(resolve_trace("opt-66b.generate-16.ternary").phases.size() == 16);
  CHECK(resolve_trace("opt-66b.generate-16.ternary").phases.back().context == 2048);
  CHECK(resolve_trace("llama-3-8b.decode.fp16").phases[0].context == 2048);
}

TEST_CASE("Short names that mean nothing are refused with the nearest that does") {
  const auto error = [](const std::string& name) { return message([&] { resolve_trace(name); }); };
  CHECK_THAT(error("opt-125.decode.fp16"), Contains("did you mean 'opt-125m'"));
  CHECK_THAT(error("opt-125m.deocde.fp16"), Contains("did you mean 'decode'"));
  CHECK_THAT(error("opt-125m.decode.shfitadd-3bit"), Contains("did you mean 'shiftadd-3bit'"));
  CHECK_THAT(error("opt-125m.decode-4096.fp16"),
             Contains("context: found '4096'; allowed: 1 to 2048"));
  CHECK_THAT(error("opt-125m.decode-0.fp16"), Contains("context: found '0'"));
  CHECK_THAT(error("opt-125m.prefill-9999.fp16"), Contains("tokens: found '9999'"));
  CHECK_THAT(error("opt-125m.generate-4096.fp16"), Contains("tokens"));
  CHECK_THAT(error("opt-125m.generate-2-2048.fp16"),
             Contains("context: found '2048'; allowed: 1 to 2047"));
  CHECK_THAT(error("nothing"), Contains("MODEL.PHASE.FORMAT"));
  CHECK_THAT(error(""), Contains("MODEL.PHASE.FORMAT"));
  CHECK_THAT(error(".."), Contains("found '..'"));
  CHECK_THAT(error("none.yaml"), Contains("no such file"));
  for (const char* bad : {"int-0bit", "int-9bit", "int-bit", "fp16-4bit", "shiftadd-3bit-g12",
                          "ternary-z101", "shiftadd-3bit-k9", "int-4bit-gamma", "bcq-3bit-packed",
                          "int-4bit-column", "int-4bit-", "fp16-x"})
    CHECK_THAT(message([&] { parse_weights(bad, "opt"); }), Contains("weights: found"));
}

TEST_CASE("Shipped traces are found by their bare name") {
  std::string bytes;
  const Trace trace = resolve_trace("opt-125m.decode.shiftadd-3bit", &bytes);
  CHECK(Document::read(std::string(ADDAX_SOURCE_DIR) +
                       "/traces/llm/opt-125m.decode.shiftadd-3bit.yaml")
            .bytes() == bytes);
  TraceOptions options;
  options.model = "opt-125m";
  options.phases = {"decode"};
  options.weights = "shiftadd-3bit";
  CHECK(make_trace(options).phases == trace.phases);
  CHECK(macs(resolve_trace("micro-linear")) == 4 * 16 * 2);
  CHECK(macs(resolve_trace("micro-attention")) == 64 + 96);
}

TEST_CASE("A bit allocation gives layers bits of their own, and splits runs of equal blocks") {
  const TemporaryText file(
      R"({"model.decoder.layers.1.self_attn.q_proj": {"bits": 2, "columnwise": true},
      "model.decoder.layers.1.fc2": {"bits": 4, "columnwise": false}, "block.5.k": 16})");
  TraceOptions options;
  options.model = "opt-125m";
  options.phases = {"decode-8"};
  options.weights = "shiftadd-3bit";
  options.bit_allocation = file.path();
  const Trace trace = make_trace(options);
  CHECK(trace.phases[0].blocks.size() == 2 + 5);  // 0, 1, 2-4, 5, 6-11 and both ends
  CHECK(first_linear(trace, "block.1", "q").weights.planes == 2);
  CHECK(first_linear(trace, "block.1", "fc2").weights.scales.sharing == ScaleSharing::kRow);
  CHECK(first_linear(trace, "block.2-4", "q").weights.planes == 3);
  CHECK(first_linear(trace, "block.5", "k").weights.kind == FormatKind::kFp16);
  options.weights = "ternary";
  CHECK_THAT(message([&] { make_trace(options); }), Contains("bits for int, bcq, shiftadd"));
  options.model = "opt-6.7b";
  options.weights = "shiftadd-3bit";
  CHECK_NOTHROW(make_trace(options));
  options.model = "bloom-3b";
  CHECK_THAT(message([&] { make_trace(options); }), Contains("the linear layers of bloom-3b"));
}

TEST_CASE("Faults of a bit allocation are refused") {
  const auto error = [](const std::string& text) {
    const TemporaryText file(text);
    return message([&] { read_bit_allocation(file.path()); });
  };
  CHECK_THAT(error("block.1.z: 3\n"), Contains("layers named block.N.NAME"));
  CHECK_THAT(error("block.x.q: 3\n"), Contains("layers named"));
  CHECK_THAT(error("block.1.q: 0\n"), Contains("found '0'"));
  CHECK_THAT(error("block.1.q: 9\n"), Contains("1 to 8, or 16"));
  CHECK_THAT(error("block.1.q: {bits: 2, colwise: true}\n"), Contains("columnwise"));
  CHECK_THAT(error("block.1.q: 2\nmodel.layers.1.self_attn.q_proj: 3\n"), Contains("has two"));
  CHECK_THAT(error("[1]"), Contains("a map"));
}

TEST_CASE("Formats of a trace can be replaced for a baseline") {
  const Trace trace = resolve_trace("opt-125m.decode.shiftadd-3bit");
  const Trace baseline =
      with_formats(trace, [](const Operation&, const Linear&) { return WeightFormat{}; });
  CHECK(macs(baseline) == macs(trace));
  CHECK(first_linear(baseline, "block.0-11", "q").weights.kind == FormatKind::kFp16);
}
