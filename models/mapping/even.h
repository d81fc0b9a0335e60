// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "models/mapping/lowering.h"
#include "models/search/search.h"

namespace addax::mapping {

/// The mapping with tiles of weights more alike in size, where that is worth more than it costs. A short
/// tile leaves DRAM waiting for the half that the pass before it still uses, or the array for the tile
/// after it; the space's costs do not know, for they only see sums over all tiles. It is taken to cost
/// min(DRAM, array) x the share by which the mean tile is smaller than the largest.
search::Found evened(const Lowering& lowering, search::Found found, search::Objective objective);

/// The mapping with each loop over passes cut into no more tiles than before, all alike but for the last.
/// None where that changes nothing, or is illegal.
std::optional<search::Found> levelled(const Lowering& lowering, search::Found found);

}  // namespace addax::mapping
