// SPDX-License-Identifier: Apache-2.0
#include "models/cost/silicon.h"

#include "models/quantity/quantity.h"

namespace addax::cost {

using arch::Storage;
using arith::Arithmetic;
using quantity::ceil_div;

namespace {

// The widest word of the CACTI data; wider words are macros side by side.
constexpr std::uint32_t kWidestMacroBits = 64;

std::uint64_t macros_a_copy(const Store& store) {
  return ceil_div(store.width_bits, kWidestMacroBits);
}

Estimate macro_figure(const CostTable& table, const Store& store, const std::string& figure) {
  return sram_macro(table, macro_of(store), figure) * static_cast<double>(macros_a_copy(store));
}

Estimate logic_leakage(const CostTable& table, const Estimate& area) {
  return product(area, look_up(table, "logic", "leakage_mw_per_um2"));
}

// A bit of a read port: a tree over n words has n - 1 two-way multiplexers; those of a second copy
// are read through the same tree.
double multiplexers(const Store& store) {
  return static_cast<double>(store.words) * store.copies - 1.0;
}

double accesses(const Store& store, std::uint32_t access_bits) {
  return static_cast<double>(ceil_div(access_bits, store.width_bits));
}

}  // namespace

Store store_of(const arch::Scratchpad& scratchpad) {
  return {scratchpad.words, scratchpad.width_bits, scratchpad.storage, 1, 1};
}
Store store_of(const arch::Lut& lut) {
  return {lut.entries(), lut.entry_bits, lut.storage, lut.readers, lut.copies};
}
Store bank_of(const arch::GlobalBuffer& buffer) {
  return {buffer.bank_bits() / buffer.width_bits, buffer.width_bits, Storage::kSram, 1, 1};
}

Macro macro_of(const Store& store) {
  const double macros = static_cast<double>(macros_a_copy(store));
  const double bytes = static_cast<double>(store.words) * store.width_bits / 8.0;
  return {bytes / macros, store.width_bits / macros};
}

Estimate read_energy(const CostTable& table, const Store& store, std::uint32_t access_bits) {
  if (store.storage == Storage::kSram)
    return macro_figure(table, store, "read_pj") * accesses(store, access_bits);
  const std::string row = arch::name(store.storage);
  return (look_up(table, row, "read_energy_pj_per_bit") +
          look_up(table, row, "port_energy_pj_per_bit_word") * multiplexers(store)) *
         access_bits;
}

Estimate write_energy(const CostTable& table, const Store& store, std::uint32_t access_bits) {
  if (store.storage == Storage::kSram)
    return macro_figure(table, store, "write_pj") * accesses(store, access_bits) * store.ports;
  return look_up(table, arch::name(store.storage), "write_energy_pj_per_bit") * access_bits;
}

Estimate leakage(const CostTable& table, const Store& store) {
  if (store.storage == Storage::kSram)
    return macro_figure(table, store, "leakage_mw") * store.ports * store.copies;
  return logic_leakage(table, cell_area(table, store) + port_area(table, store));
}

Estimate cell_area(const CostTable& table, const Store& store) {
  if (store.storage == Storage::kSram)
    return macro_figure(table, store, "area_um2") * store.ports * store.copies;
  const double bits = static_cast<double>(store.words) * store.width_bits * store.copies;
  return look_up(table, arch::name(store.storage), "area_um2_per_bit") * bits;
}

Estimate port_area(const CostTable& table, const Store& store) {
  if (store.storage == Storage::kSram) return {};
  return look_up(table, arch::name(store.storage), "port_area_um2_per_bit_word") *
         (multiplexers(store) * store.width_bits * store.ports);
}

std::uint32_t result_bits(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::kInt8Add:
      return 8;
    case Arithmetic::kFp16Multiply:
    case Arithmetic::kFp16Add:
    case Arithmetic::kInt8Multiply:
    case Arithmetic::kInt16Add:
    case Arithmetic::kExponentAdd:
    case Arithmetic::kBarrelShift:
    case Arithmetic::kFp16Convert:
      return 16;
    case Arithmetic::kFp32Multiply:
    case Arithmetic::kFp32Add:
    case Arithmetic::kInt32Add:
    case Arithmetic::kFp32Compare:
    case Arithmetic::kFp32Exp:
    case Arithmetic::kFp32Reciprocal:
    case Arithmetic::kFp32Rsqrt:
      break;
  }
  return 32;
}

std::uint64_t pipeline_bits(const arch::Datapath& datapath) {
  std::uint64_t bits = 0;
  for (const arch::Unit& unit : datapath.units)
    bits += std::uint64_t{unit.count} * unit.latency_cycles * result_bits(unit.executes);
  return bits;
}

namespace {

Parts logic_parts(const CostTable& table, const arch::Datapath& datapath) {
  Parts parts;
  for (const arch::Unit& unit : datapath.units) {
    const std::string row = arith::name(unit.executes);
    parts.emplace_back(row, look_up(table, row, "area_um2") * unit.count);
  }
  parts.emplace_back("registers", look_up(table, "flip_flop", "area_um2_per_bit") *
                                      static_cast<double>(pipeline_bits(datapath)));
  parts.emplace_back("control", look_up(table, "pe.control", "area_um2"));
  return parts;
}

Estimate generator_area(const CostTable& table, const arch::Lut& lut) {
  return look_up(table, arith::name(Arithmetic::kFp16Add), "area_um2") * lut.generator_adders;
}

Estimate sum(const Parts& parts) {
  Estimate total;
  for (const auto& part : parts) total += part.second;
  return total;
}

}  // namespace

Parts pe_parts(const CostTable& table, const arch::ColumnGroup& group) {
  Parts parts = logic_parts(table, group.datapath);
  const std::pair<const char*, const arch::Scratchpad*> scratchpads[] = {
      {"activation_scratchpad", &group.activation_scratchpad},
      {"weight_scratchpad", &group.weight_scratchpad},
      {"psum_scratchpad", &group.psum_scratchpad}};
  for (const auto& [part, scratchpad] : scratchpads) {
    if (scratchpad->bits() == 0) continue;
    const Store store = store_of(*scratchpad);
    parts.emplace_back(part, cell_area(table, store) + port_area(table, store));
  }
  if (group.datapath.lut) {
    const arch::Lut& lut = *group.datapath.lut;
    parts.emplace_back("lut.table", cell_area(table, store_of(lut)));
    if (lut.storage != Storage::kSram)
      parts.emplace_back("lut.ports", port_area(table, store_of(lut)));
    parts.emplace_back("lut.generator", generator_area(table, lut));
  }
  return parts;
}

Estimate pe_logic_area(const CostTable& table, const arch::ColumnGroup& group) {
  return sum(logic_parts(table, group.datapath));
}

Estimate lut_logic_area(const CostTable& table, const arch::Lut& lut) {
  return port_area(table, store_of(lut)) + generator_area(table, lut);
}

Estimate buffer_area(const CostTable& table, const arch::GlobalBuffer& buffer) {
  return cell_area(table, bank_of(buffer)) * buffer.banks;
}

Estimate vector_unit_area(const CostTable& table, const arch::VectorUnit& unit) {
  Estimate lane = look_up(table, "vector_lane", "area_um2");
  for (const auto& operation : unit.operations)
    lane += look_up(table, arith::name(operation.first), "area_um2");
  return lane * unit.lanes;
}

}  // namespace addax::cost
