// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/vector_lanes.h"

#include <algorithm>

namespace addax::detailed {

std::uint64_t VectorWire::move(std::uint64_t wanted, BankPort& banks) {
  if (wanted == 0) {
    credit_ = 0;
    return 0;
  }
  credit_ += width_;
  const std::uint64_t moved = banks.take(std::min(wanted, credit_ / word_) * word_) / word_;
  // What the wire has not carried is lost, but for a part of the next word.
  credit_ = std::min(credit_ - moved * word_, word_ - 1);
  words_ += moved;
  return moved;
}

VectorLanes::VectorLanes(const arch::Architecture& a)
    : lanes_(a.vector_unit.lanes),
      latency_(a.vector_unit.latency_cycles),
      in_(a.vector_unit.buffer_width_bits, a.buffer.width_bits),
      out_(a.vector_unit.buffer_width_bits, a.buffer.width_bits) {}

void VectorLanes::start(const VectorChunk& chunk) {
  chunk_ = chunk;
  const bool computes = chunk.lane_cycles > 0;
  steps_ = computes ? chunk.lane_cycles : std::max(chunk.reads, chunk.writes);
  a_cycle_ = computes ? lanes_ : steps_;
  read_ = begun_ = done_ = written_ = 0;
}

void VectorLanes::advance() {
  ++stage_;
  const std::uint64_t fed = chunk_.reads == 0 ? steps_ : steps_ * read_ / chunk_.reads;
  const std::uint64_t steps = std::min(a_cycle_, fed - begun_);
  begun_ += steps;
  if (chunk_.lane_cycles > 0) lane_cycles_ += steps;
  if (steps > 0) pipeline_.push_back({stage_, steps});
  for (; !pipeline_.empty() && pipeline_.front().stage + latency_ <= stage_; pipeline_.pop_front())
    done_ += pipeline_.front().steps;
}

void VectorLanes::work(BankPort& banks, bool room) {
  const auto waiting = [this] { return chunk_.writes * done_ / steps_ - written_; };
  // Results that cannot leave hold up the whole pipeline.
  if (waiting() < 2 * out_.at_once()) advance();
  written_ += out_.move(room ? waiting() : 0, banks);
  const std::uint64_t soon = std::min(steps_, begun_ + 2 * a_cycle_);
  const std::uint64_t wanted =
      std::max(quantity::ceil_div(chunk_.reads * soon, steps_),
               std::min(chunk_.reads, chunk_.reads * begun_ / steps_ + 2 * in_.at_once()));
  read_ += in_.move(wanted - std::min(wanted, read_), banks);
}

}  // namespace addax::detailed
