// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/search/search.h"

namespace addax::search {

/// Why spaces hold no mapping. Each constraint is tried alone: a capacity on every tile that an
/// instance of its level may hold, the keep choices on every combination of kept and not, and the
/// loops that rules ask for on every chain of tiles of a dimension.
Refusal refusal(const std::vector<Space>& spaces);

}  // namespace addax::search
