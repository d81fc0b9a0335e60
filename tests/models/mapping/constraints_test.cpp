// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/constraints.h"

#include "models/mapping/mapper.h"
#include "tests/models/mapping/example.h"

using namespace addax;
using namespace addax::mapping;

namespace {

// 4 tokens, 6 outputs, 8 inputs on 2 rows of 3 columns: 192 MACs.
constexpr Product kProduct = {1, 4, 6, 8};
constexpr std::uint64_t kMacs = 192;

/// What the search finds for the product in FP16, and its counts.
struct Searched {
  ProductSearch found;
  nest::Counts counts;
  const Lowering& way() const { return found.lowerings[found.outcome.best->space]; }
  const nest::TensorCounts& of(LoweredLevel level, LoweredTensor tensor) const {
    return counts.levels.at(level).tensors.at(tensor);
  }
};

Searched searched_with(const Constraints& constraints, const Product& product = kProduct) {
  const arch::Architecture a = example::architecture();
  const Kernel kernel = example::kernel(workload::default_format(workload::FormatKind::kFp16, 0),
                                        product.inputs, product.outputs);
  Policy policy;
  policy.effort = Effort::kExhaustive;
  policy.constraints = constraints;
  Searched searched{search_product({a, 0, {}, normalised_prices(a, 0)}, product, kernel, policy),
                    {}};
  if (!searched.found.outcome.best) return searched;
  const search::Space& space = searched.way().space;
  searched.counts =
      nest::count(space.problem, space.hierarchy, searched.found.outcome.best->mapping);
  return searched;
}

Searched searched_with(const std::string& dataflow) {
  const auto constraints = named_dataflow(dataflow);
  REQUIRE(constraints);
  Searched searched = searched_with(*constraints);
  REQUIRE(searched.found.outcome.best);
  return searched;
}

/// PEs among which a dimension of this size is spread.
std::uint64_t spread(const Searched& searched, std::size_t dimension, std::uint64_t size) {
  std::uint64_t extent = size;
  std::uint64_t pes = 1;
  const auto cut = [&](const std::vector<nest::Loop>& loops) {
    const std::uint64_t runs = spread_over(loops, dimension, extent);
    for (const nest::Loop& loop : loops)
      if (loop.dimension == dimension) extent = std::min(extent, loop.tile);
    return runs;
  };
  const nest::Mapping& mapping = searched.found.outcome.best->mapping;
  for (const std::size_t level : {kDramLevel, kResidentLevel, kStreamLevel})
    cut(mapping.levels.at(level).temporal);
  const nest::LevelLoops& array = mapping.levels.at(kStreamLevel);
  pes *= cut(array.y);
  pes *= cut(array.x);
  return pes;
}

}  // namespace

TEST_CASE("weight-stationary: every weight enters a PE once for all tokens") {
  const Searched searched = searched_with("weight-stationary");
  // PEs that take other tokens hold weights of their own.
  CHECK(searched.of(kPeLevel, kLoweredWeights).fills == 6 * 8 * spread(searched, kTokens, 4));
}

TEST_CASE("output-stationary: every sum leaves its PE once, complete, and none is joined") {
  const Searched searched = searched_with("output-stationary");
  const nest::TensorCounts& sums = searched.of(kResidentLevel, kLoweredOutputs);
  CHECK(sums.updates == 4 * 6);
  CHECK(sums.reads == 0);
  for (const LoweredLevel level : {kPeLevel, kUnitLevel})
    CHECK(searched.of(level, kLoweredOutputs).reductions == 0);
}

TEST_CASE("input-stationary: every input enters a PE once for all outputs") {
  for (const char* name : {"input-stationary", "lut-stationary"}) {
    const Searched searched = searched_with(name);
    CHECK(searched.of(kPeLevel, kLoweredInputs).fills == 4 * 8 * spread(searched, kOutputs, 6));
  }
}

TEST_CASE("row-stationary: the reduction alone runs down the rows") {
  const Searched searched = searched_with("row-stationary");
  const nest::LevelLoops& array = searched.found.outcome.best->mapping.levels.at(kStreamLevel);
  for (const nest::Loop& loop : array.y) CHECK(loop.dimension == kUnits);
  for (const nest::Loop& loop : array.x) CHECK(loop.dimension != kUnits);
  for (const nest::Loop& loop : array.temporal)
    if (loop.dimension == kTokens) CHECK(array.temporal.back().dimension == kTokens);
}

TEST_CASE("no-local-reuse: a PE takes a new input and a new weight for every MAC") {
  const Searched searched = searched_with("no-local-reuse");
  CHECK(searched.of(kPeLevel, kLoweredInputs).fills == kMacs);
  CHECK(searched.of(kPeLevel, kLoweredWeights).fills == kMacs);
  CHECK_FALSE(searched.counts.levels.at(kPeLevel).kept.at(kLoweredOutputs));
}

