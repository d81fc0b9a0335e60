// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace addax::nest {

/// Which bodies of a loop a sum goes through.
enum class Visit : std::uint8_t {
  kEach,
  kFirst,  ///< the first alone
  kWhole,  ///< all as one: for words that serve the bodies together
};

/// A loop of one dimension: its body covers `tile`, the last perhaps less.
struct Link {
  std::uint64_t tile = 1;
  bool temporal = true;
  Visit visit = Visit::kEach;
};

/// The loops of one dimension above a boundary, outermost first. Tiles do not grow inwards.
struct Chain {
  std::uint64_t size = 1;
  const Link* links = nullptr;
  std::size_t count = 0;
};

/// Elements of a tile of extent t: ceil(t / shared) where it begins with the first of neighbours
/// that share one, and in general the firsts that lie in the tile.
struct Measure {
  std::uint64_t shared = 1;
  std::uint64_t cap = 1;  ///< stride of the other term where the index is a sum of two
};

/// Sums over the tiles of a chain: all existing choices of bodies that the visits allow.
struct Sums {
  std::uint64_t tiles = 0;   ///< how many
  std::uint64_t words = 0;   ///< their elements
  std::uint64_t capped = 0;  ///< their min(extent, cap)
};

/// Sums over those tiles where each temporal loop from link `cut` on runs once in the first instance
/// of every spatial loop, which is never the smaller one; with `cut` = count, over all tiles.
/// Below a link of kWhole there is none of kEach. Takes a time that grows with the links, not with
/// the tiles (times `shared` at worst). Throws CountOverflow.
Sums sums(const Chain& chain, std::size_t cut, const Measure& measure);

/// Number of all tiles.
std::uint64_t tiles(const Chain& chain);

/// Sum, over all tiles that the first `cut` links make, of the larger of `least` and `each` x the
/// tiles that the other links make of it. Throws CountOverflow.
std::uint64_t turns_of(const Chain& chain, std::size_t cut, std::uint64_t least,
                       std::uint64_t each);

/// Sum, over all choices of bodies of kEach in both chains, of the number of different values of
/// stride x (a point of `strided`) + (a point of `unit`) in the tiles of that choice: those of
/// kWhole together. For chains in which bodies of kEach lie inside those of kWhole, so that the
/// tiles taken together are no interval. Takes a time that grows with the number of tiles.
std::uint64_t united(const Chain& strided, std::size_t strided_cut, const Chain& unit,
                     std::size_t unit_cut, std::uint64_t stride);

}  // namespace addax::nest
