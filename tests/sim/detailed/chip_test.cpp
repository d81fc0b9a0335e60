// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <random>

#include "models/values/count.h"
#include "models/values/pseudo_random.h"
#include "sim/engine/bounds.h"
#include "tests/catch.h"
#include "tests/seed.h"
#include "tests/sim/detailed/cases.h"
#include "tests/sim/detailed/reference.h"

using namespace addax;
using arith::Arithmetic;

namespace {

using tests::Case;
using tests::Cases;
using tests::Kind;
using tests::Shape;

void require_same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO("output " << i);
    REQUIRE(arith::fp32_bits(a[i]) == arith::fp32_bits(b[i]));
  }
}

/// Of PEs: scratchpads, tables, links.
void require_same_accesses(const mapping::ArrayAccesses& clocked,
                           const mapping::ArrayAccesses& simulated) {
  REQUIRE(clocked.activation_reads == simulated.activation_reads);
  REQUIRE(clocked.activation_writes == simulated.activation_writes);
  REQUIRE(clocked.weight_reads == simulated.weight_reads);
  REQUIRE(clocked.weight_writes == simulated.weight_writes);
  REQUIRE(clocked.psum_reads == simulated.psum_reads);
  REQUIRE(clocked.psum_writes == simulated.psum_writes);
  REQUIRE(clocked.neighbour_bits == simulated.neighbour_bits);
  REQUIRE(clocked.lut_reads == simulated.lut_reads);
  REQUIRE(clocked.lut_writes == simulated.lut_writes);
}

void require_same_actions(const mapping::LayerTotals& clocked,
                          const mapping::LayerTotals& simulated) {
  REQUIRE(clocked.activation_bits == simulated.activation_bits);
  REQUIRE(clocked.activation_row_bits == simulated.activation_row_bits);
  REQUIRE(clocked.weight_bits == simulated.weight_bits);
  REQUIRE(clocked.weight_row_bits == simulated.weight_row_bits);
  REQUIRE(clocked.psum_bits == simulated.psum_bits);
  REQUIRE(clocked.output_bits == simulated.output_bits);
  REQUIRE(clocked.dram_read_bits == simulated.dram_read_bits);
  REQUIRE(clocked.dram_write_bits == simulated.dram_write_bits);
  REQUIRE(clocked.passes == simulated.passes);
  REQUIRE(clocked.stream_reads == simulated.stream_reads);
  REQUIRE(clocked.stream_writes == simulated.stream_writes);
  REQUIRE(clocked.resident_reads == simulated.resident_reads);
  REQUIRE(clocked.resident_writes == simulated.resident_writes);
  require_same_accesses(clocked.accesses, simulated.accesses);
  for (int a = 0; a < arith::kArithmeticCount; ++a) {
    const auto what = static_cast<Arithmetic>(a);
    INFO(arith::name(what));
    REQUIRE(clocked.array_arithmetic[what] == simulated.array_arithmetic[what]);
  }
  REQUIRE(clocked.array_arithmetic.lut_queries == simulated.array_arithmetic.lut_queries);
  REQUIRE(clocked.array_arithmetic.lut_tables == simulated.array_arithmetic.lut_tables);
}

/// By how much `cycle` is off, by format.
struct Deviations {
  int cases = 0, within_five = 0, beyond = 0;  ///< beyond 5 % and 20 cycles
  double worst = 0.0, worst_beyond = 0.0;
  std::map<result::Resource, int> by_bound;
};
using ByKind = std::map<std::string, Deviations>;

result::Resource bound_of(const Case& one, const mapping::ProductPlan& plan) {
  const auto busy = engine::bounds(one.architecture, plan, mapping::totals(plan));
  return static_cast<result::Resource>(std::max_element(busy.begin(), busy.end()) - busy.begin());
}

