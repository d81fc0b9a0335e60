// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/nest/mapping.h"

namespace addax::nest {

/// Traffic of one tensor at one level, in words (elements), over all instances.
struct TensorCounts {
  std::uint64_t reads = 0;    ///< read out of the level: by its child, or as operands
  std::uint64_t fills = 0;    ///< written into it from its parent
  std::uint64_t updates = 0;  ///< written into it by its child (outputs only)
  /// Words on the way from the parent (for outputs: to it), each counted once a row of the meshes
  /// between that has an instance taking part.
  std::uint64_t row_words = 0;
  /// Outputs: words that pass from instance to instance of this level where partial sums are added
  /// on the way up.
  std::uint64_t reductions = 0;
};

/// What the busiest instance of a level moves: the first, whose tiles are never the smaller ones.
struct InstanceCounts {
  std::uint64_t reads = 0, fills = 0, updates = 0;
  std::uint64_t tiles = 0;  ///< that it is filled with, of inputs
  /// Word after word the larger of the steps in which it is used and Storage::preparation_steps.
  std::uint64_t turns = 0;
};

/// How partial sums that come back to children which are reduced together are counted.
enum class CountRules {
  kAddax,     ///< one of them is filled; the first accumulation of the others reads nothing
  kTimeloop,  ///< all of them are filled
};

struct LevelCounts {
  std::vector<TensorCounts> tensors;  ///< zero where the level does not keep the tensor
  std::vector<InstanceCounts> busiest;
  std::vector<bool> kept;
  std::uint64_t instances = 1;  ///< that ever take part
};

struct Counts {
  std::uint64_t macs = 0;
  std::uint64_t steps = 0;   ///< MACs of the busiest compute unit, one a cycle
  std::uint64_t cycles = 0;  ///< the larger of steps and what a level's bandwidth allows
  std::vector<LevelCounts> levels;
};

/// Exact access counts of a legal mapping, in closed form. Rules (docs/physics/counts.md):
///  - A tile is fetched in the step in which the temporal loops that select it first run, or step
///    to another index: all instances that have work in that step fetch together. Loops that run
///    once, and the innermost run of loops that do not index the tensor, fetch nothing.
///  - Elements shared by neighbours are fetched with the tile that holds the first of them.
///  - Compute units keep no operand: the innermost level that keeps a tensor is read once an
///    operand and MAC (once for all that need the word in the same step) and updated once a MAC.
///  - The first accumulation into a sum reads nothing; a sum that leaves before it is complete is
///    one update of the parent and comes back as one read of it.
/// Throws CountOverflow where a count leaves 64 bits. Faults in the mapping are a Defect.
Counts count(const Problem& problem, const Hierarchy& hierarchy, const Mapping& mapping,
             CountRules rules = CountRules::kAddax);

}  // namespace addax::nest
