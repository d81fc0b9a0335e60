// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost.h"
#include "models/cost/silicon.h"
#include "sim/input/cost_reader.h"
#include "tests/catch.h"
#include "tests/sim/engine/lut_grid.h"

// Published facts about tables as hardware, beside what the cost rows give. Tolerances: counts
// none, energies and their ratios 5 %. docs/validation/lut.md has those that do not come out, too.

using namespace addax;
using action::Component;
using action::Verb;

namespace {

constexpr double kTolerance = 0.05;

const cost::CostTable& costs() {
  static const cost::CostTable table = input::read_cost_table("physical-45nm");
  return table;
}

arch::Lut flip_flops(std::uint32_t key_bits, bool half, bool gated) {
  arch::Lut lut;
  lut.key_bits = key_bits;
  lut.half_table = half;
  lut.storage = arch::Storage::kFlipFlop;
  lut.clock_gated = gated;
  return lut;
}

arch::Lut sram(std::uint32_t key_bits) {
  arch::Lut lut;
  lut.key_bits = key_bits;
  lut.storage = arch::Storage::kSram;
  return lut;
}

double price(const arch::Lut& lut, Verb verb, std::uint32_t width_bits) {
  const cost::PriceList prices(costs(), tests::with_lut(lut));
  return prices.of({Component::kLut, verb, width_bits, 0, {}}).energy.value();
}

// pJ a cycle of the clock of all bits.
double held(const arch::Lut& lut) {
  return price(lut, Verb::kHold, 1) * static_cast<double>(lut.entries()) * lut.entry_bits;
}

// pJ a cycle at 250 MHz that the cells leak: 1 mW is 4 pJ.
double leaked(const arch::Lut& lut) {
  const cost::Estimate cells = cost::cell_area(costs(), cost::store_of(lut));
  return product(cells, look_up(costs(), "logic", "leakage_mw_per_um2")).figure.value * 4.0;
}

std::map<std::string, double> parts_of_pe(const arch::Lut& lut) {
  std::map<std::string, double> parts;
  for (const auto& [name, estimate] : cost::pe_parts(costs(), tests::with_lut(lut).groups[0]))
    parts[name] = estimate.figure.value;
  return parts;
}

double silicon(const arch::Lut& lut) {
  const auto parts = parts_of_pe(lut);
  double sum = parts.at("lut.table") + parts.at("lut.generator");
  if (parts.count("lut.ports") > 0) sum += parts.at("lut.ports");
  return sum;
}

}  // namespace

TEST_CASE("a clocked half table of 4-bit keys takes 0.494 of the full one's power") {
  // FIGLUT, HPCA 2025, Table III, 28 nm. Ours is the ratio of the bits.
  const arch::Lut half = flip_flops(4, true, false), full = flip_flops(4, false, false);
  const double ratio = (held(half) + leaked(half)) / (held(full) + leaked(full));
  CHECK(ratio == Approx(0.5));
  CHECK(ratio == Approx(0.494).epsilon(kTolerance));
}

TEST_CASE("a flip-flop half table of 8-bit keys takes 18 pJ a cycle clocked, 0.6 pJ gated") {
  // 128 x 16 = 2048 bits of 0.0088 pJ, or of 0.000293 pJ.
  CHECK(held(flip_flops(8, true, false)) == Approx(18.0).epsilon(kTolerance));
  CHECK(held(flip_flops(8, true, true)) == Approx(0.6).epsilon(kTolerance));
  // 2048 bits x 6 um2 x 5e-6 mW/um2 x 4 ns come on top: little beside 18 pJ, not beside 0.6 pJ.
  CHECK(leaked(flip_flops(8, true, true)) == Approx(0.24576));
}

