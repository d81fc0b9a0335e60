// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/vector_chip.h"

#include <algorithm>

#include "models/quantity/check.h"

namespace addax::detailed {

VectorChip::VectorChip(const sc_core::sc_module_name& name, const arch::Architecture& architecture,
                       const mapping::VectorPlan& plan)
    : sc_module(name),
      plan_(plan),
      word_(architecture.buffer.width_bits),
      dram_("dram", architecture),
      lanes_(architecture),
      loader_(dram_, architecture) {
  SC_HAS_PROCESS(VectorChip);
  SC_METHOD(tick);
}

// Lane-cycles before they are divided by the lanes; larger parts come first.
VectorChunk VectorChip::chunk(std::uint64_t number) const {
  const mapping::VectorWork& work = loader_.passes()[number].vector;
  const std::uint64_t larger = number < plan_.lane_cycles % plan_.chunks ? 1 : 0;
  return {plan_.lane_cycles / plan_.chunks + larger, work.reads, work.writes};
}

bool VectorChip::room() const {
  return loader_.passes()[ended_].store_bits == 0 || loader_.room(cycle_);
}

// Chunks do not overlap: the next begins when all results of the one before are in the buffer. What is merely
// transferred does not go through the lanes.
void VectorChip::step() {
  if (working_ && lanes_.finished() && room()) {
    working_ = false;
    last_result_ = cycle_;
    ++ended_;
  }
  if (working_ || ended_ == plan_.chunks || !loader_.there(ended_)) return;
  working_ = !loader_.passes()[ended_].vector.empty();
  if (working_) {
    lanes_.start(chunk(ended_));
  } else if (room()) {
    last_result_ = cycle_;
    ++ended_;
  }
}

// What moves in a cycle is there in the next. Banks serve the lanes first; what goes to DRAM can wait.
void VectorChip::tick() {
  resident_.next_cycle();
  step();
  const std::uint64_t read = ended_ + (working_ && lanes_.has_read() ? 1 : 0);
  if (working_ && !lanes_.finished()) lanes_.work(resident_, room());
  loader_.move(cycle_, read, ended_, resident_);
  expect_progress();
  ++cycle_;
  if (!loader_.finished()) next_trigger(sc_core::sc_time(1, sc_core::SC_NS));
}

// A model that waits for itself would wait for ever.
void VectorChip::expect_progress() {
  constexpr std::uint64_t kLongest = 1'000'000;
  const std::uint64_t moved = ended_ + lanes_.lane_cycles() + lanes_.reads() + lanes_.writes() +
                              loader_.stream_writes() + loader_.resident_reads();
  if (moved != moved_) progress_ = cycle_;
  moved_ = moved;
  ADDAX_CHECK(cycle_ - progress_ < kLongest, "nothing moves");
}

VectorRun VectorChip::run() {
  ADDAX_CHECK(cycle_ == 0, "a chip runs once");
  dram_.start_layer();
  resident_.start_layer(plan_.share.resident_banks * word_);
  loader_.start_layer(plan_);
  sc_core::sc_start();
  VectorRun run;
  run.cycles = quantity::Cycles(std::max(last_result_, loader_.last_write()));
  run.lane_cycles = lanes_.lane_cycles();
  run.totals.passes = ended_;
  run.totals.dram_read_bits = dram_.read_bits();
  run.totals.dram_write_bits = dram_.write_bits();
  run.totals.stream_writes = loader_.stream_writes();
  run.totals.resident_reads = loader_.resident_reads();
  run.totals.vector_reads = lanes_.reads();
  run.totals.vector_writes = lanes_.writes();
  return run;
}

}  // namespace addax::detailed
