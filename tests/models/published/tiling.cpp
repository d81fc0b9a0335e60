// SPDX-License-Identifier: Apache-2.0
#include "models/published/tiling.h"

#include <chrono>
#include <cmath>
#include <random>

#include "models/published/method.h"
#include "tests/catch.h"
#include "tests/seed.h"

using namespace addax::published;

namespace {

constexpr std::uint64_t kPrime = 2147483647;  // 2^31 - 1

bool valid(const Tiling& t, const Capacity& capacity) {
  return t.m0 <= capacity.psum_registers && t.m1 * t.c1 < capacity.pes_below &&
         t.c0 < capacity.input_registers_below && t.m0 * t.c0 < capacity.weight_registers_below &&
         t.n0 * t.c1 * t.c0 + t.n0 * t.m2 * t.m1 * t.m0 < capacity.buffer_words_below;
}

}  // namespace

TEST_CASE("Accesses and energy of a tiling are those counted by hand") {
  // N = 2, C = 12, M = 6: I = 24, W = 72, O = 12.
  const Problem problem{2, 12, 6};
  Tiling t;
  t.n0 = 2;
  t.m0 = 3, t.m1 = 2;
  t.c0 = 2, t.c1 = 3, t.c2 = 2;
  const Accesses counts = accesses(problem, t);
  // M3 I; M3 M2 I; M3 M2 M1 I; M3 M2 M1 M0 I
  CHECK(counts.inputs.dram == 24.0);
  CHECK(counts.inputs.buffer == 24.0);
  CHECK(counts.inputs.network == 48.0);
  CHECK(counts.inputs.registers == 144.0);
  // N3 W; weights do not pass the buffer; N3 W; N3 N0 W
  CHECK(counts.weights.dram == 72.0);
  CHECK(counts.weights.buffer == 0.0);
  CHECK(counts.weights.network == 72.0);
  CHECK(counts.weights.registers == 144.0);
  // O; 2 (2 - 1) O; 2 (3 - 1) O; 2 x 2 x 3 (2 - 1) O
  CHECK(counts.outputs.dram == 12.0);
  CHECK(counts.outputs.buffer == 24.0);
  CHECK(counts.outputs.network == 48.0);
  CHECK(counts.outputs.registers == 144.0);
  CHECK(counts.operations == 144.0);
  CHECK(steps(problem, t) == 24.0);  // N3 N0 M3 M2 M0 C2 C0 = 1 x 2 x 1 x 1 x 3 x 2 x 2

  const LevelEnergy spent = energy(counts, unit_costs(Kind::kFc, 16));
  CHECK(spent.dram == Approx(108 * 200.0));
  CHECK(spent.buffer == Approx(48 * 22.2));
  CHECK(spent.network == Approx((48 + 72) * 7.4 + 48 * 3.7));
  CHECK(spent.registers == Approx((144 + 144) * 3.7 + 144 * 7.4));
  CHECK(spent.operations == Approx(144 * 1.1));
  CHECK(spent.total() == Approx(26020.8));
}

TEST_CASE("Additions on chip pay for registers and partial sums alone") {
  const UnitCosts costs = unit_costs(Kind::kAdd, 16);
  CHECK(costs.inputs.dram + costs.inputs.buffer + costs.inputs.network == 0.0);
  CHECK(costs.weights.dram + costs.weights.buffer + costs.weights.network == 0.0);
  CHECK(costs.outputs.dram + costs.outputs.buffer == 0.0);
  CHECK(costs.outputs.network == 3.7);
  CHECK(costs.inputs.registers == 3.7);
  CHECK(costs.weights.registers == 7.4);
}

TEST_CASE("Of the three tilings of seven inputs the parallel one is taken") {
  // 7 x 200 x 2 + 200 for DRAM, 7 x 22.2 for the buffer, 14 x 7.4 for the network, 7 x (3.7 + 7.4)
  // for registers and 7 x 1.1 are spent by all three. On top of it, for the one output:
  // c0 = 7: 22.2 + 3.7 + 12 x 3.7 = 70.3 pJ, 7 steps
  // c1 = 7: 22.2 + 6 x 3.7 + 3.7 = 48.1 pJ, 1 step
  // c2 = 7: 12 x 22.2 + 3.7 + 3.7 = 273.8 pJ, 7 steps
  const Choice choice = choose({1, 7, 1}, unit_costs(Kind::kFc, 16), capacity(16));
  CHECK(choice.tiling.c0 == 1);
  CHECK(choice.tiling.c1 == 7);
  CHECK(choice.tiling.c2 == 1);
  CHECK(choice.energy_pj == Approx(3344.4 + 48.1));
  CHECK(choice.steps == 1.0);
}

TEST_CASE("A chosen tiling is valid, multiplies to the shape and costs what it says") {
  std::mt19937 random(addax::tests::printed(31));
  const auto side = [&](std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(1, most)(random);
  };
  for (int i = 0; i < 300; ++i) {
    const Problem problem{i % 3 == 0 ? side(2000) : 1, side(40000), side(40000)};
    for (const std::uint32_t bits : {3U, 16U}) {
      const UnitCosts costs = unit_costs(Kind::kFc, bits);
      const Choice choice = choose(problem, costs, capacity(bits));
      const Tiling& t = choice.tiling;
      INFO(problem.batch << " x " << problem.inputs << " x " << problem.outputs);
      CHECK(valid(t, capacity(bits)));
      CHECK(t.n0 * t.n3 == problem.batch);
      CHECK(t.m0 * t.m1 * t.m2 * t.m3 == problem.outputs);
      CHECK(t.c0 * t.c1 * t.c2 == problem.inputs);
      CHECK(choice.energy_pj == energy(accesses(problem, t), costs).total());
      CHECK(choice.steps == steps(problem, t));
      CHECK(choice.steps == Approx(static_cast<double>(t.n3 * t.n0 * t.m3 * t.m2 * t.m0) *
                                   static_cast<double>(t.c2 * t.c0)));
    }
  }
}

TEST_CASE("Narrow operands get twice the storage and four times the PEs") {
  const Capacity wide = capacity(16);
  const Capacity narrow = capacity(15);
  CHECK(narrow.psum_registers == 2 * wide.psum_registers);
  CHECK(narrow.input_registers_below == 2 * wide.input_registers_below);
  CHECK(narrow.weight_registers_below == 2 * wide.weight_registers_below);
  CHECK(narrow.buffer_words_below == 2 * wide.buffer_words_below);
  CHECK(narrow.pes_below == 4 * wide.pes_below);
  CHECK(capacity(32).pes_below == wide.pes_below);
}

TEST_CASE("Huge shapes are searched as quickly as others") {
  const std::uint64_t huge = std::uint64_t{1} << 62U;
  const auto begin = std::chrono::steady_clock::now();
  for (const Problem& problem :
       {Problem{1, kPrime, kPrime}, Problem{kPrime, 8, 1}, Problem{1, kPrime * kPrime, 8},
        Problem{1, huge, huge}, Problem{huge, huge, huge}, Problem{1, 8, huge - 1}}) {
    const Choice choice = choose(problem, unit_costs(Kind::kFc, 16), capacity(16));
    CHECK(valid(choice.tiling, capacity(16)));
    CHECK(choice.energy_pj > 0.0);
    CHECK(std::isfinite(choice.energy_pj));
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}
