// SPDX-License-Identifier: Apache-2.0
#include "models/arch/identity.h"

namespace addax::arch {

// Each takes its struct apart, so that a new member does not compile until it is written too.

static void write(quantity::Bytes& bytes, const Scratchpad& scratchpad) {
  const auto& [words, width_bits, storage] = scratchpad;
  bytes.add(words, width_bits, storage);
}

static void write(quantity::Bytes& bytes, const Unit& unit) {
  const auto& [executes, count, latency_cycles, initiation_interval] = unit;
  bytes.add(executes, count, latency_cycles, initiation_interval);
}

static void write(quantity::Bytes& bytes, const Lut& lut) {
  const auto& [key_bits, half_table, entry_bits, storage, clock_gated, readers, copies,
               generator_adders, write_ports] = lut;
  bytes.add(key_bits, half_table, entry_bits, storage, clock_gated, readers, copies,
            generator_adders, write_ports);
}

static void write(quantity::Bytes& bytes, const Datapath& datapath) {
  const auto& [name, units, lut, skips_zeros_in_time] = datapath;
  bytes.add(units, lut, skips_zeros_in_time);
}

static void write(quantity::Bytes& bytes, const ColumnGroup& group) {
  const auto& [name, columns, datapath, activation_scratchpad, weight_scratchpad, psum_scratchpad] =
      group;
  bytes.add(columns, datapath, activation_scratchpad, weight_scratchpad, psum_scratchpad);
}

static void write(quantity::Bytes& bytes, const GlobalBuffer& buffer) {
  const auto& [banks, bank_bytes, width_bits] = buffer;
  bytes.add(banks, bank_bytes, width_bits);
}

static void write(quantity::Bytes& bytes, const Network& network) {
  const auto& [width_bits, latency_cycles] = network;
  bytes.add(width_bits, latency_cycles);
}

static void write(quantity::Bytes& bytes, const Networks& networks) {
  const auto& [activation, weight, psum, output] = networks;
  bytes.add(activation, weight, psum, output);
}

static void write(quantity::Bytes& bytes, const Dram& dram) {
  const auto& [type, peak_bandwidth, burst_bits, latency, refresh_interval, refresh_time] = dram;
  bytes.add(type, peak_bandwidth, burst_bits, latency, refresh_interval, refresh_time);
}

static void write(quantity::Bytes& bytes, const VectorOperation& operation) {
  const auto& [cycles] = operation;
  bytes.add(cycles);
}

static void write(quantity::Bytes& bytes, const VectorUnit& unit) {
  const auto& [lanes, latency_cycles, buffer_width_bits, operations] = unit;
  bytes.add(lanes, latency_cycles, buffer_width_bits, operations);
}

void write(quantity::Bytes& bytes, const Architecture& architecture) {
  const auto& [name, description, clock, rows, groups, buffer, networks, dram, vector_unit,
               write_queue] = architecture;
  bytes.add(clock, rows, groups, buffer, networks, dram, vector_unit, write_queue);
}

Architecture seen_from(const Architecture& architecture, std::optional<std::size_t> group) {
  Architecture seen = architecture;
  seen.name.clear();
  seen.description.clear();
  for (std::size_t g = 0; g < seen.groups.size(); ++g) {
    if (g != group) seen.groups[g] = {};
    seen.groups[g].name.clear();
    seen.groups[g].datapath.name.clear();
  }
  return seen;
}

}  // namespace addax::arch
