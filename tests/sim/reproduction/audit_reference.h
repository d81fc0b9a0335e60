// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/arch/architecture.h"
#include "models/cost/cost.h"
#include "models/reproduction/audit.h"

// docs/physics/audit.md once more for one linear layer, with tilings found by trying every one of
// docs/physics/published.md. Of the project it uses the architecture's figures and the price list;
// nothing of models/published, and of models/reproduction the names of the steps.
namespace addax::tests::audit {

using reproduction::Assumption;

/// Steps that change what a linear layer costs.
inline constexpr Assumption kLayerSteps[] = {
    Assumption::kPublished,     Assumption::kUnits,  Assumption::kArithmeticCosts,
    Assumption::kOperandWidths, Assumption::kSums,   Assumption::kKeys,
    Assumption::kScales,        Assumption::kTables, Assumption::kSilicon,
    Assumption::kAccumulators,  Assumption::kShapes, Assumption::kMemoryCosts};

/// pJ, s and bits.
struct Sums {
  double dram = 0.0, buffer = 0.0, network = 0.0, registers = 0.0;
  double tables = 0.0, arithmetic = 0.0;
  double seconds = 0.0, dram_bits = 0.0;
};

/// y[outputs] = W x[inputs] on one column group.
struct Subject {
  const arch::Architecture& architecture;
  const cost::PriceList& list;
  double barrel_shift = 0.0;  ///< pJ; no action of its own
  std::uint32_t group = 0;
  long inputs = 0, outputs = 0;
};

Sums fp16(const Subject& subject, Assumption after);
/// Integers of `bits`, a scale of 16 bits and a zero point for `share` weights of a row.
Sums integers(const Subject& subject, long bits, long share, Assumption after);
/// Planes with scales of `terms` powers of two for blocks of 8 inputs and an eighth of the outputs.
Sums lookups(const Subject& subject, long planes, long terms, Assumption after);
/// A bias addition or a gate product of `inputs` elements.
Sums elementwise(const Subject& subject, bool product, Assumption after);

}  // namespace addax::tests::audit
