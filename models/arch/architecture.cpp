// SPDX-License-Identifier: Apache-2.0
#include "models/arch/architecture.h"

#include <algorithm>

#include "models/arith/lut.h"
#include "models/quantity/diagnosis.h"

namespace addax::arch {

using quantity::ceil_div;
using quantity::Impossible;

const char* name(Storage storage) {
  switch (storage) {
    case Storage::kFlipFlop:
      return "flip_flop";
    case Storage::kLatch:
      return "latch";
    case Storage::kSram:
      break;
  }
  return "sram";
}

std::optional<Storage> parse_storage(const std::string& text) {
  for (const Storage storage : {Storage::kFlipFlop, Storage::kLatch, Storage::kSram})
    if (text == name(storage)) return storage;
  return std::nullopt;
}

std::uint64_t Lut::entries() const { return arith::lut_entries(key_bits, half_table); }

quantity::Cycles Lut::build_cycles() const {
  const std::uint64_t adding = ceil_div(arith::lut_generator_adds(key_bits), generator_adders);
  const std::uint64_t writing = ceil_div(entries(), write_ports);
  return quantity::Cycles(std::max(adding, writing) + arith::lut_generator_depth(key_bits));
}

Datapath::Rate Datapath::rate(arith::Arithmetic arithmetic) const {
  for (const Unit& unit : units)
    if (unit.executes == arithmetic) return {unit.count, unit.initiation_interval};
  return {};
}

std::uint32_t Datapath::latency_cycles() const {
  std::uint32_t longest = lut ? 1 : 0;
  for (const Unit& unit : units) longest = std::max(longest, unit.latency_cycles);
  return longest;
}

std::uint32_t Architecture::columns() const {
  std::uint32_t sum = 0;
  for (const ColumnGroup& group : groups) sum += group.columns;
  return sum;
}

std::uint64_t Architecture::pes() const { return std::uint64_t{rows} * columns(); }

double Architecture::dram_bits_per_cycle() const {
  return dram.peak_bandwidth.value() / clock.value();
}

double Architecture::dram_availability() const {
  if (dram.refresh_interval.value() == 0.0) return 1.0;
  return 1.0 - dram.refresh_time / dram.refresh_interval;
}

void check(const Architecture& a) {
  if (a.dram.refresh_interval.value() > 0.0 && a.dram.refresh_time >= a.dram.refresh_interval)
    throw Impossible({"dram.refresh_time_ns", std::to_string(a.dram.refresh_time.value()),
                      "must be shorter than refresh_interval_ns"});
  const double cycle_ns = 1e9 / a.clock.value();
  if (a.dram.refresh_interval.value() > 0.0 && a.dram.refresh_interval.value() < cycle_ns)
    throw Impossible({"dram.refresh_interval_ns", std::to_string(a.dram.refresh_interval.value()),
                      "0 (never), or a cycle (" + std::to_string(cycle_ns) + " ns) at least"});
  if (a.buffer.banks < 3)
    throw Impossible({"buffer.banks", std::to_string(a.buffer.banks),
                      "at least 3: one resident and one for each streaming half"});
  if (a.buffer.bank_bits() % a.buffer.width_bits != 0)
    throw Impossible({"buffer.width_bits", std::to_string(a.buffer.width_bits),
                      "must divide the bits of a bank"});
  for (std::size_t g = 0; g < a.groups.size(); ++g) {
    const Datapath& path = a.groups[g].datapath;
    const std::string group = "groups[" + std::to_string(g) + "]";
    for (std::size_t h = 0; h < g; ++h)
      if (a.groups[h].name == a.groups[g].name)
        throw Impossible({group + ".name", a.groups[g].name, "a name that no other group has"});
    const std::string where = group + ".datapath";
    for (std::size_t i = 0; i < path.units.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (path.units[i].executes == path.units[j].executes)
          throw Impossible({where + ".units[" + std::to_string(i) + "].executes",
                            arith::name(path.units[i].executes),
                            "is listed twice; raise the count of the first instead"});
  }
}

}  // namespace addax::arch
