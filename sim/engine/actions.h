// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/action/action.h"
#include "models/arch/architecture.h"
#include "models/mapping/planner.h"

namespace addax::engine {

/// The actions of one layer: what its passes moved and computed, and what the chip does in every
/// cycle (leakage, background) or while it works (clocks, tables held). PEs that do not work are
/// clock-gated.
action::ActionCounts actions(const arch::Architecture& architecture,
                             const mapping::PlannedLayer& layer, const mapping::LayerTotals& totals,
                             quantity::Cycles cycles);

}  // namespace addax::engine
