// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <vector>

#include "sim/engine/kernel.h"
#include "sim/hw/clock.h"
#include "sim/hw/column_group.h"
#include "sim/hw/dma.h"
#include "sim/hw/dram.h"
#include "sim/hw/global_buffer.h"
#include "sim/hw/network.h"
#include "sim/hw/pe_array.h"
#include "sim/hw/vector_unit.h"
#include "tests/models/mapping/example.h"

namespace addax::hw::bench {

using arith::Arithmetic;
using mapping::Pass;

/// The example of the mapping tests with a DRAM that is easy to follow: 64 bits a cycle in bursts of
/// 2 cycles, 10 cycles of latency, no refresh. One cycle is 1 ns.
inline arch::Architecture architecture() {
  arch::Architecture a = mapping::example::architecture();
  a.dram.latency = quantity::Nanoseconds(10);
  a.vector_unit.latency_cycles = 4;
  return a;
}

/// Passes made by hand.
class Schedule final : public mapping::PassSource {
 public:
  /// Array work of `cycles` multiplies in the busiest PE, after `fill` cycles where the array was idle;
  /// for the last `held` of them the scratchpads hold all that the pass needs. A result a PE comes at the
  /// end, for which it has no room.
  Pass& work(std::uint64_t cycles, std::uint64_t fill = 0, std::uint64_t held = 0) {
    works_.emplace_back();
    works_.back().pe.waves = 1;
    works_.back().pe.busiest[Arithmetic::kFp16Multiply] = cycles;
    works_.back().array_cycles = quantity::Cycles(cycles);
    works_.back().fill_cycles = quantity::Cycles(fill);
    works_.back().held_cycles = quantity::Cycles(held);
    works_.back().results_a_pe = 1;
    Pass& pass = none();
    pass.work = &works_.back();
    return pass;
  }
  /// The same; PEs have room for the results of so many passes.
  Pass& work_with_room(std::uint64_t cycles, std::uint64_t passes) {
    Pass& pass = work(cycles);
    works_.back().results_held = passes;
    return pass;
  }
  /// No array work.
  Pass& none() { return passes_.emplace_back(); }

  bool next(Pass& pass) override {
    if (at_ == passes_.size()) return false;
    pass = passes_[at_++];
    return true;
  }
  void rewind() { at_ = 0; }

 private:
  std::deque<mapping::PassWork> works_;
  std::deque<Pass> passes_;
  std::size_t at_ = 0;
};

/// 640 bits take 10 cycles of DRAM and 10 words of the buffer.
inline Pass& with_load(Pass& pass) {
  pass.stream_load_bits = 640;
  pass.stream_load_words = 10;
  return pass;
}
inline Pass& with_store(Pass& pass) {
  pass.store_bits = 640;
  pass.store_words = 10;
  return pass;
}

/// The modules of a chip with one column group, wired as the chip wires them, in a kernel of their
/// own. Halves of two banks, four resident banks.
struct Bench {
  engine::Kernel kernel;
  Dram dram;
  GlobalBuffer buffer;
  Network activations, weights, psums, outputs;
  VectorUnit vector_unit;
  Dma dma;
  ColumnGroup group;
  PeArray array;
  std::uint64_t origin = 0;

  explicit Bench(const arch::Architecture& a = architecture())
      : dram("dram", a),
        buffer("buffer"),
        activations("activations", a.networks.activation),
        weights("weights", a.networks.weight),
        psums("psums", a.networks.psum),
        outputs("outputs", a.networks.output),
        vector_unit("vector_unit", a),
        dma("dma", a.write_queue),
        group("group", a.groups[0]),
        array("array") {
    vector_unit.buffer.bind(buffer.target);
    dma.dram.bind(dram.target);
    dma.buffer.bind(buffer.target);
    array.groups.bind(group.target);
    array.buffer.bind(buffer.target);
    array.activations.bind(activations.target);
    array.weights.bind(weights.target);
    array.psums.bind(psums.target);
    array.outputs.bind(outputs.target);
    array.dma.bind(dma.target);
    array.vector_unit.bind(vector_unit.target);
    start_modules();
  }

  void start_modules() {
    dram.start_layer();
    buffer.start_layer({2, 4});
    for (Network* network : {&activations, &weights, &psums, &outputs}) network->start_layer();
    vector_unit.start_layer();
    group.start_layer();
  }

  void start(mapping::PassSource& schedule, std::uint64_t drain_cycles = 0) {
    origin = now_cycles();
    start_modules();
    array.start_layer(origin, 0, {drain_cycles, 0});
    dma.start_layer(schedule, origin);
  }

  /// All that happens before a cycle of the layer, and nothing of that cycle.
  void until(std::uint64_t cycle) {
    const std::uint64_t now = now_cycles() - origin;
    if (cycle > now) sc_core::sc_start(to_time(cycle - now));
  }

  /// Whether pass number `number` (from 1) starts in exactly this cycle.
  bool starts_at(std::uint64_t cycle, std::uint64_t number) {
    until(cycle);
    const bool before = array.passes() == number - 1;
    until(cycle + 1);
    return before && array.passes() == number;
  }

  void finish() {
    if (sc_core::sc_pending_activity()) sc_core::sc_start();
  }
};

}  // namespace addax::hw::bench
