// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "models/mapping/plan.h"
#include "sim/hw/column_group.h"
#include "sim/hw/dma.h"
#include "sim/hw/dram.h"
#include "sim/hw/global_buffer.h"
#include "sim/hw/network.h"
#include "sim/hw/pe_array.h"
#include "sim/hw/vector_unit.h"

namespace addax::hw {

/// What a layer did on the chip.
struct LayerRun {
  quantity::Cycles cycles;  ///< first DRAM command to the last bit written or result
  std::uint64_t dram_bursts = 0;
  mapping::LayerTotals totals;
};

/// The whole accelerator: modules and the wires between them.
class Chip final : public sc_core::sc_module {
 public:
  Chip(const sc_core::sc_module_name& name, const arch::Architecture& architecture);
  /// Runs one layer to its end; advances the kernel's time.
  LayerRun run(const mapping::LayerPlan& plan);

 private:
  mapping::LayerTotals collect(std::size_t group) const;

  Dram dram_;
  GlobalBuffer buffer_;
  Network activations_, weights_, psums_, outputs_;
  VectorUnit vector_unit_;
  Dma dma_;
  sc_core::sc_vector<ColumnGroup> groups_;
  PeArray array_;
};

}  // namespace addax::hw
