// SPDX-License-Identifier: Apache-2.0
#include "models/nest/mapping.h"

#include "models/nest/costs.h"
#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "tests/catch.h"

using namespace addax::nest;

namespace {

constexpr std::size_t kM = 0, kK = 1, kN = 2;

/// 16 x 96 x 56 on a memory, a buffer without weights and an array of 14 x 12 register files.
struct Example {
  Problem problem = matrix_product(16, 96, 56);
  Hierarchy hierarchy;
  Mapping mapping;

  Example() {
    for (const char* name : {"DRAM", "GLB", "RF"}) {
      Level level;
      level.name = name;
      level.tensors.assign(3, {Keep::kMay, 8, std::nullopt});
      hierarchy.levels.push_back(level);
    }
    hierarchy.levels[1].fan_out_x = 14;
    hierarchy.levels[1].fan_out_y = 12;
    mapping.levels = {{{{kN, 28}, {kK, 48}}, {}, {}, {true, true, true}},
                      {{{kM, 1}}, {{kK, 4}}, {{kN, 2}}, {true, false, true}},
                      {{{kK, 1}, {kN, 1}}, {}, {}, {true, true, true}}};
  }
  std::vector<std::string> faults() const {
    return addax::nest::faults(problem, hierarchy, mapping);
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("A legal mapping has no faults") {
  Example example;
  CHECK(example.faults().empty());
  CHECK(tile_words(example.problem, example.mapping, 0, 1) == 96 * 56);
  CHECK(tile_words(example.problem, example.mapping, 1, 0) == 16 * 48);
  CHECK(tile_words(example.problem, example.mapping, 2, 1) == 4 * 2);
  // As much as fits, to the bit.
  example.hierarchy.levels[2].capacity_bits = (4 + 8 + 2) * 8;
  example.hierarchy.levels[2].tensors[1].capacity_bits = 64;
  CHECK(example.faults().empty());
}

TEST_CASE("What does not fit is named with its level and by how much") {
  Example example;
  example.hierarchy.levels[1].capacity_bits = 9000;
  example.hierarchy.levels[2].tensors[1].capacity_bits = 60;
  // Inputs 16 x 48 and Outputs 16 x 28 words: (768 + 448) x 8 = 9728 bits.
  CHECK(example.faults() ==
        Texts{"GLB: words of Inputs 768, Outputs 448, together 9728 bits, 728 bits (91 words) more "
              "than the capacity of 9000 bits",
              "RF: Weights holds 8 words of 8 bits, 64 bits, 4 bits (1 words) more than the "
              "capacity of 60 bits"});
}

TEST_CASE("A loop over more instances than there are is a fault") {
  Example example;
  example.hierarchy.levels[1].fan_out_x = 13;
  example.hierarchy.levels[1].fan_out_y = 6;
  CHECK(example.faults() ==
        Texts{"GLB: loops over y (K) spread over 12 instances, 6 more than the fan-out of 6",
              "GLB: loops over x (N) spread over 14 instances, 1 more than the fan-out of 13"});
}

TEST_CASE("Tiles shrink inwards to one point") {
  Example example;
  example.mapping.levels[2].temporal = {{kK, 5}, {kN, 0}};
  CHECK(example.faults() ==
        Texts{"RF: a temporal loop over K has tiles of 5; allowed: 1 to 4, which is what it cuts",
              "RF: a temporal loop over N has tiles of 0; allowed: 1 to 2, which is what it cuts",
              "RF: K: 4 points are left below the innermost loop; allowed: 1",
              "RF: N: 2 points are left below the innermost loop; allowed: 1"});
}

TEST_CASE("Tensors are kept where they must be, where they may be, and somewhere") {
  Example example;
  example.hierarchy.levels[1].tensors[1].keep = Keep::kMust;
  example.hierarchy.levels[2].tensors[0].keep = Keep::kNever;
  for (LevelLoops& level : example.mapping.levels) level.keep[2] = false;
  CHECK(example.faults() ==
        Texts{"RF: Inputs is kept, but may not be", "GLB: Weights is not kept, but must be",
              "DRAM: Outputs is kept here and below by no level; allowed: one"});
  CHECK_THROWS_AS(count(example.problem, example.hierarchy, example.mapping),
                  addax::quantity::Defect);
}

TEST_CASE("A nest reads as indented loops, those that run once left out") {
  Example example;
  example.mapping.levels[0].temporal = {{kM, 16}, {kN, 30}, {kK, 48}};
  example.mapping.levels[1].x = {{kN, 3}};
  CHECK(describe(example.problem, example.hierarchy, example.mapping) ==
        Texts{"DRAM: Inputs, Weights, Outputs", "  for N in 0..2 (tile 30, last 26)",
              "    for K in 0..2 (tile 48)", "    GLB: Inputs, Outputs",
              "      for M in 0..16 (tile 1)", "        spatial y: K in 0..12 (tile 4)",
              "          spatial x: N in 0..10 (tile 3)", "          RF: Inputs, Weights, Outputs",
              "            for K in 0..4 (tile 1)", "              for N in 0..3 (tile 1)"});
}

TEST_CASE("A mapping costs what its words, its steps and its cycles cost") {
  const Example example;
  const Counts counts = count(example.problem, example.hierarchy, example.mapping);
  CHECK(counts.steps == 512);
  // A word of Inputs reaches 12 rows of PEs one each: 16 x 96 of them, for both halves of N.
  CHECK(counts.levels[2].tensors[0].row_words == 2 * 16 * 96);
  // Of 12 sums along a column of PEs, 11 pass to a neighbour; 896 sums in two rounds.
  CHECK(counts.levels[2].tensors[2].reductions == 11 * 896 * 2);
  Costs costs;
  costs.fixed_pj = 5.0;
  costs.energy_pj = {{0, 1, Flow::kReads, 2.0}, {2, 2, Flow::kReductions, 1.0}};
  costs.a_cycle_pj = 0.5;
  Cost cost = evaluate(example.hierarchy, costs, counts);
  CHECK(cost.cycles == 512.0);
  CHECK(cost.energy_pj == 5.0 + 5376 * 2.0 + 11 * 896 * 2 + 0.5 * 512);
  // A link that takes two cycles a weight, and the register file that is filled most.
  costs.resources = {{"link", 0.25, {{0, 1, Flow::kReads, 2.0}}, false},
                     {"port", 0.0, {{2, 1, Flow::kFills, 3.0}}, true}};
  cost = evaluate(example.hierarchy, costs, counts);
  CHECK(busy(costs.resources[0], counts) == 0.25 * 512 + 2 * 5376);
  CHECK(busy(costs.resources[1], counts) == 3.0 * 32);
  CHECK(cost.cycles == 0.25 * 512 + 2 * 5376);
}

TEST_CASE("Counts of the largest layers fit, and those beyond 64 bits are refused") {
  const auto counted = [](std::uint64_t m) {
    Problem problem = matrix_product(m, 50272, 12288);
    Hierarchy hierarchy;
    hierarchy.levels.resize(1);
    hierarchy.levels[0].tensors.resize(3);
    const Mapping mapping = {{{{{kM, 1}, {kK, 1}, {kN, 1}}, {}, {}, {true, true, true}}}};
    return count(problem, hierarchy, mapping);
  };
  CHECK(counted(1ULL << 20).macs == (1ULL << 20) * 50272 * 12288);
  CHECK_THROWS_AS(counted(1ULL << 40), addax::quantity::CountOverflow);
}
