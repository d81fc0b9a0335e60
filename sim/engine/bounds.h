// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "models/arch/architecture.h"
#include "models/mapping/plan.h"
#include "models/result/result.h"

namespace addax::engine {

/// Least cycles that each resource needs for a layer, whatever the overlap: its transfers at its
/// full rate. DRAM: one latency and all bursts, with refresh. Network: the busiest of the four.
/// Buffer: the resident banks, or a streaming half's reads. Compute: the array.
/// docs/physics/time.md.
std::array<quantity::Cycles, result::kResourceCount> bounds(const arch::Architecture& architecture,
                                                            const mapping::LayerPlan& plan,
                                                            const mapping::LayerTotals& totals);

}  // namespace addax::engine
