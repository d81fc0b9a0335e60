// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "models/mapping/array_mapping.h"
#include "models/mapping/lowering.h"

namespace addax::mapping {

/// Makes mappings that a designer would try first on a lowered design, for a search to set out from: blocks
/// of tokens in powers of four, as many outputs as their sums leave room for (or parts of them), and as
/// much of the reduction as fills a half of the buffer; the reduction, outputs or tokens over the rows.
/// With tables also tokens over the columns, and halves whose weights stay while tokens come and go.
/// Some may not fit.
std::function<std::vector<nest::Mapping>()> seeds(const Lowering& lowering,
                                                  const ArrayShape& shape);

}  // namespace addax::mapping
