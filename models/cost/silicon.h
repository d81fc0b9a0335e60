// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/arch/architecture.h"
#include "models/cost/estimate.h"

namespace addax::cost {

/// A store of `words` x `width_bits` with `ports` read ports, kept `copies` times.
///
/// SRAM: macros of at most 64 bits side by side, each of the fit; a single-port macro for every
/// read port, all written together. Flip-flops and latches: a bit cell a bit, written whole words
/// at a time, and a multiplexer tree over all words for each read port.
struct Store {
  std::uint64_t words = 0;
  std::uint32_t width_bits = 0;
  arch::Storage storage = arch::Storage::kFlipFlop;
  std::uint32_t ports = 1;
  std::uint32_t copies = 1;
};
Store store_of(const arch::Scratchpad& scratchpad);
Store store_of(const arch::Lut& lut);
Store bank_of(const arch::GlobalBuffer& buffer);

/// One access of `access_bits`: whole words in SRAM, the bits alone in flip-flops and latches. pJ.
Estimate read_energy(const CostTable& table, const Store& store, std::uint32_t access_bits);
Estimate write_energy(const CostTable& table, const Store& store, std::uint32_t access_bits);
/// The macros that an SRAM store is made of.
Macro macro_of(const Store& store);
Estimate leakage(const CostTable& table, const Store& store);    ///< mW, all copies
Estimate cell_area(const CostTable& table, const Store& store);  ///< um2, without the read ports
Estimate port_area(const CostTable& table, const Store& store);  ///< um2; within the cells for SRAM

/// Parts of one PE of a column group, named within the group ("lut.table", "fp16.add", ...): um2.
using Parts = std::vector<std::pair<std::string, Estimate>>;
Parts pe_parts(const CostTable& table, const arch::ColumnGroup& group);
/// Logic of one PE outside its stores and table: units, their pipeline registers, control. um2.
Estimate pe_logic_area(const CostTable& table, const arch::ColumnGroup& group);
/// Logic of a table outside its cells: ports of flip-flops and latches, and the generator. um2.
Estimate lut_logic_area(const CostTable& table, const arch::Lut& lut);
Estimate buffer_area(const CostTable& table, const arch::GlobalBuffer& buffer);  ///< um2, all banks
Estimate vector_unit_area(const CostTable& table,
                          const arch::VectorUnit& unit);  ///< um2, all lanes

/// Bits of the registers behind the units of a PE: count x latency x width of the result.
std::uint64_t pipeline_bits(const arch::Datapath& datapath);
/// Width of what an operation yields.
std::uint32_t result_bits(arith::Arithmetic arithmetic);

}  // namespace addax::cost
