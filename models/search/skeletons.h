// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "models/search/space.h"

namespace addax::search {

/// Which level keeps which tensor.
struct KeepChoice {
  std::vector<std::vector<bool>> kept;  ///< level by tensor
  /// Levels, outermost first, that keep a tensor.
  std::vector<std::size_t> keepers(std::size_t tensor) const;
  /// The order of a level's temporal loops matters where a level below keeps something.
  bool ordered(std::size_t level) const;
};

/// Mappings that keep the same tensors and whose temporal loops that run more than once are the
/// same, in the same order, at each level whose order matters. What such a mapping still chooses are
/// the tiles; all its flows are one expression of them.
struct Skeleton {
  KeepChoice keep;
  /// One a level: dimensions of the loops that run more than once, outermost first. Says nothing of
  /// a level whose order does not matter.
  std::vector<std::vector<std::size_t>> orders;
};

/// All choices that the hierarchy and the rules allow, and that keep each tensor somewhere.
std::vector<KeepChoice> keep_choices(const Space& space);

/// Whether temporal loops of a level may run over a dimension.
bool may_run(const Space& space, std::size_t level, std::size_t dimension);

/// Whether loops over y, or x, of a level may spread a dimension.
bool may_spread(const Space& space, std::size_t level, std::size_t dimension, bool x);

/// The orders of a level's temporal loops that the rules allow: of all subsets of the dimensions of
/// more than one point.
std::vector<std::vector<std::size_t>> orders(const Space& space, std::size_t level);

/// Whether every word of the tensors that rules call stationary comes once: no loop that does not
/// index one stands outside of a loop that does. `runs`: whether the loop of a level over a dimension
/// runs more than once.
template <class Runs>
bool stationary(const Space& space, const KeepChoice& keep,
                const std::vector<std::vector<std::size_t>>& orders, const Runs& runs) {
  for (std::size_t level = 0; level < space.rules.size(); ++level)
    for (const std::size_t tensor : space.rules[level].stationary) {
      if (!keep.kept[level][tensor]) continue;
      bool repeated = false;
      for (std::size_t above = 0; above < level; ++above)
        for (const std::size_t dimension : orders[above]) {
          if (!runs(above, dimension)) continue;
          const bool indexes = space.problem.indexes(tensor, dimension);
          if (indexes && repeated) return false;
          repeated = repeated || !indexes;
        }
    }
  return true;
}

}  // namespace addax::search
