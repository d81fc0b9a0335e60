// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost.h"

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

EnergyReport energy(const action::ActionCounts& counts, const PriceList& prices) {
  EnergyReport report;
  for (const auto& [action, count] : counts.all())
    report.by_component[report_component(action)].add(prices.of(action), count);
  // The total is the sum of its parts, in their order, so that a report adds up to the last digit.
  for (const auto& component : report.by_component) report.total.add(component.second);
  return report;
}

}  // namespace addax::cost
