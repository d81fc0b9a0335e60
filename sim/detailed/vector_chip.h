// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "sim/detailed/vector_lanes.h"
#include "sim/detailed/vector_loader.h"

namespace addax::detailed {

/// What a vector operation did on the chip.
struct VectorRun {
  quantity::Cycles cycles;        ///< first DRAM command to the last bit written or result
  std::uint64_t lane_cycles = 0;  ///< cycles in which a lane worked, summed over lanes
  mapping::LayerTotals totals;    ///< those that are counted: DRAM bits, buffer accesses, passes
};

/// The vector unit of an accelerator with what feeds it, clock by clock; time and accesses, no values.
class VectorChip final : public sc_core::sc_module {
 public:
  VectorChip(const sc_core::sc_module_name& name, const arch::Architecture& architecture,
             const mapping::VectorPlan& plan);
  /// Runs the operation to its end, once; advances the kernel's time.
  VectorRun run();

 private:
  void tick();
  VectorChunk chunk(std::uint64_t number) const;
  /// Whether the results of the chunk that works have a place.
  bool room() const;
  void step();
  void expect_progress();

  const mapping::VectorPlan plan_;
  const std::uint64_t word_;
  hw::Dram dram_;
  BankPort resident_;
  VectorLanes lanes_;
  VectorLoader loader_;
  std::uint64_t cycle_ = 0, ended_ = 0, last_result_ = 0;
  std::uint64_t moved_ = 0,
                progress_ = 0;  ///< all that was done; last cycle in which there was more
  bool working_ = false;
};

}  // namespace addax::detailed
