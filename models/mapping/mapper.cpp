// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/mapper.h"

#include "models/mapping/coarsen.h"
#include "models/mapping/passes.h"
#include "models/quantity/diagnosis.h"

namespace addax::mapping {

using quantity::ceil_div;
using quantity::checked_mul;
using quantity::Impossible;

namespace {

/// Nodes that `fast` may evaluate for a layer.
constexpr std::uint64_t kFastBudget = 10'000;

void check_passes(const ProductPlan& plan) {
  std::uint64_t passes = 1;
  for (const std::uint64_t trips : trip_counts(plan.problem, plan.nest))
    passes = checked_mul(passes, trips);
  if (passes > kMostPasses)
    throw Impossible({"size", std::to_string(passes) + " passes",
                      "at most " + std::to_string(kMostPasses) + " passes in a layer"});
}

[[noreturn]] void refuse(const LayerContext& context, const search::Refusal& refusal) {
  const std::uint64_t bits = context.architecture.buffer.bits();
  std::string allowed =
      "a buffer that holds a tile of weights twice, its activations and its partial sums beside " +
      std::to_string(ceil_div(context.placement.resident_bits, 8)) +
      " bytes of tensors that stay on chip";
  if (!refusal.nearest.empty()) allowed += " (" + refusal.nearest + ")";
  throw Impossible({"buffer", std::to_string(bits / 8) + " bytes", allowed});
}

std::vector<search::Space> spaces_of(const std::vector<Lowering>& lowerings) {
  std::vector<search::Space> spaces;
  spaces.reserve(lowerings.size());
  for (const Lowering& lowering : lowerings) spaces.push_back(lowering.space);
  return spaces;
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
  if (effort == Effort::kFast) options.budget = kFastBudget;
  return options;
}

Prices Policy::of(const arch::Architecture& architecture, std::size_t group) const {
  return prices.empty() ? normalised_prices(architecture, group) : prices.at(group);
}

ProductPlan map_product(const LayerContext& context, const Product& product, const Kernel& kernel,
                        const Policy& policy) {
  const arch::GlobalBuffer& buffer = context.architecture.buffer;
  const std::uint64_t taken = context.placement.resident_bits;
  search::Refusal refusal;
  for (const auto& shares : {large_shares(buffer, taken), small_shares(buffer, taken)}) {
    if (shares.empty()) continue;
    const std::vector<Lowering> lowerings = lower(context, product, kernel, shares);
    const search::Outcome outcome = search::search(spaces_of(lowerings), policy.options());
    if (!outcome.best) {
      refusal = outcome.refusal;
      continue;
    }
    const Lowering& way = lowerings[outcome.best->space];
    ProductPlan plan = realise(context, way, coarsened(way, outcome.best->mapping));
    check_passes(plan);
    return plan;
  }
  refuse(context, refusal);
}

}  // namespace addax::mapping
