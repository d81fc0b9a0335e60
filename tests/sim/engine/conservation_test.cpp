// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "models/quantity/diagnosis.h"
#include "sim/engine/engine.h"
#include "tests/catch.h"
#include "tests/sim/engine/random_designs.h"
#include "tests/sim/engine/timeless.h"

using namespace addax;
using action::Component;
using action::Verb;
using tests::differences;
using tests::timeless;

namespace {

constexpr int kCases = 1200;
constexpr std::uint32_t kSeed = 20261122;

/// Bits that a linear layer has to move over DRAM when everything but its weights stays on chip.
std::uint64_t stored_weight_bits(const workload::Trace& trace) {
  std::uint64_t bits = 0;
  for (const workload::Block& block : trace.phases[0].blocks)
    for (const workload::Operation& op : block.operations)
      if (const auto* linear = std::get_if<workload::Linear>(&op.work)) {
        const auto stored = workload::stored_bits(linear->weights, linear->inputs, linear->outputs);
        bits += (stored.codes + stored.scales).value() * linear->copies * block.repeat;
      }
  return bits;
}

struct Case {
  arch::Architecture architecture;
  workload::Trace trace;
  result::Activity activity;
};

constexpr engine::Fidelity kCycle = engine::Fidelity::kCycle;
constexpr engine::Fidelity kAnalytic = engine::Fidelity::kAnalytic;

engine::Options options(engine::Fidelity fidelity, bool reuse_equal_layers = true) {
  engine::Options made;
  made.fidelity = fidelity;
  made.reuse_equal_layers = reuse_equal_layers;
  made.fast_budget = 500;  // any mapping does
  return made;
}

/// Random designs whose buffer holds at least one tile, run; `skipped` counts the others.
std::vector<Case> runnable_cases(int count, engine::Fidelity fidelity, int* skipped) {
  tests::RandomDesigns designs(kSeed);
  std::vector<Case> cases;
  *skipped = 0;
  while (static_cast<int>(cases.size()) < count) {
    Case one{designs.architecture(), designs.trace(), {}};
    try {
      one.activity = engine::run(one.architecture, one.trace, options(fidelity));
      cases.push_back(std::move(one));
    } catch (const quantity::Impossible&) {
      ++*skipped;
    }
  }
  return cases;
}

std::uint64_t dram_words(const result::LayerActivity& layer, Verb verb) {
  return layer.actions.total(Component::kDram, verb);
}

}  // namespace

TEST_CASE(
    "cycle and analytic agree on every action but those that follow time, on random designs") {
  int skipped = 0;
  const std::vector<Case> cases = runnable_cases(kCases, kCycle, &skipped);
  INFO("seed " << kSeed << ", " << skipped << " designs too small for any tile");
  CHECK(skipped < kCases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const result::Activity& cycle = cases[i].activity;
    const result::Activity analytic =
        engine::run(cases[i].architecture, cases[i].trace, options(kAnalytic));
    REQUIRE(cycle.layers.size() == analytic.layers.size());
    for (std::size_t l = 0; l < cycle.layers.size(); ++l) {
      const result::LayerActivity& c = cycle.layers[l];
      const result::LayerActivity& a = analytic.layers[l];
      INFO("seed " << kSeed << " case " << i << " layer " << c.name << " " << c.format << " "
                   << c.mapping);
      INFO(differences(timeless(c.actions), timeless(a.actions)));
      REQUIRE(timeless(c.actions) == timeless(a.actions));
      REQUIRE(c.arithmetic == a.arithmetic);
      REQUIRE(c.repeated == a.repeated);
      REQUIRE(c.dram_read_bits == a.dram_read_bits);
      REQUIRE(c.dram_write_bits == a.dram_write_bits);
      REQUIRE(c.passes == a.passes);
      // Lower bounds, one by one.
      REQUIRE(c.cycles >= a.cycles);
      for (const quantity::Cycles bound : c.busy) REQUIRE(c.cycles >= bound);
    }
  }
}

