// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/mapper.h"
#include "models/quantity/diagnosis.h"
#include "tests/models/mapping/example.h"

using namespace addax;
using namespace addax::mapping;
using arith::Arithmetic;
using quantity::Cycles;
using workload::AttentionShape;

// The buffer of tests/models/mapping/example.h has 16 banks; here a bank has 128 bytes unless said
// otherwise: a half of 4 banks holds 4096 bits, the 8 resident banks hold 8192.
namespace {

AttentionPlan plan_of(const AttentionShape& shape, bool on_chip = true,
                      std::uint64_t bank_bytes = 128) {
  arch::Architecture a = example::architecture();
  a.buffer.bank_bytes = bank_bytes;
  Placement placement;
  placement.input_on_chip = placement.second_on_chip = placement.output_on_chip = on_chip;
  Policy policy;
  policy.fast_budget = 500;  // any spread does
  AttentionPlan plan = map_attention({a, 0, placement, normalised_prices(a, 0)}, shape, {}, policy);
  plan.lane_cycles_a_score = 5;
  plan.lane_cycles_a_row = 1;
  plan.score_reads = 3;
  plan.score_writes = 2;
  return plan;
}

std::uint64_t products(const AttentionPlan& plan) {
  return totals(plan).array_arithmetic[Arithmetic::kFp16Multiply];
}

std::uint64_t own_products(const AttentionShape& shape) {
  return macs(workload::Scores{shape}) + macs(workload::Context{shape});
}

}  // namespace

TEST_CASE("one token: keys and values are read once, and nothing is padded") {
  const AttentionShape shape{2, 3, 3, 8, 1, 40, {}};
  const AttentionPlan plan = plan_of(shape);
  CHECK_FALSE(plan.spills);
  CHECK(plan.key_tile == 32);  // 4096 bits / (8 x 16)
  const LayerTotals sum = totals(plan);
  CHECK(sum.dram_read_bits == 16 * workload::cache_elements_read(shape));
  CHECK(sum.dram_write_bits == 0);
  CHECK(products(plan) == own_products(shape));
  // 2 sequences x 3 heads x (2 tiles of 41 keys for scores, 2 for context).
  CHECK(sum.passes == 2 * 3 * 4);
  // Softmax: ceil((41 x 5 + 1) / 4 lanes) = 52 cycles a head; 41 x 16 bits are 11 words.
  CHECK(sum.vector_cycles == Cycles(6 * 52));
  CHECK(sum.vector_reads == 6 * 3 * 11);
  CHECK(sum.vector_writes == 6 * 2 * 11);
  example::require_closed_form(sum, example::walk(plan));
}

TEST_CASE("queries, new keys and results cross DRAM only where they are not on chip") {
  const AttentionShape shape{1, 2, 2, 8, 1, 40, {}};
  const LayerTotals sum = totals(plan_of(shape, false));
  // Keys and values of all 41 tokens, and a query and a result of 8 elements a head.
  CHECK(sum.dram_read_bits == 16 * 2 * (2 * 41 * 8 + 8));
  CHECK(sum.dram_write_bits == 16 * 2 * 8);
}

TEST_CASE("heads that share keys share their reading") {
  const AttentionShape shape{1, 8, 2, 8, 1, 20, {}};
  const AttentionPlan plan = plan_of(shape);
  CHECK(plan.heads_together == 4);
  const LayerTotals sum = totals(plan);
  CHECK(sum.dram_read_bits == 16 * workload::cache_elements_read(shape));
  CHECK(products(plan) == own_products(shape));
  example::require_closed_form(sum, example::walk(plan));
}

TEST_CASE(
    "a buffer too small for all sharing heads fetches keys again if that moves the fewest bits") {
  // A row of 101 keys, a query and its sums: 101 x 16 + 2 x 48 = 1712 bits; 8192 hold 4, so 3 of 6
  // heads go together. Two fetches of 2 x 100 x 2 x 16 = 6400 bits against one and scores out and
  // back, 2 x 6 x 101 x 16 = 19392.
  const AttentionShape shape{1, 6, 1, 2, 1, 100, {}};
  const AttentionPlan plan = plan_of(shape);
  CHECK(plan.heads_together == 3);
  CHECK(plan.blocks_in_flight == 1);
  CHECK(plan.query_block == 1);
  CHECK_FALSE(plan.spills);
  CHECK(totals(plan).dram_read_bits == 2 * 16 * workload::cache_elements_read(shape));
  example::require_closed_form(totals(plan), example::walk(plan));
}

