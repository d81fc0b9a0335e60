// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/action/action.h"
#include "models/arch/architecture.h"
#include "models/mapping/planner.h"

namespace addax::engine {

/// The actions of one layer: what its passes moved and computed, and what the chip does in every cycle
/// (leakage, background). A column group and the vector unit are clocked, and tables held, for the whole
/// time of the layers that use them; otherwise they are clock-gated.
action::ActionCounts actions(const arch::Architecture& architecture,
                             const mapping::PlannedLayer& layer, const mapping::LayerTotals& totals,
                             quantity::Cycles cycles);

/// What one cycle costs in which a column group works and nothing moves: leakage, clock, tables held.
action::ActionCounts cycle_actions(const arch::Architecture& architecture, std::uint32_t group);

}  // namespace addax::engine