TEST_CASE("no SRAM is smaller than its 6T cells, 0.35 um2 a bit, and a flip-flop takes 6 um2") {
  for (const arch::Lut& lut : tests::lut_grid()) {
    const double bits = static_cast<double>(lut.entries()) * lut.entry_bits * lut.copies;
    const double area = parts_of_pe(lut).at("lut.table");
    if (lut.storage == arch::Storage::kSram) CHECK(area / lut.readers > 0.35 * bits);
    if (lut.storage == arch::Storage::kFlipFlop) CHECK(area == Approx(6.0 * bits));
  }
}

TEST_CASE(
    "a table's area is bits, readers times ports of one multiplexer less than entries, adders") {
  for (const arch::Lut& lut : tests::lut_grid()) {
    if (lut.storage == arch::Storage::kSram) continue;
    const double words = static_cast<double>(lut.entries()) * lut.copies;
    const double bit = lut.storage == arch::Storage::kFlipFlop ? 6.0 : 4.0;
    const double expected = words * 16 * bit + lut.readers * (words - 1) * 16 * 1.862 + 2 * 1360.0;
    CHECK(silicon(lut) == Approx(expected));
  }
}

TEST_CASE("a table grows with its keys, readers and copies, and a full one is larger than a half") {
  const auto grows = [](const arch::Lut& small, const arch::Lut& large) {
    CHECK(silicon(small) < silicon(large));
    CHECK(small.build_cycles() <= large.build_cycles());
  };
  for (const arch::Lut& lut : tests::lut_grid()) {
    arch::Lut larger = lut;
    larger.key_bits *= 2;
    grows(lut, larger);
    larger = lut;
    larger.readers *= 2;
    grows(lut, larger);
    if (lut.copies == 1) {
      larger = lut;
      larger.copies = 2;
      grows(lut, larger);
    }
    if (lut.half_table) {
      larger = lut;
      larger.half_table = false;
      grows(lut, larger);
    }
  }
}

TEST_CASE("a gated table is cheaper to hold than a clocked one, and SRAM is held for nothing") {
  for (arch::Lut lut : tests::lut_grid()) {
    if (lut.storage == arch::Storage::kSram) {
      CHECK(held(lut) == 0.0);
      continue;
    }
    lut.clock_gated = true;
    const double gated = held(lut);
    lut.clock_gated = false;
    CHECK(gated > 0.0);
    CHECK(gated < held(lut));
  }
}

TEST_CASE("a read crosses the multiplexers of all copies") {
  arch::Lut lut = flip_flops(4, true, true);
  // 16 bits of 0.009 pJ and 7 multiplexers of 0.00009 pJ; 15 with a second copy.
  CHECK(price(lut, Verb::kRead, 16) == Approx(16 * (0.009 + 7 * 0.00009)));
  lut.copies = 2;
  CHECK(price(lut, Verb::kRead, 16) == Approx(16 * (0.009 + 15 * 0.00009)));
}

TEST_CASE("an SRAM table smaller than every macro of the fit is assumed, and a note says so") {
  const cost::CostTable& table = costs();
  // FIGLUT found a register-file macro dearer than an FP adder; the extrapolated fit does not.
  CHECK(price(sram(4), Verb::kRead, 16) < table.rows.at("fp16.add").figures.at("energy_pj").value);
  for (const std::uint32_t key_bits : {2, 4}) {
    const cost::AreaReport area = cost::area(table, tests::with_lut(sram(key_bits)));
    REQUIRE(area.notes.size() == 1);
    const std::string bytes = key_bits == 2 ? "macros of 4 B x 16 b" : "macros of 16 B x 16 b";
    CHECK(area.notes[0].find(bytes) != std::string::npos);
    CHECK(area.notes[0].find("256 to 1048576 B") != std::string::npos);
    for (const cost::AreaPart& part : area.parts)
      if (part.component == "array[0].lut.table")
        CHECK(part.assumed_rows == std::vector<std::string>{"sram"});
  }
  // 128 entries of 16 bits are 256 bytes, the smallest of the fit.
  CHECK(cost::area(table, tests::with_lut(sram(8))).notes.empty());
  CHECK(cost::area(table, tests::with_lut(flip_flops(4, true, true))).notes.empty());
}
