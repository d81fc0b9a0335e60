// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/baseline.h"
#include "sim/engine/engine.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "sim/input/trace_request.h"
#include "tests/catch.h"
#include "tests/sim/input/values_files.h"

using namespace addax;
using arith::Arithmetic;

namespace {

constexpr std::uint64_t kTokens = 3, kInputs = 48, kOutputs = 40;

/// A ternary layer beside a matrix in which every seventh weight is zero, named or not.
workload::Trace trace(const tests::ValuesFolder& folder, bool with_values,
                      const std::string& repeat = "1") {
  std::vector<std::uint16_t> codes;
  for (std::uint64_t i = 0; i < kInputs * kOutputs; ++i)
    codes.push_back(static_cast<std::uint16_t>(i % 7 == 0 ? 0 : i % 2 == 0 ? 1 : 3));
  folder.write("w", tests::ternary(kOutputs, kInputs, codes));
  folder.write("t.yaml", tests::trace_of(std::string("tokens: 3, inputs: 48, outputs: 40, weights: "
                                                     "{kind: ternary, zero_fraction: 0.5, scales: "
                                                     "{sharing: tensor}}") +
                                             (with_values ? ", values: {weights: w}" : ""),
                                         "16", repeat));
  return input::resolve_trace(folder.path("t.yaml"));
}

constexpr std::uint64_t kZeros = (kInputs * kOutputs + 6) / 7;  // 0, 7, ..., 1918: 275 of 1920

result::Activity replay(const arch::Architecture& architecture, const workload::Trace& trace,
                        engine::Fidelity fidelity) {
  engine::Options options;
  options.fidelity = fidelity;
  return engine::run(architecture, trace, options);
}

constexpr engine::Fidelity kFidelities[] = {engine::Fidelity::kCycle, engine::Fidelity::kAnalytic};

}  // namespace

TEST_CASE("Counted zeros change the energy of a run by that of the adds, and nothing else") {
  const tests::ValuesFolder folder;
  const arch::Architecture architecture = input::read_architecture("eyeriss_ternary");
  const cost::CostTable table = input::read_complete_cost_table("physical-45nm");
  const double add_pj =
      cost::PriceList(table, architecture)
          .of({action::Component::kArray, action::Verb::kCompute, 1, 0, Arithmetic::kFp32Add})
          .energy.value();
  for (const engine::Fidelity fidelity : kFidelities) {
    result::Activity declared = replay(architecture, trace(folder, false), fidelity);
    result::Activity counted = replay(architecture, trace(folder, true), fidelity);
    const auto adds = [](const result::Activity& a) {
      return a.layers.at(0).arithmetic[Arithmetic::kFp32Add];
    };
    // 960 zeros were declared; one scaling an output and token beside the adds of weights.
    CHECK(adds(declared) == kTokens * (1920 - 960) + kTokens * kOutputs);
    CHECK(adds(counted) == kTokens * (1920 - kZeros) + kTokens * kOutputs);
    CHECK(declared.cycles == counted.cycles);
    const auto energy = [&](result::Activity activity) {
      return result::evaluate(std::move(activity), architecture, "t", table)
          .totals.energy.value.value();
    };
    const double more = static_cast<double>(kTokens * (960 - kZeros)) * add_pj;
    CHECK(energy(counted) - energy(declared) == Approx(more).epsilon(1e-9));
  }
}

TEST_CASE("Counted zeros save cycles where a datapath skips them in time") {
  const tests::ValuesFolder folder;
  arch::Architecture architecture = input::read_architecture("eyeriss_ternary");
  architecture.groups[0].datapath.skips_zeros_in_time = true;
  for (const engine::Fidelity fidelity : kFidelities) {
    const auto compute = [&](const workload::Trace& each) {
      return replay(architecture, each, fidelity)
          .layers.at(0)
          .busy[static_cast<std::size_t>(result::Resource::kCompute)];
    };
    // 86 % of the weights are there instead of 50 %.
    CHECK(compute(trace(folder, true)).value() > compute(trace(folder, false)).value());
  }
}

TEST_CASE("Layers that differ in nothing but their zeros are layers of their own") {
  const tests::ValuesFolder folder;
  workload::Trace both = trace(folder, true);
  workload::Block other = both.phases[0].blocks[0];
  other.name = "other";
  auto& linear = std::get<workload::Linear>(other.operations[0].work);
  // Too little of a change for the share of zeros in words.
  linear.counted_zeros = kZeros + 1;
  both.phases[0].blocks.push_back(other);
  const auto activity =
      replay(input::read_architecture("eyeriss_ternary"), both, engine::Fidelity::kAnalytic);
  CHECK(activity.layers.at(0).arithmetic[Arithmetic::kFp32Add] -
            activity.layers.at(1).arithmetic[Arithmetic::kFp32Add] ==
        kTokens);
}

TEST_CASE("Values of a repeated block stand for all repetitions") {
  const tests::ValuesFolder folder;
  const auto activity = replay(input::read_architecture("eyeriss_ternary"),
                               trace(folder, true, "5"), engine::Fidelity::kAnalytic);
  CHECK(activity.layers.at(0).arithmetic[Arithmetic::kFp32Add] ==
        5 * (kTokens * (1920 - kZeros) + kTokens * kOutputs));
}

TEST_CASE("A baseline has none of the values of its design") {
  const tests::ValuesFolder folder;
  for (const auto kind : {engine::BaselineKind::kFp16, engine::BaselineKind::kSameBits}) {
    const workload::Trace baseline = engine::baseline_trace(trace(folder, true), kind);
    CHECK(baseline.phases == engine::baseline_trace(trace(folder, false), kind).phases);
  }
}
