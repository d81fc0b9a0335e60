// SPDX-License-Identifier: Apache-2.0
#include "models/action/action.h"

#include <array>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::action {
namespace {

constexpr std::array<const char*, kComponentCount> kComponentNames = {"dram",
                                                                      "buffer",
                                                                      "activation_network",
                                                                      "weight_network",
                                                                      "psum_network",
                                                                      "output_network",
                                                                      "neighbour_link",
                                                                      "activation_scratchpad",
                                                                      "weight_scratchpad",
                                                                      "psum_scratchpad",
                                                                      "lut",
                                                                      "array",
                                                                      "vector_unit"};

constexpr std::array<const char*, 8> kVerbNames = {"read",    "write", "transfer", "deliver",
                                                   "compute", "hold",  "powered",  "clocked"};

bool is_in_column_group(Component component) {
  switch (component) {
    case Component::kNeighbourLink:
    case Component::kActivationScratchpad:
    case Component::kWeightScratchpad:
    case Component::kPsumScratchpad:
    case Component::kLut:
    case Component::kArray:
      return true;
    default:
      return false;
  }
}

}  // namespace

const char* name(Component component) {
  return kComponentNames.at(static_cast<std::size_t>(component));
}
const char* name(Verb verb) { return kVerbNames.at(static_cast<std::size_t>(verb)); }

std::string name(const Action& action) {
  std::string text = name(action.component);
  if (is_in_column_group(action.component)) text += "[" + std::to_string(action.group) + "]";
  text += std::string(".") + name(action.verb);
  if (action.arithmetic) text += std::string(".") + arith::name(*action.arithmetic);
  return text;
}

void ActionCounts::add(const Action& action, std::uint64_t count) {
  if (count == 0) return;
  ADDAX_CHECK((action.verb == Verb::kCompute) == action.arithmetic.has_value(), name(action));
  auto& entry = counts_[action];
  entry = quantity::checked_add(entry, count);
}

void ActionCounts::add(const ActionCounts& other, std::uint64_t times) {
  for (const auto& [action, count] : other.counts_)
    add(action, quantity::checked_mul(count, times));
}

std::uint64_t ActionCounts::of(const Action& action) const {
  const auto found = counts_.find(action);
  return found == counts_.end() ? 0 : found->second;
}

std::uint64_t ActionCounts::total(Component component, Verb verb) const {
  std::uint64_t sum = 0;
  for (const auto& [action, count] : counts_)
    if (action.component == component && action.verb == verb)
      sum = quantity::checked_add(sum, count);
  return sum;
}

std::uint64_t ActionCounts::total(Arithmetic arithmetic) const {
  std::uint64_t sum = 0;
  for (const auto& [action, count] : counts_)
    if (action.arithmetic == arithmetic) sum = quantity::checked_add(sum, count);
  return sum;
}

}  // namespace addax::action
