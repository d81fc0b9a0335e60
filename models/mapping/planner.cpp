// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/planner.h"

#include <algorithm>
#include <optional>

#include "models/arch/identity.h"
#include "models/mapping/layer_planner.h"
#include "models/mapping/mapper.h"
#include "models/mapping/residency.h"
#include "models/quantity/diagnosis.h"
#include "models/workload/identity.h"

namespace addax::mapping {

using quantity::Impossible;
using workload::Operation;

struct Place {
  std::size_t block, operation;
};

/// A phase as one list, and which operations are fused: from scores to context.
struct FlatPhase {
  std::vector<const Operation*> operations;
  std::vector<Place> places;
  std::vector<bool> internal;
  std::vector<std::size_t>
      group_end;  ///< last operation of the layer that starts here; 0: not a start
};

namespace {

[[noreturn]] void refuse_attention(const Place& place, const Operation& operation) {
  throw Impossible({"blocks[" + std::to_string(place.block) + "].operations[" +
                        std::to_string(place.operation) + "]",
                    operation.name,
                    "scores, then elementwise operations on them, softmax and context of the same "
                    "shape, in a row"});
}

/// Index of the context that ends the attention beginning with the scores at `begin`.
std::size_t attention_end(const FlatPhase& flat, std::size_t begin) {
  const auto& shape = std::get<workload::Scores>(flat.operations[begin]->work).shape;
  std::size_t i = begin + 1;
  while (i < flat.operations.size() &&
         std::holds_alternative<workload::Elementwise>(flat.operations[i]->work) &&
         flat.operations[i]->reads == std::vector<std::string>{flat.operations[begin]->writes})
    ++i;
  if (i + 1 >= flat.operations.size() || flat.places[i + 1].block != flat.places[begin].block)
    refuse_attention(flat.places[begin], *flat.operations[begin]);
  const auto* softmax = std::get_if<workload::Softmax>(&flat.operations[i]->work);
  const auto* context = std::get_if<workload::Context>(&flat.operations[i + 1]->work);
  if (softmax == nullptr || context == nullptr || !(softmax->shape == shape) ||
      !(context->shape == shape))
    refuse_attention(flat.places[begin], *flat.operations[begin]);
  return i + 1;
}

FlatPhase flatten(const workload::Phase& phase) {
  FlatPhase flat;
  for (std::size_t b = 0; b < phase.blocks.size(); ++b)
    for (std::size_t o = 0; o < phase.blocks[b].operations.size(); ++o) {
      flat.operations.push_back(&phase.blocks[b].operations[o]);
      flat.places.push_back({b, o});
    }
  flat.internal.assign(flat.operations.size(), false);
  flat.group_end.assign(flat.operations.size(), 0);
  for (std::size_t i = 0; i < flat.operations.size(); ++i) {
    const workload::Work& work = flat.operations[i]->work;
    if (std::holds_alternative<workload::Softmax>(work) ||
        std::holds_alternative<workload::Context>(work))
      refuse_attention(flat.places[i], *flat.operations[i]);
    std::size_t end = i;
    if (std::holds_alternative<workload::Scores>(work)) end = attention_end(flat, i);
    flat.group_end[i] = end;
    for (std::size_t j = i; j < end; ++j) flat.internal[j] = true;
    i = end;
  }
  return flat;
}

/// Placement of the layer of operations `begin` to `end`: its inputs are the first operation's (for
/// attention: queries and keys), its output the last one's.
Placement placement_of(const FlatPhase& flat, const Residency& residency, std::size_t begin,
                       std::size_t end) {
  Placement placement;
  placement.inputs = flat.operations[begin]->reads.size();
  placement.input_on_chip = residency.reads_on_chip(begin, 0);
  placement.second_on_chip = residency.reads_on_chip(begin, 1);
  if (end > begin)
    placement.second_on_chip = placement.second_on_chip && residency.reads_on_chip(end, 1);
  placement.output_on_chip = residency.writes_on_chip(end);
  for (std::size_t i = begin; i <= end; ++i)
    placement.resident_bits = std::max(placement.resident_bits, residency.resident_bits(i));
  return placement;
}

/// All that a layer's plan depends on, beside the design, the widths and the policy. Layers with values of their own
/// are run by themselves.
std::string key_of(const FlatPhase& flat, const Placement& placement, std::size_t begin,
                   std::size_t end) {
  quantity::Bytes bytes;
  for (std::size_t i = begin; i <= end; ++i) bytes.add(flat.operations[i]->work);
  const auto& [input_on_chip, second_on_chip, output_on_chip, inputs, resident_bits] = placement;
  return bytes.add(input_on_chip, second_on_chip, output_on_chip, inputs, resident_bits).text();
}

PlannedLayer plan_alone(const LayerPlanner& planner, const FlatPhase& flat,
                        const Placement& placement, std::size_t begin, std::size_t end,
                        const std::vector<search::Hint>& hints) {
  const workload::Work& work = flat.operations[begin]->work;
  if (const auto* linear = std::get_if<workload::Linear>(&work))
    return planner.linear(*linear, placement, hints);
  if (const auto* elementwise = std::get_if<workload::Elementwise>(&work))
    return planner.elementwise(*elementwise, placement);
  if (const auto* transfer = std::get_if<workload::Transfer>(&work))
    return planner.transfer(*transfer, placement);
  std::vector<workload::Elementwise> steps;
  for (std::size_t i = begin + 1; i + 1 < end; ++i)
    steps.push_back(std::get<workload::Elementwise>(flat.operations[i]->work));
  return planner.attention(std::get<workload::Scores>(work).shape, steps, placement);
}

}  // namespace

Planner::Planner(const arch::Architecture& architecture, const workload::Widths& widths,
                 const Policy& policy, KnownLayers* known)
    : architecture_(architecture), widths_(widths), policy_(policy), shared_(known) {}

Planner::View Planner::view(std::optional<std::size_t> group) const {
  View view{arch::seen_from(architecture_, group), policy_, {}};
  view.policy.prices.assign(architecture_.groups.size(), {});
  if (group) {
    const Prices prices = policy_.of(architecture_, *group);
    view.policy.prices[*group] = policy_.effort == Effort::kFast ? rounded(prices) : prices;
  }
  const auto& [effort, objective, prices, threads, budget, fast_budget, constraints] = view.policy;
  quantity::Bytes bytes;
  bytes.add(view.architecture, widths_, effort, objective, prices, budget, fast_budget);
  bytes.add(constraints.has_value());
  if (constraints) bytes.add(constraints->levels);
  view.identity = bytes.text();
  return view;
}

const Planner::View& Planner::view_of(const workload::Work& work) {
  const LayerPlanner planner(architecture_, widths_, policy_);
  std::optional<std::size_t> group;
  if (const auto* linear = std::get_if<workload::Linear>(&work))
    group = planner.group_for(linear->weights);
  else if (std::holds_alternative<workload::Scores>(work))
    group = planner.group_for({});
  const auto found = views_.find(group);
  return found != views_.end() ? found->second : views_.emplace(group, view(group)).first->second;
}

// Null: no product.
Planner::First* Planner::first_of(const workload::Work& work) {
  const auto* linear = std::get_if<workload::Linear>(&work);
  if (linear == nullptr) return nullptr;
  const std::string product =
      quantity::Bytes()
          .add(linear->weights, linear->copies, linear->tokens, linear->outputs, linear->inputs)
          .text();
  return &firsts_[product];
}

namespace {

/// What fused attention wants of the budget, where it fits.
std::vector<std::uint64_t> workspaces(const FlatPhase& flat, const workload::Widths& widths,
                                      std::uint64_t budget) {
  std::vector<std::uint64_t> bits(flat.operations.size(), 0);
  for (std::size_t i = 0; i < bits.size(); ++i)
    if (const auto* scores = std::get_if<workload::Scores>(&flat.operations[i]->work)) {
      const std::uint64_t wish = std::min(attention_workspace(scores->shape, widths), budget);
      std::fill(bits.begin() + static_cast<std::ptrdiff_t>(i),
                bits.begin() + static_cast<std::ptrdiff_t>(flat.group_end[i]) + 1, wish);
    }
  return bits;
}

}  // namespace

// Tensors on chip may leave a layer too little to work with: then fewer of them stay.
std::vector<LayerOfPhase> Planner::plan(const workload::Phase& phase) {
  const FlatPhase flat = flatten(phase);
  constexpr int kHalvings = 4;
  std::uint64_t budget = resident_budget(architecture_.buffer);
  for (int attempt = 0; attempt < kHalvings; ++attempt, budget /= 2) {
    try {
      return plan_within(flat, budget);
    } catch (const Impossible&) {
      // Tried again with less; what no budget mends is reported by the last attempt.
    }
  }
  return plan_within(flat, 0);
}

std::shared_ptr<const PlannedLayer> Planner::plan_layer(const FlatPhase& flat,
                                                        const Placement& placement,
                                                        std::size_t begin, std::size_t end) try {
  std::string key = key_of(flat, placement, begin, end);
  std::shared_ptr<const PlannedLayer>& known = known_[key];
  if (known) return known;
  const workload::Work& work = flat.operations[begin]->work;
  const View& view = view_of(work);
  First* first = first_of(work);
  const bool hinted = first != nullptr && first->layer;
  const std::string question = view.identity + key + (hinted ? " after " + first->key : "");
  const std::shared_ptr<const PlannedLayer>* shared = shared_ ? shared_->find(question) : nullptr;
  if (shared != nullptr) {
    known = *shared;
  } else {
    PlannedLayer layer =
        plan_alone(LayerPlanner(view.architecture, widths_, view.policy), flat, placement, begin,
                   end, hinted ? first->layer->leaders : std::vector<search::Hint>{});
    layer.description = describe(layer.plan);
    known = std::make_shared<const PlannedLayer>(std::move(layer));
    if (shared_) shared_->keep(question, known);
  }
  if (first != nullptr && !hinted) *first = {std::move(key), known};
  return known;
} catch (const Impossible& impossible) {
  const Place place = flat.places[begin];
  quantity::Diagnosis diagnosis = impossible.diagnosis();
  diagnosis.path = "blocks[" + std::to_string(place.block) + "].operations[" +
                   std::to_string(place.operation) + "]." + diagnosis.path;
  throw Impossible(diagnosis);
}

std::vector<LayerOfPhase> Planner::plan_within(const FlatPhase& flat, std::uint64_t budget) {
  const Residency residency(flat.operations, flat.internal, kStoredActivationBits, budget,
                            workspaces(flat, widths_, budget));
  std::vector<LayerOfPhase> layers;
  for (std::size_t i = 0; i < flat.operations.size(); ++i) {
    const std::size_t end = flat.group_end[i];
    const Placement placement = placement_of(flat, residency, i, end);
    const std::shared_ptr<const PlannedLayer> layer = plan_layer(flat, placement, i, end);
    const bool fused = end > i;
    layers.push_back({flat.places[i].block, fused ? "attention" : flat.operations[i]->name,
                      fused ? "attention" : flat.operations[i]->kind, layer});
    i = end;
  }
  for (const std::string& tensor : residency.spilled())
    if (std::find(spilled_.begin(), spilled_.end(), tensor) == spilled_.end())
      spilled_.push_back(tensor);
  return layers;
}

}  // namespace addax::mapping
