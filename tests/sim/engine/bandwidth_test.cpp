// SPDX-License-Identifier: Apache-2.0
// More bandwidth and the time of a layer. A mapping of least energy x delay may give time for energy
// where memory is faster, so that only a mapping that is given, or that is of least latency, must not
// be slower.
#include <algorithm>

#include "models/mapping/layer_planner.h"
#include "models/quantity/diagnosis.h"
#include "sim/engine/bounds.h"
#include "tests/catch.h"
#include "tests/sim/engine/random_designs.h"

using namespace addax;

namespace {

constexpr std::uint32_t kSeed = 20261122;

/// The design with more bandwidth: of DRAM, of the networks, between buffer and vector unit.
std::vector<arch::Architecture> faster(const arch::Architecture& design) {
  std::vector<arch::Architecture> all(3, design);
  all[0].dram.peak_bandwidth = quantity::BitsPerSecond(design.dram.peak_bandwidth.value() * 2.5);
  for (arch::Network* network : {&all[1].networks.activation, &all[1].networks.weight,
                                 &all[1].networks.psum, &all[1].networks.output})
    network->width_bits += 64;
  all[2].vector_unit.buffer_width_bits *= 2;
  return all;
}

quantity::Cycles longest(const arch::Architecture& design, const mapping::LayerPlan& plan) {
  const auto bounds = engine::bounds(design, plan, mapping::totals(plan));
  return *std::max_element(bounds.begin(), bounds.end());
}

search::Outcome least_latency(const arch::Architecture& design, const workload::Widths& widths,
                              const workload::Linear& linear) {
  mapping::Policy policy;
  policy.effort = mapping::Effort::kExhaustive;
  policy.objective = search::Objective::kLatency;
  policy.budget = 100'000;
  const mapping::ProductTask task = mapping::LayerPlanner(design, widths, policy).task(linear);
  return mapping::search_product({design, task.group, {}, policy.of(design, task.group)},
                                 task.product, task.kernel, policy)
      .outcome;
}

}  // namespace

TEST_CASE("in analytic more bandwidth is never slower for a given mapping, on random designs") {
  tests::RandomDesigns designs(kSeed);
  for (int planned = 0; planned < 400;) {
    const arch::Architecture design = designs.architecture();
    const workload::Trace trace = designs.trace();
    mapping::Planner planner(design, trace.widths);
    try {
      for (const mapping::LayerOfPhase& layer : planner.plan(trace.phases[0]))
        for (const arch::Architecture& other : faster(design))
          REQUIRE(longest(other, layer.layer->plan) <= longest(design, layer.layer->plan));
      ++planned;
    } catch (const quantity::Impossible&) {
      // Its buffer holds no tile.
    }
  }
}

TEST_CASE("with more bandwidth a least latency that is proven is no longer, on random designs") {
  tests::RandomDesigns designs(kSeed);
  constexpr double kRounding = 1.0 + 1e-9;
  int compared = 0, proven = 0;
  while (compared < 24) {
    const arch::Architecture design = designs.architecture();
    const workload::Trace trace = designs.trace();
    const auto* linear =
        std::get_if<workload::Linear>(&trace.phases[0].blocks[0].operations[0].work);
    if (linear == nullptr) continue;
    workload::Linear small = *linear;  // so that latencies can be proven
    small.tokens = std::min<std::uint64_t>(small.tokens, 2);
    small.outputs = std::min<std::uint64_t>(small.outputs, 8);
    small.inputs = std::min<std::uint64_t>(small.inputs, 16);
    const search::Outcome before = least_latency(design, trace.widths, small);
    if (!before.best) continue;
    std::vector<arch::Architecture> others = faster(design);
    others.pop_back();  // the vector unit takes no part in a product
    for (const arch::Architecture& other : others) {
      const search::Outcome after = least_latency(other, trace.widths, small);
      ++compared;
      REQUIRE(after.best);
      // What is proven of the faster design holds for the mapping of the slower one.
      REQUIRE(after.bound <= before.best->cost.cycles * kRounding);
      if (!after.proven) continue;
      ++proven;
      REQUIRE(after.best->cost.cycles <= before.best->cost.cycles * kRounding);
    }
  }
  CHECK(proven > compared / 2);
}
