// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/reproduction/audit_prices.h"
#include "models/workload/format.h"

namespace addax::reproduction {

/// A linear layer of the audit: y[M] = W[M x C] x[C], `count` times in the model.
struct AuditLayer {
  std::uint64_t inputs = 0, outputs = 0, count = 1;
  workload::WeightFormat format;
  std::uint32_t group = 0;   ///< column group that computes it
  double fixed_watts = 0.0;  ///< leakage, clocks and background power while it runs
};

/// Costs of one layer while they add up.
struct Tally {
  AuditEnergy energy;  ///< pJ
  double time_s = 0.0;
  double dram_bits = 0.0;
};

/// Adds what one instance of the layer costs by the published accounting with all assumptions up to
/// `now` made physical: docs/physics/audit.md. Time is the array's alone.
void account(Tally& tally, const AuditLayer& layer, const arch::Architecture& architecture,
             const AuditPrices& prices, Assumption now);
/// The same for a bias addition or a gate product.
void account(Tally& tally, const published::ElementwiseLayer& layer, const AuditPrices& prices,
             Assumption now);

}  // namespace addax::reproduction