TEST_CASE("a dataflow costs at least what the best mapping costs") {
  const double best = searched_with(Constraints{}).found.outcome.best->cost.edp();
  for (const std::string& name : dataflow_names()) {
    INFO(name);
    CHECK(searched_with(name).found.outcome.best->cost.edp() >= best * (1.0 - 1e-12));
  }
  CHECK_FALSE(named_dataflow("stationary"));
}

TEST_CASE("pins are met: tiles, loops over rows and columns, order, what is kept") {
  Constraints pins;
  pins.levels[kStreamLevel].y_bounds = {{kUnits, 2}};
  pins.levels[kStreamLevel].x_bounds = {{kOutputs, 3}};
  pins.levels[kPeLevel].tiles = {{kUnits, 2}};
  pins.levels[kPeLevel].keep = {{kLoweredOutputs, true}};
  const Searched searched = searched_with(pins);
  REQUIRE(searched.found.outcome.best);
  const nest::Mapping& mapping = searched.found.outcome.best->mapping;
  CHECK(searched.counts.levels.at(kPeLevel).kept.at(kLoweredOutputs));
  CHECK(nest::tile_words(searched.way().space.problem, mapping, kPeLevel, kLoweredInputs) % 2 == 0);
  for (const nest::Loop& loop : mapping.levels.at(kStreamLevel).y)
    if (loop.dimension == kUnits) CHECK(loop.tile == 2);
}

TEST_CASE("a constraint that no way can follow is named with the level") {
  const auto refusal = [](const Constraints& constraints) {
    const Searched searched = searched_with(constraints);
    REQUIRE_FALSE(searched.found.outcome.best);
    REQUIRE_FALSE(searched.found.outcome.refusal.reasons.empty());
    return searched.found.outcome.refusal.reasons.front().constraint;
  };
  Constraints keeps;
  keeps.levels[kStreamLevel].keep = {{kLoweredOutputs, true}};
  CHECK(refusal(keeps) == "stream: it never keeps the outputs");
  Constraints rows;
  rows.levels[kStreamLevel].y_bounds = {{kUnits, 3}};
  CHECK(refusal(rows) == "stream: loops over y spread over 3 instances; there are 2");
  Constraints columns;
  columns.levels[kStreamLevel].x_bounds = {{kUnits, 2}};
  CHECK(refusal(columns) == "stream: k does not run over x");
  Constraints tile;
  tile.levels[kPeLevel].tiles = {{kTokens, 5}};
  CHECK(refusal(tile) == "pe: a tile of 5 of m, which has 4");
  Constraints stays;
  stays.levels[kUnitLevel].stationary = {kLoweredWeights};
  CHECK(refusal(stays) == "unit: neither it nor a level inside it keeps the weights");
}

TEST_CASE("every mapping that is found is found again when its tiles and its spread are pinned") {
  const arch::Architecture a = example::architecture();
  for (const Product& product : {Product{1, 1, 50, 64}, Product{1, 4, 40, 33},
                                 Product{1, 7, 19, 90}, Product{1, 16, 16, 16}}) {
    INFO(product.tokens << " x " << product.inputs << " x " << product.outputs);
    const Kernel kernel = example::kernel(workload::default_format(workload::FormatKind::kFp16, 0),
                                          product.inputs, product.outputs);
    const LayerContext context{a, 0, {}, normalised_prices(a, 0)};
    Policy policy;
    policy.fast_budget = 1000;
    const ProductSearch found = search_product(context, product, kernel, policy);
    REQUIRE(found.outcome.best);
    const search::Space& space = found.lowerings[found.outcome.best->space].space;
    policy.constraints = Constraints{};
    for (std::size_t d = 0; d < space.problem.dimensions.size(); ++d) {
      std::uint64_t extent = space.problem.dimensions[d].size;
      for (std::size_t level = 0; level <= kUnitLevel; ++level) {
        search::LevelRule& rule = policy.constraints->levels.at(level);
        if (level > 0) rule.tiles[d] = extent;
        const nest::LevelLoops& loops = found.outcome.best->mapping.levels[level];
        for (const auto* of : {&loops.temporal, &loops.y, &loops.x})
          for (const nest::Loop& loop : *of) {
            if (loop.dimension != d) continue;
            const std::uint64_t runs = (extent + loop.tile - 1) / loop.tile;
            if (of == &loops.y) rule.y_bounds[d] = runs;
            if (of == &loops.x) rule.x_bounds[d] = runs;
            extent = loop.tile;
          }
      }
    }
    const ProductSearch again = search_product(context, product, kernel, policy);
    REQUIRE(again.outcome.best);
    CHECK(again.outcome.best->cost.edp() <= found.outcome.best->cost.edp() * (1.0 + 1e-9));
  }
}
