// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <random>

#include "tests/catch.h"
#include "tests/models/nest/oracle.h"
#include "tests/models/nest/random_nests.h"
#include "tests/seed.h"

using namespace addax;

using tests::RandomNest;
using tests::RandomNests;

namespace {

// Everything that counts say, as text: a difference shows where it is.
std::string text(const nest::Problem& problem, const nest::Counts& counts) {
  std::string text = "macs " + std::to_string(counts.macs) + ", steps " +
                     std::to_string(counts.steps) + ", cycles " + std::to_string(counts.cycles);
  for (std::size_t level = 0; level < counts.levels.size(); ++level) {
    const nest::LevelCounts& of = counts.levels[level];
    text += "\nlevel " + std::to_string(level) + ": " + std::to_string(of.instances) + " instances";
    for (std::size_t tensor = 0; tensor < of.tensors.size(); ++tensor) {
      text += "\n  " + problem.tensors[tensor].name + (of.kept[tensor] ? ":" : " bypassed:");
      const nest::TensorCounts& all = of.tensors[tensor];
      for (const std::uint64_t words :
           {all.reads, all.fills, all.updates, all.row_words, all.reductions})
        text += " " + std::to_string(words);
      const nest::InstanceCounts& one = of.busiest[tensor];
      text += ", the busiest";
      for (const std::uint64_t words : {one.reads, one.fills, one.updates, one.turns})
        text += " " + std::to_string(words);
    }
  }
  return text;
}

bool cut_short(const tests::RandomNest& nest) {
  std::vector<std::uint64_t> extents;
  for (const nest::Dimension& dimension : nest.problem.dimensions)
    extents.push_back(dimension.size);
  bool found = false;
  for (const nest::LevelLoops& level : nest.mapping.levels)
    for (const std::vector<nest::Loop>* loops : {&level.temporal, &level.y, &level.x})
      for (const nest::Loop& loop : *loops) {
        found = found || extents[loop.dimension] % loop.tile != 0;
        extents[loop.dimension] = loop.tile;
      }
  return found;
}

// A product whose innermost level prepares inputs word by word: its tables are read by rows of weights.
RandomNest with_preparation(std::mt19937& random) {
  const auto pick = [&](std::uint64_t least, std::uint64_t most) {
    return least + random() % (most - least + 1);
  };
  constexpr std::size_t kK = 1, kN = 2;
  RandomNest nest;
  nest.problem = nest::matrix_product(pick(1, 3), pick(1, 4), pick(8, 40));
  REQUIRE((nest.problem.indexes(0, kK) && !nest.problem.indexes(0, kN)));
  nest.hierarchy.levels.resize(3);
  for (nest::Level& level : nest.hierarchy.levels) {
    level.tensors.resize(nest.problem.tensors.size());
    level.fan_out_x = level.fan_out_y = 1000;
  }
  nest::Storage& prepared = nest.hierarchy.levels[2].tensors[0];
  prepared.capacity_bits = prepared.word_bits;
  prepared.preparation_steps = pick(2, 12);
  std::vector<std::uint64_t> extents;
  for (const nest::Dimension& dimension : nest.problem.dimensions)
    extents.push_back(dimension.size);
  const auto cut = [&](std::vector<nest::Loop>& loops, std::size_t dimension, std::uint64_t tile) {
    loops.push_back({dimension, tile});
    extents[dimension] = tile;
  };
  nest.mapping.levels.assign(3, {{}, {}, {}, {true, true, true}});
  for (std::size_t level = 0; level < 2; ++level) {
    nest::LevelLoops& loops = nest.mapping.levels[level];
    for (std::uint64_t i = pick(0, 4); i > 0; --i) {
      const std::size_t dimension = pick(0, 1) == 0 ? kN : pick(0, kK);
      cut(loops.temporal, dimension, pick(1, extents[dimension]));
    }
    for (std::vector<nest::Loop>* spatial : {&loops.y, &loops.x}) {
      const std::size_t dimension = pick(0, kN);
      if (pick(0, 2) == 0) cut(*spatial, dimension, pick(1, extents[dimension]));
    }
  }
  nest::LevelLoops& array = nest.mapping.levels[1];
  for (std::size_t dimension = 0; dimension < kN; ++dimension)
    if (extents[dimension] > 1)
      cut(array.y.empty() && array.x.empty() ? array.temporal : array.x, dimension, 1);
  nest::LevelLoops& last = nest.mapping.levels[2];
  cut(last.temporal, kN, pick(1, extents[kN]));
  if (extents[kN] > 1) cut(last.x, kN, 1);
  return nest;
}

}  // namespace

