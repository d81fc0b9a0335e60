// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/even.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::mapping {

using quantity::ceil_div;

namespace {

constexpr double kWorthwhile = 0.002;  // of a layer's cycles

class Evener {
 public:
  Evener(const search::Space& space, search::Objective objective, search::Found found)
      : space_(space), objective_(objective), found_(std::move(found)) {
    const std::optional<double> own = rank(found_.mapping);
    ADDAX_CHECK(own.has_value(), "a mapping that was found is legal");
    rank_ = *own;
  }

  search::Found run() {
    if (waiting_ < kWorthwhile * cost_.cycles) return std::move(found_);
    for (const LoweredLevel level : {kDramLevel, kResidentLevel})
      for (std::size_t i = 0; i < found_.mapping.levels[level].temporal.size(); ++i) even(level, i);
    return std::move(found_);
  }

  std::optional<search::Found> level() {
    nest::Mapping mapping = found_.mapping;
    bool changed = false;
    for (const LoweredLevel level : {kDramLevel, kResidentLevel})
      for (std::size_t at = 0; at < mapping.levels[level].temporal.size(); ++at) {
        const nest::Loop loop = mapping.levels[level].temporal[at];
        const std::uint64_t all = enclosing(mapping, level, at);
        const std::uint64_t of = level == kDramLevel ? multiple(loop.dimension) : 1;
        const std::uint64_t each = ceil_div(all, ceil_div(all, loop.tile));
        const std::uint64_t tile = std::min(all, ceil_div(each, of) * of);
        if (tile >= loop.tile) continue;
        set_tile(mapping, level, at, tile);
        changed = true;
      }
    if (!changed || !rank(mapping)) return std::nullopt;
    found_.mapping = std::move(mapping);
    found_.cost = cost_;
    return std::move(found_);
  }

 private:
  /// With what short tiles are taken to cost; none: illegal.
  std::optional<double> rank(const nest::Mapping& mapping) {
    if (!nest::faults(space_.problem, space_.hierarchy, mapping).empty()) return std::nullopt;
    const nest::Counts counts = nest::count(space_.problem, space_.hierarchy, mapping);
    cost_ = nest::evaluate(space_.hierarchy, space_.costs, counts);
    double ahead = 0.0;
    double rest = 0.0;
    for (const nest::Resource& resource : space_.costs.resources) {
      double& busiest = resource.ahead ? ahead : rest;
      busiest = std::max(busiest, nest::busy(resource, counts));
    }
    const nest::LevelCounts& halves = counts.levels[kStreamLevel];
    const nest::InstanceCounts& weights = halves.busiest[kLoweredWeights];
    const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
    const double largest =
        number(nest::tile_words(space_.problem, mapping, kStreamLevel, kLoweredWeights));
    const double mean = number(weights.fills) / number(weights.tiles);
    waiting_ = std::min(ahead, rest) * (1.0 - mean / largest);
    return search::value(objective_, {cost_.energy_pj + waiting_ * space_.costs.a_cycle_pj,
                                      cost_.cycles + waiting_});
  }

  /// Tries other numbers of tiles for one loop over passes.
  void even(LoweredLevel level, std::size_t at) {
    constexpr std::uint64_t kNearby = 8;  // more or fewer tiles
    const nest::Loop loop = found_.mapping.levels[level].temporal[at];
    const std::uint64_t all = enclosing(found_.mapping, level, at);
    const std::uint64_t trips = ceil_div(all, loop.tile);
    const std::uint64_t least = trips > kNearby + 2 ? trips - kNearby : 2;
    const std::uint64_t of = level == kDramLevel ? multiple(loop.dimension) : 1;
    std::uint64_t last = loop.tile;
    for (std::uint64_t other = least; other <= trips + kNearby; ++other) {
      const std::uint64_t tile = std::min(all, ceil_div(ceil_div(all, other), of) * of);
      if (tile == std::exchange(last, tile)) continue;
      nest::Mapping tried = found_.mapping;
      set_tile(tried, level, at, tile);
      const std::optional<double> reached = rank(tried);
      if (!reached || *reached >= rank_) continue;
      rank_ = *reached;
      found_.mapping = std::move(tried);
      found_.cost = cost_;
    }
  }

  /// Of which the extent of a resident tile is a multiple.
  std::uint64_t multiple(std::size_t dimension) const {
    const auto& multiples = space_.rules[kResidentLevel].multiples;
    const auto found = multiples.find(dimension);
    return found == multiples.end() ? 1 : found->second;
  }

  /// Extent that a loop goes through.
  std::uint64_t enclosing(const nest::Mapping& mapping, LoweredLevel level, std::size_t at) const {
    const auto& levels = mapping.levels;
    const std::size_t dimension = levels[level].temporal[at].dimension;
    std::uint64_t extent = space_.problem.dimensions[dimension].size;
    for (std::size_t outer = kDramLevel; outer <= level; ++outer)
      for (std::size_t i = 0; i < (outer == level ? at : levels[outer].temporal.size()); ++i)
        if (levels[outer].temporal[i].dimension == dimension)
          extent = levels[outer].temporal[i].tile;
    return extent;
  }

  /// Tiles inside of it are no larger.
  static void set_tile(nest::Mapping& mapping, std::size_t level, std::size_t at,
                       std::uint64_t tile) {
    const std::size_t dimension = mapping.levels[level].temporal[at].dimension;
    const auto limit = [&](std::vector<nest::Loop>& loops, std::size_t from) {
      for (std::size_t i = from; i < loops.size(); ++i)
        if (loops[i].dimension == dimension) loops[i].tile = std::min(loops[i].tile, tile);
    };
    mapping.levels[level].temporal[at].tile = tile;
    limit(mapping.levels[level].temporal, at + 1);
    for (std::size_t inner = level; inner < mapping.levels.size(); ++inner) {
      if (inner > level) limit(mapping.levels[inner].temporal, 0);
      limit(mapping.levels[inner].y, 0);
      limit(mapping.levels[inner].x, 0);
    }
  }

  const search::Space& space_;
  search::Objective objective_;
  search::Found found_;
  nest::Cost cost_;       // of the mapping that was ranked last
  double waiting_ = 0.0;  // cycles, of the same
  double rank_ = 0.0;
};

}  // namespace

search::Found evened(const Lowering& lowering, search::Found found, search::Objective objective) {
  return Evener(lowering.space, objective, std::move(found)).run();
}

std::optional<search::Found> levelled(const Lowering& lowering, search::Found found) {
  return Evener(lowering.space, search::Objective::kLatency, std::move(found)).level();
}

}  // namespace addax::mapping
