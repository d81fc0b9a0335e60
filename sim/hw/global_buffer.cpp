// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/global_buffer.h"

#include <algorithm>

namespace addax::hw {

GlobalBuffer::GlobalBuffer(const sc_core::sc_module_name& name) : sc_module(name) {
  target.bind(*this);
}

void GlobalBuffer::start_layer(const mapping::BufferShare& share) {
  share_ = share;
  resident_free_ = stream_reads_ = stream_writes_ = resident_reads_ = resident_writes_ = 0;
}

std::uint64_t GlobalBuffer::stream(Access access, std::uint64_t words, std::uint64_t now) {
  (access == Access::kRead ? stream_reads_ : stream_writes_) += words;
  return now + quantity::ceil_div(words, share_.half_banks);
}

std::uint64_t GlobalBuffer::resident(std::uint64_t reads, std::uint64_t writes, std::uint64_t now) {
  resident_reads_ += reads;
  resident_writes_ += writes;
  if (reads + writes == 0) return now;
  const std::uint64_t banks = share_.resident_banks;
  resident_free_ = std::max(quantity::checked_mul(now, banks), resident_free_) + reads + writes;
  return quantity::ceil_div(resident_free_, banks);
}

}  // namespace addax::hw
