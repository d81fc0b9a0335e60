// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/prices.h"

namespace addax::mapping {

Prices normalised_prices(const arch::Architecture& architecture, std::size_t group) {
  constexpr double kDram = 200.0, kBuffer = 6.0, kNetwork = 2.0, kRegister = 1.0, kMac = 1.0;
  constexpr double kWordBits = 16.0;
  const auto access = [](double price, std::uint32_t width_bits) {
    const double one = price * width_bits / kWordBits;
    return Prices::Memory{one, one};
  };
  const arch::ColumnGroup& columns = architecture.groups.at(group);
  Prices prices;
  prices.dram_read_bit = prices.dram_write_bit = kDram / kWordBits;
  prices.buffer = access(kBuffer, architecture.buffer.width_bits);
  prices.activation_pad = access(kRegister, columns.activation_scratchpad.width_bits);
  prices.weight_pad = access(kRegister, columns.weight_scratchpad.width_bits);
  prices.psum_pad = access(kRegister, columns.psum_scratchpad.width_bits);
  prices.table = access(kRegister, static_cast<std::uint32_t>(kWordBits));
  for (Prices::Network* network :
       {&prices.activation, &prices.weight, &prices.psum, &prices.output})
    network->transfer_bit = kNetwork / kWordBits;
  prices.neighbour_bit = kNetwork / kWordBits;
  prices.operation.fill(kMac);
  return prices;
}

}  // namespace addax::mapping
