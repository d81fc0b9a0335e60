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

Searched search(const Constraints& constraints, const Product& product = kProduct) {
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

Searched search(const std::string& dataflow) {
  const auto constraints = named_dataflow(dataflow);
  REQUIRE(constraints);
  Searched searched = search(*constraints);
  REQUIRE(searched.found.outcome.best);
  return searched;
}

std::uint64_t runs(const std::vector<nest::Loop>& loops, std::size_t dimension,
                   std::uint64_t extent) {
  return spread_over(loops, dimension, extent);
}

}  // namespace

TEST_CASE("weight-stationary: every weight enters a PE once for all tokens") {
  const Searched searched = search("weight-stationary");
  const nest::LevelLoops& array = searched.found.outcome.best->mapping.levels.at(kStreamLevel);
  // PEs that take other tokens hold weights of their own.
  const std::uint64_t copies = runs(array.y, kTokens, 4) * runs(array.x, kTokens, 4);
  CHECK(searched.of(kPeLevel, kLoweredWeights).fills == 6 * 8 * copies);
}

TEST_CASE("output-stationary: every sum leaves its PE once, complete, and none is joined") {
  const Searched searched = search("output-stationary");
  const nest::TensorCounts& sums = searched.of(kResidentLevel, kLoweredOutputs);
  CHECK(sums.updates == 4 * 6);
  CHECK(sums.reads == 0);
  for (const LoweredLevel level : {kPeLevel, kUnitLevel})
    CHECK(searched.of(level, kLoweredOutputs).reductions == 0);
}

TEST_CASE("input-stationary: every input enters a PE once for all outputs") {
  for (const char* name : {"input-stationary", "lut-stationary"}) {
    const Searched searched = search(name);
    const nest::LevelLoops& array = searched.found.outcome.best->mapping.levels.at(kStreamLevel);
    const std::uint64_t copies = runs(array.y, kOutputs, 6) * runs(array.x, kOutputs, 6);
    CHECK(searched.of(kPeLevel, kLoweredInputs).fills == 4 * 8 * copies);
  }
}

TEST_CASE("row-stationary: the reduction alone runs down the rows") {
  const Searched searched = search("row-stationary");
  const nest::LevelLoops& array = searched.found.outcome.best->mapping.levels.at(kStreamLevel);
  for (const nest::Loop& loop : array.y) CHECK(loop.dimension == kUnits);
  for (const nest::Loop& loop : array.x) CHECK(loop.dimension != kUnits);
  if (!array.temporal.empty() && runs(array.temporal, kTokens, 4) > 1)
    CHECK(array.temporal.back().dimension == kTokens);
}

TEST_CASE("no-local-reuse: a PE takes a new input and a new weight for every MAC") {
  const Searched searched = search("no-local-reuse");
  CHECK(searched.of(kPeLevel, kLoweredInputs).fills == kMacs);
  CHECK(searched.of(kPeLevel, kLoweredWeights).fills == kMacs);
  CHECK_FALSE(searched.counts.levels.at(kPeLevel).kept.at(kLoweredOutputs));
}

TEST_CASE("a dataflow costs at least what the best mapping costs") {
  const double best = search(Constraints{}).found.outcome.best->cost.edp();
  for (const std::string& name : dataflow_names()) {
    INFO(name);
    CHECK(search(name).found.outcome.best->cost.edp() >= best * (1.0 - 1e-12));
  }
  CHECK_FALSE(named_dataflow("stationary"));
}

TEST_CASE("pins are met: tiles, loops over rows and columns, order, what is kept") {
  Constraints pins;
  pins.levels[kStreamLevel].y_bounds = {{kUnits, 2}};
  pins.levels[kStreamLevel].x_bounds = {{kOutputs, 3}};
  pins.levels[kPeLevel].tiles = {{kUnits, 2}};
  pins.levels[kPeLevel].keep = {{kLoweredOutputs, true}};
  const Searched searched = search(pins);
  REQUIRE(searched.found.outcome.best);
  const nest::Mapping& mapping = searched.found.outcome.best->mapping;
  CHECK(searched.counts.levels.at(kPeLevel).kept.at(kLoweredOutputs));
  CHECK(nest::tile_words(searched.way().space.problem, mapping, kPeLevel, kLoweredInputs) % 2 == 0);
  for (const nest::Loop& loop : mapping.levels.at(kStreamLevel).y)
    if (loop.dimension == kUnits) CHECK(loop.tile == 2);
}

TEST_CASE("a constraint that no way can follow is named with the level") {
  const auto refusal = [](const Constraints& constraints) {
    const Searched searched = search(constraints);
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
