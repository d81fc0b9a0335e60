// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/nest/hierarchy.h"
#include "models/nest/problem.h"

namespace addax::nest {

/// A loop whose body covers `tile` of the dimension. Over an extent e it runs ceil(e / tile) times;
/// the last body may be smaller.
struct Loop {
  std::size_t dimension = 0;
  std::uint64_t tile = 1;
};

/// The loops of one level. Temporal loops, outermost first, go through the tiles that the next
/// level's instances (all of them together) hold one after another; then loops over y and x spread
/// a tile over the mesh of instances.
struct LevelLoops {
  std::vector<Loop> temporal;
  std::vector<Loop> y, x;
  std::vector<bool> keep;  ///< one a tensor
};

/// A mapping of a problem on a hierarchy: one LevelLoops a level. The nest, outermost first, is:
/// temporal, y and x of level 0, temporal, y and x of level 1, ...; below it is one MAC.
struct Mapping {
  std::vector<LevelLoops> levels;
};

/// A fault, and the level that it is found at.
struct Fault {
  std::size_t level = 0;
  std::string text;
};

/// What is wrong with a mapping, first fault first; empty: it is legal. Each fault names the loop
/// or the level, and by how many words or instances it is off, such as "GLB: Weights holds 70000
/// words of 8 bits, 560000 bits, 35712 bits (4464 words) more than the capacity of 524288 bits".
/// Checked: tiles not 0 and not larger than what they cut; after the last loop one point is left in
/// each dimension; loops over x and y within the fan-out; tensors kept where they must be and only
/// where they may, and somewhere; capacities.
std::vector<Fault> located_faults(const Problem& problem, const Hierarchy& hierarchy,
                                  const Mapping& mapping);
/// Their texts.
std::vector<std::string> faults(const Problem& problem, const Hierarchy& hierarchy,
                                const Mapping& mapping);

/// Words of a tensor that an instance of a level holds: its largest tile.
std::uint64_t tile_words(const Problem& problem, const Mapping& mapping, std::size_t level,
                         std::size_t tensor);

/// The nest as indented lines, a line a level with what it keeps and one a loop that runs more
/// than once: "for n in 0..8 (tile 96)", "spatial x: k in 0..12 (tile 4)".
std::vector<std::string> describe(const Problem& problem, const Hierarchy& hierarchy,
                                  const Mapping& mapping);

}  // namespace addax::nest
