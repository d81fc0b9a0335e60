// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost.h"
#include "models/quantity/check.h"

namespace addax::cost {
namespace {

using action::Component;
using action::Verb;

/// The component of a report that an action belongs to.
const char* report_component(const action::Action& action) {
  switch (action.component) {
    case Component::kDram:
      return "dram";  // background power included
    case Component::kVectorUnit:
      return action.verb == Verb::kPowered ? "leakage" : "vector_unit";
    default:
      break;
  }
  if (action.verb == Verb::kPowered) return "leakage";
  switch (action.component) {
    case Component::kBuffer:
      return "buffer";
    case Component::kActivationNetwork:
    case Component::kWeightNetwork:
    case Component::kPsumNetwork:
    case Component::kOutputNetwork:
    case Component::kNeighbourLink:
      return "network";
    case Component::kActivationScratchpad:
    case Component::kWeightScratchpad:
    case Component::kPsumScratchpad:
      return "scratchpad";
    case Component::kLut:
      return "lut";  // the generator's adds included
    default:
      break;
  }
  return action.verb == Verb::kClocked ? "control" : "arithmetic";
}

/// The part of the tables' energy that an action belongs to; null: none.
Energy* table_part(TableEnergy& tables, const action::Action& action) {
  if (action.component != Component::kLut) return nullptr;
  switch (action.verb) {
    case Verb::kCompute:
      return &tables.adds;
    case Verb::kWrite:
      return &tables.writes;
    case Verb::kRead:
      return &tables.reads;
    case Verb::kHold:
      return &tables.hold;
    default:
      break;
  }
  ADDAX_CHECK(action.verb == Verb::kPowered, name(action));
  return &tables.leakage;
}

}  // namespace

void Energy::add(const Price& price, std::uint64_t count) {
  const double times = static_cast<double>(count);
  value += price.energy * times;
  low += price.low * times;
  high += price.high * times;
  assumed += price.assumed * times;
}

void Energy::add(const Energy& other) {
  value += other.value;
  low += other.low;
  high += other.high;
  assumed += other.assumed;
}

Energy TableEnergy::build() const {
  Energy sum = adds;
  sum.add(writes);
  return sum;
}

void TableEnergy::add(const TableEnergy& other) {
  adds.add(other.adds);
  writes.add(other.writes);
  reads.add(other.reads);
  hold.add(other.hold);
  leakage.add(other.leakage);
}

EnergyReport energy(const action::ActionCounts& counts, const PriceList& prices) {
  EnergyReport report;
  for (const auto& [action, count] : counts.all()) {
    const Price& price = prices.of(action);
    report.by_component[report_component(action)].add(price, count);
    if (Energy* part = table_part(report.tables, action)) part->add(price, count);
  }
  // The total is the sum of its parts, in their order, so that a report adds up to the last digit.
  for (const auto& component : report.by_component) report.total.add(component.second);
  return report;
}

}  // namespace addax::cost
