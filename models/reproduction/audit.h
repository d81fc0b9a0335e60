// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/published/account.h"
#include "models/result/result.h"
#include "models/workload/trace.h"

namespace addax::reproduction {

/// The assumptions of the published accounting, in the order in which the audit makes them
/// physical. Each step keeps what those before it changed. docs/physics/audit.md gives the rules.
enum class Assumption {
  kPublished,        ///< nothing changed yet: units as printed
  kUnits,            ///< mJ and s for the printed J and ms
  kArithmeticCosts,  ///< a shift costs what Table 1 prints
  kOperandWidths,  ///< activations of the same-bits baseline in 16 bits, on an array of equal size
  kSums,           ///< sums are formed where products and lookups come out
  kKeys,           ///< keys are fetched for every plane
  kScales,         ///< scales as they are shared, of k terms
  kTables,         ///< tables as hardware: built, held, one a PE
  kSilicon,        ///< arrays of equal area, as large as they were simulated
  kAccumulators,   ///< sums of 32 bits
  kShapes,         ///< grouped-query heads and whatever else the model really has
  kMemoryCosts,    ///< DRAM, buffer, wires and scratchpads of the design; weights pass the buffer
  kOtherOperations,  ///< attention, norms, cache and all else that is not a linear layer
  kTime,             ///< DRAM bandwidth; leakage, clocks and background power over that time
  kSimulated,        ///< the published tilings replaced by the simulation
};
struct AuditStep {
  Assumption assumption{};
  const char* key;    ///< "published", "units", ...
  const char* title;  ///< a few words
  const char* what;   ///< a sentence
};
const std::vector<AuditStep>& audit_steps();

/// Energy by what it is spent on: J of a token in a DesignCost, pJ in a Tally.
struct AuditEnergy {
  double dram = 0.0;  ///< bits moved; background power is static
  double buffer = 0.0;
  double network = 0.0;     ///< links between neighbours included
  double registers = 0.0;   ///< scratchpads of the PEs
  double tables = 0.0;      ///< lookups, building, holding
  double arithmetic = 0.0;  ///< of the linear layers
  double other = 0.0;       ///< all of attention, norms, cache, ... but their static part
  double fixed = 0.0;       ///< leakage, clocks, background power
  double total() const;
  static constexpr double AuditEnergy::*kParts[] = {&AuditEnergy::dram,    &AuditEnergy::buffer,
                                                    &AuditEnergy::network, &AuditEnergy::registers,
                                                    &AuditEnergy::tables,  &AuditEnergy::arithmetic,
                                                    &AuditEnergy::other,   &AuditEnergy::fixed};
};

struct DesignCost {
  AuditEnergy energy;
  double latency_s = 0.0;
};

/// A design as it was simulated. All four belong together and outlive the audit.
struct SimulatedDesign {
  const arch::Architecture& architecture;
  const workload::Trace& trace;  ///< one decode step, batch 1
  const result::Activity& activity;
  const cost::CostTable& table;
};

/// Cost of a design after each step, in the order of audit_steps(). The published accounting is that
/// of `shape` and `scheme`; tilings are chosen anew by its rule wherever a step changes a cost or a
/// capacity. The last step is what result::evaluate gives for the activity. Throws
/// quantity::Impossible as Accountant::model and PriceList do.
std::vector<DesignCost> audit(const published::Shape& shape, const published::Scheme& scheme,
                              const SimulatedDesign& design);

}  // namespace addax::reproduction
