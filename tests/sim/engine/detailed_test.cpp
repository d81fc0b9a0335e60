// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <random>
#include <sstream>

#include "models/quantity/diagnosis.h"
#include "models/values/pseudo_random.h"
#include "sim/engine/engine.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/trace_request.h"
#include "tests/catch.h"
#include "tests/sim/engine/random_designs.h"
#include "tests/sim/engine/timeless.h"

using namespace addax;
using engine::Fidelity;

namespace {

engine::Options options(Fidelity fidelity) {
  engine::Options made;
  made.fidelity = fidelity;
  made.fast_budget = 500;  // any mapping does
  return made;
}

/// Two products in FP16 of one input, the second with three outputs more; each twice.
workload::Trace products(std::uint64_t tokens, std::uint64_t inputs, std::uint64_t outputs) {
  workload::Trace trace;
  trace.name = "products";
  workload::Phase phase;
  phase.name = "prefill";
  phase.kind = workload::PhaseKind::kPrefill;
  phase.new_tokens = tokens;
  workload::Block block;
  block.name = "block";
  block.repeat = 2;
  const auto add = [&](const char* name, std::uint64_t n, const char* writes) {
    const workload::WeightFormat format = workload::default_format(workload::FormatKind::kFp16, 0);
    block.operations.push_back(
        {name,
         "linear",
         workload::Linear{tokens, inputs, n, 1, workload::LinearRole::kMlp, format},
         {"x"},
         writes});
  };
  add("up", outputs, "y");
  add("side", outputs + 3, "z");
  phase.blocks.push_back(block);
  trace.phases.push_back(phase);
  return trace;
}

const arch::Architecture& fp16_array() {
  static const arch::Architecture array = input::read_architecture("eyeriss_fp16");
  return array;
}

/// What `cycle` and `detailed` say of a trace. All actions that do not follow time must agree.
struct Both {
  result::Activity cycle, detailed;
};
Both both(const arch::Architecture& architecture, const workload::Trace& trace) {
  Both made{engine::run(architecture, trace, options(Fidelity::kCycle)),
            engine::run(architecture, trace, options(Fidelity::kDetailed))};
  REQUIRE(made.cycle.layers.size() == made.detailed.layers.size());
  for (std::size_t i = 0; i < made.cycle.layers.size(); ++i) {
    const result::LayerActivity& c = made.cycle.layers[i];
    const result::LayerActivity& d = made.detailed.layers[i];
    INFO(d.name << " on " << architecture.rows << " rows, " << d.mapping);
    INFO(tests::differences(tests::timeless(c.actions), tests::timeless(d.actions)));
    REQUIRE(tests::timeless(c.actions) == tests::timeless(d.actions));
    REQUIRE(c.repeated == d.repeated);
    REQUIRE(c.dram_bursts == d.dram_bursts);
    REQUIRE(c.passes == d.passes);
    REQUIRE(c.fidelity == "cycle");
    if (d.fidelity == "cycle") REQUIRE(c.cycles == d.cycles);
  }
  return made;
}

std::string refusal(const arch::Architecture& architecture, const workload::Trace& trace,
                    const engine::Watch& watch) {
  engine::Options wanted = options(Fidelity::kDetailed);
  wanted.watch = watch;
  try {
    engine::run(architecture, trace, wanted);
  } catch (const quantity::Impossible& impossible) {
    const quantity::Diagnosis& diagnosis = impossible.diagnosis();
    return diagnosis.path + ": " + diagnosis.value + ": " + diagnosis.message;
  }
  return "";
}

/// Takes what comes before the first pass ends, and no more.
class FullDisk final : public std::streambuf {
 protected:
  int_type overflow(int_type next) override {
    if (++bytes_ > 300) throw std::runtime_error("full");
    return next;
  }