/// Values and actions agree; returns by how much cycles do.
ByKind compared(Cases& cases, int number, const std::vector<Kind>& kinds,
                std::uint64_t copies = 1) {
  ByKind deviations;
  for (int i = 0; i < number; ++i) {
    Case one = cases.next(kinds[static_cast<std::size_t>(i) % kinds.size()]);
    one.copies = copies;
    const arch::Architecture& a = one.architecture;
    const Shape& shape = one.shape;
    const mapping::ProductPlan plan = tests::plan_of(one);
    if (!detailed::models(plan)) continue;  // one scale with an offset
    const std::string kind = workload::describe(one.format) + " on " + a.name;
    INFO("case " << i << ": " << shape.tokens << " x " << shape.inputs << " x " << shape.outputs
                 << ' ' << kind << ' ' << a.rows << " x " << a.groups[0].columns << ", "
                 << mapping::describe(mapping::LayerPlan(plan)));
    const values::LayerValues operands =
        values::pseudo_random(one.linear(), one.widths, static_cast<std::uint32_t>(i));
    cases.random().discard(2 * (shape.tokens + shape.outputs) * shape.inputs);
    const detailed::ProductRun run = tests::clocked(a, plan, operands);
    const arch::Datapath& datapath = a.groups[0].datapath;
    require_same_bits(run.y,
                      tests::in_order_of(plan, operands, datapath.lut ? datapath.lut->readers : 1));
    hw::LayerRun simple = tests::simulated(a, plan);
    simple.totals.array_arithmetic[workload::accumulate(one.widths)] -=
        shape.tokens * values::zero_weights(operands);  // not added
    require_same_actions(run.totals, simple.totals);
    const auto exact = static_cast<double>(run.cycles.value());
    const double off = static_cast<double>(simple.cycles.value()) - exact;
    Deviations& of = deviations[kind];
    const bool beyond = std::abs(off) > 20.0 && std::abs(off) > 0.05 * exact;
    ++of.cases;
    ++of.by_bound[bound_of(one, plan)];
    of.within_five += std::abs(off) <= 0.05 * exact ? 1 : 0;
    of.beyond += beyond ? 1 : 0;
    of.worst = std::max(of.worst, std::abs(off) / exact);
    if (beyond) of.worst_beyond = std::max(of.worst_beyond, std::abs(off) / exact);
  }
  for (const auto& [kind, of] : deviations)
    WARN(kind << ": " << of.cases << " cases, " << of.within_five << " within 5 %, " << of.beyond
              << " beyond that and 20 cycles, worst " << of.worst);
  return deviations;
}

using tests::kinds;

}  // namespace

TEST_CASE(
    "a product clocked PE by PE is the reference's bit for bit, with the actions of cycle, whose "
    "cycles are within 5 % or 20 in 99 of 100 cases") {
  constexpr int kCases = 300;
  Cases cases(tests::printed(20261123), false);
  int beyond = 0, dram = 0;
  for (const auto& [kind, of] : compared(cases, kCases, {kinds()[0]})) {
    beyond += of.beyond;
    dram += of.by_bound.count(result::Resource::kDram) > 0 ? of.by_bound.at(result::Resource::kDram)
                                                           : 0;
  }
  CHECK(beyond * 100 <= kCases);
  CHECK(dram * 3 <= kCases);
}

TEST_CASE("on narrow networks values and actions agree, cycles within a fifth") {
  Cases cases(tests::printed(20261124), true);
  for (const auto& [kind, of] : compared(cases, 400, {kinds()[0]}))
    CHECK((of.beyond * 20 < of.cases && of.worst < 0.2));
}

TEST_CASE(
    "products of all formats are the reference's bit for bit, with the actions of cycle, whose "
    "cycles "
    "are within 5 % or 20 in 95 of 100 cases and never off by more than a quarter") {
  Cases cases(tests::printed(20261125), false);
  int all = 0, beyond = 0;
  for (const auto& [kind, of] : compared(cases, 20 * static_cast<int>(kinds().size()), kinds())) {
    all += of.cases;
    beyond += of.beyond;
    CHECK(of.worst_beyond < 0.25);
  }
  CHECK(beyond * 100 <= 5 * all);
}

TEST_CASE("products of all formats agree on narrow networks too") {
  Cases cases(tests::printed(20261126), true);
  compared(cases, 5 * static_cast<int>(kinds().size()), kinds());
}

TEST_CASE("copies of a product, each with weights and tokens of its own, agree") {
  Cases cases(tests::printed(20261127), false);
  compared(cases, 3 * static_cast<int>(kinds().size()), kinds(), 3);
}

TEST_CASE(
    "products on tables of other keys, full ones and with other numbers of readers agree too") {
  Cases cases(tests::printed(20261129), false);
  compared(cases, 6 * static_cast<int>(tests::table_kinds().size()), tests::table_kinds());
}
