// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "models/quantity/quantity.h"
#include "models/search/climb.h"

namespace addax::search {

// With extents rounded down to what rules ask for a multiple of.
Tiles Climb::rounded(std::size_t dimension, Tiles tiles) const {
  const std::vector<std::uint64_t>& allowed = allowed_[dimension];
  for (const auto& [level, of] : multiples_[dimension]) {
    const std::size_t loops = kLoopsALevel * level;
    for (std::size_t loop = 0; loop < loops; ++loop) {
      if (tiles[loop] == allowed.back() || tiles[loop] % of == 0) continue;
      auto at = std::upper_bound(allowed.begin(), allowed.end(), std::max(tiles[loop], of));
      while (*--at % of != 0 && at != allowed.begin()) {
      }
      tiles[loop] = *at % of == 0 ? *at : allowed.back();
    }
    for (std::size_t loop = loops; loop < tiles.size(); ++loop)
      tiles[loop] = std::min(tiles[loop], tiles[loop - 1]);
  }
  return tiles;
}

Tiles Climb::pulled(std::size_t dimension, const Tiles& tiles, std::size_t loop,
                    std::uint64_t tile) const {
  Tiles moved = tiles;
  moved[loop] = tile;
  for (std::size_t i = 0; i < loop; ++i) moved[i] = std::max(moved[i], tile);
  for (std::size_t i = loop + 1; i < moved.size(); ++i) moved[i] = std::min(moved[i], tile);
  return rounded(dimension, moved);
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
  return rounded(dimension, moved);
}

// Shrinks the same tile of another dimension until all fits.
std::optional<Tiles> Climb::shrunk(const std::vector<Tiles>& tiles, std::size_t other,
                                   std::size_t loop) const {
  const std::vector<std::uint64_t>& allowed = allowed_[other];
  const Tiles& kept = tiles[other];
  if (kept[loop] == 1) return std::nullopt;
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
  Tiles result = pulled(other, kept, loop, *(too_large - 1));
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
    moved.tiles[dimension] =
        pulled(dimension, point.tiles[dimension], loop, allowed[below(allowed.size())]);
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
