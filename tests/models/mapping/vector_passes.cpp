// SPDX-License-Identifier: Apache-2.0
#include "models/quantity/diagnosis.h"
#include "tests/models/mapping/example.h"

using namespace addax;
using namespace addax::mapping;
using arith::Arithmetic;
using quantity::Cycles;

TEST_CASE("a vector operation is shared out among its passes, larger parts first") {
  VectorPlan plan;
  plan.load_bits = 1000;
  plan.store_bits = 500;
  plan.read_bits = 2000;
  plan.write_bits = 500;
  plan.lane_cycles = 100;
  plan.lanes = 4;
  plan.chunks = 3;
  const std::unique_ptr<PassSource> source = passes(plan);
  std::vector<std::uint64_t> loads, words, stores, cycles, reads;
  for (Pass pass; source->next(pass);) {
    CHECK(pass.work == nullptr);
    loads.push_back(pass.stream_load_bits);
    words.push_back(pass.stream_load_words);
    stores.push_back(pass.store_bits);
    cycles.push_back(pass.vector.cycles.value());
    reads.push_back(pass.vector.reads);
  }
  CHECK(loads == std::vector<std::uint64_t>{334, 333, 333});
  CHECK(words == std::vector<std::uint64_t>{6, 6, 6});
  CHECK(stores == std::vector<std::uint64_t>{167, 167, 166});
  CHECK(cycles == std::vector<std::uint64_t>{9, 9, 9});    // 34, 33, 33 over 4 lanes
  CHECK(reads == std::vector<std::uint64_t>{11, 11, 11});  // 667, 667, 666 bits
  example::require_closed_form(totals(plan), example::walk(plan));
}

TEST_CASE("the sums of vector passes in closed form are those of the passes") {
  for (const std::uint64_t bits : {0, 1, 63, 64, 65, 1000, 12345})
    for (const std::uint64_t chunks : {1, 2, 3, 7, 64})
      for (const std::uint64_t lane_cycles : {0, 1, 100, 4097}) {
        VectorPlan plan;
        plan.load_bits = bits;
        plan.store_bits = bits / 3;
        plan.read_bits = 2 * bits;
        plan.write_bits = bits / 2;
        plan.lane_cycles = lane_cycles;
        plan.lanes = 16;
        plan.chunks = chunks;
        example::require_closed_form(totals(plan), example::walk(plan));
      }
}

TEST_CASE("lane-cycles weigh every operation with its cycles and refuse one the unit lacks") {
  arch::VectorUnit unit;
  unit.operations = {{Arithmetic::kFp32Add, {1}}, {Arithmetic::kFp32Exp, {6}}};
  workload::ArithmeticCounts counts;
  counts[Arithmetic::kFp32Add] = 10;
  counts[Arithmetic::kFp32Exp] = 2;
  CHECK(lane_cycles(unit, counts) == 22);
  counts[Arithmetic::kFp32Rsqrt] = 1;
  CHECK_THROWS_AS(lane_cycles(unit, counts), quantity::Impossible);
}
