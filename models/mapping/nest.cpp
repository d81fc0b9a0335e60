// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/nest.h"

#include <algorithm>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::mapping {

using quantity::ceil_div;
using quantity::checked_mul;

bool Problem::indexes(Operand operand, Role role) {
  switch (operand) {
    case Operand::kActivation:
      return role != Role::kOutput;
    case Operand::kWeight:
      return role != Role::kToken;
    case Operand::kOutput:
      break;
  }
  return role != Role::kReduction;
}

Problem matrix_product(std::uint64_t batch, std::uint64_t tokens, std::uint64_t outputs,
                       std::uint64_t reduction) {
  return {{{"b", Role::kBatch, batch},
           {"m", Role::kToken, tokens},
           {"n", Role::kOutput, outputs},
           {"k", Role::kReduction, reduction}}};
}

void check(const Problem& problem, const LoopNest& nest) {
  std::vector<std::uint64_t> outer(problem.dimensions.size(), 0);
  for (const Loop& loop : nest.loops) {
    ADDAX_CHECK(loop.dimension < problem.dimensions.size(), "loop over an unknown dimension");
    ADDAX_CHECK(loop.tile > 0, problem.dimensions[loop.dimension].name);
    std::uint64_t& above = outer[loop.dimension];
    ADDAX_CHECK(above == 0 || loop.tile <= above, problem.dimensions[loop.dimension].name);
    above = loop.tile;
  }
  for (const std::size_t hold : nest.hold)
    ADDAX_CHECK(hold <= nest.loops.size(), "hold beyond the innermost loop");
}

std::uint64_t elements(Operand operand, const Extents& extents) {
  std::uint64_t product = 1;
  for (std::size_t r = 0; r < kRoleCount; ++r)
    if (Problem::indexes(operand, static_cast<Role>(r))) product = checked_mul(product, extents[r]);
  return product;
}

namespace {

/// Tile of a dimension below the first `levels` loops.
std::uint64_t tile_below(const Problem& problem, const LoopNest& nest, std::size_t dimension,
                         std::size_t levels) {
  std::uint64_t tile = problem.dimensions[dimension].size;
  for (std::size_t l = 0; l < levels; ++l)
    if (nest.loops[l].dimension == dimension) tile = std::min(tile, nest.loops[l].tile);
  return tile;
}

}  // namespace

std::vector<std::uint64_t> trip_counts(const Problem& problem, const LoopNest& nest) {
  std::vector<std::uint64_t> trips;
  for (std::size_t l = 0; l < nest.loops.size(); ++l)
    trips.push_back(ceil_div(
        tile_below(problem, nest, nest.loops[l].dimension, l),
        std::min(nest.loops[l].tile, tile_below(problem, nest, nest.loops[l].dimension, l))));
  return trips;
}

std::string describe(const Problem& problem, const LoopNest& nest) {
  const std::vector<std::uint64_t> trips = trip_counts(problem, nest);
  std::string text;
  for (std::size_t l = 0; l < nest.loops.size(); ++l) {
    if (trips[l] == 1) continue;
    const Loop& loop = nest.loops[l];
    if (!text.empty()) text += " ";
    text += "for " + problem.dimensions[loop.dimension].name + " x" + std::to_string(trips[l]) +
            " of " + std::to_string(loop.tile);
  }
  return text.empty() ? "one pass" : text;
}

std::vector<Tile> tiles_along(const Problem& problem, const LoopNest& nest, Role role) {
  std::vector<Tile> tiles;
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    if (problem.dimensions[d].role != role) continue;
    tiles = {{0, problem.dimensions[d].size}};
    for (std::size_t l = 0; l < nest.loops.size(); ++l) {
      const Loop& loop = nest.loops[l];
      if (loop.dimension != d) continue;
      std::vector<Tile> finer;
      for (const Tile& tile : tiles) {
        const std::size_t stepped = tile.extent > loop.tile ? l + 1 : tile.stepped;
        for (std::uint64_t at = 0; at < tile.extent; at += loop.tile)
          finer.push_back({tile.offset + at, std::min(loop.tile, tile.extent - at), stepped});
      }
      tiles = std::move(finer);
    }
    break;
  }
  return tiles;
}

