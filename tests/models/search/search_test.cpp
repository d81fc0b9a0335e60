// SPDX-License-Identifier: Apache-2.0
#include "models/search/search.h"

#include <algorithm>
#include <cmath>

#include "tests/models/search/brute_force.h"
#include "tests/models/search/random_space.h"
#include "tests/seed.h"

namespace addax {
namespace {

using search::Objective;

constexpr Objective kObjectives[] = {Objective::kEnergy, Objective::kLatency, Objective::kEdp};

struct Truth {
  std::uint64_t mappings = 0;
  double best[3] = {HUGE_VAL, HUGE_VAL, HUGE_VAL};
  std::vector<nest::Cost> front;
};

// Of two costs that agree but for rounding, the first is kept.
bool betters(const nest::Cost& a, const nest::Cost& b) {
  return a.energy_pj <= b.energy_pj * (1 + 1e-11) && a.cycles <= b.cycles * (1 + 1e-11);
}

void collect(Truth& truth, const nest::Cost& cost) {
  for (std::size_t i = 0; i < 3; ++i)
    truth.best[i] = std::min(truth.best[i], search::value(kObjectives[i], cost));
  std::vector<nest::Cost>& front = truth.front;
  if (std::any_of(front.begin(), front.end(),
                  [&](const nest::Cost& point) { return betters(point, cost); }))
    return;
  front.erase(std::remove_if(front.begin(), front.end(),
                             [&](const nest::Cost& point) { return betters(cost, point); }),
              front.end());
  front.push_back(cost);
}

void agrees(const search::Space& space, Truth& truth) {
  for (std::size_t i = 0; i < 3; ++i) {
    search::Options options;
    options.objective = kObjectives[i];
    const search::Outcome outcome = search::search({space}, options);
    CAPTURE(search::name(kObjectives[i]));
    REQUIRE(outcome.best.has_value() == (truth.mappings > 0));
    if (!outcome.best) continue;
    CHECK(outcome.proven);
    CHECK(nest::faults(space.problem, space.hierarchy, outcome.best->mapping).empty());
    CHECK(search::value(kObjectives[i], outcome.best->cost) ==
          Approx(truth.best[i]).epsilon(1e-11));
  }
  const search::Frontier frontier = search::pareto({space}, {});
  CHECK(frontier.complete);
  std::sort(truth.front.begin(), truth.front.end(),
            [](const nest::Cost& a, const nest::Cost& b) { return a.cycles < b.cycles; });
  REQUIRE(frontier.points.size() == truth.front.size());
  for (std::size_t i = 0; i < truth.front.size(); ++i) {
    CHECK(frontier.points[i].cost.cycles == Approx(truth.front[i].cycles).epsilon(1e-11));
    CHECK(frontier.points[i].cost.energy_pj == Approx(truth.front[i].energy_pj).epsilon(1e-11));
  }
}

void random_cases(std::uint32_t seed, int cases, std::uint64_t most, bool idles) {
  std::mt19937 random(tests::printed(seed));
  int tried = 0;
  int found = 0;
  std::uint64_t mappings = 0;
  for (int number = 0; tried < cases; ++number) {
    const search::Space space = tests::random_space(random, idles);
    Truth truth;
    const auto count = tests::every_mapping(
        space, most, [&](const nest::Mapping&, const nest::Cost& cost) { collect(truth, cost); });
    if (!count || (*count == 0 && number % 8 != 0)) continue;
    CAPTURE(number);
    truth.mappings = *count;
    mappings += *count;
    ++tried;
    found += *count > 0 ? 1 : 0;
    agrees(space, truth);
  }
  WARN(tried << " spaces, of which " << found << " hold " << mappings << " mappings in all");
}

// One level above the registers of one unit; a word read out of it is 1 pJ.
search::Space simple_space(std::uint64_t m, std::uint64_t k, std::uint64_t n) {
  search::Space space;
  space.problem = nest::matrix_product(m, k, n);
  nest::Level memory;
  memory.name = "memory";
  memory.tensors.resize(3);
  nest::Level registers = memory;
  registers.name = "registers";
  registers.capacity_bits = 16 * 64;
  space.hierarchy.levels = {memory, registers};
  for (const std::size_t tensor : {0, 1, 2})
    space.costs.energy_pj.push_back({0, tensor, nest::Flow::kReads, 1.0});
  return space;
}

}  // namespace

TEST_CASE("search and Pareto set agree with every mapping tried, in random spaces", "[search]") {
  random_cases(20261122, 60, 3000, true);
}

TEST_CASE("search and Pareto set agree with every mapping tried, in larger random spaces",
          "[search][slow]") {
  random_cases(7, 140, 30000, true);
}

TEST_CASE("search and Pareto set agree with every mapping tried, in larger spaces without waits",
          "[search][slow]") {
  random_cases(8, 100, 30000, false);
}

TEST_CASE("a search that finds nothing says what excluded how many and what is nearest",
          "[search]") {
  search::Space space;
  space.problem = nest::matrix_product(2, 3, 4);
  nest::Level dram;
  dram.name = "DRAM";
  dram.tensors.resize(3);
  nest::Level element = dram;
  element.name = "PE";
  for (nest::Storage& stored : element.tensors) stored.keep = nest::Keep::kMust;
  element.tensors[2].word_bits = 32;
  element.tensors[2].capacity_bits = 16;
  element.tensors[0].capacity_bits = 32;
  space.hierarchy.levels = {dram, element};
  const search::Outcome outcome = search::search({space}, {});
  CHECK_FALSE(outcome.best);
  // Outputs: tiles of M {1, 2} by N {1, 2, 4}; Inputs: M {1, 2} by K {1, 2, 3}, of which 1 x 1,
  // 1 x 2 and 2 x 1 are within two words. The first count is of each of eight keep choices in DRAM,
  // less none.
  REQUIRE(outcome.refusal.reasons.size() == 2);
  CHECK(outcome.refusal.reasons[0].constraint == "PE: Outputs within 16 bits");
  CHECK(outcome.refusal.reasons[0].excluded == 8 * 6);
  CHECK(outcome.refusal.reasons[1].constraint == "PE: Inputs within 32 bits");
  CHECK(outcome.refusal.reasons[1].excluded == 8 * 3);
  CHECK(outcome.refusal.nearest == "PE: Outputs of 32 bits take 32 bits, 16 more than there are");
}

TEST_CASE("the answer of a search does not depend on the threads, with or without a budget",
          "[search]") {
  std::mt19937 random(tests::printed(11));
  for (int number = 0; number < 12; ++number) {
    const search::Space space = tests::random_space(random, true);
    for (const std::optional<std::uint64_t> budget :
         {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(300)}) {
      if (!budget && number % 4 != 0) continue;
      search::Options options;
      options.budget = budget;
      const search::Outcome one = search::search({space}, options);
      options.threads = 4;
      const search::Outcome four = search::search({space}, options);
      REQUIRE(one.best.has_value() == four.best.has_value());
      CHECK(one.nodes == four.nodes);
      CHECK(one.bound == four.bound);
      if (!one.best) continue;
      CHECK(nest::describe(space.problem, space.hierarchy, one.best->mapping) ==
            nest::describe(space.problem, space.hierarchy, four.best->mapping));
    }
  }
}

TEST_CASE("a budget that is spent on where to begin still finds a mapping") {
  search::Options options;
  options.budget = 1;
  const search::Space space = simple_space(128, 9216, 36864);
  const search::Outcome outcome = search::search({space}, options);
  REQUIRE(outcome.best);
  CHECK(nest::faults(space.problem, space.hierarchy, outcome.best->mapping).empty());
  CHECK(outcome.bound <= search::value(options.objective, outcome.best->cost));
}

TEST_CASE("a budget that is spent pays for no other way of keeping tensors") {
  search::Options options;
  options.budget = 1;
  search::Space space = simple_space(128, 96, 64);
  for (std::size_t level : {0, 1})
    for (nest::Storage& storage : space.hierarchy.levels[level].tensors)
      storage.keep = nest::Keep::kMust;
  const std::uint64_t alone = search::search({space}, options).nodes;
  search::Space bypassed = space;
  bypassed.hierarchy.levels[1].tensors[0].keep = nest::Keep::kNever;
  CHECK(search::search({space, bypassed}, options).nodes == alone);
}

TEST_CASE("spaces whose problems differ in size are searched together") {
  search::Options options;
  options.objective = Objective::kEnergy;
  options.budget = 20'000;
  std::vector<search::Space> spaces = {simple_space(128, 9216, 36864), simple_space(2, 3, 5),
                                       simple_space(1, 1, 1)};
  // Read as operands, not held on the way: one word each of one input and one weight.
  for (search::Space& space : spaces)
    for (nest::Storage& storage : space.hierarchy.levels[0].tensors)
      storage.keep = nest::Keep::kMust;
  const search::Outcome outcome = search::search(spaces, options);
  REQUIRE(outcome.best);
  CHECK(outcome.best->space == 2);
  CHECK(outcome.best->cost.energy_pj == 2.0);
}

}  // namespace addax
