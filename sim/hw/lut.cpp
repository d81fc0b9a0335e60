// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/lut.h"

#include <algorithm>

namespace addax::hw {

Lut::Lut(const sc_core::sc_module_name& name, const std::optional<arch::Lut>& params)
    : sc_module(name) {
  if (params) {
    build_cycles_ = params->build_cycles().value();
    double_ = params->copies > 1;
  }
  target.bind(*this);
}

std::uint64_t Lut::wave_cycles(bool builds, std::uint64_t port_reads, std::uint64_t adding) const {
  const std::uint64_t reading = std::max(port_reads, adding);
  if (!builds) return reading;
  return double_ ? std::max(reading, build_cycles_) : build_cycles_ + reading;
}

}  // namespace addax::hw