TEST_CASE(
    "arithmetic is the layer's count plus what is reported as done again, on random designs") {
  int skipped = 0;
  for (const Case& one : runnable_cases(kCases, kCycle, &skipped)) {
    for (const result::LayerActivity& layer : one.activity.layers) {
      INFO("seed " << kSeed << " layer " << layer.name << " " << layer.format);
      workload::ArithmeticCounts expected = layer.arithmetic;
      expected.add(layer.repeated);
      for (std::size_t a = 0; a < expected.operations.size(); ++a) {
        const auto arithmetic = static_cast<arith::Arithmetic>(a);
        // Adds of table generators are counted beside the layer's own.
        std::uint64_t of_generators = 0;
        for (const auto& [action, count] : layer.actions.all())
          if (action.component == Component::kLut && action.arithmetic == arithmetic)
            of_generators += count;
        REQUIRE(layer.actions.total(arithmetic) - of_generators == expected.operations[a]);
      }
      REQUIRE(layer.actions.total(Component::kLut, Verb::kRead) == expected.lut_queries);
    }
  }
}

TEST_CASE(
    "what enters the chip is read from DRAM once at least, and fills the buffer, on random "
    "designs") {
  int skipped = 0;
  for (const Case& one : runnable_cases(kCases, kCycle, &skipped)) {
    std::uint64_t read = 0;
    for (const result::LayerActivity& layer : one.activity.layers) {
      INFO("seed " << kSeed << " layer " << layer.name << " " << layer.format);
      read += layer.dram_read_bits;
      REQUIRE(dram_words(layer, Verb::kRead) == layer.dram_read_bits);
      REQUIRE(dram_words(layer, Verb::kWrite) == layer.dram_write_bits);
      // Every bit read from DRAM is written to the buffer; every bit written comes from it.
      const std::uint64_t width = one.architecture.buffer.width_bits;
      REQUIRE(layer.actions.total(Component::kBuffer, Verb::kWrite) * width >=
              layer.dram_read_bits);
      REQUIRE(layer.actions.total(Component::kBuffer, Verb::kRead) * width >=
              layer.dram_write_bits);
      // What the array takes was in the buffer, what the networks carry left it.
      REQUIRE(layer.actions.total(Component::kBuffer, Verb::kRead) * width >=
              layer.actions.total(Component::kActivationNetwork, Verb::kTransfer) +
                  layer.actions.total(Component::kWeightNetwork, Verb::kTransfer) +
                  layer.actions.total(Component::kPsumNetwork, Verb::kTransfer));
      REQUIRE(layer.dram_bursts * one.architecture.dram.burst_bits >=
              layer.dram_read_bits + layer.dram_write_bits);
    }
    REQUIRE(read >= stored_weight_bits(one.trace));
  }
}

TEST_CASE(
    "tensors cross DRAM whole: bits in are sweeps over weights and inputs, bits out are the output "
    "or none, on random designs") {
  int skipped = 0, linears = 0;
  for (const Case& one : runnable_cases(kCases, kCycle, &skipped)) {
    const workload::Block& block = one.trace.phases[0].blocks[0];
    const auto* linear = std::get_if<workload::Linear>(&block.operations[0].work);
    if (linear == nullptr) continue;
    ++linears;
    const result::LayerActivity& layer = one.activity.layers[0];
    INFO("seed " << kSeed << " " << layer.format << " " << layer.mapping);
    const std::uint64_t weights = stored_weight_bits(one.trace) / block.repeat;
    const std::uint64_t inputs = linear->tokens * linear->inputs * linear->copies * 16;
    const std::uint64_t outputs = linear->tokens * linear->outputs * linear->copies * 16;
    const std::uint64_t read = layer.dram_read_bits / block.repeat;
    bool whole = false;
    for (std::uint64_t sweeps = 1; sweeps * weights <= read && !whole; ++sweeps)
      whole = (read - sweeps * weights) % inputs == 0;
    REQUIRE(whole);
    const std::uint64_t written = layer.dram_write_bits / block.repeat;
    REQUIRE((written == 0 || written == outputs));
  }
  REQUIRE(linears > kCases / 2);
}

TEST_CASE("simulating equal layers again changes nothing") {
  int skipped = 0;
  for (const Case& one : runnable_cases(60, kCycle, &skipped)) {
    const result::Activity& once = one.activity;
    const result::Activity again = engine::run(one.architecture, one.trace, options(kCycle, false));
    REQUIRE(once.cycles == again.cycles);
    for (std::size_t l = 0; l < once.layers.size(); ++l)
      REQUIRE(once.layers[l].actions == again.layers[l].actions);
  }
}