 private:
  int bytes_ = 0;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("detailed does what cycle does, in about the same time, where it has a model") {
  const Both runs = both(fp16_array(), products(4, 256, 128));
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(runs.detailed.layers[i].fidelity == "detailed");
    const auto exact = static_cast<double>(runs.detailed.layers[i].cycles.value());
    const auto simple = static_cast<double>(runs.cycle.layers[i].cycles.value());
    INFO(simple << " and " << exact);
    CHECK(std::abs(simple - exact) <= 0.05 * exact);
  }
  CHECK(runs.detailed.notes.front() == "detailed: 4 of 4 layers");
}

TEST_CASE("detailed says which layers it left to cycle") {
  const Both micro = both(fp16_array(), input::resolve_trace("micro-attention"));
  CHECK(micro.detailed.notes.front() ==
        "detailed: 3 of 6 layers; the others by cycle: kv_write, attention");
  const Both mixed =
      both(input::read_architecture("eyeriss_lutgemm"), input::resolve_trace("micro-linear"));
  CHECK(mixed.detailed.layers[0].fidelity == "detailed");
  CHECK(mixed.detailed.layers[1].fidelity == "detailed");
  for (const Fidelity fidelity : {Fidelity::kAnalytic, Fidelity::kCycle}) {
    const result::Activity activity =
        engine::run(fp16_array(), products(1, 8, 8), options(fidelity));
    CHECK(activity.layers[0].fidelity == name(fidelity));
    CHECK(activity.notes.empty());
  }
}

TEST_CASE("detailed and cycle agree on every action but those that follow time, on random designs",
          "[slow]") {
  tests::RandomDesigns designs(20261125);
  for (int clocked = 0; clocked < 150;) {
    const arch::Architecture architecture = designs.architecture();
    const workload::Trace trace = designs.trace();
    try {
      for (const result::LayerActivity& layer : both(architecture, trace).detailed.layers)
        clocked += layer.fidelity == "detailed" ? 1 : 0;
    } catch (const quantity::Impossible&) {
      continue;  // too small for any tile
    }
  }
}

TEST_CASE("detailed runs on networks that are narrower than a word") {
  arch::Architecture narrow = fp16_array();
  narrow.networks = {{8, 1}, {12, 1}, {20, 1}, {5, 1}};
  CHECK(both(narrow, products(3, 64, 20)).detailed.layers[0].fidelity == "detailed");
}

TEST_CASE("what cannot be written ends a detailed run as what it is") {
  FullDisk disk;
  std::ostream stream(&disk);
  stream.exceptions(std::ios::badbit);
  engine::Options watching = options(Fidelity::kDetailed);
  watching.watch.timeline = &stream;
  try {
    engine::run(fp16_array(), products(8, 200, 100), watching);
    FAIL("ran to its end");
  } catch (const std::runtime_error& error) {
    CHECK(std::string(error.what()) == "full");
  }
}

TEST_CASE("watching a run changes nothing in it") {
  const workload::Trace trace = products(4, 70, 40);
  const result::Activity plain = engine::run(fp16_array(), trace, options(Fidelity::kDetailed));
  for (const bool reuse : {true, false}) {
    std::ostringstream signals, timeline;
    engine::OutputMatrix outputs;
    engine::Options watching = options(Fidelity::kDetailed);
    watching.reuse_equal_layers = reuse;
    watching.watch = {"side", &signals, {"network.*", "pe[1][2].busy"}, &timeline, &outputs};
    const result::Activity watched = engine::run(fp16_array(), trace, watching);
    for (std::size_t i = 0; i < plain.layers.size(); ++i) {
      CHECK(plain.layers[i].cycles == watched.layers[i].cycles);
      CHECK(plain.layers[i].actions == watched.layers[i].actions);
    }
    CHECK(outputs.outputs == 43);
    CHECK(contains(signals.str(), "$comment prefill, block, side $end"));
  }
}

TEST_CASE("the outputs of detailed are the product of its pseudo-random halves") {
  constexpr std::uint64_t kTokens = 3, kInputs = 100, kOutputs = 50;
  engine::OutputMatrix outputs;
  engine::Options watching = options(Fidelity::kDetailed);
  watching.watch.outputs = &outputs;
  engine::run(fp16_array(), products(kTokens, kInputs, kOutputs), watching);
  REQUIRE(outputs.tokens == kTokens);
  REQUIRE(outputs.outputs == kOutputs);
  const workload::Trace trace = products(kTokens, kInputs, kOutputs);
  const auto& linear = std::get<workload::Linear>(trace.phases[0].blocks[0].operations[0].work);
  const values::LayerValues operands = values::pseudo_random(linear, trace.widths, 20261123);
  const auto halves = [](const auto& words, const auto& bits_of) {
    std::vector<double> numbers;
    for (const auto& word : words)
      numbers.push_back(static_cast<double>(arith::to_fp32({bits_of(word)})));
    return numbers;
  };
  const std::vector<double> x = halves(std::get<std::vector<arith::Fp16>>(*operands.activations),
                                       [](arith::Fp16 word) { return word.bits; });
  const std::vector<double> w =
      halves(operands.weights.front().codes, [](std::uint16_t word) { return word; });
  for (std::uint64_t m = 0; m < kTokens; ++m)
    for (std::uint64_t n = 0; n < kOutputs; ++n) {
      double sum = 0.0, magnitude = 0.0;
      for (std::uint64_t k = 0; k < kInputs; ++k) {
        sum += x[m * kInputs + k] * w[n * kInputs + k];
        magnitude += std::abs(x[m * kInputs + k] * w[n * kInputs + k]);
      }
      // Each product and the result are rounded to a half, by 2^-11 of them at most.
      const auto y = static_cast<double>(arith::to_fp32(outputs.values[m * kOutputs + n]));
      CHECK(std::abs(y - sum) <= (magnitude + std::abs(sum)) * 0x1.01p-11);
    }
}

TEST_CASE("A layer that is not clocked is refused with the reason") {
  workload::Trace trace = products(1, 8, 8);
  auto& operations = trace.phases[0].blocks[0].operations;
  auto& up = std::get<workload::Linear>(operations[0].work).weights;
  auto& side = std::get<workload::Linear>(operations[1].work).weights;
  up = workload::default_format(workload::FormatKind::kTernary, 0);
  up.gamma = true;
  std::ostringstream stream;
  engine::Watch watch;
  watch.signals = &stream;
  watch.layer = "block/up";
  const arch::Architecture array = input::read_architecture("eyeriss_shiftadd");
  const std::string reason =
      "ternary weights with an offset (gamma) and one scale for all 8 inputs";
  CHECK(refusal(array, trace, watch) ==
        "--layer: block/up: a layer that is clocked PE by PE: block/side; block/up is none: " +
            reason);
  side = up;
  for (const char* layer : {"", "up"}) {
    watch.layer = layer;
    CHECK(refusal(array, trace, watch) ==
          "--fidelity: detailed, and no layer that is clocked PE by PE (side: " + reason +
              "; up: " + reason +
              "): with --vcd, --timeline or --values a trace with a linear layer in another format "
              "or width");
  }
}

TEST_CASE("detailed refuses what it cannot show, and what would take too long, before it begins") {
  std::ostringstream stream;
  engine::Watch watch;
  watch.signals = &stream;
  watch.layer = "down";
  CHECK(refusal(fp16_array(), products(1, 8, 8), watch) ==
        "--layer: down: a layer that is clocked PE by PE: side, up");
  watch.layer = "up";
  watch.patterns = {"dram.*", "pe[12][0].*"};
  const std::string signals = refusal(fp16_array(), products(1, 8, 8), watch);
  for (const char* part :
       {"--signals: pe[12][0].*: ", "buffer.stream.left", "pe[0][0].busy", "pe[11][13]"})
    CHECK(contains(signals, part));
  CHECK(contains(refusal(input::read_architecture("eyeriss_fp16_sum16"),
                         input::resolve_trace("micro-norm"), watch),
                 "no layer that is clocked"));
  const std::string long_run = refusal(fp16_array(), products(20'000, 2'000, 2'000), {});
  INFO(long_run);
  for (const char* part : {"phases[0].blocks[0].operations[0]: layer up", "--fidelity cycle"})
    CHECK(contains(long_run, part));
  CHECK(stream.str().empty());
}
