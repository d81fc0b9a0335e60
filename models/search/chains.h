// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "models/quantity/quantity.h"
#include "models/search/form.h"

namespace addax::search {

/// What a level asks of the tiles that one of its instances holds.
class Capacities {
 public:
  Capacities(const Space& space, const KeepChoice& keep);
  /// `extents`: one a dimension.
  bool fit(std::size_t level, const std::vector<std::uint64_t>& extents) const {
    return fit(level, extents.data());
  }
  bool fit(std::size_t level, const std::uint64_t* extents) const;
  /// The largest extent of one dimension that fits beside these of the others; 0: none.
  std::uint64_t largest(std::size_t level, std::size_t dimension,
                        const std::uint64_t* extents) const;
  /// Whether something is asked at all.
  bool limited(std::size_t level) const { return !limits_[level].empty(); }

 private:
  struct Held {
    std::size_t tensor = 0;
    double word_bits = 0.0;
    bool plain = true;                                           // no index is a sum
    std::vector<std::pair<std::size_t, std::uint64_t>> indices;  // where plain: dimension, shared
  };
  struct Limit {
    std::vector<Held> tensors;
    double bits = 0.0;
  };
  double words(const Held& held, const std::uint64_t* extents) const;
  const Space& space_;
  std::vector<std::vector<Limit>> limits_;  // one a level
};

/// Whether an instance of the ruled level may hold so much of a dimension.
bool may_hold(const LevelRule& rule, std::size_t dimension, std::uint64_t size,
              std::uint64_t extent);

/// What a dimension may be cut into: tile_set, and what rules ask for.
std::vector<std::uint64_t> allowed_tiles(const Space& space, std::size_t dimension);

/// Number of chains of tiles of a dimension that rules and fan-outs allow, whatever fits.
double chain_count(const Space& space, std::size_t dimension);

/// The extent of a chain that an instance of a level holds.
std::uint64_t held(std::uint64_t size, const Tiles& tiles, std::size_t level);
/// How often the loop at a place of Tiles runs.
inline std::uint64_t bound_of(std::uint64_t size, const Tiles& tiles, std::size_t loop) {
  const std::uint64_t outside = loop == 0 ? size : tiles[loop - 1];
  return outside == tiles[loop] ? 1 : quantity::ceil_div(outside, tiles[loop]);
}

/// All chains of tiles of one dimension that the skeleton, the rules and, with all other tiles 1,
/// the fan-outs and capacities allow.
class ChainMaker {
 public:
  ChainMaker(const Space& space, const Skeleton& skeleton, const Capacities& capacities,
             std::size_t dimension);
  const std::vector<Tiles>& chains() const { return chains_; }

 private:
  void extend(std::size_t loop, std::uint64_t extent);
  bool may_end(std::size_t loop, std::uint64_t tile) const;
  enum class Runs { kOnce, kMore, kAny };
  struct Choice {
    Runs runs = Runs::kAny;
    std::uint64_t most = 0;                // times; 0: any
    std::optional<std::uint64_t> exactly;  // times
    std::optional<std::uint64_t> tile;     // below it: of the innermost 1
    std::uint64_t largest = 0;             // tile below it
    const LevelRule* holds = nullptr;      // rule of the level below it
  };
  void choose(const Skeleton& skeleton, const Capacities& capacities);

  const Space& space_;
  std::size_t dimension_;
  std::vector<std::uint64_t> allowed_;
  std::vector<Choice> choices_;  // one a loop
  Tiles tiles_;
  std::vector<Tiles> chains_;
};

}  // namespace addax::search
