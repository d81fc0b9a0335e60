// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/estimate.h"

#include <algorithm>

#include "sim/engine/actions.h"
#include "sim/engine/bounds.h"

namespace addax::engine {

Estimate estimate(const arch::Architecture& architecture, const workload::Widths& widths,
                  const mapping::PlannedLayer& layer, const cost::PriceList& prices) {
  mapping::LayerTotals totals = mapping::totals(layer.plan);
  Estimate estimate;
  estimate.busy = bounds(architecture, layer.plan, totals);
  const auto longest = std::max_element(estimate.busy.begin(), estimate.busy.end());
  estimate.cycles = std::max(*longest, totals.pass_cycles);
  estimate.bound_by = static_cast<result::Resource>(longest - estimate.busy.begin());
  estimate.passes = totals.passes;
  // Passes count an add for every weight; the PEs skip those of zero weights.
  totals.array_arithmetic[workload::accumulate(widths)] -= layer.skipped_adds;
  estimate.energy = cost::energy(actions(architecture, layer, totals, estimate.cycles), prices);
  return estimate;
}

}  // namespace addax::engine
