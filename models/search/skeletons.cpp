// SPDX-License-Identifier: Apache-2.0
#include "models/search/skeletons.h"

#include <algorithm>

namespace addax::search {
namespace {

bool may_keep(const Space& space, std::size_t level, std::size_t tensor, bool kept) {
  const nest::Keep keep = space.hierarchy.levels[level].tensors.at(tensor).keep;
  if (kept ? keep == nest::Keep::kNever : keep == nest::Keep::kMust) return false;
  if (space.rules.empty()) return true;
  const auto& ruled = space.rules[level].keep;
  const auto rule = ruled.find(tensor);
  return rule == ruled.end() || rule->second == kept;
}

bool kept_somewhere(const KeepChoice& choice, std::size_t tensor) {
  return std::any_of(choice.kept.begin(), choice.kept.end(),
                     [&](const std::vector<bool>& level) { return level[tensor]; });
}

void choose_keeps(const Space& space, std::size_t at, KeepChoice& choice,
                  std::vector<KeepChoice>& all) {
  const std::size_t tensors = space.problem.tensors.size();
  if (at == choice.kept.size() * tensors) {
    for (std::size_t tensor = 0; tensor < tensors; ++tensor)
      if (!kept_somewhere(choice, tensor)) return;
    all.push_back(choice);
    return;
  }
  // The likelier better first: kept.
  for (const bool kept : {true, false}) {
    if (!may_keep(space, at / tensors, at % tensors, kept)) continue;
    choice.kept[at / tensors][at % tensors] = kept;
    choose_keeps(space, at + 1, choice, all);
  }
}

// Loops over the dimensions that a rule wants innermost stand in its order inside the others.
bool in_order(const Space& space, std::size_t level, const std::vector<std::size_t>& order) {
  if (space.rules.empty()) return true;
  const std::vector<std::size_t>& innermost = space.rules[level].innermost;
  std::size_t least = 0;
  for (const std::size_t dimension : order) {
    const auto found = std::find(innermost.begin(), innermost.end(), dimension);
    const std::size_t rank =
        found == innermost.end() ? 0 : static_cast<std::size_t>(found - innermost.begin()) + 1;
    if (rank < least) return false;
    least = rank;
  }
  return true;
}

void choose_orders(const Space& space, std::size_t level, std::vector<std::size_t>& order,
                   std::vector<std::vector<std::size_t>>& all) {
  if (in_order(space, level, order)) all.push_back(order);
  for (std::size_t d = 0; d < space.problem.dimensions.size(); ++d) {
    if (space.problem.dimensions[d].size == 1 || !may_run(space, level, d)) continue;
    if (std::find(order.begin(), order.end(), d) != order.end()) continue;
    order.push_back(d);
    choose_orders(space, level, order, all);
    order.pop_back();
  }
}

bool allows(const std::optional<std::vector<std::size_t>>& rule, std::size_t dimension) {
  return !rule || std::find(rule->begin(), rule->end(), dimension) != rule->end();
}

}  // namespace

std::vector<std::size_t> KeepChoice::keepers(std::size_t tensor) const {
  std::vector<std::size_t> levels;
  for (std::size_t level = 0; level < kept.size(); ++level)
    if (kept[level][tensor]) levels.push_back(level);
  return levels;
}

bool KeepChoice::ordered(std::size_t level) const {
  for (std::size_t below = level + 1; below < kept.size(); ++below)
    if (std::find(kept[below].begin(), kept[below].end(), true) != kept[below].end()) return true;
  return false;
}

std::vector<KeepChoice> keep_choices(const Space& space) {
  KeepChoice choice;
  choice.kept.assign(space.hierarchy.levels.size(),
                     std::vector<bool>(space.problem.tensors.size(), false));
  std::vector<KeepChoice> all;
  choose_keeps(space, 0, choice, all);
  return all;
}

bool may_run(const Space& space, std::size_t level, std::size_t dimension) {
  return space.rules.empty() || allows(space.rules[level].temporal, dimension);
}

bool may_spread(const Space& space, std::size_t level, std::size_t dimension, bool x) {
  const nest::Level& storage = space.hierarchy.levels[level];
  if ((x ? storage.fan_out_x : storage.fan_out_y) == 1) return false;
  if (space.rules.empty()) return true;
  return allows(x ? space.rules[level].x : space.rules[level].y, dimension);
}

std::vector<std::vector<std::size_t>> orders(const Space& space, std::size_t level) {
  std::vector<std::vector<std::size_t>> all;
  std::vector<std::size_t> order;
  choose_orders(space, level, order, all);
  return all;
}

}  // namespace addax::search
