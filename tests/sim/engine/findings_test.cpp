// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/findings.h"

#include <array>
#include <functional>
#include <set>

#include "models/quantity/diagnosis.h"
#include "sim/engine/engine.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "sim/input/trace_request.h"
#include "tests/catch.h"
#include "tests/sim/engine/random_designs.h"
#include "tests/sim/engine/timeless.h"

using namespace addax;
using engine::Fidelity;

namespace {

const cost::CostTable& table() {
  static const cost::CostTable read = input::read_complete_cost_table("physical-45nm");
  return read;
}

/// All that a run says of its layers, or why it cannot be.
std::string account(const arch::Architecture& architecture, const workload::Trace& trace,
                    engine::Options options) try {
  options.costs = &table();
  options.fast_budget = 400;
  std::string text;
  for (const result::LayerActivity& layer : engine::run(architecture, trace, options).layers) {
    text += layer.name + " " + layer.group + " " + layer.format + " " + layer.mapping + " " +
            layer.fidelity;
    for (const std::uint64_t number : {layer.cycles.value(), layer.passes, layer.dram_read_bits,
                                       layer.dram_write_bits, layer.dram_bursts, layer.macs})
      text += " " + std::to_string(number);
    for (const quantity::Cycles busy : layer.busy) text += " " + std::to_string(busy.value());
    text += " " + tests::differences(layer.actions, {}) + "\n";
  }
  return text;
} catch (const quantity::Impossible& impossible) {
  return impossible.diagnosis().path + ": " + impossible.diagnosis().value + "; " +
         impossible.diagnosis().message;
}

}  // namespace

TEST_CASE("No run depends on what runs before it have found out") {
  using Change = std::function<void(arch::Architecture&)>;
  const std::vector<Change> changes = {
      [](auto&) {},
      [](auto& a) { a.rows = 8; },
      [](auto& a) { a.groups[0].columns += 3; },
      [](auto& a) { a.groups[1].columns += 2; },
      [](auto& a) { a.groups[0].datapath.lut->key_bits = 4; },
      [](auto& a) { a.groups[0].weight_scratchpad.words *= 4; },
      [](auto& a) { a.buffer.banks *= 2; },
      [](auto& a) { a.networks.weight.width_bits *= 2; },
      [](auto& a) { a.networks.output.latency_cycles += 30; },
      [](auto& a) { a.dram.peak_bandwidth = quantity::BitsPerSecond(1e11); },
      [](auto& a) { a.clock = quantity::Hertz(9e8); },
      [](auto& a) { a.vector_unit.lanes *= 2; },
      [](auto& a) { a.write_queue = 7; },
  };
  engine::Findings findings;
  for (const bool again : {false, true})
    for (const Change& change : changes) {
      arch::Architecture architecture = input::read_architecture("eyeriss_shiftadd");
      change(architecture);
      for (const char* words : {"opt-125m.decode.shiftadd-3bit", "opt-125m.decode-64.fp16"})
        for (const Fidelity fidelity : {Fidelity::kAnalytic, Fidelity::kCycle})
          for (const auto objective : {search::Objective::kEdp, search::Objective::kEnergy}) {
            if (objective == search::Objective::kEnergy && fidelity == Fidelity::kCycle) continue;
            const workload::Trace trace = input::resolve_trace(words);
            engine::Options options;
            options.fidelity = fidelity;
            options.objective = objective;
            const std::string alone = account(architecture, trace, options);
            options.findings = &findings;
            CHECK(account(architecture, trace, options) == alone);
          }
      if (again) break;  // what was found long ago
    }
}

TEST_CASE("A product that another place has led to is told from the same mapped by itself") {
  const workload::Trace both = input::resolve_trace("opt-125m.decode.shiftadd-3bit");
  // Without the product that makes q, which is as large as that of k, though q is there all the same.
  workload::Trace one = both;
  auto& operations = one.phases.at(0).blocks.at(1).operations;
  REQUIRE(operations.at(1).name == "q");
  operations[1].work = operations.at(2).work;
  const arch::Architecture architecture = input::read_architecture("eyeriss_shiftadd");
  engine::Options options;
  options.fidelity = Fidelity::kAnalytic;
  engine::Findings findings;
  for (const workload::Trace* trace : std::array<const workload::Trace*, 3>{&both, &one, &both}) {
    options.findings = nullptr;
    const std::string alone = account(architecture, *trace, options);
    options.findings = &findings;
    CHECK(account(architecture, *trace, options) == alone);
  }
}

