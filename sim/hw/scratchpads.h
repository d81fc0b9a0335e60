// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "models/mapping/dataflow.h"

namespace addax::hw {

class ScratchpadPort : virtual public sc_core::sc_interface {
 public:
  /// The accesses of so many equal passes, to the scratchpads and over the links between vertical
  /// neighbours.
  virtual void access(const mapping::ArrayAccesses& accesses, std::uint64_t times) = 0;
};

/// Activation, weight and partial-sum scratchpads of the PEs of a column group, and the links
/// between vertical neighbours.
/// Ports: one target.
/// Latency, initiation: one read and one write a cycle and unit that uses them, so that they
///   never hold the units up.
/// Conflicts: none.
/// Actions: scratchpad reads and writes, neighbour-link bits.
/// Not modelled: ports shared by several units of a PE, bank conflicts.
class Scratchpads final : public sc_core::sc_module, public ScratchpadPort {
 public:
  sc_core::sc_export<ScratchpadPort> target{"target"};

  explicit Scratchpads(const sc_core::sc_module_name& name) : sc_module(name) {
    target.bind(*this);
  }
  void access(const mapping::ArrayAccesses& accesses, std::uint64_t times) override {
    sum_.add(accesses, times);
  }
  void start_layer() { sum_ = {}; }
  const mapping::ArrayAccesses& accesses() const { return sum_; }

 private:
  mapping::ArrayAccesses sum_;
};

}  // namespace addax::hw
