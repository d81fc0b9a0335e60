// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/clocked.h"

#include <algorithm>
#include <array>
#include <set>

#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"
#include "models/values/count.h"
#include "models/values/pseudo_random.h"
#include "sim/detailed/chip.h"
#include "sim/engine/bounds.h"
#include "sim/engine/kernel.h"

namespace addax::engine {

using quantity::checked_add;
using quantity::checked_mul;

namespace {

constexpr std::uint32_t kSeed = 20261123;
constexpr std::size_t kMostListed = 40;  ///< layers in a message

const mapping::ProductPlan& product(const mapping::PlannedLayer& layer) {
  const auto* plan = std::get_if<mapping::ProductPlan>(&layer.plan);
  ADDAX_CHECK(plan != nullptr, layer.description);
  return *plan;
}

// Those of the trace; what it has none of is pseudo-random.
values::LayerValues operands_of(const workload::Linear& linear, const workload::Widths& widths,
                                const ValuesOf& known) {
  values::LayerValues made = values::pseudo_random(linear, widths, kSeed);
  if (!linear.values || !known) return made;
  values::LayerValues own = known(linear);
  made.weights = std::move(own.weights);
  if (own.activations) made.activations = std::move(own.activations);
  return made;
}

mapping::ArrayShape shape_of(const arch::Architecture& architecture,
                             const mapping::ProductPlan& plan) {
  return mapping::array_shape(architecture, plan.group, plan.dataflow.kernel());
}

std::string path_of(const workload::Trace& trace, std::size_t phase,
                    const mapping::LayerOfPhase& layer) {
  const auto& operations = trace.phases[phase].blocks[layer.block].operations;
  std::string path =
      "phases[" + std::to_string(phase) + "].blocks[" + std::to_string(layer.block) + "]";
  for (std::size_t i = 0; i < operations.size(); ++i)
    if (operations[i].name == layer.name) path += ".operations[" + std::to_string(i) + "]";
  return path;
}

/// What a layer may be called.
class Names {
 public:
  Names(const workload::Phase& phase, const mapping::LayerOfPhase& place)
      : parts_{phase.name, phase.blocks[place.block].name, place.name} {}
  bool has(const std::string& asked) const {
    return asked == with(0) || asked == with(1) || asked == with(2);
  }
  /// NAME, BLOCK/NAME or PHASE/BLOCK/NAME.
  std::string with(std::size_t slashes) const {
    std::string path = parts_[2];
    for (std::size_t i = 0; i < std::min<std::size_t>(slashes, 2); ++i)
      path.insert(0, parts_.at(1 - i) + "/");
    return path;
  }
  std::string in_words() const { return parts_[0] + ", " + parts_[1] + ", " + parts_[2]; }

