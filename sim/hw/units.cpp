// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/units.h"

#include <algorithm>

#include "models/quantity/check.h"

namespace addax::hw {

Units::Units(const sc_core::sc_module_name& name, const arch::Datapath& datapath)
    : sc_module(name) {
  for (std::size_t a = 0; a < rates_.size(); ++a)
    rates_[a] = datapath.rate(static_cast<arith::Arithmetic>(a));
  target.bind(*this);
}

std::uint64_t Units::cycles(const workload::ArithmeticCounts& of_one_pe) const {
  std::uint64_t longest = 0;
  for (std::size_t a = 0; a < rates_.size(); ++a) {
    const std::uint64_t count = of_one_pe.operations[a];
    if (count == 0) continue;
    ADDAX_CHECK(rates_[a].operations > 0, arith::name(static_cast<arith::Arithmetic>(a)));
    longest = std::max(longest, quantity::ceil_div(quantity::checked_mul(count, rates_[a].cycles),
                                                   rates_[a].operations));
  }
  return longest;
}

}  // namespace addax::hw
