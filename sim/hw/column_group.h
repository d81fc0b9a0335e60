// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "models/mapping/pass.h"
#include "sim/hw/lut.h"
#include "sim/hw/scratchpads.h"
#include "sim/hw/units.h"

namespace addax::hw {

class ColumnGroupPort : virtual public sc_core::sc_interface {
 public:
  /// Computes a pass; returns the cycles that its PEs need.
  virtual std::uint64_t compute(const mapping::Pass& pass) = 0;
};

/// Neighbouring columns of equal PEs. They work in step: a pass takes as long as its busiest PE,
/// wave by wave, or as long as the PE that scales the most.
/// Ports: one target; initiators to units, tables and scratchpads.
/// Actions: those of its parts.
/// Not modelled: PEs of one pass that run apart.
class ColumnGroup final : public sc_core::sc_module, public ColumnGroupPort {
 public:
  sc_core::sc_export<ColumnGroupPort> target{"target"};
  sc_core::sc_port<UnitPort> units{"units"};
  sc_core::sc_port<LutPort> lut{"lut"};
  sc_core::sc_port<ScratchpadPort> scratchpads{"scratchpads"};

  ColumnGroup(const sc_core::sc_module_name& name, const arch::ColumnGroup& params);
  std::uint64_t compute(const mapping::Pass& pass) override;
  void start_layer();
  /// After the last pass of a layer, before its sums are asked for.
  void end_layer() { count(); }
  const workload::ArithmeticCounts& operations() const { return units_.operations(); }
  const mapping::ArrayAccesses& accesses() const { return scratchpads_.accesses(); }
  std::uint64_t busy_cycles() const { return busy_; }

 private:
  void count();

  Units units_;
  Lut lut_;
  Scratchpads scratchpads_;
  std::uint64_t busy_ = 0;
  // Passes are counted together as long as they do equal work.
  const mapping::PassWork* work_ = nullptr;
  const workload::ArithmeticCounts* scaling_ = nullptr;
  std::uint64_t work_cycles_ = 0, passes_ = 0, scalings_ = 0;
};

}  // namespace addax::hw
