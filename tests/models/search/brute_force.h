// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "models/search/space.h"

namespace addax::tests {

/// Calls `visit` with every legal mapping of a space and its cost: all keep choices, all orders of
/// the loops that run more than once, all tiles ceil(D / n). Returns how many there are, or none if
/// more than `most` would have to be tried. Shares nothing with models/search.
std::optional<std::uint64_t> every_mapping(
    const search::Space& space, std::uint64_t most,
    const std::function<void(const nest::Mapping&, const nest::Cost&)>& visit);

}  // namespace addax::tests
