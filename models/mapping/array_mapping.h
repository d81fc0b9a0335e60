// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/arch/architecture.h"
#include "models/nest/counts.h"

namespace addax::mapping {

/// The dimensions of a pass on the array. Units of the reduction are inputs; keys, where there is a
/// table. Planes are loops only where there is a table.
enum ArrayDimension : std::size_t { kTokens, kOutputs, kUnits, kPlanes };
inline constexpr std::size_t kArrayDimensions = 4;
using ArrayExtents = std::array<std::uint64_t, kArrayDimensions>;

/// Tensors of a pass, in the order of mapping::Operand; activations are tables where the array has
/// them.
enum ArrayTensor : std::size_t { kArrayActivations, kArrayWeights, kArraySums };

/// Levels of the array's own nest: the buffer that feeds it, the scratchpads (or the table) of a
/// PE, and the register in which a unit accumulates.
enum ArrayLevel : std::size_t { kArrayBuffer, kArrayPe, kArrayUnit };

/// How the array takes a pass: in waves, one after another, each spread over rows (y) and columns
/// (x); a PE holds `tile`. Tiles are those of the largest pass; smaller passes clip them.
struct ArrayMapping {
  std::vector<nest::Loop> waves;  ///< outermost first
  std::vector<nest::Loop> y, x;
  /// Sums stay in the PE's scratchpad until other outputs come. Otherwise they leave it whenever
  /// the unit turns to another output, run down the column and return to the buffer.
  bool keeps_sums = false;
};

/// What of the array its nest depends on.
struct ArrayShape {
  std::uint64_t rows = 1, columns = 1;
  std::uint64_t readers = 0;   ///< of a table; 0: no tables
  bool table_a_plane = false;  ///< scales are applied before the table is built
};

/// The nest of one pass. Levels and tensors as above; a dimension of each kind.
struct ArrayNest {
  nest::Problem problem;
  nest::Hierarchy hierarchy;  ///< without capacities
  nest::Mapping mapping;
};
nest::Problem array_problem(const ArrayShape& shape, const ArrayExtents& extents);
nest::Hierarchy array_hierarchy(const ArrayShape& shape, bool keeps_sums);
ArrayNest array_nest(const ArrayShape& shape, const ArrayMapping& mapping,
                     const ArrayExtents& extents);
/// Its loops alone.
nest::Mapping array_loops(const ArrayShape& shape, const ArrayMapping& mapping,
                          const ArrayExtents& extents);

/// Extents that the whole array takes in one wave, and that a PE holds of it; within `extents`.
ArrayExtents joint_tile(const ArrayMapping& mapping, const ArrayExtents& extents);
ArrayExtents pe_tile(const ArrayMapping& mapping, const ArrayExtents& extents);
/// Points of a dimension that the first PE computes: it has the most.
ArrayExtents busiest_pe(const ArrayMapping& mapping, const ArrayExtents& extents);
/// Rows (or columns) among which a dimension is spread.
std::uint64_t spread_over(const std::vector<nest::Loop>& loops, std::size_t dimension,
                          std::uint64_t extent);

/// The extents of the waves along a dimension, and how often each occurs.
std::vector<std::pair<std::uint64_t, std::uint64_t>> waves_along(const ArrayMapping& mapping,
                                                                 std::size_t dimension,
                                                                 std::uint64_t whole);
/// Waves along a dimension of a pass, and rows that they are spread over, all waves together.
struct WavesAndRows {
  std::uint64_t waves = 0, rows = 0;
};
WavesAndRows waves_and_rows(const ArrayMapping& mapping, std::size_t dimension,
                            std::uint64_t extent);

/// "k over 12 rows, n over 14 columns, 1 x 18 x 12 a PE, sums stay": the spread, and the tokens,
/// outputs and inputs (or keys) that a PE holds of one wave.
std::string describe(const ArrayMapping& mapping, const ArrayExtents& extents);

}  // namespace addax::mapping
