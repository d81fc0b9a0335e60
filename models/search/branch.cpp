// SPDX-License-Identifier: Apache-2.0
#include "models/search/branch.h"

#include <algorithm>
#include <numeric>

namespace addax::search {

void ChainList::close() {
  least.assign(low.begin(), low.begin() + static_cast<std::ptrdiff_t>(components));
  most.assign(high.begin(), high.begin() + static_cast<std::ptrdiff_t>(components));
  least_extents.assign(extents.begin(), extents.begin() + static_cast<std::ptrdiff_t>(levels));
  least_uses.assign(uses.begin(), uses.begin() + static_cast<std::ptrdiff_t>(2 * levels));
  for (std::size_t choice = 1; choice < size(); ++choice) {
    for (std::size_t i = 0; i < components; ++i) {
      least[i] = std::min(least[i], low[choice * components + i]);
      most[i] = std::max(most[i], high[choice * components + i]);
    }
    for (std::size_t i = 0; i < levels; ++i)
      least_extents[i] = std::min(least_extents[i], extents[choice * levels + i]);
    for (std::size_t i = 0; i < 2 * levels; ++i)
      least_uses[i] = std::min(least_uses[i], uses[2 * choice * levels + i]);
  }
}

Branch::Branch(const Space& space, std::size_t space_number, const Skeleton& skeleton, Goal& goal,
               std::uint64_t most_nodes)
    : space_(space),
      space_number_(space_number),
      skeleton_(skeleton),
      goal_(goal),
      most_nodes_(most_nodes),
      form_(space, skeleton),
      capacities_(space, skeleton.keep) {
  const std::size_t dimensions = space.problem.dimensions.size();
  const std::size_t levels = space.hierarchy.levels.size();
  lists_.resize(dimensions);
  chosen_.resize(dimensions);
  extents_.assign(levels, std::vector<std::uint64_t>(dimensions, 1));
  uses_.assign(2 * levels, std::vector<std::uint64_t>(dimensions, 1));
  box_.low.resize(dimensions);
  box_.high.resize(dimensions);
  make_lists();
}

void Branch::make_lists() {
  const std::size_t levels = space_.hierarchy.levels.size();
  for (std::size_t d = 0; d < lists_.size(); ++d) {
    const std::uint64_t size = space_.problem.dimensions[d].size;
    ChainList& list = lists_[d];
    list.tiles = ChainMaker(space_, skeleton_, capacities_, d).chains();
    empty_ = empty_ || list.tiles.empty();
    if (empty_) return;
    list.components = form_.components()[d].size();
    list.levels = levels;
    for (const Tiles& tiles : list.tiles) {
      const Running running(size, tiles);
      for (const Component& component : form_.components()[d])
        list.low.push_back(component.of(running));
      for (std::size_t level = 0; level < levels; ++level) {
        list.extents.push_back(held(size, tiles, level));
        list.uses.push_back(bound_of(size, tiles, kLoopsALevel * level + 1));
        list.uses.push_back(bound_of(size, tiles, kLoopsALevel * level + 2));
      }
    }
    list.high = list.low;
    list.close();
    open(d, list);
  }
  order_.resize(lists_.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    return lists_[a].size() < lists_[b].size();
  });
}

void Branch::choose(std::size_t dimension, const ChainList& list, std::size_t choice) {
  box_.low[dimension] = list.low.data() + choice * list.components;
  box_.high[dimension] = list.high.data() + choice * list.components;
  for (std::size_t level = 0; level < list.levels; ++level) {
    extents_[level][dimension] = list.extents[choice * list.levels + level];
    uses_[2 * level][dimension] = list.uses[2 * (choice * list.levels + level)];
    uses_[2 * level + 1][dimension] = list.uses[2 * (choice * list.levels + level) + 1];
  }
}

void Branch::open(std::size_t dimension, const ChainList& list) {
  box_.low[dimension] = list.least.data();
  box_.high[dimension] = list.most.data();
  for (std::size_t level = 0; level < list.levels; ++level) {
    extents_[level][dimension] = list.least_extents[level];
    uses_[2 * level][dimension] = list.least_uses[2 * level];
    uses_[2 * level + 1][dimension] = list.least_uses[2 * level + 1];
  }
}

