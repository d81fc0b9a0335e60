// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/cost/cost.h"
#include "models/mapping/prices.h"

namespace addax::engine {

/// What the mapper reckons with, from a cost table: one entry a column group. Throws
/// quantity::Impossible naming a row that the table lacks.
std::vector<mapping::Prices> prices(const arch::Architecture& architecture,
                                    const cost::PriceList& list);

}  // namespace addax::engine
