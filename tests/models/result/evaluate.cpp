// SPDX-License-Identifier: Apache-2.0
#include "models/result/result.h"
#include "tests/catch.h"
#include "tests/models/cost/example.h"

namespace {

using namespace addax;

result::LayerActivity layer(const std::string& kind, std::uint64_t dram_bits,
                            std::uint64_t cycles) {
  result::LayerActivity layer;
  layer.kind = kind;
  layer.macs = 3 * dram_bits;
  layer.cycles = quantity::Cycles(cycles);
  layer.dram_read_bits = dram_bits;
  layer.dram_write_bits = 8;
  layer.actions.add({action::Component::kDram, action::Verb::kRead, 1, 0, {}}, dram_bits);
  layer.actions.add({action::Component::kDram, action::Verb::kWrite, 1, 0, {}}, 8);
  return layer;
}

result::Activity activity() {
  result::Activity activity;
  activity.layers = {layer("linear", 1000, 500), layer("attention", 200, 100),
                     layer("linear", 50, 25)};
  activity.cycles = quantity::Cycles(625);
  activity.notes = {"a note"};
  return activity;
}

}  // namespace

TEST_CASE("a design point is the sum of its layers, priced") {
  const result::DesignResult point = result::evaluate(activity(), cost::example::architecture(),
                                                      "a trace", cost::example::table());
  CHECK(point.architecture == "example");
  CHECK(point.trace == "a trace");
  CHECK(point.cost_table == "example");
  CHECK(point.rows == 2);
  CHECK(point.columns == 4);
  CHECK(point.totals.cycles == quantity::Cycles(625));
  CHECK(point.totals.latency.value() == Approx(625 / 2.5e8));
  CHECK(point.totals.macs == 3750);
  CHECK(point.totals.dram_bits == 1250 + 24);
  CHECK(point.totals.energy.value.value() == Approx(8.0 * 1274));
  CHECK(point.energy_by_operation.at("linear").value.value() == Approx(8.0 * 1066));
  CHECK(point.energy_by_operation.at("attention").value.value() == Approx(8.0 * 208));
  CHECK(point.energy_by_component.at("dram").value.value() == Approx(8.0 * 1274));
  CHECK(point.actions.total(action::Component::kDram, action::Verb::kRead) == 1250);
  CHECK(point.totals.area.value == point.area.total.value);
  REQUIRE(point.layers.size() == 3);
  CHECK(point.layers[1].latency.value() == Approx(100 / 2.5e8));
  CHECK(point.notes == std::vector<std::string>{"a note"});
}

TEST_CASE("counts that leave 64 bits are an overflow, not a wrong sum") {
  result::Activity huge = activity();
  for (result::LayerActivity& each : huge.layers) each.macs = std::uint64_t{1} << 63U;
  CHECK_THROWS_AS(
      result::evaluate(huge, cost::example::architecture(), "t", cost::example::table()),
      quantity::CountOverflow);
}

TEST_CASE("ratios are design over baseline") {
  result::Totals design, baseline;
  design.energy.value = quantity::Picojoules(2.0);
  baseline.energy.value = quantity::Picojoules(8.0);
  design.latency = quantity::Seconds(3.0);
  baseline.latency = quantity::Seconds(6.0);
  design.area.value = quantity::SquareMicrometres(5.0);
  baseline.area.value = quantity::SquareMicrometres(4.0);
  const result::Ratios ratios = result::ratios(design, baseline);
  CHECK(ratios.energy == 0.25);
  CHECK(ratios.latency == 0.5);
  CHECK(ratios.area == 1.25);
  CHECK(ratios.edp == 0.125);
}