TEST_CASE("a buffer too small for all sharing heads spills scores if that moves the fewest bits") {
  // As above with 8 elements a head: a fetch is 25600 bits, and two of them more than one and the
  // scores' 19392.
  const AttentionShape shape{1, 6, 1, 8, 1, 100, {}};
  const AttentionPlan plan = plan_of(shape);
  CHECK(plan.heads_together == 6);
  CHECK(plan.spills);
  const LayerTotals sum = totals(plan);
  CHECK(sum.dram_read_bits == 16 * (workload::cache_elements_read(shape) + 6 * 101));
  CHECK(sum.dram_write_bits == 16 * 6 * 101);
  example::require_closed_form(sum, example::walk(plan));
}

TEST_CASE("prefill pads every block of queries to the keys of its last token") {
  // Rows of 16 keys: 2 x 16 x 16 + 4 x 48 = 704 bits; 8192 hold 11 tokens. Blocks of 11 and 5
  // tokens: 11 x 11 + 5 x 16 = 201 pairs where 16 x 17 / 2 = 136 are attended.
  const AttentionShape shape{1, 1, 1, 4, 16, 0, {}};
  const AttentionPlan plan = plan_of(shape);
  CHECK(plan.query_block == 11);
  CHECK(own_products(shape) == 2 * 4 * 136);
  CHECK(products(plan) == 2 * 4 * 201);
  const LayerTotals sum = totals(plan);
  CHECK(sum.dram_read_bits == 0);  // all keys are new, and on chip
  // The vector unit sees attended pairs only: 66 and 70, in 11 and 5 rows.
  CHECK(sum.vector_cycles == Cycles((66 * 5 + 11 + 3) / 4 + (70 * 5 + 5 + 3) / 4));
  example::require_closed_form(sum, example::walk(plan));
}

TEST_CASE("a sliding window limits the keys of a block") {
  // Window 5, past 20: a token attends 5 keys, of which 4 are cached.
  const AttentionShape one{1, 1, 1, 4, 1, 20, 5};
  CHECK(totals(plan_of(one)).dram_read_bits == 16 * workload::cache_elements_read(one));
  CHECK(totals(plan_of(one)).dram_read_bits == 16 * 2 * 4 * 4);
  CHECK(products(plan_of(one)) == own_products(one));
  // Three tokens in one block see keys 16 to 22: 7, and 15 pairs of 21 are attended.
  const AttentionShape three{1, 1, 1, 4, 3, 20, 5};
  CHECK(products(plan_of(three)) == 2 * 4 * 3 * 7);
  CHECK(own_products(three) == 2 * 4 * 15);
  example::require_closed_form(totals(plan_of(three)), example::walk(plan_of(three)));
}

TEST_CASE("scores go to DRAM and back where not even one row of them fits") {
  // 8 resident banks of 8 bytes: 512 bits < 2 x 41 x 16. A half holds 256 bits: 4 keys of 4
  // elements; a query and its sums leave (512 - 4 x 48) / 16 = 20 scores.
  const AttentionShape shape{1, 2, 2, 4, 1, 40, {}};
  const AttentionPlan plan = plan_of(shape, true, 8);
  CHECK(plan.spills);
  CHECK(plan.key_tile == 4);
  const LayerTotals sum = totals(plan);
  CHECK(sum.dram_write_bits == 16 * 2 * 41);
  CHECK(sum.dram_read_bits == 16 * (workload::cache_elements_read(shape) + 2 * 41));
  CHECK(sum.passes == 2 * 3 * 11);
  // The parts of the softmax add up to the whole: ceil((41 x 5 + 1) / 4) a head.
  CHECK(sum.vector_cycles == Cycles(2 * 52));
  example::require_closed_form(sum, example::walk(plan));
}

