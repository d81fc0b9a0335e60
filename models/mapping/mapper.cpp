// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/mapper.h"

#include <algorithm>
#include <limits>
#include <map>

#include "models/mapping/even.h"
#include "models/mapping/passes.h"

namespace addax::mapping {

using quantity::ceil_div;
using quantity::checked_mul;
using quantity::Impossible;

namespace {

// Of the nodes of `fast`, where a product has been mapped before.
constexpr std::uint64_t kHintedPart = 4;

/// Ways that can follow the constraints; the refusal says why where none can.
std::vector<Lowering> following(std::vector<Lowering> lowerings, const Policy& policy,
                                search::Refusal& refusal) {
  if (!policy.constraints) return lowerings;
  std::vector<Lowering> kept;
  std::map<std::string, std::uint64_t> excluded;
  std::optional<std::vector<std::string>> nearest;
  for (Lowering& lowering : lowerings) {
    const std::vector<std::string> contradictions = constrain(lowering, *policy.constraints);
    for (const std::string& each : contradictions) ++excluded[each];
    if (contradictions.empty())
      kept.push_back(std::move(lowering));
    else if (!nearest || contradictions.size() < nearest->size())
      nearest = contradictions;
  }
  if (!kept.empty() || !nearest) return kept;
  refusal = {};
  for (const auto& [constraint, ways] : excluded) refusal.reasons.push_back({constraint, ways});
  std::stable_sort(refusal.reasons.begin(), refusal.reasons.end(),
                   [](const auto& a, const auto& b) { return a.excluded > b.excluded; });
  for (const std::string& each : *nearest)
    refusal.nearest +=
        (refusal.nearest.empty() ? "a way that follows all but this: " : "; ") + each;
  return kept;
}

/// What a mapping costs if each pass takes as long as its busiest part; without end where its passes
/// are too many.
nest::Cost in_passes(const LayerContext& context, const Lowering& way, const search::Found& found) {
  constexpr double kEndless = std::numeric_limits<double>::infinity();
  nest::Cost cost = found.cost;
  try {
    const quantity::Cycles all = pass_cycles(realise(context, way, found.mapping));
    const double longer = static_cast<double>(all.value()) - cost.cycles;
    if (longer <= 0.0) return cost;
    cost.cycles += longer;
    cost.energy_pj += longer * way.space.costs.a_cycle_pj;
  } catch (const Impossible&) {
    cost = {kEndless, kEndless};
  }
  return cost;
}

double value_in_passes(const LayerContext& context, const ProductSearch& found,
                       search::Objective objective) {
  const search::Found& best = *found.outcome.best;
  return search::value(objective, in_passes(context, found.lowerings[best.space], best));
}

/// Of the best few mappings, and of the same with tiles more alike, the one that is best when each pass
/// takes as long as its busiest part. The runner-up is none where it would be better then.
void settle(ProductSearch& found, const LayerContext& context, search::Objective objective) {
  search::Outcome& outcome = found.outcome;
  const auto value = [&](const search::Found& one) { return search::value(objective, one.cost); };
  const double before = value(*outcome.best);
  double least = std::numeric_limits<double>::infinity();
  const auto offer = [&](search::Found one) {
    if (value(one) >= least) return;
    const double passes =
        search::value(objective, in_passes(context, found.lowerings[one.space], one));
    if (passes >= least) return;
    least = passes;
    outcome.best = std::move(one);
  };
  for (const search::Found& leader : outcome.leaders) {
    if (value(leader) >= least) break;
    const Lowering& way = found.lowerings[leader.space];
    offer(evened(way, leader, objective));
    if (std::optional<search::Found> level = levelled(way, leader)) offer(std::move(*level));
  }
  if (value(*outcome.best) > before) outcome.proven = false;
  if (outcome.runner_up && value(*outcome.runner_up) < value(*outcome.best))
    outcome.runner_up = std::nullopt;
}

}  // namespace

const char* name(Effort effort) { return effort == Effort::kFast ? "fast" : "exhaustive"; }

std::optional<Effort> parse_effort(const std::string& text) {
  for (const Effort effort : {Effort::kFast, Effort::kExhaustive})
    if (text == name(effort)) return effort;
  return std::nullopt;
}

search::Options Policy::options() const {
  search::Options options;
  options.objective = objective;
  options.threads = threads;
  options.budget = effort == Effort::kFast ? fast_budget : budget;
  return options;
}

Prices Policy::of(const arch::Architecture& architecture, std::size_t group) const {
  return prices.empty() ? normalised_prices(architecture, group) : prices.at(group);
}

std::vector<search::Space> spaces_of(const std::vector<Lowering>& lowerings) {
  std::vector<search::Space> spaces;
  spaces.reserve(lowerings.size());
  for (const Lowering& lowering : lowerings) spaces.push_back(lowering.space);
  return spaces;
}

quantity::Diagnosis diagnosis(const LayerContext& context, const search::Refusal& refusal) {
  const std::uint64_t bits = context.architecture.buffer.bits();
  std::string allowed =
      "a buffer that holds a tile of weights twice, its activations and its partial sums "
      "beside " +
      std::to_string(ceil_div(context.placement.resident_bits, 8)) +
      " bytes of tensors that stay on chip";
  if (!refusal.nearest.empty()) allowed += " (" + refusal.nearest + ")";
  return {"buffer", std::to_string(bits / 8) + " bytes", allowed};
}

namespace {

ProductSearch search_ways(const LayerContext& context, const Product& product, const Kernel& kernel,
                          const Policy& policy, bool bounds,
                          const std::vector<search::Hint>& hints) {
  const arch::GlobalBuffer& buffer = context.architecture.buffer;
  const std::uint64_t taken = context.placement.resident_bits;
  const auto large = large_shares(buffer, taken), small = small_shares(buffer, taken);
  search::Options options = policy.options();
  options.bounds = bounds;
  options.hints = hints;
  if (policy.effort == Effort::kFast) {
    if (product.tokens == 1) *options.budget /= kOneTokenPart;
    if (!hints.empty()) *options.budget /= kHintedPart;
  }
  ProductSearch found;
  std::optional<search::Refusal> refusal;  // of the widest class that was searched
  for (const Spills spills : {Spills::kNever, Spills::kAllowed})
    for (const auto* shares : {&large, &small}) {
      if (shares->empty()) continue;
      search::Refusal contradictions;
      found.lowerings =
          following(lower(context, product, kernel, *shares, spills), policy, contradictions);
      const bool widest = !refusal || (spills == Spills::kAllowed && shares == &large);
      if (found.lowerings.empty()) {
        if (widest) refusal = contradictions;
        continue;
      }
      found.outcome = search::search(spaces_of(found.lowerings), options);
      if (widest) refusal = found.outcome.refusal;
      if (!found.outcome.best) continue;
      if (policy.effort == Effort::kFast && !policy.constraints)
        settle(found, context, options.objective);
      return found;
    }
  if (refusal) found.outcome.refusal = *refusal;
  return found;
}

}  // namespace

ProductSearch search_product(const LayerContext& context, const Product& product,
                             const Kernel& kernel, const Policy& policy) {
  return search_ways(context, product, kernel, policy, true, {});
}

MappedProduct map_product(const LayerContext& context, const Product& product, const Kernel& kernel,
                          const Policy& policy, const std::vector<search::Hint>& hints) {
  ProductSearch found = search_ways(context, product, kernel, policy, false, hints);
  if (!found.outcome.best) throw Impossible(diagnosis(context, found.outcome.refusal));
  std::vector<search::Hint> leaders;
  for (const search::Found& leader : found.outcome.leaders) {
    leaders.push_back({{}, leader.mapping});
    for (const nest::Dimension& d : found.lowerings[leader.space].space.problem.dimensions)
      leaders.back().sizes.push_back(d.size);
  }
  if (policy.effort == Effort::kExhaustive && !policy.constraints) {
    settle(found, context, policy.objective);
    Policy fast = policy;
    fast.effort = Effort::kFast;
    ProductSearch quick = search_ways(context, product, kernel, fast, false, {});
    if (quick.outcome.best && value_in_passes(context, quick, policy.objective) <
                                  value_in_passes(context, found, policy.objective))
      found = std::move(quick);
  }
  const search::Found& best = *found.outcome.best;
  return {realise(context, found.lowerings[best.space], best.mapping), std::move(leaders)};
}

}  // namespace addax::mapping