// The dimension's choice is set; the others are at their least.
bool Branch::fits(std::size_t dimension, const ChainList& list, std::size_t choice) {
  choose(dimension, list, choice);
  for (std::size_t level = 0; level < list.levels; ++level) {
    const nest::Level& storage = space_.hierarchy.levels[level];
    const auto together = [](const std::vector<std::uint64_t>& uses) {
      return std::accumulate(uses.begin(), uses.end(), std::uint64_t{1}, std::multiplies<>());
    };
    if (together(uses_[2 * level]) > storage.fan_out_y) return false;
    if (together(uses_[2 * level + 1]) > storage.fan_out_x) return false;
    if (capacities_.limited(level) && !capacities_.fit(level, extents_[level])) return false;
  }
  return true;
}

CostBound Branch::bound() {
  ++nodes_;
  return form_.bound(box_);
}

CostBound Branch::root() {
  if (empty_) return {};
  return form_.bound(box_);
}

void Branch::run() {
  if (empty_ || goal_.hopeless(bound())) return;
  descend(0);
}

void Branch::descend(std::size_t depth) {
  if (depth == order_.size()) {
    leaf();
    return;
  }
  const std::size_t dimension = order_[depth];
  const ChainList& list = lists_[dimension];
  std::vector<Child> children;
  for (std::size_t choice = 0; choice < list.size(); ++choice) {
    if (!fits(dimension, list, choice)) continue;
    if (nodes_ >= most_nodes_) {
      finished_ = false;
      break;
    }
    const CostBound least = bound();
    if (!goal_.hopeless(least)) children.push_back({goal_.rank(least), least, choice});
  }
  std::stable_sort(children.begin(), children.end(),
                   [](const Child& a, const Child& b) { return a.rank < b.rank; });
  for (const Child& child : children) {
    if (goal_.hopeless(child.bound)) continue;
    choose(dimension, list, child.choice);
    chosen_[dimension] = &list.tiles[child.choice];
    descend(depth + 1);
  }
  open(dimension, list);
}

nest::Mapping Branch::mapping() const { return mapping_of(space_, skeleton_, chosen_); }

void Branch::leaf() {
  Found found;
  found.space = space_number_;
  found.mapping = mapping();
  const nest::Counts counts = nest::count(space_.problem, space_.hierarchy, found.mapping);
  found.cost = nest::evaluate(space_.hierarchy, space_.costs, counts);
  goal_.offer(std::move(found));
}

nest::Mapping mapping_of(const Space& space, const Skeleton& skeleton,
                         const std::vector<const Tiles*>& tiles) {
  nest::Mapping mapping;
  const std::size_t dimensions = space.problem.dimensions.size();
  for (std::size_t level = 0; level < space.hierarchy.levels.size(); ++level) {
    nest::LevelLoops loops;
    loops.keep = skeleton.keep.kept[level];
    const auto add = [&](std::vector<nest::Loop>& to, std::size_t d, std::size_t loop) {
      if (bound_of(space.problem.dimensions[d].size, *tiles[d], loop) > 1)
        to.push_back({d, (*tiles[d])[loop]});
    };
    std::vector<std::size_t> order = skeleton.orders[level];
    if (!skeleton.keep.ordered(level)) {
      std::vector<std::size_t> innermost;
      if (!space.rules.empty()) innermost = space.rules[level].innermost;
      order.clear();
      for (std::size_t d = 0; d < dimensions; ++d)
        if (std::find(innermost.begin(), innermost.end(), d) == innermost.end()) order.push_back(d);
      order.insert(order.end(), innermost.begin(), innermost.end());
    }
    for (const std::size_t d : order) add(loops.temporal, d, kLoopsALevel * level);
    for (std::size_t d = 0; d < dimensions; ++d) {
      add(loops.y, d, kLoopsALevel * level + 1);
      add(loops.x, d, kLoopsALevel * level + 2);
    }
    mapping.levels.push_back(std::move(loops));
  }
  return mapping;
}

}  // namespace addax::search
