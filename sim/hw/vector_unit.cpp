// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/vector_unit.h"

#include <algorithm>

#include "models/quantity/check.h"

namespace addax::hw {

VectorUnit::VectorUnit(const sc_core::sc_module_name& name, const arch::Architecture& architecture)
    : sc_module(name),
      latency_cycles_(architecture.vector_unit.latency_cycles),
      word_bits_(architecture.buffer.width_bits),
      port_bits_(architecture.vector_unit.buffer_width_bits) {
  target.bind(*this);
}

void VectorUnit::start_layer() {
  free_ = busy_ = submitted_ = reads_ = writes_ = 0;
  ends_.fill(0);
}

std::uint64_t VectorUnit::submit(const mapping::VectorWork& work, std::uint64_t ready) {
  const std::uint64_t start = std::max(ready, free_);
  const std::uint64_t moving =
      quantity::ceil_div(std::max(work.reads, work.writes) * word_bits_, port_bits_);
  const std::uint64_t operands = buffer->resident(work.reads, work.writes, start);
  reads_ += work.reads;
  writes_ += work.writes;
  free_ = std::max({start + work.cycles.value(), start + moving, operands});
  busy_ += work.cycles.value();
  return ends_[submitted_++ % kRemembered] = free_ + latency_cycles_;
}

std::uint64_t VectorUnit::end_of(std::uint64_t count) const {
  if (count == 0) return 0;
  ADDAX_CHECK(count <= submitted_ && count + kRemembered > submitted_, std::to_string(count));
  return ends_[(count - 1) % kRemembered];
}

}  // namespace addax::hw
