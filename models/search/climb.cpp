// SPDX-License-Identifier: Apache-2.0
#include "models/search/climb.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "models/search/branch.h"

namespace addax::search {
const Form& Forms::of(const std::vector<std::vector<std::size_t>>& orders) {
  std::unique_ptr<Form>& form = known_[orders];
  if (!form) form = std::make_unique<Form>(space_, Skeleton{keep_, orders});
  return *form;
}

Climb::Climb(const Space& space, std::size_t space_number, const KeepChoice& keep, const Goal& goal)
    : space_(space),
      space_number_(space_number),
      keep_(keep),
      goal_(goal),
      forms_(space, keep),
      capacities_(space, keep) {
  const std::size_t levels = space.hierarchy.levels.size();
  ADDAX_CHECK(space.problem.dimensions.size() <= kMostDimensions,
              "more dimensions than a search has room for");
  for (std::size_t d = 0; d < space.problem.dimensions.size(); ++d) {
    allowed_.push_back(allowed_tiles(space, d));
    Tiles most(kLoopsALevel * levels, 1);
    for (std::size_t level = 0; level < levels; ++level) {
      const nest::Level& storage = space.hierarchy.levels[level];
      if (may_run(space, level, d)) most[kLoopsALevel * level] = ~std::uint64_t{0};
      if (may_spread(space, level, d, false)) most[kLoopsALevel * level + 1] = storage.fan_out_y;
      if (may_spread(space, level, d, true)) most[kLoopsALevel * level + 2] = storage.fan_out_x;
    }
    most_.push_back(most);
    pin(d);
  }
  for (std::size_t level = 0; level < levels; ++level) {
    const nest::Level& storage = space.hierarchy.levels[level];
    if (storage.fan_out_x * storage.fan_out_y > 1 || capacities_.limited(level))
      limited_.push_back(level);
  }
  for (const LevelRule& rule : space.rules)
    pinned_ = pinned_ || !rule.tiles.empty() || !rule.multiples.empty() || !rule.y_bounds.empty() ||
              !rule.x_bounds.empty();
}

// What rules ask of the tiles of a dimension.
void Climb::pin(std::size_t dimension) {
  Asked multiples;
  Asked tiles;
  Asked bounds;
  for (std::size_t level = 0; level < space_.rules.size(); ++level) {
    const LevelRule& rule = space_.rules[level];
    const auto add = [dimension](const std::map<std::size_t, std::uint64_t>& rules,
                                 std::size_t place, Asked& asked) {
      const auto found = rules.find(dimension);
      if (found != rules.end()) asked.emplace_back(place, found->second);
    };
    if (level > 0) add(rule.multiples, level, multiples);
    add(rule.tiles, level, tiles);
    add(rule.y_bounds, kLoopsALevel * level + 1, bounds);
    add(rule.x_bounds, kLoopsALevel * level + 2, bounds);
  }
  multiples_.push_back(std::move(multiples));
  held_tiles_.push_back(std::move(tiles));
  bounds_.push_back(std::move(bounds));
}

Skeleton Climb::skeleton(const Point& point) const { return {keep_, point.orders}; }

bool Climb::tiles_legal(std::size_t dimension, const Tiles& tiles) const {
  const std::uint64_t size = allowed_[dimension].back();
  std::uint64_t outside = size;
  for (std::size_t loop = 0; loop < tiles.size(); ++loop) {
    if (tiles[loop] != outside && quantity::ceil_div(outside, tiles[loop]) > most_[dimension][loop])
      return false;
    outside = tiles[loop];
  }
  if (outside != 1) return false;
  const auto held_of = [&](std::size_t level) { return held(size, tiles, level); };
  for (const auto& [loop, times] : bounds_[dimension])
    if (bound_of(size, tiles, loop) != times) return false;
  for (const auto& [level, tile] : held_tiles_[dimension])
    if (held_of(level) != tile) return false;
  for (const auto& [level, of] : multiples_[dimension])
    if (held_of(level) != size && held_of(level) % of != 0) return false;
  return true;
}

bool Climb::fits(const std::vector<Tiles>& tiles, std::size_t changed, const Tiles& to) const {
  std::array<std::uint64_t, kMostDimensions> extents;
  for (const std::size_t level : limited_) {
    const nest::Level& storage = space_.hierarchy.levels[level];
    const bool spreads = storage.fan_out_x * storage.fan_out_y > 1;
    std::uint64_t y = 1;
    std::uint64_t x = 1;
    for (std::size_t d = 0; d < tiles.size(); ++d) {
      const Tiles& chain = d == changed ? to : tiles[d];
      const std::uint64_t size = allowed_[d].back();
      if (spreads) {
        y *= bound_of(size, chain, kLoopsALevel * level + 1);
        x *= bound_of(size, chain, kLoopsALevel * level + 2);
      }
      extents[d] = held(size, chain, level);
    }
    if (y > storage.fan_out_y || x > storage.fan_out_x) return false;
    if (capacities_.limited(level) && !capacities_.fit(level, extents.data())) return false;
  }
  return true;
}

bool Climb::comes_once(const Point& point, const std::vector<Tiles>& tiles) const {
  return stationary(space_, keep_, point.orders, [&](std::size_t level, std::size_t d) {
    return bound_of(allowed_[d].back(), tiles[d], kLoopsALevel * level) > 1;
  });
}

bool Climb::legal(const Point& point) const {
  for (std::size_t d = 0; d < point.tiles.size(); ++d)
    if (!tiles_legal(d, point.tiles[d])) return false;
  return fits(point.tiles) && comes_once(point, point.tiles);
}

double Climb::score(State& state) const {
  for (std::size_t d = 0; d < allowed_.size(); ++d) {
    if (state.valued[d] == state.tiles[d]) continue;
    state.valued[d] = state.tiles[d];
    const std::vector<Component>& components = state.form->components()[d];
    const Running running(allowed_[d].back(), state.tiles[d]);
    for (std::size_t i = 0; i < components.size(); ++i)
      state.values[d][i] = components[i].of(running);
  }
  const CostBound cost = state.form->bound(state.box);
  const double load = cost.cycles > 0.0 ? cost.load / cost.cycles : 0.0;
  return goal_.rank(cost) * (1.0 + smoothing_ * load);
}

// Ranks what the state holds, and remembers it if it is the best so far.
void Climb::weigh(State& state) {
  if (!comes_once(*state.point, state.tiles)) return;
  ++nodes_;
  const double rank = score(state);
  if (rank >= state.best_rank * (1.0 - kRounding)) return;
  state.best_rank = rank;
  state.best = state.tiles;
}

void Climb::weigh_moved(State& state, std::size_t dimension, const Tiles& moved, std::size_t loop) {
  // Where it does not fit, what shrinks depends on the loop.
  const std::uint64_t hash = hash_of(moved);
  if (tried_.has(hash)) return;
  if (!tiles_legal(dimension, moved)) {
    tried_.add(hash);
    return;
  }
  const Tiles kept = std::exchange(state.tiles[dimension], moved);
  if (fits(state.tiles)) {
    tried_.add(hash);
    weigh(state);
  } else if (tried_.add(hash + loop + 1)) {
    for (std::size_t other = 0; other < allowed_.size(); ++other) {
      if (other == dimension) continue;
      const std::optional<Tiles> tiles = shrunk(state.tiles, other, loop);
      if (!tiles) continue;
      const Tiles whole = std::exchange(state.tiles[other], *tiles);
      weigh(state);
      state.tiles[other] = whole;
    }
  }
  state.tiles[dimension] = kept;
}

bool Climb::improve(State& state, std::size_t dimension) {
  const std::vector<std::uint64_t>& allowed = allowed_[dimension];
  if (allowed.size() == 1) return false;
  const Tiles kept = state.tiles[dimension];
  const double before = state.best_rank;
  tried_.clear();
  tried_.add(hash_of(kept));
  for (std::size_t loop = 0; loop + 1 < kept.size(); ++loop) {
    if (loop % kLoopsALevel == 1 && most_[dimension][loop] == 1) continue;
    const auto at = std::lower_bound(allowed.begin(), allowed.end(), kept[loop]) - allowed.begin();
    const auto last = static_cast<std::ptrdiff_t>(allowed.size()) - 1;
    for (std::ptrdiff_t far = 1; far <= last; far = far < 2 ? far + 1 : far * 2)
      for (const std::ptrdiff_t to : {at - far, at + far})
        if (to >= 0 && to <= last)
          weigh_moved(state, dimension,
                      pulled(dimension, kept, loop, allowed[static_cast<std::size_t>(to)]), loop);
  }
  for (std::size_t from = 0; from < kept.size(); ++from) {
    const std::uint64_t runs = bound_of(allowed.back(), kept, from);
    for (std::size_t to = 0; runs > 1 && to < kept.size(); ++to) {
      if (to == from || most_[dimension][to] == 1) continue;
      for (const std::uint64_t factor : {runs, std::uint64_t{2}, std::uint64_t{3}})
        if (factor <= runs)
          weigh_moved(state, dimension, shifted(dimension, kept, from, to, factor),
                      std::min(from, to));
    }
  }
  return take_best(state, before);
}

bool Climb::take_best(State& state, double before) const {
  if (state.best_rank == before) return false;
  state.tiles = state.best;
  return true;
}

// Part of an axis of instances goes from one dimension to another.
bool Climb::exchange(State& state) {
  const double before = state.best_rank;
  const std::vector<Tiles> kept = state.tiles;
  const auto runs = [&](std::size_t d, std::size_t loop) {
    return bound_of(allowed_[d].back(), kept[d], loop);
  };
  const auto to_other = [&](std::size_t from, std::size_t place, std::uint64_t factor) {
    for (std::size_t d = 0; d < allowed_.size(); ++d) {
      if (d == from || most_[d][place] == 1) continue;
      for (std::size_t loop = 0; loop < kept[d].size(); ++loop) {
        if (loop == place || runs(d, loop) == 1) continue;
        weigh_moved(state, d, shifted(d, kept[d], loop, place, factor), std::min(loop, place));
      }
    }
  };
  for (std::size_t place = 0; place < kept[0].size(); ++place)
    for (std::size_t d = 0; d < allowed_.size() && place % kLoopsALevel != 0; ++d)
      for (const std::uint64_t factor : {2, 3, 4, 6}) {
        if (runs(d, place) < factor) continue;
        for (std::size_t loop = 0; loop < kept[d].size(); loop += kLoopsALevel) {
          const Tiles moved =
              most_[d][loop] == 1 ? kept[d] : shifted(d, kept[d], place, loop, factor);
          if (moved == kept[d] || !tiles_legal(d, moved)) continue;
          state.tiles[d] = moved;
          tried_.clear();
          to_other(d, place, factor);
          state.tiles[d] = kept[d];
        }
      }
  return take_best(state, before);
}

Climb::State Climb::start(Point& point) {
  State state(forms_.of(point.orders));
  state.point = &point;
  state.tiles = point.tiles;
  state.valued.resize(allowed_.size());
  state.values.resize(allowed_.size());
  state.box.low.resize(allowed_.size());
  for (std::size_t d = 0; d < allowed_.size(); ++d) {
    state.values[d].resize(state.form->components()[d].size());
    state.box.low[d] = state.values[d].data();
  }
  state.box.high = state.box.low;
  state.best = state.tiles;
  return state;
}

double Climb::ascend(Point& point, std::uint64_t most_nodes) {
  State state = start(point);
  ++nodes_;
  state.best_rank = score(state);
  bool better = true;
  while (better && nodes_ < most_nodes) {
    better = false;
    for (std::size_t d = 0; d < allowed_.size() && nodes_ < most_nodes; ++d)
      better = improve(state, d) || better;
    if (!better && exchanges_ && nodes_ < most_nodes) better = exchange(state);
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
      const double found = score(state);
      if (found >= rank * (1.0 - kRounding)) continue;
      rank = found;
      point.orders[level] = order;
      better = true;
    }
  }
  return better;
}

double Climb::climb(Point& point, std::uint64_t most_nodes, bool simply) {
  exchanges_ = !simply;
  most_nodes += nodes_;
  double rank = 0.0;
  for (const double smoothing : kSmoothings) {
    smoothing_ = smoothing;
    rank = ascend(point, most_nodes);
    while (nodes_ < most_nodes && reorder(point, rank, most_nodes))
      rank = ascend(point, most_nodes);
  }
  converged_ = nodes_ < most_nodes;
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