TEST_CASE("Counts in closed form are those of a walk through the nest") {
  constexpr int kCases = 4000;
  RandomNests nests(tests::printed(20240611));
  int imperfect = 0;
  for (int i = 0; i < kCases; ++i) {
    const RandomNest nest = nests.next();
    INFO("case " << i << "\n" << nest.text());
    REQUIRE(nest::faults(nest.problem, nest.hierarchy, nest.mapping).empty());
    imperfect += cut_short(nest) ? 1 : 0;
    for (const nest::CountRules rules : {nest::CountRules::kAddax, nest::CountRules::kTimeloop})
      REQUIRE(text(nest.problem, nest::count(nest.problem, nest.hierarchy, nest.mapping, rules)) ==
              text(nest.problem, tests::walk(nest.problem, nest.hierarchy, nest.mapping, rules)));
  }
  CHECK(imperfect > kCases / 4);
  CHECK(imperfect < kCases);
}

TEST_CASE("Turns of words that are prepared are those of a walk through the nest") {
  constexpr int kCases = 3000;
  std::mt19937 random(tests::printed(20240711));
  int longer = 0;  // than all steps, and than all preparations
  for (int i = 0; i < kCases; ++i) {
    const RandomNest nest = with_preparation(random);
    INFO("case " << i << "\n" << nest.text());
    REQUIRE(nest::faults(nest.problem, nest.hierarchy, nest.mapping).empty());
    const nest::Counts counts = nest::count(nest.problem, nest.hierarchy, nest.mapping);
    REQUIRE(text(nest.problem, counts) ==
            text(nest.problem, tests::walk(nest.problem, nest.hierarchy, nest.mapping,
                                           nest::CountRules::kAddax)));
    const nest::InstanceCounts& inputs = counts.levels[2].busiest[0];
    const std::uint64_t preparing =
        inputs.fills * nest.hierarchy.levels[2].tensors[0].preparation_steps;
    REQUIRE(inputs.turns >= std::max(counts.steps, preparing));
    longer += inputs.turns > std::max(counts.steps, preparing) ? 1 : 0;
  }
  CHECK(longer > kCases / 60);
}

TEST_CASE("A halo that is multicast through a level without the tensor is read once") {
  // Inputs pass L1. Its two instances hold E from 0 and from 3, and go through it in twos: with R = 3
  // they need inputs 0 to 3 and 3 to 6 at once. E's last tile is no longer than two: there M brings
  // nothing back.
  RandomNest nest;
  nest.problem = nest::convolution({1, 1, 2, 1, 8, 1, 3, 1, 1});
  constexpr std::size_t kM = 2, kE = 4, kR = 6;
  nest.hierarchy.levels.resize(3);
  for (nest::Level& level : nest.hierarchy.levels) {
    level.tensors.resize(3);
    level.fan_out_x = 2;
  }
  nest.mapping.levels = {{{{kE, 6}, {kM, 1}}, {}, {{kE, 3}}, {true, true, true}},
                         {{{kE, 2}}, {}, {}, {false, true, true}},
                         {{{kE, 1}, {kR, 1}}, {}, {}, {true, true, true}}};
  REQUIRE(nest::faults(nest.problem, nest.hierarchy, nest.mapping).empty());
  const nest::Counts counts = nest::count(nest.problem, nest.hierarchy, nest.mapping);
  // The first tile, twice for M: 0..6, then E = 2 and 5 with a halo of two: 2..4 and 5..7. The last
  // tile, once: E = 6 and 7, of one instance: 6..9.
  CHECK(counts.levels[0].tensors[0].reads == 2 * (7 + 6) + 4);
  CHECK(counts.levels[2].tensors[0].fills == 2 * (4 + 4 + 3 + 3) + 4);
  CHECK(text(nest.problem, counts) ==
        text(nest.problem,
             tests::walk(nest.problem, nest.hierarchy, nest.mapping, nest::CountRules::kAddax)));
}
