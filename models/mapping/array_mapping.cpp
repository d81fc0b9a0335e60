// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/array_mapping.h"

#include <algorithm>

#include "models/quantity/quantity.h"

namespace addax::mapping {

using nest::Loop;
using quantity::ceil_div;

namespace {

constexpr std::array<const char*, kArrayDimensions> kNames = {"m", "n", "k", "q"};

/// Clips tiles to what is left of each dimension, and forgets loops that run once.
std::vector<Loop> clipped(const std::vector<Loop>& loops, ArrayExtents& left) {
  std::vector<Loop> kept;
  for (const Loop& loop : loops) {
    std::uint64_t& extent = left[loop.dimension];
    if (loop.tile >= extent) continue;
    extent = loop.tile;
    kept.push_back(loop);
  }
  return kept;
}

/// Loops that leave one point of each of the dimensions.
std::vector<Loop> down_to_points(std::initializer_list<std::size_t> dimensions,
                                 ArrayExtents& left) {
  std::vector<Loop> loops;
  for (const std::size_t d : dimensions)
    if (left[d] > 1) {
      loops.push_back({d, 1});
      left[d] = 1;
    }
  return loops;
}

}  // namespace

nest::Problem array_problem(const ArrayShape& shape, const ArrayExtents& extents) {
  nest::Problem problem;
  for (std::size_t d = 0; d < kArrayDimensions; ++d)
    problem.dimensions.push_back({kNames[d], extents[d]});
  const auto tensor = [](const char* name, std::initializer_list<std::size_t> dimensions) {
    nest::Tensor made{name, {}};
    for (const std::size_t d : dimensions) made.indices.push_back({{{d, 1}}, 1});
    return made;
  };
  problem.tensors = {
      shape.table_a_plane ? tensor("Tables", {kTokens, kUnits, kPlanes})
                          : tensor(shape.readers > 0 ? "Tables" : "Inputs", {kTokens, kUnits}),
      tensor("Weights", {kOutputs, kUnits, kPlanes}), tensor("Outputs", {kTokens, kOutputs})};
  problem.output = kArraySums;
  return problem;
}

nest::Hierarchy array_hierarchy(const ArrayShape& shape, bool keeps_sums) {
  using nest::Keep;
  const auto storages = [](Keep x, Keep w, Keep s) {
    return std::vector<nest::Storage>{{x, 16, {}}, {w, 16, {}}, {s, 32, {}}};
  };
  const bool table = shape.readers > 0;
  nest::Level buffer, pe, unit;
  buffer.name = "buffer";
  buffer.tensors = storages(Keep::kMust, Keep::kMust, Keep::kMust);
  buffer.fan_out_y = shape.rows;
  buffer.fan_out_x = shape.columns;
  buffer.reduces_x = false;  // sums run down columns only
  pe.name = table ? "table" : "pe";
  pe.tensors = storages(Keep::kMust, table ? Keep::kNever : Keep::kMust,
                        keeps_sums ? Keep::kMust : Keep::kNever);
  pe.fan_out_x = std::max<std::uint64_t>(shape.readers, 1);
  unit.name = "unit";
  unit.tensors = storages(Keep::kNever, Keep::kNever, Keep::kMust);
  return {{buffer, pe, unit}};
}

ArrayNest array_nest(const ArrayShape& shape, const ArrayMapping& mapping,
                     const ArrayExtents& extents) {
  return {array_problem(shape, extents), array_hierarchy(shape, mapping.keeps_sums),
          array_loops(shape, mapping, extents)};
}

nest::Mapping array_loops(const ArrayShape& shape, const ArrayMapping& mapping,
                          const ArrayExtents& extents) {
  ArrayExtents left = extents;
  nest::LevelLoops buffer, pe, unit;
  buffer.temporal = clipped(mapping.waves, left);
  buffer.y = clipped(mapping.y, left);
  buffer.x = clipped(mapping.x, left);
  if (shape.readers > 0) {
    pe.temporal = down_to_points({kTokens, kUnits}, left);
    if (left[kOutputs] > shape.readers) {
      pe.temporal.push_back({kOutputs, shape.readers});
      left[kOutputs] = shape.readers;
    }
    pe.x = down_to_points({kOutputs}, left);
    unit.temporal = down_to_points({kPlanes}, left);
  } else {
    // The reduction goes round innermost, in the unit's own register.
    pe.temporal = down_to_points({kTokens, kOutputs}, left);
    unit.temporal = down_to_points({kUnits, kPlanes}, left);
  }
  buffer.keep = {true, true, true};
  pe.keep = {true, shape.readers == 0, mapping.keeps_sums};
  unit.keep = {false, false, true};
  nest::Mapping made;
  made.levels.reserve(kArrayUnit + 1);
  for (nest::LevelLoops* level : {&buffer, &pe, &unit}) made.levels.push_back(std::move(*level));
  return made;
}

ArrayExtents joint_tile(const ArrayMapping& mapping, const ArrayExtents& extents) {
  ArrayExtents left = extents;
  clipped(mapping.waves, left);
  return left;
}

ArrayExtents pe_tile(const ArrayMapping& mapping, const ArrayExtents& extents) {
  ArrayExtents left = joint_tile(mapping, extents);
  clipped(mapping.y, left);
  clipped(mapping.x, left);
  return left;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> waves_along(const ArrayMapping& mapping,
                                                                 std::size_t dimension,
                                                                 std::uint64_t whole) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> waves = {{whole, 1}};
  for (const Loop& loop : mapping.waves) {
    if (loop.dimension != dimension) continue;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> cut;
    for (const auto& [extent, count] : waves) {
      if (extent >= loop.tile) cut.emplace_back(loop.tile, count * (extent / loop.tile));
      if (extent % loop.tile != 0) cut.emplace_back(extent % loop.tile, count);
    }
    waves = std::move(cut);
  }
  return waves;
}

ArrayExtents busiest_pe(const ArrayMapping& mapping, const ArrayExtents& extents) {
  const ArrayExtents tile = pe_tile(mapping, extents);
  ArrayExtents points{};
  for (std::size_t d = 0; d < kArrayDimensions; ++d)
    for (const auto& [extent, count] : waves_along(mapping, d, extents[d]))
      points[d] += count * std::min(extent, tile[d]);
  return points;
}

WavesAndRows waves_and_rows(const ArrayMapping& mapping, std::size_t dimension,
                            std::uint64_t whole) {
  WavesAndRows sum;
  for (const auto& [extent, count] : waves_along(mapping, dimension, whole)) {
    sum.waves += count;
    sum.rows += count * spread_over(mapping.y, dimension, extent);
  }
  return sum;
}

std::uint64_t spread_over(const std::vector<Loop>& loops, std::size_t dimension,
                          std::uint64_t extent) {
  std::uint64_t ways = 1;
  for (const Loop& loop : loops)
    if (loop.dimension == dimension && loop.tile < extent) {
      ways *= ceil_div(extent, loop.tile);
      extent = loop.tile;
    }
  return ways;
}

std::string describe(const ArrayMapping& mapping, const ArrayExtents& extents) {
  ArrayExtents left = joint_tile(mapping, extents);
  std::string text;
  const auto spread = [&](const std::vector<Loop>& loops, const char* over) {
    for (const Loop& loop : loops) {
      std::uint64_t& extent = left[loop.dimension];
      if (loop.tile >= extent) continue;
      text += kNames[loop.dimension] + (" over " + std::to_string(ceil_div(extent, loop.tile))) +
              " " + over + ", ";
      extent = loop.tile;
    }
  };
  spread(mapping.y, "rows");
  spread(mapping.x, "columns");
  for (const std::size_t d : {kTokens, kOutputs, kUnits})
    text += std::to_string(left[d]) + (d == kUnits ? "" : " x ");
  return text + (mapping.keeps_sums ? " a PE, sums stay" : " a PE, sums travel");
}

}  // namespace addax::mapping
