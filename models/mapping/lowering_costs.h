// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/mapping/lowering.h"

namespace addax::mapping {

/// What the costs of a lowering depend on.
struct LoweredDesign {
  const LayerContext& context;
  const Product& product;
  const Lowering& lowering;  ///< its space's costs are not read
  const ArrayShape& shape;
  bool spills = false;      ///< incomplete sums may go to DRAM
  bool with_memory = true;  ///< DRAM and buffer; without, the array and its networks alone
};

/// Energies and cycles of a lowered nest's flows. Linear in them: words of the buffer are not rounded
/// up, and scalings beyond a layer's own are an estimate (docs/physics/mapping.md).
nest::Costs lowered_costs(const LoweredDesign& design);

}  // namespace addax::mapping
