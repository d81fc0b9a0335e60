// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost.h"
#include "tests/catch.h"
#include "tests/models/cost/example.h"

namespace {

using namespace addax;
using action::Component;
using action::Verb;
using arith::Arithmetic;

action::ActionCounts some_of_everything() {
  action::ActionCounts counts;
  counts.add({Component::kDram, Verb::kRead, 1, 0, {}}, 1000);
  counts.add({Component::kDram, Verb::kPowered, 1, 0, {}}, 10);
  counts.add({Component::kBuffer, Verb::kRead, 64, 0, {}}, 5);
  counts.add({Component::kBuffer, Verb::kPowered, 1, 0, {}}, 10);
  counts.add({Component::kWeightNetwork, Verb::kDeliver, 1, 0, {}}, 320);
  counts.add({Component::kActivationScratchpad, Verb::kRead, 16, 0, {}}, 7);
  counts.add({Component::kLut, Verb::kHold, 1, 0, {}}, 1280);
  counts.add({Component::kLut, Verb::kCompute, 1, 0, Arithmetic::kFp16Add}, 12);
  counts.add({Component::kArray, Verb::kCompute, 1, 0, Arithmetic::kExponentAdd}, 300);
  counts.add({Component::kArray, Verb::kCompute, 1, 1, Arithmetic::kFp32Add}, 100);
  counts.add({Component::kArray, Verb::kClocked, 1, 1, {}}, 60);
  counts.add({Component::kArray, Verb::kPowered, 1, 1, {}}, 60);
  counts.add({Component::kVectorUnit, Verb::kCompute, 1, 0, Arithmetic::kFp32Add}, 20);
  counts.add({Component::kVectorUnit, Verb::kPowered, 1, 0, {}}, 10);
  return counts;
}

}  // namespace

TEST_CASE("energy is grouped by component, and the groups add up") {
  const cost::PriceList prices(cost::example::table(), cost::example::architecture());
  const cost::EnergyReport report = cost::energy(some_of_everything(), prices);
  const auto value = [&](const char* component) {
    return report.by_component.at(component).value.value();
  };
  CHECK(report.by_component.size() == 9);
  CHECK(value("dram") == Approx(1000 * 8.0 + 10 * 400.0));
  CHECK(value("scratchpad") == Approx(7 * 16 * 0.012));
  CHECK(value("lut") == Approx(1280 * 0.0003 + 12 * 0.4));
  CHECK(value("arithmetic") == Approx(300 * 0.02 + 100 * 0.9));
  CHECK(value("control") == Approx(60 * (2.0 + 80 * 0.008)));
  CHECK(value("vector_unit") == Approx(20 * 0.9));
  CHECK(value("leakage") == Approx(10 * 6.0 + 60 * 7304 * 4e-5 + 10 * 2 * 7184 * 4e-5));
  double sum = 0.0;
  for (const auto& component : report.by_component) sum += component.second.value.value();
  CHECK(report.total.value.value() == sum);
}

TEST_CASE("low, high and the assumed share are sums of their own") {
  const cost::PriceList prices(cost::example::table(), cost::example::architecture());
  action::ActionCounts counts;
  counts.add({Component::kArray, Verb::kCompute, 1, 0, Arithmetic::kExponentAdd}, 300);
  counts.add({Component::kArray, Verb::kClocked, 1, 1, {}}, 60);
  const cost::Energy total = cost::energy(counts, prices).total;
  CHECK(total.low.value() == Approx(300 * 0.01 + 60 * (1.0 + 0.64)));
  CHECK(total.high.value() == Approx(300 * 0.03 + 60 * (4.0 + 0.64)));
  CHECK(total.assumed.value() == Approx(60 * 2.0));
}

TEST_CASE("nothing done costs nothing") {
  const cost::PriceList prices(cost::example::table(), cost::example::architecture());
  const cost::EnergyReport report = cost::energy({}, prices);
  CHECK(report.total.value.value() == 0.0);
  CHECK(report.by_component.empty());
}
