// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "models/search/branch.h"
#include "models/search/search.h"
#include "tests/models/nest/oracle.h"
#include "tests/models/search/eyeriss_spaces.h"

// How many mappings a second the search's cost expression evaluates, beside a walk through the
// nest; with --searches, how long searches take (minutes). CPU time, one core. Exit status 1 when a
// limit is broken.
namespace addax {
namespace {

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

bool report(const std::string& what, double value, bool kept, const std::string& limit) {
  fmt::print("{:<58} {:>10.4g} limit {:>10}  {}\n", what, value, limit, kept ? "kept" : "BROKEN");
  return kept;
}

// Legal mappings of one order of loops: chains of tiles, three by three.
struct Sample {
  explicit Sample(const search::Space& from)
      : space(from),
        skeleton{search::keep_choices(from).front(), {{0, 2, 1}, {2, 0}, {0, 1, 2}, {}}},
        form(from, skeleton) {
    const search::Capacities capacities(space, skeleton.keep);
    for (std::size_t d = 0; d < 3; ++d) {
      chains[d] = search::ChainMaker(space, skeleton, capacities, d).chains();
      for (const search::Tiles& chain : chains[d]) {
        values[d].emplace_back();
        for (const search::Component& component : form.components()[d])
          values[d].back().push_back(component.of({space.problem.dimensions[d].size, chain}));
      }
    }
    std::mt19937 random(1);
    while (choices.size() < kMappings) {
      Choice choice;
      for (std::size_t d = 0; d < 3; ++d) choice[d] = random() % chains[d].size();
      const nest::Mapping drawn = mapping(choice);
      if (nest::faults(space.problem, space.hierarchy, drawn).empty()) choices.push_back(choice);
    }
  }

  using Choice = std::array<std::size_t, 3>;
  nest::Mapping mapping(const Choice& choice) const {
    return search::mapping_of(
        space, skeleton, {&chains[0][choice[0]], &chains[1][choice[1]], &chains[2][choice[2]]});
  }
  search::CostBound cost(const Choice& choice) const {
    search::Box box;
    for (std::size_t d = 0; d < 3; ++d) box.low.push_back(values[d][choice[d]].data());
    box.high = box.low;
    return form.bound(box);
  }

  static constexpr std::size_t kMappings = 2000;
  search::Space space;
  search::Skeleton skeleton;
  search::Form form;
  std::vector<search::Tiles> chains[3];
  std::vector<std::vector<double>> values[3];
  std::vector<Choice> choices;
};

bool evaluations() {
  constexpr double kLeastASecond = 3e6;
  const Sample sample(tests::eyeriss_products({8, 12, 10})[2]);
  double start = cpu_seconds();
  std::uint64_t evaluated = 0;
  double sum = 0.0;
  search::Box box;
  box.low.resize(3);
  box.high.resize(3);
  while (cpu_seconds() - start < 0.5)
    for (const Sample::Choice& choice : sample.choices) {
      for (std::size_t d = 0; d < 3; ++d)
        box.low[d] = box.high[d] = sample.values[d][choice[d]].data();
      sum += sample.form.bound(box).energy_pj;
      ++evaluated;
    }
  const double ours = (cpu_seconds() - start) / static_cast<double>(evaluated);
  start = cpu_seconds();
  std::size_t closed = 0;
  bool equal = true;
  for (const Sample::Choice& choice : sample.choices) {
    const nest::Counts counts =
        nest::count(sample.space.problem, sample.space.hierarchy, sample.mapping(choice));
    const nest::Cost cost = nest::evaluate(sample.space.hierarchy, sample.space.costs, counts);
    const search::CostBound bound = sample.cost(choice);
    equal = equal && std::abs(cost.energy_pj / bound.energy_pj - 1) < 1e-12 &&
            std::abs(cost.cycles / bound.cycles - 1) < 1e-12;
    ++closed;
  }
  const double counted = (cpu_seconds() - start) / static_cast<double>(closed);
  start = cpu_seconds();
  std::size_t walked = 0;
  for (; cpu_seconds() - start < 0.5; ++walked)
    tests::walk(sample.space.problem, sample.space.hierarchy,
                sample.mapping(sample.choices[walked % sample.choices.size()]),
                nest::CountRules::kAddax);
  const double oracle = (cpu_seconds() - start) / static_cast<double>(walked);
  fmt::print(
      "a mapping of 8 x 12 x 10: {:.4g} us, {:.4g} us counted anew ({:.4g} times), {:.4g} us "
      "walked "
      "through ({:.4g} times); {:.3g} pJ in all\n",
      1e6 * ours, 1e6 * counted, counted / ours, 1e6 * oracle, oracle / ours, sum);
  const bool fast = report("  valid mappings a second", 1.0 / ours, 1.0 / ours >= kLeastASecond,
                           fmt::format("{:g}", kLeastASecond));
  return report("  costs equal to nest::count and nest::evaluate", equal ? 1.0 : 0.0, equal, "1") &&
         fast;
}

struct Kind {
  const char* name;
  std::vector<search::Space> (*spaces)(const tests::Gemm&);
};

void searches() {
  constexpr std::uint64_t kFastBudget = 3000;
  for (const Kind& kind :
       {Kind{"products", tests::eyeriss_products}, Kind{"tables", tests::eyeriss_tables}})
    for (const tests::Gemm& shape : tests::gemms())
      for (const search::Objective objective :
           {search::Objective::kEnergy, search::Objective::kLatency, search::Objective::kEdp}) {
        search::Options options;
        options.objective = objective;
        const std::vector<search::Space> spaces = kind.spaces(shape);
        double start = cpu_seconds();
        const search::Outcome whole = search::search(spaces, options);
        const double seconds = cpu_seconds() - start;
        options.budget = kFastBudget;
        start = cpu_seconds();
        const search::Outcome fast = search::search(spaces, options);
        const double fast_seconds = cpu_seconds() - start;
        const double best = search::value(objective, whole.best->cost);
        fmt::print(
            "{:<8} {:>3} x {:>4} x {:>5} {:<7} {:>8.3f} s, {:>8} nodes, gap {:>8.3f} %; fast "
            "{:>6.1f} ms, {:>6.2f} % above it\n",
            kind.name, shape.m, shape.k, shape.n, search::name(objective), seconds, whole.nodes,
            100 * whole.gap(objective), 1e3 * fast_seconds,
            100 * (search::value(objective, fast.best->cost) / best - 1));
      }
}

}  // namespace
}  // namespace addax

int main(int arguments, char** argument) {
  const bool kept = addax::evaluations();
  if (arguments > 1 && std::string(argument[1]) == "--searches") addax::searches();
  return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
