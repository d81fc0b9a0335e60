// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "models/arch/architecture.h"
#include "models/cost/cost_table.h"

namespace addax::cost::example {

inline void add_row(CostTable& table, const std::string& key,
                    const std::map<std::string, Figure>& figures,
                    Evidence evidence = Evidence::kMeasured) {
  Row row;
  row.key = key;
  row.figures = figures;
  row.node_nm = 45;
  row.voltage_v = 0.9;
  row.width_bits = 16;
  row.source = "source of " + key;
  row.evidence = evidence;
  table.rows[key] = row;
}

inline Figure exactly(double value) { return {value, value, value}; }

/// Figures that are easy to multiply by hand. SRAM: read 2 pJ, write 3 pJ, 0.25 mW, and an area of
/// 10 um2 a byte, whatever the width.
inline CostTable table() {
  CostTable table;
  table.name = "example";
  add_row(table, "fp16.multiply", {{"energy_pj", exactly(1.1)}, {"area_um2", exactly(1640)}});
  add_row(table, "fp16.add", {{"energy_pj", exactly(0.4)}, {"area_um2", exactly(1360)}});
  add_row(table, "fp32.add", {{"energy_pj", exactly(0.9)}, {"area_um2", exactly(4184)}});
  add_row(table, "exponent.add", {{"energy_pj", {0.02, 0.01, 0.03}}, {"area_um2", {22, 20, 36}}},
          Evidence::kDerived);
  const std::map<std::string, Figure> bit_cell = {
      {"area_um2_per_bit", exactly(6)},
      {"write_energy_pj_per_bit", exactly(0.01)},
      {"read_energy_pj_per_bit", exactly(0.005)},
      {"clock_energy_pj_per_bit", exactly(0.008)},
      {"gated_clock_energy_pj_per_bit", exactly(0.0003)},
      {"port_energy_pj_per_bit_word", exactly(0.001)},
      {"port_area_um2_per_bit_word", exactly(2)}};
  add_row(table, "flip_flop", bit_cell);
  add_row(table, "wire", {{"energy_pj_per_bit_mm", exactly(0.12)}});
  add_row(table, "logic", {{"leakage_mw_per_um2", {1e-5, 0.5e-5, 2e-5}}}, Evidence::kAssumed);
  add_row(table, "pe.control", {{"energy_pj", {2, 1, 4}}, {"area_um2", exactly(1000)}},
          Evidence::kAssumed);
  add_row(table, "vector_lane", {{"energy_pj", exactly(5)}, {"area_um2", exactly(3000)}},
          Evidence::kAssumed);
  add_row(table, "chip.control", {{"area_um2", exactly(50000)}}, Evidence::kAssumed);
  add_row(table, "dram.lpddr4", {{"energy_pj_per_bit", exactly(8)}});
  add_row(table, "dram.lpddr4.background", {{"background_mw", {100, 50, 200}}}, Evidence::kAssumed);
  SramFit fit;
  fit.coefficients["read_pj"] = {std::log(2.0), 0, 0, 0, 0, 0};
  fit.coefficients["write_pj"] = {std::log(3.0), 0, 0, 0, 0, 0};
  fit.coefficients["leakage_mw"] = {std::log(0.25), 0, 0, 0, 0, 0};
  fit.coefficients["area_um2"] = {std::log(10.0), 1, 0, 0, 0, 0};
  fit.least_bytes = 256;
  fit.most_bytes = 1U << 20U;
  fit.least_width_bits = 16;
  fit.most_width_bits = 64;
  fit.source = "example fit";
  table.sram = fit;
  return table;
}

/// 250 MHz, 2 rows; column groups: one column with a flip-flop table of mu = 4 and two readers,
/// three columns of FP16 multiply-accumulate. Two vector lanes that add.
inline arch::Architecture architecture() {
  using arith::Arithmetic;
  arch::Architecture a;
  a.name = "example";
  a.clock = quantity::Hertz(2.5e8);
  a.rows = 2;
  arch::ColumnGroup lut;
  lut.name = "lut";
  lut.columns = 1;
  lut.datapath.name = "shift_lut_add";
  lut.datapath.units = {{Arithmetic::kExponentAdd, 3, 1, 1}, {Arithmetic::kFp32Add, 2, 1, 1}};
  arch::Lut table;
  table.key_bits = 4;
  table.storage = arch::Storage::kFlipFlop;
  table.readers = 2;
  table.generator_adders = 4;
  lut.datapath.lut = table;
  lut.activation_scratchpad = {8, 16, arch::Storage::kFlipFlop};
  lut.weight_scratchpad = {0, 16, arch::Storage::kFlipFlop};
  lut.psum_scratchpad = {4, 32, arch::Storage::kFlipFlop};
  arch::ColumnGroup mac;
  mac.name = "multiplier";
  mac.columns = 3;
  mac.datapath.name = "fp16_mac";
  mac.datapath.units = {{Arithmetic::kFp16Multiply, 1, 1, 1}, {Arithmetic::kFp32Add, 1, 2, 1}};
  mac.activation_scratchpad = lut.activation_scratchpad;
  mac.weight_scratchpad = {128, 16, arch::Storage::kSram};
  mac.psum_scratchpad = lut.psum_scratchpad;
  a.groups = {lut, mac};
  a.buffer = {4, 2048, 64};
  a.networks = {{64, 1}, {64, 1}, {64, 1}, {64, 1}};
  a.dram.type = "lpddr4";
  a.dram.peak_bandwidth = quantity::BitsPerSecond(1e11);
  a.dram.burst_bits = 1024;
  a.vector_unit.lanes = 2;
  a.vector_unit.buffer_width_bits = 64;
  a.vector_unit.operations[Arithmetic::kFp32Add].cycles = 1;
  return a;
}

}  // namespace addax::cost::example
