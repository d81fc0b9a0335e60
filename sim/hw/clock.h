// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

namespace addax::hw {

/// Cycles become SystemC time here and nowhere else: one cycle is one nanosecond of the kernel's,
/// whatever the clock of the architecture.
inline sc_core::sc_time to_time(std::uint64_t cycles) {
  return sc_core::sc_time(static_cast<double>(cycles), sc_core::SC_NS);
}
inline std::uint64_t now_cycles() {
  static const std::uint64_t ticks = sc_core::sc_time(1.0, sc_core::SC_NS).value();
  return sc_core::sc_time_stamp().value() / ticks;
}

}  // namespace addax::hw