std::vector<TileKind> tile_kinds_along(const Problem& problem, const LoopNest& nest, Role role) {
  std::vector<TileKind> kinds;
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    if (problem.dimensions[d].role != role) continue;
    kinds = {{{0, problem.dimensions[d].size}, 1}};
    for (std::size_t l = 0; l < nest.loops.size(); ++l) {
      const Loop& loop = nest.loops[l];
      if (loop.dimension != d) continue;
      std::vector<TileKind> finer;
      for (const auto& [tile, count] : kinds) {
        const std::size_t stepped = tile.extent > loop.tile ? l + 1 : tile.stepped;
        const std::uint64_t whole = tile.extent / loop.tile, rest = tile.extent % loop.tile;
        if (whole > 0)
          finer.push_back({{tile.offset, loop.tile, stepped}, checked_mul(count, whole)});
        if (rest > 0) finer.push_back({{tile.offset + whole * loop.tile, rest, stepped}, count});
      }
      kinds = std::move(finer);
    }
    break;
  }
  return kinds;
}

NestWalk::NestWalk(const Problem& problem, const LoopNest& nest)
    : dimensions_(problem.dimensions), hold_(nest.hold) {
  check(problem, nest);
  for (std::size_t l = 0; l < nest.loops.size(); ++l) {
    const Loop& loop = nest.loops[l];
    Level level{loop.dimension, loop.tile, false, 1, 0, 0, 0};
    for (std::size_t outer = 0; outer < l; ++outer)
      level.tiled_further_out |= nest.loops[outer].dimension == loop.dimension;
    for (std::size_t o = 0; o < kOperandCount; ++o) {
      if (!Problem::indexes(static_cast<Operand>(o), problem.dimensions[loop.dimension].role))
        continue;
      level.indexed |= 1U << o;
      if (l < hold_[o]) level.held |= 1U << o;
    }
    levels_.push_back(level);
    levels_.back().trips = trips_at(l);
  }
}

std::uint64_t NestWalk::trips_at(std::size_t level) const {
  return ceil_div(dimension_extent(levels_[level].dimension, level), levels_[level].tile);
}

std::uint64_t NestWalk::dimension_offset(std::size_t dimension, std::size_t levels) const {
  std::uint64_t offset = 0;
  for (std::size_t l = 0; l < levels; ++l)
    if (levels_[l].dimension == dimension) offset += levels_[l].index * levels_[l].tile;
  return offset;
}

std::uint64_t NestWalk::dimension_extent(std::size_t dimension, std::size_t levels) const {
  std::uint64_t extent = dimensions_[dimension].size;
  for (std::size_t l = 0; l < levels; ++l)
    if (levels_[l].dimension == dimension)
      extent = std::min(levels_[l].tile, extent - levels_[l].index * levels_[l].tile);
  return extent;
}

bool NestWalk::next() {
  if (!started_) {
    started_ = true;
    locate();
    return true;
  }
  std::size_t p = levels_.size();
  while (p > 0 && levels_[p - 1].index + 1 == levels_[p - 1].trips) levels_[--p].index = 0;
  if (p == 0) return false;
  ++levels_[p - 1].index;
  for (std::size_t l = p; l < levels_.size(); ++l)
    if (levels_[l].tiled_further_out) levels_[l].trips = trips_at(l);
  locate();
  return true;
}

