// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/prices.h"

#include <cmath>

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

namespace {

double rounded(double price) {
  constexpr double kAnOctave = 2.0;
  return price > 0.0 ? std::exp2(std::round(std::log2(price) * kAnOctave) / kAnOctave) : price;
}
Prices::Memory rounded(const Prices::Memory& memory) {
  const auto& [read, write] = memory;
  return {rounded(read), rounded(write)};
}
Prices::Network rounded(const Prices::Network& network) {
  const auto& [transfer_bit, deliver_bit] = network;
  return {rounded(transfer_bit), rounded(deliver_bit)};
}

}  // namespace

Prices rounded(const Prices& prices) {
  const auto& [dram_read_bit, dram_write_bit, buffer, activation_pad, weight_pad, psum_pad, table,
               activation, weight, psum, output, neighbour_bit, operation, cycle] = prices;
  Prices made = {rounded(dram_read_bit),
                 rounded(dram_write_bit),
                 rounded(buffer),
                 rounded(activation_pad),
                 rounded(weight_pad),
                 rounded(psum_pad),
                 rounded(table),
                 rounded(activation),
                 rounded(weight),
                 rounded(psum),
                 rounded(output),
                 rounded(neighbour_bit),
                 operation,
                 rounded(cycle)};
  for (double& price : made.operation) price = rounded(price);
  return made;
}

static void write(quantity::Bytes& bytes, const Prices::Memory& memory) {
  const auto& [read, write] = memory;
  bytes.add(read, write);
}

static void write(quantity::Bytes& bytes, const Prices::Network& network) {
  const auto& [transfer_bit, deliver_bit] = network;
  bytes.add(transfer_bit, deliver_bit);
}

void write(quantity::Bytes& bytes, const Prices& prices) {
  const auto& [dram_read_bit, dram_write_bit, buffer, activation_pad, weight_pad, psum_pad, table,
               activation, weight, psum, output, neighbour_bit, operation, cycle] = prices;
  bytes.add(dram_read_bit, dram_write_bit, buffer, activation_pad, weight_pad, psum_pad, table,
            activation, weight, psum, output, neighbour_bit, operation, cycle);
}

}  // namespace addax::mapping
