// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/bounds.h"

#include <algorithm>

#include "sim/hw/dram.h"

namespace addax::engine {

using quantity::ceil_div;
using quantity::Cycles;
using result::Resource;

std::array<Cycles, result::kResourceCount> bounds(const arch::Architecture& a,
                                                  const mapping::LayerPlan& plan,
                                                  const mapping::LayerTotals& t) {
  std::array<Cycles, result::kResourceCount> least{};
  const auto set = [&least](Resource resource, std::uint64_t cycles) {
    Cycles& entry = least[static_cast<std::size_t>(resource)];
    entry = std::max(entry, Cycles(cycles));
  };
  const hw::DramTiming dram(a);
  const std::uint64_t bits = t.dram_read_bits + t.dram_write_bits;
  if (bits > 0)
    set(Resource::kDram,
        hw::DramTiming::to_cycles(dram.advance(dram.latency_ticks(), dram.bursts(bits))));
  set(Resource::kNetwork, ceil_div(t.activation_bits, a.networks.activation.width_bits));
  set(Resource::kNetwork, ceil_div(t.weight_bits, a.networks.weight.width_bits));
  set(Resource::kNetwork, ceil_div(t.psum_bits, a.networks.psum.width_bits));
  set(Resource::kNetwork, ceil_div(t.output_bits, a.networks.output.width_bits));
  const mapping::BufferShare share = std::visit([](const auto& p) { return p.share; }, plan);
  set(Resource::kBuffer, ceil_div(t.stream_reads, share.half_banks));
  set(Resource::kBuffer,
      ceil_div(t.resident_reads + t.resident_writes + t.vector_reads + t.vector_writes,
               share.resident_banks));
  set(Resource::kCompute, t.array_cycles.value());
  const std::uint64_t operand_bits =
      quantity::checked_mul(std::max(t.vector_reads, t.vector_writes), a.buffer.width_bits);
  set(Resource::kVectorUnit,
      std::max(t.vector_cycles.value(), ceil_div(operand_bits, a.vector_unit.buffer_width_bits)));
  return least;
}

}  // namespace addax::engine
