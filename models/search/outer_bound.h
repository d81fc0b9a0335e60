// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <vector>

#include "models/search/chains.h"

namespace addax::search {

/// Where nothing is known of what flows cost.
inline constexpr double kUnknown = -std::numeric_limits<double>::infinity();

/// What flows from the outermost level cost together at least; kUnknown where it cannot say.
/// In each step of the outermost level's loops one dimension steps at least. All words of the tile
/// that one such step works on cross if the dimension indexes the tensor, and else too unless the
/// level that holds the tensor holds all of them.
double outer_bound(const Space& space, const KeepChoice& keep, const Form& form,
                   const std::vector<FlowCost>& parts);

}  // namespace addax::search
