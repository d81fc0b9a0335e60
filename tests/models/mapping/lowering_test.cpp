// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/lowering.h"

#include <algorithm>

#include "models/mapping/even.h"
#include "models/mapping/mapper.h"
#include "models/quantity/quantity.h"
#include "tests/catch.h"
#include "tests/models/mapping/example.h"

using namespace addax;
using namespace addax::mapping;

namespace {

// Scales of 24 bits (three terms) for 1 input x 4 outputs: those of 64 inputs fill three banks.
workload::WeightFormat block_scales() {
  workload::WeightFormat format = workload::default_format(workload::FormatKind::kBinary, 1);
  format.planes = 1;
  format.scales.sharing = workload::ScaleSharing::kBlock;
  format.scales.block_columns = 1;
  format.scales.block_rows = 4;
  return format;
}

// Calls `f` with each way of some FP16 products whose outputs make tiles of many sizes.
template <class F>
void for_ways(std::uint64_t tokens, const F& f) {
  const arch::Architecture a = example::architecture();
  const workload::WeightFormat format = workload::default_format(workload::FormatKind::kFp16, 0);
  for (std::uint64_t outputs = 20; outputs < 100; outputs += 7) {
    const LayerContext context{a, 0, {}, normalised_prices(a, 0)};
    for (const Lowering& way :
         lower(context, {tokens, 1, outputs, 131}, example::kernel(format, outputs, 131), {{4, 8}},
               Spills::kNever))
      f(way);
  }
}

// Legal, and of the cost that is said.
void check(const search::Space& space, const search::Found& found) {
  REQUIRE(nest::faults(space.problem, space.hierarchy, found.mapping).empty());
  const nest::Cost cost = nest::evaluate(
      space.hierarchy, space.costs, nest::count(space.problem, space.hierarchy, found.mapping));
  REQUIRE(found.cost.cycles == cost.cycles);
  REQUIRE(found.cost.energy_pj == cost.energy_pj);
}

// How often each loop over passes runs in a tile that is whole.
std::vector<std::uint64_t> trips(const search::Space& space, const nest::Mapping& mapping) {
  std::vector<std::uint64_t> all;
  std::vector<std::uint64_t> extents;
  for (const nest::Dimension& dimension : space.problem.dimensions)
    extents.push_back(dimension.size);
  for (const LoweredLevel memory : {kDramLevel, kResidentLevel})
    for (const nest::Loop& loop : mapping.levels[memory].temporal) {
      all.push_back(quantity::ceil_div(extents[loop.dimension], loop.tile));
      extents[loop.dimension] = loop.tile;
    }
  return all;
}

}  // namespace

TEST_CASE("where scales of rows fill banks, resident tiles may end with the rows that share them") {
  const arch::Architecture a = example::architecture();
  const Kernel kernel = example::kernel(block_scales(), 46, 64);
  constexpr std::uint64_t kHeld = 64 * 24;
  REQUIRE(kernel.tiles.held_scale_bits(64) == kHeld);
  const LayerContext context{a, 0, {}, normalised_prices(a, 0)};
  const BufferShare share{4, 8};
  const std::vector<Lowering> ways =
      lower(context, {1, 1, 46, 64}, kernel, {share}, Spills::kAllowed);
  CHECK(std::count_if(ways.begin(), ways.end(), [](const Lowering& w) { return w.whole_blocks; }) *
            2 ==
        static_cast<std::ptrdiff_t>(ways.size()));
  for (const Lowering& way : ways) {
    INFO(way.space.name);
    const nest::Level& resident = way.space.hierarchy.levels[kResidentLevel];
    CHECK(*resident.capacity_bits == 8 * 512 - (way.whole_blocks ? 0 : kHeld));
    search::Options options;
    options.budget = 3000;
    const search::Outcome found = search::search({way.space}, options);
    REQUIRE(found.best);
    const search::Found even = evened(way, *found.best, options.objective);
    CHECK(nest::faults(way.space.problem, way.space.hierarchy, even.mapping).empty());
    if (!way.whole_blocks) continue;
    for (const nest::Mapping& mapping : {found.best->mapping, even.mapping})
      for (const nest::Loop& loop : mapping.levels[kDramLevel].temporal)
        if (loop.dimension == kOutputs) CHECK(loop.tile % 4 == 0);
    // The scales of the inputs in use take room, and nothing else.
    const nest::Counts counts =
        nest::count(way.space.problem, way.space.hierarchy, found.best->mapping);
    CHECK(counts.levels[kResidentLevel].kept[kHeldScales]);
    for (const nest::Charge& charge : way.space.costs.energy_pj)
      CHECK(charge.tensor != kHeldScales);
  }
}

TEST_CASE("every space has a seed that is one of its mappings, for products of any shape") {
  for (const arch::Architecture& a : {example::architecture(), example::with_table(4)})
    for (const std::uint64_t tokens : {1, 5, 64}) {
      workload::WeightFormat format = workload::default_format(workload::FormatKind::kBinary, 1);
      const workload::Linear linear{tokens, 200, 90, 1, workload::LinearRole::kMlp, format};
      const Kernel kernel = example::kernel(format, 90, 200, realise(a.groups[0].datapath, linear));
      const LayerContext context{a, 0, {}, normalised_prices(a, 0)};
      for (const Lowering& way :
           lower(context, {1, tokens, 90, 200}, kernel, {{4, 8}}, Spills::kAllowed)) {
        INFO(way.space.name << ", " << tokens << " tokens");
        const std::vector<nest::Mapping> seeds = way.space.seeds();
        CHECK(std::any_of(seeds.begin(), seeds.end(), [&](const nest::Mapping& seed) {
          return nest::faults(way.space.problem, way.space.hierarchy, seed).empty();
        }));
      }
    }
}

