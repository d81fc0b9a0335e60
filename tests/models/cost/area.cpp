// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost.h"
#include "models/quantity/diagnosis.h"
#include "tests/catch.h"
#include "tests/models/cost/example.h"

namespace {

using namespace addax;

std::map<std::string, double> parts_of(const cost::AreaReport& report) {
  std::map<std::string, double> parts;
  for (const cost::AreaPart& part : report.parts) parts[part.component] = part.total.value.value();
  return parts;
}

}  // namespace

TEST_CASE("every part of the chip has the area that its rows give") {
  const auto parts = parts_of(cost::area(cost::example::table(), cost::example::architecture()));
  const std::map<std::string, double> expected = {
      {"buffer", 4 * 2048 * 10.0},
      {"array[0].exponent.add", 2 * 3 * 22.0},
      {"array[0].fp32.add", 2 * 2 * 4184.0},
      {"array[0].registers", 2 * (3 * 16 + 2 * 32) * 6.0},
      {"array[0].control", 2 * 1000.0},
      {"array[0].activation_scratchpad", 2 * (8 * 16 * 6.0 + 7 * 16 * 2.0)},
      {"array[0].psum_scratchpad", 2 * (4 * 32 * 6.0 + 3 * 32 * 2.0)},
      {"array[0].lut.table", 2 * 8 * 16 * 6.0},
      {"array[0].lut.ports", 2 * 7 * 16 * 2.0 * 2},
      {"array[0].lut.generator", 2 * 4 * 1360.0},
      {"array[1].fp16.multiply", 6 * 1640.0},
      {"array[1].fp32.add", 6 * 4184.0},
      {"array[1].registers", 6 * (16 + 2 * 32) * 6.0},
      {"array[1].control", 6 * 1000.0},
      {"array[1].activation_scratchpad", 6 * (8 * 16 * 6.0 + 7 * 16 * 2.0)},
      {"array[1].weight_scratchpad", 6 * 256 * 10.0},
      {"array[1].psum_scratchpad", 6 * (4 * 32 * 6.0 + 3 * 32 * 2.0)},
      {"vector_unit", 2 * (3000.0 + 4184.0)},
      {"control", 50000.0}};
  CHECK(parts.size() == expected.size());
  for (const auto& [component, area_um2] : expected) {
    INFO(component);
    REQUIRE(parts.count(component) == 1);
    CHECK(parts.at(component) == Approx(area_um2));
  }
}

TEST_CASE("the parts of a chip add up to its area, with range and assumed share") {
  const cost::AreaReport report = cost::area(cost::example::table(), cost::example::architecture());
  double value = 0, low = 0, high = 0, assumed = 0;
  for (const cost::AreaPart& part : report.parts) {
    value += part.total.value.value();
    low += part.total.low.value();
    high += part.total.high.value();
    assumed += part.total.assumed.value();
  }
  CHECK(report.total.value.value() == value);
  CHECK(report.total.low.value() == low);
  CHECK(report.total.high.value() == high);
  CHECK(report.total.assumed.value() == assumed);
  // Six exponent adders between 20 and 36 um2 are all that has a range.
  CHECK(value - low == Approx(6 * 2.0));
  CHECK(high - value == Approx(6 * 14.0));
  // Control of eight PEs, two vector lanes, the chip's control.
  CHECK(assumed == Approx(8 * 1000.0 + 2 * 3000.0 + 50000.0));
}

TEST_CASE("a double table with one more copy has twice the cells and one more leaf a port") {
  arch::Architecture a = cost::example::architecture();
  a.groups[0].datapath.lut->copies = 2;
  const auto parts = parts_of(cost::area(cost::example::table(), a));
  CHECK(parts.at("array[0].lut.table") == Approx(2 * 2 * 8 * 16 * 6.0));
  CHECK(parts.at("array[0].lut.ports") == Approx(2 * 15 * 16 * 2.0 * 2));
}

TEST_CASE("an SRAM table has a macro a reader and a copy") {
  arch::Architecture a = cost::example::architecture();
  arch::Lut& lut = *a.groups[0].datapath.lut;
  lut.storage = arch::Storage::kSram;
  lut.copies = 2;
  const auto parts = parts_of(cost::area(cost::example::table(), a));
  // 8 entries of 16 bits: 16 bytes of 10 um2.
  CHECK(parts.at("array[0].lut.table") == Approx(2 * 160.0 * 2 * 2));
  CHECK(parts.count("array[0].lut.ports") == 0);
}

TEST_CASE("area grows with every column") {
  const cost::CostTable table = cost::example::table();
  arch::Architecture a = cost::example::architecture();
  double previous = 0.0;
  for (std::uint32_t columns = 1; columns <= 64; ++columns) {
    a.groups[1].columns = columns;
    const double now = cost::area(table, a).total.value.value();
    CHECK(now > previous);
    previous = now;
  }
}

TEST_CASE("a component without a row is an error that names the row") {
  cost::CostTable table = cost::example::table();
  table.rows.erase("exponent.add");
  try {
    cost::area(table, cost::example::architecture());
    FAIL("measured without a row");
  } catch (const quantity::Impossible& error) {
    CHECK(error.diagnosis().path == "rows.exponent.add");
  }
  table = cost::example::table();
  table.sram.reset();
  CHECK_THROWS_AS(cost::area(table, cost::example::architecture()), quantity::Impossible);
}
