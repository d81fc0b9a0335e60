// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/mapping/constraints.h"
#include "models/mapping/lowering.h"
#include "models/mapping/plan.h"
#include "models/quantity/diagnosis.h"
#include "models/search/search.h"

namespace addax::mapping {

/// How hard the mapper looks. `fast` ends after a fixed number of evaluated nodes, so that it does
/// not depend on the machine; `exhaustive` when the optimum is proven, or a budget is spent.
enum class Effort { kFast, kExhaustive };
const char* name(Effort effort);
std::optional<Effort> parse_effort(const std::string& text);

/// Nodes that `fast` evaluates for a layer of many tokens where nothing else is asked: milliseconds.
inline constexpr std::uint64_t kFastBudget = 3'000;
/// Part of them for one token, where more hardly find anything (docs/physics/mapping.md).
inline constexpr std::uint64_t kOneTokenPart = 2;
/// Nodes that `exhaustive` may evaluate for a layer where nothing else is asked: seconds.
inline constexpr std::uint64_t kExhaustiveBudget = 2'000'000;

/// How mappings are chosen.
struct Policy {
  Effort effort = Effort::kFast;
  search::Objective objective = search::Objective::kEdp;
  /// Of the design's column groups, in their order; none: Eyeriss's normalised costs.
  std::vector<Prices> prices;
  unsigned threads = 1;  ///< the answer does not depend on it
  /// Nodes that `exhaustive` may evaluate; none: until the optimum is proven.
  std::optional<std::uint64_t> budget = kExhaustiveBudget;
  std::uint64_t fast_budget = kFastBudget;      ///< nodes that `fast` evaluates
  std::optional<Constraints> constraints = {};  ///< on products with weights

  search::Options options() const;
  Prices of(const arch::Architecture& architecture, std::size_t group) const;
};

/// The ways in which a product may run, and what the policy finds among them.
struct ProductSearch {
  std::vector<Lowering> lowerings;  ///< the outcome's spaces; those that contradict are left out
  search::Outcome outcome;
};
ProductSearch search_product(const LayerContext& context, const Product& product,
                             const Kernel& kernel, const Policy& policy);
std::vector<search::Space> spaces_of(const std::vector<Lowering>& lowerings);

/// What a search that found nothing says: reasons and the nearest thing that would fit. Path "buffer".
quantity::Diagnosis diagnosis(const LayerContext& context, const search::Refusal& refusal);

/// A product's plan, and the best few mappings that the search met.
struct MappedProduct {
  ProductPlan plan;
  std::vector<search::Hint> leaders;
};

/// The mapping of a product that the policy chooses; of what `exhaustive` and `fast` find, that whose
/// passes cost least: the optimum of the search's costs, which are linear, need not be. Throws
/// Impossible (path "buffer") where no tile fits, and (path "size") where the layer would take more
/// than kMostPasses passes. `hints`: leaders of the same product in another place, from where `fast` sets out.
MappedProduct map_product(const LayerContext& context, const Product& product, const Kernel& kernel,
                          const Policy& policy, const std::vector<search::Hint>& hints = {});

/// Attention, fused where the scores of a block of queries fit, twice if possible. Of the block sizes,
/// heads taken together and spilling, the choice that moves the fewest bits over DRAM; the passes are
/// spread over the array as the policy chooses. Throws Impossible (path "buffer") where nothing fits.
AttentionPlan map_attention(const LayerContext& context, const workload::AttentionShape& shape,
                            const workload::Widths& widths, const Policy& policy);

/// Bits that keep two blocks of one token's scores on chip: what fused attention works best with.
std::uint64_t attention_workspace(const workload::AttentionShape& shape,
                                  const workload::Widths& widths);

}  // namespace addax::mapping