TEST_CASE("evening out keeps mappings legal, says what they cost, and makes tiles more alike") {
  // The mean tile of weights as a part of the largest.
  const auto evenness = [](const search::Space& space, const nest::Mapping& mapping) {
    const nest::InstanceCounts weights = nest::count(space.problem, space.hierarchy, mapping)
                                             .levels[kStreamLevel]
                                             .busiest[kLoweredWeights];
    const std::uint64_t largest =
        nest::tile_words(space.problem, mapping, kStreamLevel, kLoweredWeights);
    return static_cast<double>(weights.fills) / static_cast<double>(weights.tiles * largest);
  };
  int changed = 0;
  double before = 0.0, after = 0.0;
  for_ways(1, [&](const Lowering& way) {
    search::Options options;
    options.budget = 500;
    options.objective = search::Objective::kLatency;
    const search::Outcome found = search::search({way.space}, options);
    if (!found.best) return;
    const search::Found even = evened(way, *found.best, options.objective);
    check(way.space, even);
    if (even.cost.cycles == found.best->cost.cycles) return;
    ++changed;
    before += evenness(way.space, found.best->mapping);
    after += evenness(way.space, even.mapping);
  });
  CHECK(changed > 0);
  CHECK(after > before);
}

TEST_CASE("levelling keeps mappings legal, says what they cost, and adds no tile to a loop") {
  int changed = 0;
  for_ways(3, [&](const Lowering& way) {
    for (const nest::Mapping& seed : way.space.seeds()) {
      if (!nest::faults(way.space.problem, way.space.hierarchy, seed).empty()) continue;
      const std::optional<search::Found> level = levelled(way, {0, seed, {}});
      if (!level) continue;
      ++changed;
      check(way.space, *level);
      const auto before = trips(way.space, seed), after = trips(way.space, level->mapping);
      REQUIRE(before.size() == after.size());
      for (std::size_t i = 0; i < before.size(); ++i) REQUIRE(after[i] <= before[i]);
      // What has been levelled is level.
      REQUIRE_FALSE(levelled(way, *level));
    }
  });
  CHECK(changed > 0);
}

namespace {

// A product with tables, and how a policy maps it.
struct TableProduct {
  arch::Architecture architecture = example::with_table(4, 2);
  Product product;
  Kernel kernel;

  explicit TableProduct(std::uint64_t outputs) : product{16, 1, outputs, 200} {
    const workload::WeightFormat format =
        workload::default_format(workload::FormatKind::kBinary, 1);
    const workload::Linear linear{16, 200, outputs, 1, workload::LinearRole::kMlp, format};
    kernel =
        example::kernel(format, outputs, 200, realise(architecture.groups[0].datapath, linear));
  }
  LayerContext context() const { return {architecture, 0, {}, normalised_prices(architecture, 0)}; }
};

Policy least_latency(Effort effort) {
  Policy policy;
  policy.objective = search::Objective::kLatency;
  policy.effort = effort;
  policy.budget = 20000;
  return policy;
}

}  // namespace

TEST_CASE("of what fast meets it takes what costs least when a pass waits for its busiest part") {
  for (std::uint64_t outputs = 20; outputs < 120; outputs += 9) {
    const TableProduct p(outputs);
    const ProductSearch found =
        search_product(p.context(), p.product, p.kernel, least_latency(Effort::kFast));
    REQUIRE(found.outcome.best);
    const auto in_passes = [&](const search::Found& one) {
      const ProductPlan plan = realise(p.context(), found.lowerings[one.space], one.mapping);
      return std::max(one.cost.cycles,
                      static_cast<double>(totals(LayerPlan(plan)).pass_cycles.value()));
    };
    for (const search::Found& leader : found.outcome.leaders) {
      const search::Found even =
          evened(found.lowerings[leader.space], leader, search::Objective::kLatency);
      CHECK(in_passes(*found.outcome.best) <= in_passes(even));
    }
  }
}

TEST_CASE("exhaustive runs what it finds or what fast finds, whichever passes take least") {
  int otherwise = 0;  // than the optimum of the search's costs
  for (std::uint64_t outputs = 20; outputs < 120; outputs += 9) {
    const TableProduct p(outputs);
    const Policy policy = least_latency(Effort::kExhaustive);
    const auto passes = [](const ProductPlan& plan) {
      return totals(LayerPlan(plan)).pass_cycles.value();
    };
    const ProductSearch search = search_product(p.context(), p.product, p.kernel, policy);
    REQUIRE(search.outcome.best);
    const search::Found& best = *search.outcome.best;
    const auto in_passes = [&](double searched, const ProductPlan& plan) {
      return std::max(searched, static_cast<double>(passes(plan)));
    };
    const ProductPlan chosen = map_product(p.context(), p.product, p.kernel, policy).plan;
    const ProductPlan searched = realise(p.context(), search.lowerings[best.space], best.mapping);
    CHECK(static_cast<double>(passes(chosen)) <= in_passes(best.cost.cycles, searched));
    otherwise += passes(chosen) < passes(searched) ? 1 : 0;
  }
  CHECK(otherwise > 0);
}