// The loop that stepped last is the innermost one that is not at its start; the one that steps next
// is the innermost one that is not at its end. Either step also moves every loop further in that
// runs more than once, from its end back to its start.
void NestWalk::locate() {
  constexpr unsigned kAll = (1U << kOperandCount) - 1;
  constexpr unsigned kOutputs = 1U << static_cast<unsigned>(Operand::kOutput);
  unsigned changed = 0, fetched = 0, changes_next = 0, fetched_next = 0;
  bool stepped = false, steps = false;
  for (std::size_t l = levels_.size(); l > 0 && !(stepped && steps); --l) {
    const Level& level = levels_[l - 1];
    if (level.trips == 1) continue;
    if (!stepped) {
      changed |= level.indexed;
      fetched |= level.held;
      stepped = level.index != 0;
    }
    if (!steps) {
      changes_next |= level.indexed;
      fetched_next |= level.held;
      steps = level.index + 1 != level.trips;
    }
  }
  if (!stepped) changed = fetched = kAll;
  for (std::size_t o = 0; o < kOperandCount; ++o) {
    position_.changed[o] = (changed >> o & 1U) != 0;
    position_.fetched[o] = (fetched >> o & 1U) != 0;
  }
  position_.output_leaves = !steps || (changes_next & kOutputs) != 0;
  position_.held_output_leaves = !steps || (fetched_next & kOutputs) != 0;
  position_.extents = {1, 1, 1, 1};
  position_.first_reduction = position_.last_reduction = true;
  for (std::size_t d = 0; d < dimensions_.size(); ++d) {
    const std::uint64_t size = dimension_extent(d, levels_.size());
    position_.extents[static_cast<std::size_t>(dimensions_[d].role)] *= size;
    if (dimensions_[d].role != Role::kReduction) continue;
    const std::uint64_t offset = dimension_offset(d, levels_.size());
    position_.first_reduction &= offset == 0;
    position_.last_reduction &= offset + size == dimensions_[d].size;
  }
  position_.begun_reduction = begun_reduction();
}

// Outputs stay the same while the loops inside the innermost one that selects them run.
std::uint64_t NestWalk::begun_reduction() const {
  std::size_t outer = levels_.size();
  while (outer > 0 &&
         (levels_[outer - 1].trips == 1 ||
          (levels_[outer - 1].indexed >> static_cast<unsigned>(Operand::kOutput) & 1U) == 0))
    --outer;
  std::uint64_t begun = 1;
  for (std::size_t d = 0; d < dimensions_.size(); ++d) {
    if (dimensions_[d].role != Role::kReduction) continue;
    std::uint64_t extent = dimension_extent(d, outer);
    for (std::size_t l = outer; l < levels_.size(); ++l)
      if (levels_[l].dimension == d) extent = std::min(extent, levels_[l].tile);
    begun *= extent;
  }
  return begun;
}

std::uint64_t NestWalk::offset(Role role) const {
  for (std::size_t d = 0; d < dimensions_.size(); ++d)
    if (dimensions_[d].role == role) return dimension_offset(d, levels_.size());
  return 0;
}

Extents NestWalk::held_extents(Operand operand) const {
  Extents extents{1, 1, 1, 1};
  for (std::size_t d = 0; d < dimensions_.size(); ++d)
    extents[static_cast<std::size_t>(dimensions_[d].role)] *=
        dimension_extent(d, hold_[static_cast<std::size_t>(operand)]);
  return extents;
}

// What a pass is like depends only on which loops are at their start and which at their end: first,
// middle and last iteration stand for all.
void NestWalk::enumerate(std::size_t level, std::uint64_t count, std::vector<PassClass>& classes) {
  if (level == levels_.size()) {
    locate();
    classes.push_back({position_, count});
    return;
  }
  Level& here = levels_[level];
  here.trips = trips_at(level);
  here.index = 0;
  enumerate(level + 1, count, classes);
  if (here.trips > 2) {
    here.index = 1;
    enumerate(level + 1, quantity::checked_mul(count, here.trips - 2), classes);
  }
  if (here.trips > 1) {
    here.index = here.trips - 1;
    enumerate(level + 1, count, classes);
  }
  here.index = 0;
}

std::vector<PassClass> pass_classes(const Problem& problem, const LoopNest& nest) {
  NestWalk walk(problem, nest);
  std::vector<PassClass> classes;
  walk.enumerate(0, 1, classes);
  return classes;
}

}  // namespace addax::mapping
