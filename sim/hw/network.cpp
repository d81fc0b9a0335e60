// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/network.h"

#include <algorithm>

namespace addax::hw {

Network::Network(const sc_core::sc_module_name& name, const arch::Network& params)
    : sc_module(name), width_bits_(params.width_bits) {
  target.bind(*this);
}

std::uint64_t Network::carry(std::uint64_t bits, std::uint64_t row_bits, std::uint64_t now) {
  if (bits == 0) return now;
  bits_ += bits;
  row_bits_ += row_bits;
  free_ = std::max(now, free_) + quantity::ceil_div(bits, width_bits_);
  return free_;
}

}  // namespace addax::hw