TEST_CASE("parts of a spilt softmax that are too small for a cycle or a word are no jobs") {
  // 64 scores are one cycle of many lanes, in words of 512 bits 3 x 2 reads and 2 x 2 writes. In
  // eight parts of 8 keys, reads come to 0 1 1 1 0 1 1 1, writes to 0 1 0 1 0 1 0 1.
  arch::Architecture a = example::architecture();
  a.buffer = {3, 64, 512};
  a.vector_unit.lanes = 65536;
  Placement placement;
  placement.input_on_chip = placement.second_on_chip = placement.output_on_chip = true;
  AttentionPlan plan =
      map_attention({a, 0, placement, normalised_prices(a, 0)}, {1, 1, 1, 4, 1, 63, {}}, {}, {});
  REQUIRE(plan.spills);
  REQUIRE(plan.key_tile == 8);
  plan.lane_cycles_a_score = 5;
  plan.lane_cycles_a_row = 1;
  plan.score_reads = 3;
  plan.score_writes = 2;
  std::uint64_t jobs = 0, empty = 0;
  const std::unique_ptr<PassSource> source = passes(plan);
  for (Pass pass; source->next(pass);) {
    if (pass.work == nullptr) {
      const bool job = pass.vector.cycles.value() + pass.vector.reads + pass.vector.writes > 0;
      (job ? jobs : empty) += 1;
    }
    if (pass.vector_jobs_before > 0) REQUIRE(pass.vector_jobs_before == jobs);
  }
  CHECK(jobs == 6);
  CHECK(empty == 2);
  CHECK(totals(plan).vector_cycles == Cycles(1));
}

TEST_CASE("context waits for the softmax of its own scores, which come a block earlier") {
  const AttentionPlan plan = plan_of({1, 3, 3, 8, 1, 20, {}});  // one tile a head
  std::vector<std::uint64_t> waits;
  std::vector<bool> has_job;
  const std::unique_ptr<PassSource> source = passes(plan);
  for (Pass pass; source->next(pass);) {
    waits.push_back(pass.vector_jobs_before);
    has_job.push_back(pass.vector.cycles > Cycles(0));
  }
  // Scores 1, scores 2, context 1, scores 3, context 2, context 3.
  CHECK(waits == std::vector<std::uint64_t>{0, 0, 1, 0, 2, 3});
  CHECK(has_job == std::vector<bool>{true, true, false, true, false, false});
}

TEST_CASE("the cache may be narrower than the activations") {
  arch::Architecture a = example::architecture();
  a.buffer.bank_bytes = 128;
  Placement placement;
  placement.input_on_chip = placement.second_on_chip = placement.output_on_chip = true;
  const AttentionShape shape{1, 1, 1, 8, 1, 40, {}};
  const AttentionPlan plan =
      map_attention({a, 0, placement, normalised_prices(a, 0)}, shape, {16, 8, 32}, {});
  CHECK(totals(plan).dram_read_bits == 8 * workload::cache_elements_read(shape));
  CHECK(plan.key_tile == 41);  // a half would hold 64
}

TEST_CASE("a half that cannot hold one key is refused") {
  CHECK_THROWS_AS(plan_of({1, 1, 1, 64, 1, 4, {}}, true, 8), quantity::Impossible);
}

TEST_CASE("the sums of attention in closed form are those of its passes, for many shapes") {
  int spilling = 0;
  for (const std::uint64_t bank_bytes : {8, 32, 128, 512})
    for (const std::uint64_t heads : {1, 4, 6})
      for (const std::uint64_t sharing : {1, 2})
        for (const std::uint64_t tokens : {1, 7, 33})
          for (const std::uint64_t past : {0, 5, 64})
            for (const std::uint64_t window : {0, 1, 9, 200})
              for (const bool on_chip : {true, false}) {
                if (heads % sharing != 0) continue;
                AttentionShape shape{2, heads, heads / sharing, 4, tokens, past, {}};
                if (window > 0) shape.window = window;
                const AttentionPlan plan = plan_of(shape, on_chip, bank_bytes);
                spilling += plan.spills ? 1 : 0;
                INFO(bank_bytes << " bytes, " << heads << " heads / " << sharing << ", " << tokens
                                << " tokens past " << past << " window " << window << " "
                                << describe(LayerPlan(plan)));
                example::require_closed_form(totals(plan), example::walk(plan));
                REQUIRE(products(plan) >= own_products(shape));
              }
  CHECK(spilling > 0);
}
