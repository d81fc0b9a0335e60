// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/engine.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "models/mapping/planner.h"
#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"
#include "sim/engine/actions.h"
#include "sim/engine/prices.h"
#include "sim/engine/runner.h"

namespace addax::engine {

using quantity::checked_add;
using quantity::checked_mul;
using quantity::Cycles;
using result::LayerActivity;

namespace {

/// Passes of a layer, all repetitions, where equal layers are simulated again.
constexpr std::uint64_t kMostRepeatedPasses = 10 * mapping::kMostPasses;

/// counted - own, which must not be negative.
workload::ArithmeticCounts difference(const workload::ArithmeticCounts& counted,
                                      const workload::ArithmeticCounts& own) {
  workload::ArithmeticCounts more;
  const auto subtract = [](std::uint64_t a, std::uint64_t b, const char* what) {
    ADDAX_CHECK(a >= b, std::string(what) + " " + std::to_string(a) + " < " + std::to_string(b));
    return a - b;
  };
  for (std::size_t i = 0; i < own.operations.size(); ++i)
    more.operations[i] = subtract(counted.operations[i], own.operations[i],
                                  arith::name(static_cast<arith::Arithmetic>(i)));
  more.lut_queries = subtract(counted.lut_queries, own.lut_queries, "queries");
  more.lut_tables = subtract(counted.lut_tables, own.lut_tables, "tables");
  return more;
}

std::optional<result::Retention> retention(const mapping::PlannedLayer& layer,
                                           const workload::ArithmeticCounts& counted) {
  if (counted.lut_queries == 0) return std::nullopt;
  const auto* plan = std::get_if<mapping::ProductPlan>(&layer.plan);
  ADDAX_CHECK(plan != nullptr, layer.description);
  const mapping::Kernel& kernel = plan->dataflow.kernel();
  result::Retention kept;
  kept.distinct = layer.array_arithmetic.lut_tables;
  kept.built = counted.lut_tables;
  kept.queries = counted.lut_queries;
  if (kernel.how.scale_placement == workload::ScalePlacement::kAfterQuery)
    kept.planes = kernel.format.planes;
  kept.output_tiles = 0;
  for (const mapping::TileKind& kind :
       mapping::tile_kinds_along(plan->problem, plan->nest, mapping::Role::kOutput))
    kept.output_tiles += kind.count;
  return kept;
}

LayerActivity describe(const arch::Architecture& architecture, const workload::Widths& widths,
                       const mapping::PlannedLayer& layer, Outcome outcome) {
  LayerActivity activity;
  // Passes count an add for every weight; the PEs skip those of zero weights.
  outcome.totals.array_arithmetic[workload::accumulate(widths)] -= layer.skipped_adds;
  activity.format = layer.format;
  if (outcome.totals.array_cycles.value() > 0)
    activity.group = architecture.groups[layer.group].name;
  activity.macs = layer.macs;
  activity.cycles = outcome.cycles;
  activity.passes = outcome.totals.passes;
  activity.dram_read_bits = outcome.totals.dram_read_bits;
  activity.dram_write_bits = outcome.totals.dram_write_bits;
  activity.dram_bursts = outcome.dram_bursts;
  activity.busy = outcome.busy;
  const auto longest = std::max_element(outcome.busy.begin(), outcome.busy.end());
  activity.bound_by = static_cast<result::Resource>(longest - outcome.busy.begin());
  activity.arithmetic = layer.array_arithmetic;
  activity.arithmetic.add(layer.vector_arithmetic);
  activity.repeated = difference(outcome.totals.array_arithmetic, layer.array_arithmetic);
  if (const auto* plan = std::get_if<mapping::ProductPlan>(&layer.plan))
    activity.realisation = plan->dataflow.kernel().how;
  activity.retention = retention(layer, outcome.totals.array_arithmetic);
  if (std::holds_alternative<mapping::AttentionPlan>(layer.plan)) {
    activity.padding_macs = activity.repeated[arith::Arithmetic::kFp16Multiply];
  }
  activity.mapping = layer.description;
  activity.actions = actions(architecture, layer, outcome.totals, outcome.cycles);
  return activity;
}

/// One instance's figures, `repeat` times.
LayerActivity times(LayerActivity a, std::uint64_t repeat) {
  a.repeat = repeat;
  a.macs = checked_mul(a.macs, repeat);
  a.cycles = Cycles(checked_mul(a.cycles.value(), repeat));
  a.passes = checked_mul(a.passes, repeat);
  a.dram_read_bits = checked_mul(a.dram_read_bits, repeat);
  a.dram_write_bits = checked_mul(a.dram_write_bits, repeat);
  a.dram_bursts = checked_mul(a.dram_bursts, repeat);
  a.padding_macs = checked_mul(a.padding_macs, repeat);
  if (a.retention) {
    a.retention->distinct = checked_mul(a.retention->distinct, repeat);
    a.retention->built = checked_mul(a.retention->built, repeat);
    a.retention->queries = checked_mul(a.retention->queries, repeat);
  }
  for (Cycles& busy : a.busy) busy = Cycles(checked_mul(busy.value(), repeat));
  const auto scale = [repeat](const auto& one) {
    std::decay_t<decltype(one)> all;
    all.add(one, repeat);
    return all;
  };
  a.arithmetic = scale(a.arithmetic);
  a.repeated = scale(a.repeated);
  a.actions = scale(a.actions);
  return a;
}

std::uint64_t layers_in(const workload::Trace& trace) {
  std::uint64_t all = 0;
  for (const workload::Phase& phase : trace.phases)
    for (const workload::Block& block : phase.blocks) all += block.operations.size() * block.repeat;
  return all;
}

/// Null: no linear layer.
const workload::Linear* linear_of(const workload::Block& block, const std::string& name) {
  for (const workload::Operation& operation : block.operations)
    if (operation.name == name) return std::get_if<workload::Linear>(&operation.work);
  return nullptr;
}

Phases plan_all(mapping::Planner& planner, const workload::Trace& trace) {
  Phases phases;
  for (std::size_t p = 0; p < trace.phases.size(); ++p) {
    try {
      phases.push_back(planner.plan(trace.phases[p]));
    } catch (const quantity::Impossible& impossible) {
      quantity::Diagnosis diagnosis = impossible.diagnosis();
      diagnosis.path = "phases[" + std::to_string(p) + "]." + diagnosis.path;
      throw quantity::Impossible(diagnosis);
    }
  }
  return phases;
}

/// How many layers were clocked, and what the others are.
std::string clocked_note(const std::vector<LayerActivity>& layers) {
  std::uint64_t all = 0, clocked = 0;
  std::vector<std::string> others;
  for (const LayerActivity& layer : layers) {
    all += layer.repeat;
    if (layer.fidelity == name(Fidelity::kDetailed)) {
      clocked += layer.repeat;
      continue;
    }
    const std::string what = layer.kind + (layer.format.empty() ? "" : " in " + layer.format);
    if (std::find(others.begin(), others.end(), what) == others.end()) others.push_back(what);
  }
  std::string note =
      "detailed: " + std::to_string(clocked) + " of " + std::to_string(all) + " layers";
  for (std::size_t i = 0; i < others.size(); ++i)
    note += (i == 0 ? "; the others by cycle: " : ", ") + others[i];
  return note;
}

}  // namespace

const char* name(Fidelity fidelity) {
  switch (fidelity) {
    case Fidelity::kAnalytic:
      return "analytic";
    case Fidelity::kCycle:
      return "cycle";
    case Fidelity::kDetailed:
      break;
  }
  return "detailed";
}

result::Activity run(const arch::Architecture& architecture, const workload::Trace& trace,
                     const Options& options) {
  result::Activity activity;
  mapping::Policy policy;
  policy.effort = options.effort;
  policy.objective = options.objective;
  policy.threads = options.threads;
  policy.fast_budget = options.fast_budget;
  policy.constraints = options.constraints;
  if (options.costs)
    policy.prices = prices(architecture, cost::PriceList(*options.costs, architecture));
  mapping::Planner planner(architecture, trace.widths, policy,
                           options.findings ? &options.findings->layers : nullptr);
  const Phases phases = plan_all(planner, trace);
  Runner runner(architecture, trace, phases, options);
  std::map<const mapping::PlannedLayer*, LayerActivity> known;
  const std::uint64_t all = layers_in(trace);
  std::uint64_t done = 0;
  for (std::size_t p = 0; p < trace.phases.size(); ++p) {
    const workload::Phase& phase = trace.phases[p];
    for (const mapping::LayerOfPhase& place : phases[p]) {
      const workload::Block& block = phase.blocks[place.block];
      LayerActivity once;
      const auto found = known.find(place.layer.get());
      if (found != known.end() && options.reuse_equal_layers) {
        once = found->second;
      } else {
        const std::uint64_t runs = options.reuse_equal_layers ? 1 : block.repeat;
        for (std::uint64_t i = 0; i < runs; ++i) {
          const Cycles begin(
              checked_add(activity.cycles.value(), checked_mul(i, once.cycles.value())));
          const std::string full_name = phase.name + ", " + block.name + ", " + place.name;
          once = describe(architecture, trace.widths, *place.layer,
                          runner.run(place.layer, linear_of(block, place.name), full_name, begin));
          if (i == 0 && checked_mul(runs, once.passes) > kMostRepeatedPasses)
            throw quantity::Impossible({"phases[" + std::to_string(p) + "].blocks[" +
                                            std::to_string(place.block) + "].repeat",
                                        std::to_string(block.repeat),
                                        "at most " + std::to_string(kMostRepeatedPasses) +
                                            " passes where equal layers are simulated again"});
        }
        known[place.layer.get()] = once;
      }
      LayerActivity layer = times(std::move(once), block.repeat);
      layer.phase = phase.name;
      layer.block = block.name;
      layer.name = place.name;
      layer.kind = place.kind;
      layer.fidelity = name(runner.fidelity(*place.layer));
      activity.cycles = Cycles(checked_add(activity.cycles.value(), layer.cycles.value()));
      activity.layers.push_back(std::move(layer));
      done += block.repeat;
      if (options.progress) options.progress(done, all);
    }
  }
  runner.finish();
  if (options.fidelity == Fidelity::kDetailed) {
    activity.notes.push_back(clocked_note(activity.layers));
    const bool any = std::any_of(
        activity.layers.begin(), activity.layers.end(),
        [](const LayerActivity& layer) { return layer.fidelity == name(Fidelity::kDetailed); });
    if (any)
      activity.notes.emplace_back(
          "detailed: operands are those of the trace, or else pseudo-random; no time depends on "
          "them "
          "but that of skipped zeros");
  }
  if (options.constraints)
    activity.notes.push_back("mappings of products with weights follow the dataflow " +
                             options.constraints->name);
  if (trace.widths.kv_bits < 16)
    activity.notes.emplace_back("keys and values of " + std::to_string(trace.widths.kv_bits) +
                                " bits: converting them is not counted");
  if (!planner.spilled().empty()) {
    std::string note = "activations that go to DRAM and back, for want of buffer:";
    for (const std::string& tensor : planner.spilled()) note += " " + tensor;
    activity.notes.push_back(note);
  }
  return activity;
}

}  // namespace addax::engine
