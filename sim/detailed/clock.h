// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

namespace addax::detailed {

/// The clock of all modules. In each cycle PEs work first, then words move between them and the buffer:
/// what moves is there in a later cycle, so that the order of processes does not matter.
class Clock {
 public:
  sc_core::sc_event work, move;
  std::uint64_t cycle() const { return cycle_; }
  void next() { ++cycle_; }

 private:
  std::uint64_t cycle_ = 0;
};

}  // namespace addax::detailed
