// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

#include "models/quantity/quantity.h"

namespace addax::hw {

/// Cycles become SystemC time here and nowhere else: one cycle is one nanosecond of the kernel's,
/// whatever the clock of the architecture.
inline std::uint64_t ticks_a_cycle() {
  static const std::uint64_t ticks = sc_core::sc_time(1.0, sc_core::SC_NS).value();
  return ticks;
}
inline sc_core::sc_time to_time(std::uint64_t cycles) {
  return sc_core::sc_time::from_value(quantity::checked_mul(cycles, ticks_a_cycle()));
}
inline std::uint64_t now_cycles() { return sc_core::sc_time_stamp().value() / ticks_a_cycle(); }

}  // namespace addax::hw
