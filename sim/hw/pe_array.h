// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <systemc>

#include "models/mapping/pass.h"
#include "sim/hw/column_group.h"
#include "sim/hw/dma.h"
#include "sim/hw/global_buffer.h"
#include "sim/hw/network.h"
#include "sim/hw/vector_unit.h"

namespace addax::hw {

/// The array's controller: takes the passes in order and hands each to a column group.
/// Ports: initiators to the column groups, the buffer, the four networks, the DMA and the vector
///   unit.
/// Initiation: a pass starts when its data are there, the PEs have done the pass before it and the
///   vector jobs it builds on have ended (without the array: not before the vector unit's first
///   result finds room); it lasts as long as the slowest of the networks, the buffer and the PEs. An
///   array that was idle also waits for its first operands (fill). Words are sent ahead of their
///   pass as far as scratchpads reach; sums that wait for the output network, or for room in the
///   write queue, be it those of several passes, hold the PEs up once their scratchpads are full.
/// Latency: results come drain cycles after the last operand, or after the last sum has left.
/// Conflicts: none inside; a network or the buffer may hold a pass up.
/// Actions: none of its own.
/// Not modelled: the drain of a pass overlaps the next pass even where both use one link.
class PeArray final : public sc_core::sc_module {
 public:
  sc_core::sc_port<ColumnGroupPort, 0> groups{"groups"};
  sc_core::sc_port<BufferPort> buffer{"buffer"};
  sc_core::sc_port<NetworkPort> activations{"activations"}, weights{"weights"}, psums{"psums"},
      outputs{"outputs"};
  sc_core::sc_port<DmaPort> dma{"dma"};
  sc_core::sc_port<VectorPort> vector_unit{"vector_unit"};

  explicit PeArray(const sc_core::sc_module_name& name);
  /// From the last operand to the last result, and to the output network.
  struct Drain {
    std::uint64_t cycles = 0, to_network = 0;
  };
  /// `group`: the column group that computes the layer.
  void start_layer(std::uint64_t origin, std::size_t group, const Drain& drain);

  std::uint64_t passes() const { return passes_; }
  std::uint64_t last_result() const { return last_result_; }  ///< cycle

 private:
  void step();
  /// Earliest cycle in which the pass may start; none: wait for the DMA's event.
  std::optional<std::uint64_t> start_cycle(const LoadedPass& loaded) const;
  std::uint64_t run(const mapping::Pass& pass, std::uint64_t start);
  /// Sends the PEs what a pass needs; returns the cycle in which they have worked on it.
  std::uint64_t feed(const mapping::Pass& pass, std::uint64_t start);
  /// A pass that the PEs are through with, or work on, whose results wait for a place in the write queue.
  struct Waiting {
    mapping::Pass pass;
    std::uint64_t end = 0;        ///< cycle in which the PEs are through with it
    std::uint64_t sums_from = 0;  ///< cycle from which the output network may take its sums
  };
  /// Sums leave the array from `room` on as soon as the network, the PEs and the buffer let them.
  void send_sums(const mapping::PassWork& work, std::uint64_t from, std::uint64_t room);
  /// Sends results of passes before the one that runs for which there is a place by now.
  void send_waiting(std::uint64_t now);
  /// Those of the pass that runs; false: there is no place yet.
  bool send_own(const mapping::Pass& pass, std::uint64_t now);
  /// Cycle of a place for the next results, if there is one by cycle `by`.
  std::optional<std::uint64_t> place(std::uint64_t by);
  void sleep(std::uint64_t now, std::optional<std::uint64_t> until);
  /// Whether the PEs may go on with the next pass before the results of this one have a place.
  bool may_wait(const mapping::Pass& pass) const;
  /// Results of a pass have been sent; `end`: of the PEs' work on it. Returns the cycle in which its last
  /// sums have left the array.
  std::uint64_t complete(const mapping::Pass& pass, std::uint64_t end);
  /// Whether the pass that runs has ended; if not, waits for that.
  bool ended(std::uint64_t now);
  void finish();

  std::uint64_t origin_ = 0;
  Drain drain_;
  int group_ = 0;
  bool running_ = false;
  std::uint64_t end_ = 0;               ///< of the pass that runs, or of the last
  std::deque<Waiting> waiting_;         ///< oldest first
  std::uint64_t sums_waiting_ = 0;      ///< theirs, in the busiest PE
  std::optional<std::uint64_t> place_;  ///< cycle in which there is one for the next results
  std::uint64_t fed_ = 0;               ///< cycle in which the last word from a half had been sent
  std::uint64_t held_ = 0;              ///< cycles for which what scratchpads held of it lasted
  std::uint64_t sums_end_ = 0;          ///< in which the output network has taken the last sums
  std::uint64_t sums_from_ = 0;         ///< from which it may take those of the pass that runs
  bool sums_sent_ = false;
  bool was_idle_ = true;
  std::uint64_t passes_ = 0, last_result_ = 0;
  sc_core::sc_event start_;
};

}  // namespace addax::hw
