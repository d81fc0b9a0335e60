// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <utility>

#include "models/quantity/quantity.h"
#include "models/search/climb.h"

namespace addax::search {

// Each dimension's tiles in a mapping.
std::vector<Tiles> Climb::tiles_of(const nest::Mapping& mapping) const {
  std::vector<Tiles> all;
  const std::size_t levels = space_.hierarchy.levels.size();
  for (std::size_t d = 0; d < allowed_.size(); ++d) {
    Tiles tiles(kLoopsALevel * levels);
    std::uint64_t outside = allowed_[d].back();
    for (std::size_t level = 0; level < levels; ++level) {
      const nest::LevelLoops& loops = mapping.levels.at(level);
      std::size_t at = kLoopsALevel * level;
      for (const auto* of : {&loops.temporal, &loops.y, &loops.x}) {
        for (const nest::Loop& loop : *of)
          if (loop.dimension == d)
            outside = *(std::upper_bound(allowed_[d].begin(), allowed_[d].end(),
                                         std::min(outside, loop.tile)) -
                        1);
        tiles[at++] = outside;
      }
    }
    all.push_back(rounded(d, tiles));
  }
  return all;
}

// A level's order in a mapping; dimensions that no loop runs over stand outside.
std::vector<std::size_t> Climb::order_of(const nest::Mapping& mapping, std::size_t level) const {
  const std::vector<nest::Loop>& loops = mapping.levels[level].temporal;
  const auto place = [&](std::size_t d) {
    const auto same = [d](const nest::Loop& loop) { return loop.dimension == d; };
    const auto found = std::find_if(loops.begin(), loops.end(), same);
    return found == loops.end() ? -1 : found - loops.begin();
  };
  std::vector<std::size_t> order = full_order(level, allowed_.size());
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
  return order;
}

std::optional<Start> Climb::start_of(const nest::Mapping& mapping) {
  Start made;
  made.point.tiles = tiles_of(mapping);
  for (std::size_t level = 0; level < mapping.levels.size(); ++level)
    made.point.orders.push_back(order_of(mapping, level));
  if (!legal(made.point)) return std::nullopt;
  smoothing_ = kSmoothings[0];
  State state = start(made.point);
  ++nodes_;
  made.rank = score(state);
  return made;
}

std::vector<Start> Climb::seeds() {
  if (!space_.seeds) return {};
  struct Ranked {
    double rank = 0.0;
    std::size_t seed = 0;
    std::vector<Tiles> tiles;
  };
  const std::vector<nest::Mapping> seeds = space_.seeds();
  std::vector<Ranked> ranked;
  smoothing_ = kSmoothings[0];
  // They are ranked in few orders, the first that each agrees with: each order costs an expression.
  std::vector<std::vector<std::vector<std::size_t>>> known(space_.hierarchy.levels.size());
  std::deque<std::pair<Point, State>> states;
  for (std::size_t seed = 0; seed < seeds.size(); ++seed) {
    Point point;
    point.tiles = tiles_of(seeds[seed]);
    for (std::size_t level = 0; level < known.size(); ++level) {
      const auto agrees = [&](const std::vector<std::size_t>& order) {
        auto at = order.begin();
        for (const nest::Loop& loop : seeds[seed].levels[level].temporal)
          at = std::find(at, order.end(), loop.dimension);
        return at != order.end();
      };
      auto found = std::find_if(known[level].begin(), known[level].end(), agrees);
      if (found == known[level].end())
        found = known[level].insert(found, order_of(seeds[seed], level));
      point.orders.push_back(*found);
    }
    if (!legal(point)) continue;
    auto state = std::find_if(states.begin(), states.end(),
                              [&](const auto& one) { return one.first.orders == point.orders; });
    if (state == states.end()) state = states.emplace(states.end(), point, start(point));
    state->second.tiles = point.tiles;
    ++nodes_;
    ranked.push_back({score(state->second), seed, std::move(point.tiles)});
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
  // The best of each use of the instances.
  std::set<std::vector<std::uint64_t>> taken;
  std::vector<Start> starts;
  for (Ranked& one : ranked) {
    std::vector<std::uint64_t> spread;
    for (std::size_t d = 0; d < allowed_.size(); ++d)
      for (std::size_t loop = 0; loop < one.tiles[d].size(); ++loop)
        if (loop % kLoopsALevel != 0)
          spread.push_back(bound_of(allowed_[d].back(), one.tiles[d], loop));
    if (!taken.insert(std::move(spread)).second) continue;
    starts.push_back({one.rank, {{}, std::move(one.tiles)}});
    for (std::size_t level = 0; level < known.size(); ++level)
      starts.back().point.orders.push_back(order_of(seeds[one.seed], level));
  }
  return starts;
}

std::vector<Start> Climb::starts() {
  struct Ranked {
    double rank = 0.0;
    Simple simple;
    std::size_t order = 0;
    std::vector<Tiles> tiles;
  };
  smoothing_ = kSmoothings[0];
  // All levels with each dimension innermost: what fits does not depend on it.
  std::vector<Point> ordered;
  for (std::size_t d = 0; d < allowed_.size(); ++d) {
    std::vector<std::vector<std::size_t>> full = full_orders(d);
    if (std::none_of(ordered.begin(), ordered.end(),
                     [&](const Point& point) { return point.orders == full; }))
      ordered.push_back({std::move(full), {}});
  }
  std::vector<std::optional<State>> states(ordered.size());
  std::vector<Ranked> ranked;
  const auto rank = [&](const Simple& one, const std::vector<std::vector<Tiles>>& all) {
    for (const std::vector<Tiles>& tiles : all)
      for (std::size_t i = 0; i < ordered.size(); ++i) {
        if (!comes_once(ordered[i], tiles)) continue;
        ordered[i].tiles = tiles;
        if (!states[i]) states[i] = start(ordered[i]);
        State& state = *states[i];
        state.tiles = tiles;
        ++nodes_;
        ranked.push_back({score(state), one, i, tiles});
      }
  };
  const auto sort = [&] {
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
  };
  // The best of each choice of dimensions that are spread.
  const auto spreads = [&] {
    std::set<std::pair<std::size_t, std::size_t>> seen;
    std::vector<Simple> best;
    for (const Ranked& one : ranked)
      if (seen.insert({one.simple.x, one.simple.y}).second) best.push_back(one.simple);
    return best;
  };
  for (const bool all_spread : {true, false})
    if (ranked.empty())
      for (const Simple& one : simples(all_spread)) rank(one, fitted(spread_tiles(one)));
  sort();
  for (const Simple& one : spreads())
    for (const Simple& other : shared_y(one)) rank(other, fitted(spread_tiles(other)));
  sort();
  std::set<std::array<std::size_t, 3>> taken;
  std::vector<Start> points;
  for (Ranked& one : ranked)
    if (taken.insert({one.simple.x, one.simple.y, one.simple.other_y}).second)
      points.push_back({one.rank, {ordered[one.order].orders, std::move(one.tiles)}});
  return points;
}

// Tiles that are legal and fit: these, or what a smaller spread of one dimension over an array makes of
// them.
std::vector<std::vector<Tiles>> Climb::fitted(const std::vector<Tiles>& tiles) const {
  const auto legal_fit = [&](const std::vector<Tiles>& chains) {
    for (std::size_t d = 0; d < chains.size(); ++d)
      if (!tiles_legal(d, chains[d])) return false;
    return fits(chains);
  };
  if (legal_fit(tiles)) return {tiles};
  std::vector<std::vector<Tiles>> cuts;
  for (std::size_t d = 0; d < allowed_.size(); ++d)
    for (std::size_t level = 0; level + 1 < space_.hierarchy.levels.size(); ++level) {
      if (space_.hierarchy.levels[level].fan_out_x == 1) continue;
      const auto smaller = shrunk(tiles, d, kLoopsALevel * level + kLoopsALevel - 1);
      if (!smaller) continue;
      std::vector<Tiles> cut = tiles;
      cut[d] = *smaller;
      if (legal_fit(cut)) cuts.push_back(std::move(cut));
    }
  return cuts;
}

// From inside out: every loop that may spreads the dimension as far as it goes.
Tiles Climb::spread_tiles(const Simple& simple, std::size_t dimension) const {
  const std::vector<std::uint64_t>& allowed = allowed_[dimension];
  const std::size_t levels = space_.hierarchy.levels.size();
  Tiles tiles(kLoopsALevel * levels, 1);
  for (std::size_t loop = tiles.size() - 1; loop > 0; --loop) {
    tiles[loop - 1] = tiles[loop];
    if (loop % kLoopsALevel == 0) {
      // What the level holds, where a rule says it.
      if (!pinned_) continue;
      const auto& pins = space_.rules[loop / kLoopsALevel].tiles;
      const auto pin = pins.find(dimension);
      if (pin == pins.end()) continue;
      tiles[loop - 1] = pin->second;
      for (std::size_t inner = loop; inner < tiles.size(); ++inner)
        tiles[inner] = std::min(tiles[inner], pin->second);
      continue;
    }
    const bool x = loop % kLoopsALevel == 2;
    std::uint64_t times = 1;
    if (dimension == (x ? simple.x : simple.y)) times = most_[dimension][loop];
    if (pinned_) {
      const LevelRule& rule = space_.rules[loop / kLoopsALevel];
      const auto& bounds = x ? rule.x_bounds : rule.y_bounds;
      const auto bound = bounds.find(dimension);
      if (bound != bounds.end()) times = bound->second;
    }
    if (!x && simple.other_times > 1) {
      if (dimension == simple.y) times = std::max<std::uint64_t>(times / simple.other_times, 1);
      if (dimension == simple.other_y) times = std::min(simple.other_times, most_[dimension][loop]);
    }
    if (times > 1)
      tiles[loop - 1] =
          *(std::upper_bound(allowed.begin(), allowed.end(), tiles[loop] * times) - 1);
  }
  std::size_t level = simple.levels[dimension];
  while (level + 1 < levels && !may_run(space_, level, dimension)) ++level;
  std::fill_n(tiles.begin(), kLoopsALevel * level, allowed.back());
  return pinned_ ? met(dimension, tiles) : tiles;
}

std::vector<Tiles> Climb::spread_tiles(const Simple& simple) const {
  std::vector<Tiles> all;
  for (std::size_t d = 0; d < allowed_.size(); ++d) all.push_back(spread_tiles(simple, d));
  return all;
}

// With the extents that rules ask for; what a loop may not run, those inside it do.
Tiles Climb::met(std::size_t dimension, Tiles tiles) const {
  for (std::size_t level = 1; level < space_.rules.size(); ++level) {
    const auto pinned = space_.rules[level].tiles.find(dimension);
    if (pinned != space_.rules[level].tiles.end())
      tiles = pulled(dimension, tiles, kLoopsALevel * level - 1, pinned->second);
  }
  tiles = rounded(dimension, tiles);
  const std::vector<std::uint64_t>& allowed = allowed_[dimension];
  std::uint64_t outside = allowed.back();
  for (std::size_t loop = 0; loop < tiles.size(); ++loop) {
    const std::uint64_t most = most_[dimension][loop];
    if (quantity::ceil_div(outside, tiles[loop]) > most)
      tiles[loop] =
          *std::lower_bound(allowed.begin(), allowed.end(), quantity::ceil_div(outside, most));
    outside = tiles[loop];
  }
  return tiles;
}

// The same with part of y for another dimension.
std::vector<Climb::Simple> Climb::shared_y(const Simple& one) const {
  std::vector<Simple> all;
  if (one.y >= allowed_.size()) return all;
  for (std::size_t other = 0; other < allowed_.size(); ++other) {
    if (other == one.y || allowed_[other].back() == 1) continue;
    for (const std::uint64_t times : {2, 3, 4, 6}) {
      all.push_back(one);
      all.back().other_y = other;
      all.back().other_times = times;
    }
  }
  return all;
}

// All dimensions in a level's order, but for what rules want innermost.
std::vector<std::size_t> Climb::full_order(std::size_t level, std::size_t innermost) const {
  std::vector<std::size_t> order;
  for (std::size_t d = 0; d < allowed_.size(); ++d)
    if (may_run(space_, level, d) && allowed_[d].back() > 1) order.push_back(d);
  const auto rank = [&](std::size_t d) {
    if (!space_.rules.empty()) {
      const std::vector<std::size_t>& ruled = space_.rules[level].innermost;
      const auto found = std::find(ruled.begin(), ruled.end(), d);
      if (found != ruled.end()) return static_cast<std::size_t>(found - ruled.begin()) + 2;
    }
    return static_cast<std::size_t>(d == innermost ? 1 : 0);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  return order;
}

std::vector<std::vector<std::size_t>> Climb::full_orders(std::size_t innermost) const {
  std::vector<std::vector<std::size_t>> full;
  for (std::size_t level = 0; level < space_.hierarchy.levels.size(); ++level)
    full.push_back(full_order(level, innermost));
  return full;
}

std::vector<Climb::Simple> Climb::simples(bool all_spread) const {
  constexpr std::size_t kMostPlaces = 16;
  const auto single = [&](std::size_t d) { return allowed_[d].back() == 1; };
  // Levels whose temporal loops the dimensions may be in: of the outermost ones not too many.
  std::vector<std::vector<std::size_t>> choices(allowed_.size());
  for (std::size_t d = 0; d < allowed_.size(); ++d) {
    for (std::size_t level = 0; level + 1 < space_.hierarchy.levels.size(); ++level)
      if (may_run(space_, level, d)) choices[d].push_back(level);
    if (single(d) || choices[d].empty()) choices[d] = {0};
  }
  const auto places_of = [&] {
    std::size_t product = 1;
    for (const auto& levels : choices) product *= levels.size();
    return product;
  };
  for (std::size_t most = space_.hierarchy.levels.size(); places_of() > kMostPlaces; --most)
    for (auto& levels : choices) levels.resize(std::min(levels.size(), most));
  const std::size_t places = places_of();
  std::vector<Simple> all;
  const auto none = allowed_.size();
  for (std::size_t x = 0; x <= none; ++x)
    for (std::size_t y = 0; y <= none; ++y) {
      if ((x < none && single(x)) || (y < none && single(y))) continue;
      if (all_spread && (x == none || y == none)) continue;
      for (std::size_t place = 0; place < places; ++place) {
        Simple one{x, y, none, 1, std::vector<std::size_t>(none, 0)};
        std::size_t rest = place;
        for (std::size_t d = 0; d < none; ++d) {
          one.levels[d] = choices[d][rest % choices[d].size()];
          rest /= choices[d].size();
        }
        all.push_back(one);
      }
    }
  return all;
}

}  // namespace addax::search
