// SPDX-License-Identifier: Apache-2.0
#include "models/search/chains.h"

#include <algorithm>

#include "models/quantity/quantity.h"
#include "models/search/tile_sets.h"

namespace addax::search {

using quantity::ceil_div;

Capacities::Capacities(const Space& space, const KeepChoice& keep) : space_(space) {
  for (std::size_t level = 0; level < space.hierarchy.levels.size(); ++level) {
    const nest::Level& storage = space.hierarchy.levels[level];
    std::vector<Limit> limits;
    Limit together;
    for (std::size_t tensor = 0; tensor < space.problem.tensors.size(); ++tensor) {
      if (!keep.kept[level][tensor]) continue;
      const nest::Storage& stored = storage.tensors[tensor];
      Held held{tensor, static_cast<double>(stored.word_bits), true, {}};
      for (const nest::Index& index : space.problem.tensors[tensor].indices) {
        held.plain = held.plain && index.terms.size() == 1;
        held.indices.emplace_back(index.terms[0].dimension, index.shared);
      }
      together.tensors.push_back(held);
      if (stored.capacity_bits)
        limits.push_back({{held}, static_cast<double>(*stored.capacity_bits)});
    }
    if (storage.capacity_bits && !together.tensors.empty()) {
      together.bits = static_cast<double>(*storage.capacity_bits);
      limits.push_back(together);
    }
    limits_.push_back(std::move(limits));
  }
}

// Problem::words in floating point: exact below 2^53, and nothing as large fits anywhere.
double Capacities::words(const Held& held, const std::uint64_t* extents) const {
  if (!held.plain) {
    const std::size_t dimensions = space_.problem.dimensions.size();
    return static_cast<double>(space_.problem.words(held.tensor, {extents, extents + dimensions}));
  }
  double words = 1.0;
  for (const auto& [dimension, shared] : held.indices)
    words *= static_cast<double>(shared == 1 ? extents[dimension]
                                             : ceil_div(extents[dimension], shared));
  return words;
}

bool Capacities::fit(std::size_t level, const std::uint64_t* extents) const {
  for (const Limit& limit : limits_[level]) {
    double bits = 0.0;
    for (const Held& held : limit.tensors) bits += words(held, extents) * held.word_bits;
    if (bits > limit.bits) return false;
  }
  return true;
}

std::uint64_t Capacities::largest(std::size_t level, std::size_t dimension,
                                  const std::uint64_t* extents) const {
  std::uint64_t most = space_.problem.dimensions[dimension].size;
  std::vector<std::uint64_t> all(extents, extents + space_.problem.dimensions.size());
  for (const Limit& limit : limits_[level]) {
    // Where the dimension indexes plainly the words are linear in it.
    bool plain = true;
    double each = 0.0;
    double fixed = 0.0;
    for (const Held& held : limit.tensors) {
      all[dimension] = 1;
      const double bits = words(held, all.data()) * held.word_bits;
      bool indexed = false;
      for (const nest::Index& index : space_.problem.tensors[held.tensor].indices)
        for (const nest::Term& term : index.terms)
          if (term.dimension == dimension) {
            indexed = true;
            plain = plain && index.terms.size() == 1 && index.shared == 1;
          }
      (indexed ? each : fixed) += bits;
    }
    if (plain) {
      const double left = limit.bits - fixed;
      if (left < each) return 0;
      if (each > 0.0)
        most = std::min(most, static_cast<std::uint64_t>(std::min(left / each, 1e18)));
      continue;
    }
    std::uint64_t least = 0;
    std::uint64_t too_large = most + 1;
    while (too_large - least > 1) {
      all[dimension] = least + (too_large - least) / 2;
      (fit(level, all.data()) ? least : too_large) = all[dimension];
    }
    most = least;
  }
  return most;
}

bool may_hold(const LevelRule& rule, std::size_t dimension, std::uint64_t size,
              std::uint64_t extent) {
  const auto pinned = rule.tiles.find(dimension);
  if (pinned != rule.tiles.end() && pinned->second != extent) return false;
  const auto multiple = rule.multiples.find(dimension);
  return multiple == rule.multiples.end() || extent == size || extent % multiple->second == 0;
}

std::vector<std::uint64_t> allowed_tiles(const Space& space, std::size_t dimension) {
  const std::uint64_t size = space.problem.dimensions[dimension].size;
  const std::vector<std::uint64_t> plain = tile_set(size);
  std::vector<std::uint64_t> tiles = plain;
  for (const LevelRule& rule : space.rules) {
    const auto multiple = rule.multiples.find(dimension);
    if (multiple != rule.multiples.end())
      for (const std::uint64_t tile : plain)
        tiles.push_back(std::min(size, ceil_div(tile, multiple->second) * multiple->second));
    const auto pinned = rule.tiles.find(dimension);
    if (pinned != rule.tiles.end() && pinned->second >= 1 && pinned->second <= size)
      tiles.push_back(pinned->second);
  }
  std::sort(tiles.begin(), tiles.end());
  tiles.erase(std::unique(tiles.begin(), tiles.end()), tiles.end());
  return tiles;
}

double chain_count(const Space& space, std::size_t dimension) {
  const std::vector<std::uint64_t> tiles = allowed_tiles(space, dimension);
  // Chains so far that end with each tile.
  std::vector<double> chains(tiles.size(), 0.0);
  chains.back() = 1.0;
  for (std::size_t level = 0; level < space.hierarchy.levels.size(); ++level) {
    const nest::Level& storage = space.hierarchy.levels[level];
    const LevelRule rule = space.rules.empty() ? LevelRule() : space.rules[level];
    for (std::size_t i = 0; i < tiles.size(); ++i)
      if (!may_hold(rule, dimension, tiles.back(), tiles[i])) chains[i] = 0.0;
    const auto loop = [&](bool may, std::uint64_t most, std::uint64_t exactly) {
      std::vector<double> longer(tiles.size(), 0.0);
      for (std::size_t from = 0; from < tiles.size(); ++from)
        for (std::size_t to = 0; chains[from] > 0.0 && to <= from; ++to) {
          const std::uint64_t runs = ceil_div(tiles[from], tiles[to]);
          if ((!may && runs > 1) || runs > most || (exactly > 0 && runs != exactly)) continue;
          longer[to] += chains[from];
        }
      chains = std::move(longer);
    };
    const auto exactly = [&](const std::map<std::size_t, std::uint64_t>& bounds) {
      const auto found = bounds.find(dimension);
      return found == bounds.end() ? 0 : found->second;
    };
    loop(may_run(space, level, dimension), tiles.back(), 0);
    loop(may_spread(space, level, dimension, false), storage.fan_out_y, exactly(rule.y_bounds));
    loop(may_spread(space, level, dimension, true), storage.fan_out_x, exactly(rule.x_bounds));
  }
  return chains.front();
}

std::uint64_t held(std::uint64_t size, const Tiles& tiles, std::size_t level) {
  return level == 0 ? size : tiles[kLoopsALevel * level - 1];
}

ChainMaker::ChainMaker(const Space& space, const Skeleton& skeleton, const Capacities& capacities,
                       std::size_t dimension)
    : space_(space), dimension_(dimension), allowed_(allowed_tiles(space, dimension)) {
  choose(skeleton, capacities);
  tiles_ = Tiles(choices_.size());
  const std::uint64_t size = space.problem.dimensions[dimension].size;
  if (space.rules.empty() || may_hold(space.rules[0], dimension, size, size)) extend(0, size);
}

void ChainMaker::choose(const Skeleton& skeleton, const Capacities& capacities) {
  const std::size_t levels = space_.hierarchy.levels.size();
  const std::uint64_t size = space_.problem.dimensions[dimension_].size;
  choices_.assign(kLoopsALevel * levels, {});
  const auto pin = [&](const std::map<std::size_t, std::uint64_t>& rule,
                       std::optional<std::uint64_t>& choice) {
    const auto found = rule.find(dimension_);
    if (found != rule.end()) choice = found->second;
  };
  for (std::size_t level = 0; level < levels; ++level) {
    const nest::Level& storage = space_.hierarchy.levels[level];
    Choice* loops = &choices_[kLoopsALevel * level];
    const std::vector<std::size_t>& order = skeleton.orders[level];
    if (!may_run(space_, level, dimension_))
      loops[0].runs = Runs::kOnce;
    else if (skeleton.keep.ordered(level))
      loops[0].runs = std::find(order.begin(), order.end(), dimension_) == order.end()
                          ? Runs::kOnce
                          : Runs::kMore;
    for (const bool x : {false, true}) {
      Choice& loop = loops[x ? 2 : 1];
      if (!may_spread(space_, level, dimension_, x)) loop.runs = Runs::kOnce;
      loop.most = x ? storage.fan_out_x : storage.fan_out_y;
      if (!space_.rules.empty())
        pin(x ? space_.rules[level].x_bounds : space_.rules[level].y_bounds, loop.exactly);
    }
    loops[2].largest = size;
    if (level + 1 == levels) {
      loops[2].tile = 1;
      continue;
    }
    if (!space_.rules.empty()) loops[2].holds = &space_.rules[level + 1];
    std::vector<std::uint64_t> extents(space_.problem.dimensions.size(), 1);
    const auto too_large =
        std::partition_point(allowed_.begin(), allowed_.end(), [&](std::uint64_t tile) {
          extents[dimension_] = tile;
          return capacities.fit(level + 1, extents);
        });
    loops[2].largest = too_large == allowed_.begin() ? 0 : *(too_large - 1);
  }
}

bool ChainMaker::may_end(std::size_t loop, std::uint64_t tile) const {
  const Choice& choice = choices_[loop];
  if (choice.tile && tile != *choice.tile) return false;
  if (choice.holds != nullptr && !may_hold(*choice.holds, dimension_, allowed_.back(), tile))
    return false;
  return loop % kLoopsALevel != kLoopsALevel - 1 || tile <= choice.largest;
}

void ChainMaker::extend(std::size_t loop, std::uint64_t extent) {
  if (loop == choices_.size()) {
    chains_.push_back(tiles_);
    return;
  }
  const Choice& choice = choices_[loop];
  const auto try_tile = [&](std::uint64_t tile) {
    const std::uint64_t runs = ceil_div(extent, tile);
    if (choice.exactly && runs != *choice.exactly) return;
    if (choice.most > 0 && runs > choice.most) return;
    if (!may_end(loop, tile)) return;
    tiles_[loop] = tile;
    extend(loop + 1, tile);
  };
  if (choice.runs != Runs::kMore) try_tile(extent);
  if (choice.runs == Runs::kOnce) return;
  for (auto tile = std::lower_bound(allowed_.begin(), allowed_.end(), extent);
       tile != allowed_.begin();) {
    --tile;
    if (choice.most > 0 && ceil_div(extent, *tile) > choice.most) break;
    try_tile(*tile);
  }
}

}  // namespace addax::search
