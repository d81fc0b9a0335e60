// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/search/chains.h"

namespace addax::search {

/// What no mapping of a space that keeps these tensors so is below: every kept word moves once, and
/// all instances compute all the time.
CostBound compulsory(const Space& space, const KeepChoice& keep);

/// As compulsory, and in each step of the loops above a level that keeps tensors at least one
/// dimension steps: the tiles that it indexes cross anew. So much for a multiply-accumulate is the
/// least that any tile within the level's capacities, and any spread within the fan-outs, allows.
CostBound traffic_bound(const Space& space, const KeepChoice& keep);

}  // namespace addax::search
