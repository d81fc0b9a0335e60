// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <systemc>

#include "models/arch/architecture.h"
#include "models/workload/counts.h"

namespace addax::hw {

class UnitPort : virtual public sc_core::sc_interface {
 public:
  /// Cycles that the units of one PE need for these operations, all kinds side by side.
  virtual std::uint64_t cycles(const workload::ArithmeticCounts& of_one_pe) const = 0;
  /// Counts operations of all PEs.
  virtual void execute(const workload::ArithmeticCounts& operations, std::uint64_t times) = 0;
};

/// Arithmetic units of the PEs of a column group.
/// Ports: one target.
/// Latency: of the longest unit, in the array's skew.
/// Initiation: `count` operations every initiation_interval cycles, a kind of unit; kinds work
///   side by side.
/// Conflicts: none between kinds.
/// Actions: compute.
/// Not modelled: dependences between operations of one output, whose latency the order of outputs
///   hides.
class Units final : public sc_core::sc_module, public UnitPort {
 public:
  sc_core::sc_export<UnitPort> target{"target"};

  Units(const sc_core::sc_module_name& name, const arch::Datapath& datapath);
  std::uint64_t cycles(const workload::ArithmeticCounts& of_one_pe) const override;
  void execute(const workload::ArithmeticCounts& operations, std::uint64_t times) override {
    sum_.add(operations, times);
  }
  void start_layer() { sum_ = {}; }
  const workload::ArithmeticCounts& operations() const { return sum_; }

 private:
  std::array<arch::Datapath::Rate, arith::kArithmeticCount> rates_;
  workload::ArithmeticCounts sum_;
};

}  // namespace addax::hw