TEST_CASE("Layers whose weights differ in the last digit of their zeros are two") {
  workload::Trace trace = input::resolve_trace("opt-125m.decode-64.ternary");
  const arch::Architecture architecture = input::read_architecture("eyeriss_ternary");
  engine::Options options;
  options.fidelity = Fidelity::kAnalytic;
  engine::Findings findings;
  std::set<std::string> accounts;
  for (const double zeros : {0.5, 0.50001, 0.5000002}) {
    for (workload::Block& block : trace.phases.at(0).blocks)
      for (workload::Operation& operation : block.operations)
        if (auto* linear = std::get_if<workload::Linear>(&operation.work))
          if (linear->weights.kind == workload::FormatKind::kTernary) {
            linear->weights.zero_fraction = zeros;
            linear->inputs = linear->outputs = 8192;
          }
    options.findings = nullptr;
    const std::string alone = account(architecture, trace, options);
    CHECK(accounts.insert(alone).second);
    options.findings = &findings;
    CHECK(account(architecture, trace, options) == alone);
  }
}

TEST_CASE("Mappings that follow one dataflow are not taken for those of another") {
  const arch::Architecture architecture = input::read_architecture("eyeriss_fp16");
  const workload::Trace trace = input::resolve_trace("opt-125m.decode-64.fp16");
  engine::Findings findings;
  for (const bool again : {false, true})
    for (const char* dataflow : {"", "output-stationary", "weight-stationary"}) {
      engine::Options options;
      options.fidelity = Fidelity::kAnalytic;
      if (*dataflow) options.constraints = mapping::named_dataflow(dataflow);
      const std::string alone = account(architecture, trace, options);
      const std::size_t known = findings.layers.size();
      options.findings = &findings;
      CHECK(account(architecture, trace, options) == alone);
      CHECK((findings.layers.size() > known) != again);
    }
}

TEST_CASE("Random runs one after another do not depend on each other") {
  tests::RandomDesigns designs(20);
  engine::Findings findings;
  int ran = 0;
  arch::Architecture architecture = designs.architecture();
  for (int i = 0; i < 60; ++i) {
    if (i % 4 == 0) architecture = designs.architecture();
    const workload::Trace trace = designs.trace();
    engine::Options options;
    if (i % 3 == 0) options.fidelity = Fidelity::kAnalytic;
    const std::string alone = account(architecture, trace, options);
    options.findings = &findings;
    for (int again = 0; again < 2; ++again) CHECK(account(architecture, trace, options) == alone);
    ran += alone.find("; ") == std::string::npos ? 0 : 1;
  }
  CHECK(ran > 0);
}

TEST_CASE("Layers that do not see what has changed are neither planned nor simulated again") {
  engine::Findings findings;
  engine::Options options;
  options.findings = &findings;
  const workload::Trace trace = input::resolve_trace("opt-125m.decode-64.fp16");
  arch::Architecture architecture = input::read_architecture("eyeriss_shiftadd");
  account(architecture, trace, options);
  const std::size_t layers = findings.layers.size(), outcomes = findings.outcomes.size();
  CHECK(layers > 5);
  CHECK(outcomes == layers);
  ++architecture.groups[0].datapath.units.at(0).latency_cycles;  // of the columns with tables
  account(architecture, trace, options);
  CHECK(findings.layers.size() == layers);
  CHECK(findings.outcomes.size() == outcomes);
  ++architecture.rows;
  account(architecture, trace, options);
  CHECK(findings.layers.size() > layers);
}

TEST_CASE("Layers that a run simulates each time are simulated each time") {
  engine::Findings findings;
  engine::Options options;
  options.findings = &findings;
  options.reuse_equal_layers = false;
  account(input::read_architecture("eyeriss_fp16"), input::resolve_trace("opt-125m.decode-64.fp16"),
          options);
  CHECK(findings.outcomes.size() == 0);
}
