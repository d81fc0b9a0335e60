// SPDX-License-Identifier: Apache-2.0
#include "models/search/rounds.h"

#include <algorithm>

#include "models/search/ascents.h"
#include "models/search/traffic_bound.h"

namespace addax::search {
namespace {

// Of one dimension, for a skeleton to be branched over.
constexpr double kMostChains = 20000;
// Budgets below only climb: bounds and lists of chains would cost more than all their nodes.
constexpr std::uint64_t kLeastToBranch = 100'000;

bool large(const Space& space) {
  for (std::size_t d = 0; d < space.problem.dimensions.size(); ++d)
    if (chain_count(space, d) > kMostChains) return true;
  return false;
}

}  // namespace

Rounds::Rounds(const std::vector<Space>& spaces, const Options& options)
    : spaces_(spaces), options_(options) {
  for (std::size_t space = 0; space < spaces.size(); ++space)
    for (const KeepChoice& keep : keep_choices(spaces[space])) {
      keeps_.emplace_back(space, keep);
      add(space, keep);
    }
}

bool Rounds::thorough() const { return !options_.budget || *options_.budget >= kLeastToBranch; }

std::uint64_t Rounds::left() const {
  if (!options_.budget) return ~std::uint64_t{0};
  return *options_.budget > nodes_ ? *options_.budget - nodes_ : 0;
}

// Climbs to a first mapping.
void Rounds::first(Goal& goal) {
  constexpr std::uint64_t kMostNodes = 2'000'000, kIdleKicks = 3000;
  Ascents ascents(spaces_, keeps_, options_, goal);
  if (thorough())
    ascents.from_each();
  else
    ascents.from_best();
  if (ascents.found() && !open_.empty() && ascents.left() > 0) {
    if (thorough())
      quantity::each_in_parallel(open_.size(), options_.threads, [&](std::size_t i) {
        if (!goal.hopeless(open_[i]))
          open_[i] = traffic_bound(spaces_[open_keeps_[i].first], open_keeps_[i].second);
      });
    ascents.kick(kIdleKicks, [&] {
      return ascents.left() == 0 || (!options_.budget && ascents.nodes() >= kMostNodes) ||
             std::all_of(open_.begin(), open_.end(),
                         [&](const CostBound& bound) { return goal.hopeless(bound); });
    });
  }
  nodes_ += ascents.nodes();
}

void Rounds::add(std::size_t number, const KeepChoice& keep) {
  const Space& space = spaces_[number];
  const std::size_t levels = space.hierarchy.levels.size();
  if (!thorough() || large(space)) {
    open_.push_back(options_.bounds || thorough() ? compulsory(space, keep) : CostBound{});
    open_keeps_.emplace_back(number, keep);
    return;
  }
  const CostBound bound = traffic_bound(space, keep);
  std::vector<Skeleton> skeletons = {{keep, std::vector<std::vector<std::size_t>>(levels)}};
  for (std::size_t level = 0; level < levels; ++level) {
    if (!keep.ordered(level)) continue;
    const std::vector<std::vector<std::size_t>> choices = orders(space, level);
    std::vector<Skeleton> longer;
    for (const Skeleton& skeleton : skeletons)
      for (const std::vector<std::size_t>& order : choices) {
        longer.push_back(skeleton);
        longer.back().orders[level] = order;
      }
    skeletons = std::move(longer);
  }
  for (Skeleton& skeleton : skeletons) {
    if (!stationary(space, keep, skeleton.orders, [](std::size_t, std::size_t) { return true; }))
      continue;
    roots_.push_back({number, std::move(skeleton), bound});
  }
}

}  // namespace addax::search