 private:
  std::array<std::string, 3> parts_;
};

/// Why a layer is not clocked.
std::string left_out(const mapping::PlannedLayer& layer) {
  if (const auto* plan = std::get_if<mapping::ProductPlan>(&layer.plan))
    return detailed::left_out(*plan).value_or("");
  return "no linear layer";
}

std::string listed(const std::set<std::string>& all, const char* separator) {
  std::string text;
  std::size_t count = 0;
  for (const std::string& each : all) {
    text += (text.empty() ? "" : separator) + (count == kMostListed ? "..." : each);
    if (count++ == kMostListed) break;
  }
  return text;
}

}  // namespace

Clocked::Clocked(const arch::Architecture& architecture, const workload::Trace& trace,
                 const Phases& phases, const Options& options)
    : architecture_(architecture),
      widths_(trace.widths),
      values_(options.values),
      watch_(options.watch) {
  expect_time(trace, phases, options.reuse_equal_layers);
  choose(trace, phases);
  if (watch_.signals != nullptr)
    signals_ = detailed::matching(detailed::signals_of(shape_of(architecture_, product(*watched_))),
                                  watch_.patterns);
  if (watch_.timeline != nullptr) timeline_.emplace(*watch_.timeline, architecture_.clock);
}

bool Clocked::models(const mapping::PlannedLayer& layer) const {
  const auto* plan = std::get_if<mapping::ProductPlan>(&layer.plan);
  return plan != nullptr && detailed::models(*plan);
}

// Which layer is watched.
void Clocked::choose(const workload::Trace& trace, const Phases& phases) {
  for (std::size_t p = 0; p < phases.size() && watched_ == nullptr; ++p)
    for (const mapping::LayerOfPhase& place : phases[p]) {
      const Names names(trace.phases[p], place);
      if (!models(*place.layer) || !(watch_.layer.empty() || names.has(watch_.layer))) continue;
      watched_ = place.layer.get();
      watched_name_ = names.in_words();
      break;
    }
  const bool wanted =
      watch_.signals != nullptr || watch_.timeline != nullptr || watch_.outputs != nullptr;
  if (wanted && watched_ == nullptr) refuse_choice(trace, phases);
}

void Clocked::refuse_choice(const workload::Trace& trace, const Phases& phases) const {
  const std::string& asked = watch_.layer;
  const auto slashes = static_cast<std::size_t>(std::count(asked.begin(), asked.end(), '/'));
  std::set<std::string> clocked, others;
  std::string why;  // the layer that is asked for is not clocked
  for (std::size_t p = 0; p < phases.size(); ++p)
    for (const mapping::LayerOfPhase& place : phases[p]) {
      const Names names(trace.phases[p], place);
      if (models(*place.layer)) {
        clocked.insert(names.with(slashes));
        continue;
      }
      const std::string reason = left_out(*place.layer);
      if (std::holds_alternative<mapping::ProductPlan>(place.layer->plan))
        others.insert(place.name + ": " + reason);
      if (names.has(asked)) why = "; " + asked + " is none: " + reason;
    }
  if (!clocked.empty())
    throw quantity::Impossible(
        {"--layer", asked, "a layer that is clocked PE by PE: " + listed(clocked, ", ") + why});
  const std::string found = "detailed, and no layer that is clocked PE by PE";
  if (others.empty())
    throw quantity::Impossible(
        {"--fidelity", found, "with --vcd, --timeline or --values a trace with a linear layer"});
  throw quantity::Impossible({"--fidelity", found + " (" + listed(others, "; ") + ")",
                              "with --vcd, --timeline or --values a trace with a linear layer in "
                              "another format or width"});
}

std::uint64_t Clocked::pe_cycles(const mapping::PlannedLayer& layer) const {
  const mapping::LayerTotals totals = mapping::totals(layer.plan);
  const auto busy = bounds(architecture_, layer.plan, totals);
  const quantity::Cycles cycles =
      std::max(*std::max_element(busy.begin(), busy.end()), totals.pass_cycles);
  const mapping::ArrayShape shape = shape_of(architecture_, product(layer));
  return checked_mul(cycles.value(), shape.rows * shape.columns);
}

// Refuses what would take too long; the estimate is in closed form.
void Clocked::expect_time(const workload::Trace& trace, const Phases& phases,
                          bool reuse_equal_layers) {
  std::set<const mapping::PlannedLayer*> known;
  std::uint64_t all = 0, longest = 0;
  std::string path, name;
  for (std::size_t p = 0; p < phases.size(); ++p)
    for (const mapping::LayerOfPhase& place : phases[p]) {
      if (!models(*place.layer)) continue;
      if (reuse_equal_layers && !known.insert(place.layer.get()).second) continue;
      const std::uint64_t once = pe_cycles(*place.layer);
      all = checked_add(
          all,
          checked_mul(once, reuse_equal_layers ? 1 : trace.phases[p].blocks[place.block].repeat));
      if (once <= longest) continue;
      longest = once;
      path = path_of(trace, p, place);
      name = place.name;
    }
  if (all <= kMostPeCycles) return;
  throw quantity::Impossible(
      {path,
       "layer " + name + " of about " + std::to_string(longest) + " PEs x cycles, and " +
           std::to_string(all) + " in all layers that are clocked",
       "with --fidelity detailed at most " + std::to_string(kMostPeCycles) +
           ", about an hour: a smaller trace or array, or --fidelity cycle"});
}

hw::LayerRun Clocked::run(const mapping::PlannedLayer& layer, const workload::Linear& linear,
                          const std::string& name, quantity::Cycles begin) {
  const mapping::ProductPlan& plan = product(layer);
  const bool watched = watched_ == &layer;
  const Kernel kernel;
  detailed::Chip chip("chip", architecture_, plan);
  if (timeline_) {
    timeline_->begin_layer(name, begin);
    chip.watch(*timeline_);
  }
  std::optional<detailed::Waveform> waveform;
  if (watched && watch_.signals != nullptr) {
    waveform.emplace(*watch_.signals, std::move(signals_), architecture_.clock, watched_name_);
    chip.watch(*waveform);
  }
  const values::LayerValues operands = operands_of(linear, widths_, values_);
  const detailed::ProductRun clocked = chip.run(operands);
  if (waveform) waveform->finish();
  if (watched && watch_.outputs != nullptr) {
    *watch_.outputs = {linear.copies * linear.tokens, linear.outputs, {}};
    for (const float y : clocked.y) watch_.outputs->values.push_back(arith::to_fp16(y));
  }
  if (watched) watched_ = nullptr;
  hw::LayerRun run{clocked.cycles, clocked.dram_bursts, clocked.totals};
  const mapping::LayerTotals closed = mapping::totals(layer.plan);
  run.totals.array_cycles = closed.array_cycles;
  run.totals.pass_cycles = closed.pass_cycles;
  // Passes count an add for every weight: what is skipped is taken off where that is known.
  run.totals.array_arithmetic[workload::accumulate(widths_)] +=
      linear.tokens * values::zero_weights(operands);
  return run;
}

void Clocked::finish() {
  if (timeline_) timeline_->finish();
}

}  // namespace addax::engine
