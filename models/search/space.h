// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/nest/costs.h"
#include "models/quantity/bytes.h"

namespace addax::search {

/// What is asked of the loops of one level, beyond what its hierarchy asks. Empty: everything is
/// allowed.
struct LevelRule {
  /// Dimensions that temporal loops of the level may run over, y may, x may; none: all.
  std::optional<std::vector<std::size_t>> temporal, y, x;
  /// The innermost temporal loops, outermost first: where loops over these dimensions run more than
  /// once, they stand in this order inside all others.
  std::vector<std::size_t> innermost;
  /// Dimension -> extent that one instance of the level holds.
  std::map<std::size_t, std::uint64_t> tiles;
  /// Dimension -> number of which the extent that one instance holds is a multiple, but for the whole.
  std::map<std::size_t, std::uint64_t> multiples;
  /// Dimension -> how often the loop over y or x runs.
  std::map<std::size_t, std::uint64_t> y_bounds, x_bounds;
  /// Tensor -> kept or bypassed.
  std::map<std::size_t, bool> keep;
  /// Tensors of which an instance is given every word once: no loop makes a tile come back.
  std::vector<std::size_t> stationary;
};

/// Everything in a rule: equal bytes, equal rules.
void write(quantity::Bytes& bytes, const LevelRule& rule);

/// A set of mappings: all of a problem on a hierarchy that the rules allow, with their costs.
/// Tiles are all of the form ceil(D / n), D being the size of the dimension; where a rule asks for a
/// multiple, also the next one above.
struct Space {
  std::string name;  ///< tells one of several spaces that are searched together from the others
  nest::Problem problem;
  nest::Hierarchy hierarchy;
  nest::Costs costs;
  std::vector<LevelRule> rules;  ///< one a level, or none
  /// Makes mappings from which a first climb may set out; may be empty. Those that are not in the
  /// space are passed over.
  std::function<std::vector<nest::Mapping>()> seeds = {};
  /// Spaces of one kind that keep the same tensors differ in capacities: good mappings of one are good in
  /// the others.
  std::size_t kind = 0;
};

}  // namespace addax::search
