// SPDX-License-Identifier: Apache-2.0
#include "models/search/search.h"
#include "models/search/traffic_bound.h"
#include "tests/catch.h"
#include "tests/models/search/eyeriss_spaces.h"

namespace addax {
namespace {

search::Outcome searched(const std::vector<search::Space>& spaces, search::Objective objective,
                         std::optional<std::uint64_t> budget) {
  search::Options options;
  options.objective = objective;
  options.budget = budget;
  return search::search(spaces, options);
}

}  // namespace

// Weights are read once whatever the mapping, so that the banks that stream them decide: 16 bits
// written and 16 read for each of 9216 x 36864, at 1024 bits a cycle.
TEST_CASE("the least latency of a vector times a large matrix is proven", "[search]") {
  const search::Outcome outcome =
      searched(tests::eyeriss_products({1, 9216, 36864}), search::Objective::kLatency, {});
  REQUIRE(outcome.best);
  CHECK(outcome.proven);
  CHECK(outcome.best->cost.cycles == 9216.0 * 36864.0 * 32.0 / 1024.0);
}

TEST_CASE("the energy of a vector times a matrix is within 0.03 % of its bound", "[search][slow]") {
  for (const tests::Gemm& shape : tests::gemms()) {
    if (shape.m > 1) continue;
    CAPTURE(shape.k, shape.n);
    for (const auto spaces : {tests::eyeriss_products, tests::eyeriss_tables}) {
      const search::Outcome outcome =
          searched(spaces(shape), search::Objective::kEnergy, std::nullopt);
      REQUIRE(outcome.best);
      CHECK(outcome.gap(search::Objective::kEnergy) < 3e-4);
      const search::Outcome fast = searched(spaces(shape), search::Objective::kEnergy, 3000);
      CHECK(fast.best->cost.energy_pj < outcome.best->cost.energy_pj * 1.001);
      CHECK(fast.bound <= outcome.best->cost.energy_pj);
    }
  }
}

TEST_CASE("a bound with what steps cross is no lower than the compulsory one", "[search]") {
  for (const tests::Gemm& shape : tests::gemms())
    for (const search::Space& space : tests::eyeriss_products(shape)) {
      const search::KeepChoice keep = search::keep_choices(space).front();
      const search::CostBound least = search::compulsory(space, keep);
      const search::CostBound crossing = search::traffic_bound(space, keep);
      CHECK(crossing.energy_pj >= least.energy_pj * (1 - 1e-12));
      CHECK(crossing.cycles >= least.cycles * (1 - 1e-12));
    }
}

// Each of four instances holds two of eight words, and is filled once.
TEST_CASE("a bound takes an instance to wait for its share of the tiles", "[search]") {
  search::Space space;
  space.problem.dimensions = {{"k", 8}};
  nest::Index index;
  index.terms = {{0, 1}};
  space.problem.tensors = {{"W", {index}}, {"O", {}}};
  space.problem.output = 1;
  nest::Level dram, pe;
  dram.name = "DRAM";
  dram.fan_out_y = 4;
  dram.reduces_y = true;
  pe.name = "PE";
  nest::Storage stored;
  stored.word_bits = 1;
  stored.keep = nest::Keep::kMust;
  dram.tensors = {stored, stored};
  nest::Storage sums = stored;
  sums.keep = nest::Keep::kNever;
  stored.capacity_bits = 2;
  pe.tensors = {stored, sums};
  space.hierarchy.levels = {dram, pe};
  space.costs.waits = {{1, 0, 100.0}};
  space.costs.cycles_a_step = 1.0;
  const search::CostBound bound = search::traffic_bound(space, search::keep_choices(space).front());
  const search::Outcome outcome = searched({space}, search::Objective::kLatency, {});
  REQUIRE(outcome.best);
  CHECK(outcome.proven);
  CHECK(outcome.best->cost.cycles == 2.0 + 100.0);
  CHECK(bound.cycles == outcome.best->cost.cycles);
}

}  // namespace addax
