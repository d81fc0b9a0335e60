// SPDX-License-Identifier: Apache-2.0
#include "models/search/climb.h"

#include <algorithm>
#include <utility>

#include "models/search/branch.h"

namespace addax::search {
namespace {

constexpr double kSmoothings[] = {0.1, 0.0};

}  // namespace

// A point with what its components are worth; `best` is what is moved to next.
struct Climb::State {
  State(const Space& space, const Skeleton& skeleton) : form(space, skeleton) {}
  Form form;
  const Point* point = nullptr;
  std::vector<Tiles> tiles;
  std::vector<std::vector<double>> values;
  Box box;
  double best_rank = 0.0;
  std::vector<Tiles> best;
};

Climb::Climb(const Space& space, std::size_t space_number, const KeepChoice& keep, const Goal& goal)
    : space_(space),
      space_number_(space_number),
      keep_(keep),
      goal_(goal),
      capacities_(space, keep) {
  for (std::size_t d = 0; d < space.problem.dimensions.size(); ++d)
    allowed_.push_back(allowed_tiles(space, d));
}

Skeleton Climb::skeleton(const Point& point) const { return {keep_, point.orders}; }

std::vector<Point> Climb::starts() {
  std::vector<std::pair<double, Point>> ranked;
  const std::vector<Simple> all = simples();
  smoothing_ = kSmoothings[0];
  for (std::size_t innermost = 0; innermost < allowed_.size(); ++innermost) {
    // Of dimensions of one point only the first, for problems that have no others.
    if (allowed_[innermost].back() == 1 && innermost > 0) continue;
    Point point{full_orders(innermost), std::vector<Tiles>(allowed_.size())};
    std::optional<State> state;
    for (const Simple& one : all) {
      for (std::size_t d = 0; d < allowed_.size(); ++d)
        point.tiles[d] = spread_tiles(d, d == one.x, d == one.y, one.levels[d]);
      if (!legal(point)) continue;
      if (!state) state = start(point);
      for (std::size_t d = 0; d < allowed_.size(); ++d)
        if (state->tiles[d] != point.tiles[d]) set(*state, d, point.tiles[d]);
      ++nodes_;
      ranked.emplace_back(score(state->form.bound(state->box)), point);
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Point> points;
  for (auto& [rank, point] : ranked) points.push_back(std::move(point));
  return points;
}

double Climb::score(const CostBound& bound) const {
  const double load = bound.cycles > 0.0 ? bound.load / bound.cycles : 0.0;
  return goal_.rank(bound) * (1.0 + smoothing_ * load);
}

bool Climb::tiles_legal(std::size_t dimension, const Tiles& tiles) const {
  const std::uint64_t size = allowed_[dimension].back();
  for (std::size_t loop = 0; loop < tiles.size(); ++loop) {
    const std::size_t level = loop / kLoopsALevel;
    const std::uint64_t runs = bound_of(size, tiles, loop);
    const bool x = loop % kLoopsALevel == 2;
    const nest::Level& storage = space_.hierarchy.levels[level];
    if (loop % kLoopsALevel == 0) {
      if (runs > 1 && !may_run(space_, level, dimension)) return false;
    } else if (runs > 1 && (runs > (x ? storage.fan_out_x : storage.fan_out_y) ||
                            !may_spread(space_, level, dimension, x))) {
      return false;
    }
    if (space_.rules.empty()) continue;
    const LevelRule& rule = space_.rules[level];
    const auto& bounds = x ? rule.x_bounds : rule.y_bounds;
    const auto bound = bounds.find(dimension);
    if (loop % kLoopsALevel != 0 && bound != bounds.end() && bound->second != runs) return false;
    const auto pinned = rule.tiles.find(dimension);
    if (loop % kLoopsALevel == 0 && pinned != rule.tiles.end() &&
        pinned->second != held(size, tiles, level))
      return false;
  }
  return tiles.back() == 1;
}

bool Climb::fits(const std::vector<Tiles>& tiles) const {
  std::vector<std::uint64_t> extents(tiles.size());
  for (std::size_t level = 0; level < space_.hierarchy.levels.size(); ++level) {
    std::uint64_t y = 1;
    std::uint64_t x = 1;
    for (std::size_t d = 0; d < tiles.size(); ++d) {
      const std::uint64_t size = allowed_[d].back();
      y *= bound_of(size, tiles[d], kLoopsALevel * level + 1);
      x *= bound_of(size, tiles[d], kLoopsALevel * level + 2);
      extents[d] = held(size, tiles[d], level);
    }
    const nest::Level& storage = space_.hierarchy.levels[level];
    if (y > storage.fan_out_y || x > storage.fan_out_x) return false;
    if (capacities_.limited(level) && !capacities_.fit(level, extents)) return false;
  }
  return true;
}

bool Climb::legal(const Point& point) const {
  for (std::size_t d = 0; d < point.tiles.size(); ++d)
    if (!tiles_legal(d, point.tiles[d])) return false;
  return fits(point.tiles) && stationary(space_, mapping_skeleton(skeleton(point), point.tiles));
}

// The loops of the skeleton that do run more than once.
Skeleton Climb::mapping_skeleton(Skeleton skeleton, const std::vector<Tiles>& tiles) const {
  for (std::size_t level = 0; level < skeleton.orders.size(); ++level) {
    std::vector<std::size_t>& order = skeleton.orders[level];
    order.erase(std::remove_if(order.begin(), order.end(),
                               [&](std::size_t d) {
                                 return bound_of(allowed_[d].back(), tiles[d],
                                                 kLoopsALevel * level) == 1;
                               }),
                order.end());
  }
  return skeleton;
}

void Climb::set(State& state, std::size_t dimension, const Tiles& tiles) const {
  state.tiles[dimension] = tiles;
  const std::vector<Component>& components = state.form.components()[dimension];
  for (std::size_t i = 0; i < components.size(); ++i)
    state.values[dimension][i] = components[i].of(allowed_[dimension].back(), tiles);
}

// Ranks what the state holds, and remembers it if it is the best so far.
void Climb::weigh(State& state) {
  if (!space_.rules.empty() &&
      !stationary(space_, mapping_skeleton(skeleton(*state.point), state.tiles)))
    return;
  ++nodes_;
  const double rank = score(state.form.bound(state.box));
  if (rank >= state.best_rank * (1.0 - kRounding)) return;
  state.best_rank = rank;
  state.best = state.tiles;
}

void Climb::weigh_repaired(State& state, std::size_t dimension, std::size_t loop) {
  for (std::size_t other = 0; other < allowed_.size(); ++other) {
    if (other == dimension) continue;
    const std::optional<Tiles> tiles = shrunk(state.tiles, other, loop);
    if (!tiles) continue;
    const Tiles kept = state.tiles[other];
    set(state, other, *tiles);
    weigh(state);
    set(state, other, kept);
  }
}

void Climb::weigh_moved(State& state, std::size_t dimension, const Tiles& moved, std::size_t loop) {
  if (!tiles_legal(dimension, moved)) return;
  set(state, dimension, moved);
  if (fits(state.tiles))
    weigh(state);
  else
    weigh_repaired(state, dimension, loop);
}

bool Climb::improve(State& state, std::size_t dimension) {
  const std::vector<std::uint64_t>& allowed = allowed_[dimension];
  if (allowed.size() == 1) return false;
  const Tiles kept = state.tiles[dimension];
  const double before = state.best_rank;
  for (std::size_t loop = 0; loop + 1 < kept.size(); ++loop) {
    if (loop % kLoopsALevel != 0 &&
        !may_spread(space_, loop / kLoopsALevel, dimension, loop % kLoopsALevel == 2) &&
        bound_of(allowed.back(), kept, loop) == 1 && loop % kLoopsALevel != 2)
      continue;
    const auto at = std::lower_bound(allowed.begin(), allowed.end(), kept[loop]) - allowed.begin();
    const auto last = static_cast<std::ptrdiff_t>(allowed.size()) - 1;
    for (std::ptrdiff_t far = 1; far <= last; far = far < 2 ? far + 1 : far * 2)
      for (const std::ptrdiff_t to : {at - far, at + far})
        if (to >= 0 && to <= last)
          weigh_moved(state, dimension, pulled(kept, loop, allowed[static_cast<std::size_t>(to)]),
                      loop);
  }
  for (std::size_t from = 0; from < kept.size(); ++from) {
    const std::uint64_t runs = bound_of(allowed.back(), kept, from);
    for (std::size_t to = 0; runs > 1 && to < kept.size(); ++to) {
      const bool x = to % kLoopsALevel == 2;
      const std::size_t level = to / kLoopsALevel;
      if (to == from || (to % kLoopsALevel == 0 ? !may_run(space_, level, dimension)
                                                : !may_spread(space_, level, dimension, x)))
        continue;
      for (const std::uint64_t factor : {runs, std::uint64_t{2}, std::uint64_t{3}})
        if (factor <= runs)
          weigh_moved(state, dimension, shifted(dimension, kept, from, to, factor),
                      std::min(from, to));
    }
  }
  set(state, dimension, kept);
  if (state.best_rank == before) return false;
  for (std::size_t d = 0; d < allowed_.size(); ++d)
    if (state.tiles[d] != state.best[d]) set(state, d, state.best[d]);
  return true;
}

Climb::State Climb::start(Point& point) const {
  State state(space_, skeleton(point));
  state.point = &point;
  state.tiles = point.tiles;
  state.values.resize(allowed_.size());
  state.box.low.resize(allowed_.size());
  for (std::size_t d = 0; d < allowed_.size(); ++d) {
    state.values[d].resize(state.form.components()[d].size());
    state.box.low[d] = state.values[d].data();
    set(state, d, point.tiles[d]);
  }
  state.box.high = state.box.low;
  state.best = state.tiles;
  return state;
}

double Climb::ascend(Point& point, std::uint64_t most_nodes) {
  State state = start(point);
  ++nodes_;
  state.best_rank = score(state.form.bound(state.box));
  bool better = true;
  while (better && nodes_ < most_nodes) {
    better = false;
    for (std::size_t d = 0; d < allowed_.size() && nodes_ < most_nodes; ++d)
      better = improve(state, d) || better;
  }
  point.tiles = state.best;
  return state.best_rank;
}

// Each other order of each level for the same tiles.
bool Climb::reorder(Point& point, double& rank, std::uint64_t most_nodes) {
  bool better = false;
  for (std::size_t level = 0; level < point.orders.size(); ++level) {
    if (!keep_.ordered(level)) continue;
    Point other = point;
    for (const std::vector<std::size_t>& order : orders(space_, level)) {
      if (order.size() != point.orders[level].size() || nodes_ >= most_nodes) continue;
      other.orders[level] = order;
      if (!legal(other)) continue;
      State state = start(other);
      ++nodes_;
      const double found = score(state.form.bound(state.box));
      if (found >= rank * (1.0 - kRounding)) continue;
      rank = found;
      point.orders[level] = order;
      better = true;
    }
  }
  return better;
}

double Climb::climb(Point& point, std::uint64_t most_nodes) {
  double rank = 0.0;
  for (const double smoothing : kSmoothings) {
    smoothing_ = smoothing;
    rank = ascend(point, most_nodes);
    while (nodes_ < most_nodes && reorder(point, rank, most_nodes))
      rank = ascend(point, most_nodes);
  }
  return rank;
}

Found Climb::found(const Point& point) const {
  std::vector<const Tiles*> tiles;
  for (const Tiles& chain : point.tiles) tiles.push_back(&chain);
  Found found;
  found.space = space_number_;
  found.mapping = mapping_of(space_, skeleton(point), tiles);
  found.cost = nest::evaluate(space_.hierarchy, space_.costs,
                              nest::count(space_.problem, space_.hierarchy, found.mapping));
  return found;
}

}  // namespace addax::search
