// SPDX-License-Identifier: Apache-2.0
#include "models/search/tile_sets.h"

#include <algorithm>

#include "models/quantity/quantity.h"

namespace addax::search {

std::vector<std::uint64_t> tile_set(std::uint64_t size) {
  std::vector<std::uint64_t> tiles;
  for (std::uint64_t tile = size;;) {
    tiles.push_back(tile);
    if (tile == 1) break;
    // The fewest tiles that are smaller than this one.
    tile = quantity::ceil_div(size, quantity::ceil_div(size, tile - 1));
  }
  std::reverse(tiles.begin(), tiles.end());
  return tiles;
}

}  // namespace addax::search
