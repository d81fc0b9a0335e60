// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "models/quantity/quantity.h"
#include "models/search/climb.h"

namespace addax::search {

// From inside out: every loop that may spreads the dimension as far as it goes.
Tiles Climb::spread_tiles(const Simple& simple, std::size_t dimension) const {
  const std::vector<std::uint64_t>& allowed = allowed_[dimension];
  const std::size_t levels = space_.hierarchy.levels.size();
  Tiles tiles(kLoopsALevel * levels, 1);
  for (std::size_t loop = tiles.size() - 1; loop > 0; --loop) {
    tiles[loop - 1] = tiles[loop];
    if (loop % kLoopsALevel == 0) continue;
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
  return pinned_ ? met(dimension, std::move(tiles)) : tiles;
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
      tiles = pulled(tiles, kLoopsALevel * level - 1, pinned->second);
  }
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

// All dimensions in each level's order, but for what rules want innermost.
std::vector<std::vector<std::size_t>> Climb::full_orders(std::size_t innermost) const {
  std::vector<std::vector<std::size_t>> full;
  for (std::size_t level = 0; level < space_.hierarchy.levels.size(); ++level) {
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
    full.push_back(order);
  }
  return full;
}

std::vector<Climb::Simple> Climb::simples() const {
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

Tiles Climb::pulled(const Tiles& tiles, std::size_t loop, std::uint64_t tile) {
  Tiles moved = tiles;
  moved[loop] = tile;
  for (std::size_t i = 0; i < loop; ++i) moved[i] = std::max(moved[i], tile);
  for (std::size_t i = loop + 1; i < moved.size(); ++i) moved[i] = std::min(moved[i], tile);
  return moved;
}

// Part of what one loop runs goes to another: the tiles between grow, or shrink, by a factor.
Tiles Climb::shifted(std::size_t dimension, const Tiles& tiles, std::size_t from, std::size_t to,
                     std::uint64_t factor) const {
  const std::vector<std::uint64_t>& allowed = allowed_[dimension];
  Tiles moved = tiles;
  for (std::size_t loop = std::min(from, to); loop < std::max(from, to); ++loop) {
    const std::uint64_t outside = loop == 0 ? allowed.back() : moved[loop - 1];
    if (from < to)
      moved[loop] = *(std::upper_bound(allowed.begin(), allowed.end(),
                                       std::min(outside, tiles[loop] * factor)) -
                      1);
    else
      moved[loop] = *std::lower_bound(allowed.begin(), allowed.end(),
                                      quantity::ceil_div(tiles[loop], factor));
  }
  for (std::size_t loop = std::max(from, to); loop < moved.size() && loop > 0; ++loop)
    moved[loop] = std::min(moved[loop], moved[loop - 1]);
  return moved;
}

// Shrinks the same tile of another dimension until all fits.
std::optional<Tiles> Climb::shrunk(const std::vector<Tiles>& tiles, std::size_t other,
                                   std::size_t loop) const {
  const std::vector<std::uint64_t>& allowed = allowed_[other];
  const Tiles& kept = tiles[other];
  std::uint64_t most = kept[loop] - 1;
  std::array<std::uint64_t, kMostDimensions> extents;
  for (const std::size_t level : limited_) {
    if (!capacities_.limited(level)) continue;
    for (std::size_t d = 0; d < tiles.size(); ++d)
      extents[d] = held(allowed_[d].back(), tiles[d], level);
    if (capacities_.fit(level, extents.data())) continue;
    if (kLoopsALevel * level < loop + 1) return std::nullopt;
    most = std::min(most, capacities_.largest(level, other, extents.data()));
  }
  const auto too_large = std::upper_bound(allowed.begin(), allowed.end(), most);
  if (too_large == allowed.begin()) return std::nullopt;
  Tiles result = pulled(kept, loop, *(too_large - 1));
  if (!tiles_legal(other, result) || !fits(tiles, other, result)) return std::nullopt;
  return result;
}

void Climb::kick(Point& point, std::mt19937_64& random) const {
  constexpr std::uint64_t kMostSteps = 3, kOnceIn = 3;
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  for (std::uint64_t steps = 1 + below(kMostSteps); steps > 0; --steps) {
    Point moved = point;
    if (below(kOnceIn) == 0) {
      const std::size_t level = below(point.orders.size());
      const std::vector<std::vector<std::size_t>> all = orders(space_, level);
      const std::vector<std::size_t>& order = all[below(all.size())];
      if (order.size() == point.orders[level].size()) moved.orders[level] = order;
    }
    const std::size_t dimension = below(allowed_.size());
    const std::size_t loop = below(point.tiles[dimension].size() - 1);
    const std::vector<std::uint64_t>& allowed = allowed_[dimension];
    moved.tiles[dimension] = pulled(point.tiles[dimension], loop, allowed[below(allowed.size())]);
    if (!fits(moved.tiles)) {
      const std::size_t other = below(allowed_.size());
      const std::optional<Tiles> tiles =
          other == dimension ? std::nullopt : shrunk(moved.tiles, other, loop);
      if (!tiles) continue;
      moved.tiles[other] = *tiles;
    }
    if (legal(moved)) point = std::move(moved);
  }
}

}  // namespace addax::search
