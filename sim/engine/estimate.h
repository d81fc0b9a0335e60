// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "models/arch/architecture.h"
#include "models/cost/cost.h"
#include "models/mapping/planner.h"
#include "models/result/result.h"

namespace addax::engine {

/// What a plan costs in closed form: the `analytic` fidelity, priced.
struct Estimate {
  cost::EnergyReport energy;
  quantity::Cycles cycles;
  std::array<quantity::Cycles, result::kResourceCount> busy{};
  result::Resource bound_by = result::Resource::kDram;
  std::uint64_t passes = 0;
};

/// Throws quantity::Impossible for a row that the cost table lacks, and CountOverflow.
Estimate estimate(const arch::Architecture& architecture, const workload::Widths& widths,
                  const mapping::PlannedLayer& layer, const cost::PriceList& prices);

}  // namespace addax::engine
