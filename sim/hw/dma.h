// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <systemc>

#include "models/mapping/pass.h"
#include "sim/hw/dram.h"
#include "sim/hw/global_buffer.h"

namespace addax::hw {

/// A pass whose data have been asked for, and the cycle in which they are there.
struct LoadedPass {
  mapping::Pass pass;
  std::uint64_t ready = 0;
};

class DmaPort : virtual public sc_core::sc_interface {
 public:
  /// The next pass in order, or null when it has not been asked for yet or there is none.
  virtual const LoadedPass* front() const = 0;
  /// From cycle `at` on the networks need no data of the front pass, which is no transfer, any more.
  virtual void consumed(std::uint64_t at) = 0;
  /// The array is through with the front pass at the present cycle.
  /// `left`: cycle in which the last of its sums has left the array; none: not known yet.
  virtual void release(std::optional<std::uint64_t> left) = 0;
  /// The last sums of the oldest pass of which that was not known leave the array at cycle `at`.
  virtual void left(std::uint64_t at) = 0;
  /// Cycle from which another result may wait for DRAM; none: not before a waiting one has gone.
  virtual std::optional<std::uint64_t> room() const = 0;
  /// Queues the results of a pass, complete at cycle `ready`.
  virtual void store(const mapping::Pass& pass, std::uint64_t ready) = 0;
  /// Notified when room() may have changed from none, or front() from null.
  virtual const sc_core::sc_event& stored() const = 0;
};

/// Moves tiles between DRAM and buffer, in the order of the schedule.
/// Ports: one target for the array's controller; initiators to DRAM and buffer. Reads run ahead
///   of the array by what the streaming halves hold: a half is asked for as soon as the networks
///   have taken what it held, or a transfer's data have gone; it is written as data come.
///   Data for resident banks are asked for when the array is through with all passes before.
///   Data that may have been stored in this layer are asked for when, besides, every result before
///   has been sent on its way: the channel keeps the order.
///   Writes leave as soon as they are complete; at most write_queue results wait.
/// Conflicts: reads and writes share the channel in the order of their requests.
/// Actions: buffer accesses of what it moves.
/// Not modelled: descriptors and their set-up; tiles that are not contiguous in DRAM (tensors are
///   laid out tile by tile).
class Dma final : public sc_core::sc_module, public DmaPort {
 public:
  sc_core::sc_export<DmaPort> target{"target"};
  sc_core::sc_port<DramPort> dram{"dram"};
  sc_core::sc_port<BufferPort> buffer{"buffer"};

  Dma(const sc_core::sc_module_name& name, std::uint32_t write_queue);
  void start_layer(mapping::PassSource& source, std::uint64_t origin);
  std::uint64_t last_write() const { return last_write_; }
  /// Whether all passes have been asked for and released, and all results are on their way.
  bool finished() const {
    return exhausted_ && loaded_.empty() && results_.empty() && staying_ == 0;
  }

  const LoadedPass* front() const override { return loaded_.empty() ? nullptr : &loaded_.front(); }
  void consumed(std::uint64_t at) override;
  void release(std::optional<std::uint64_t> left) override;
  void left(std::uint64_t at) override;
  std::optional<std::uint64_t> room() const override;
  void store(const mapping::Pass& pass, std::uint64_t ready) override;
  const sc_core::sc_event& stored() const override { return stored_; }

 private:
  static constexpr unsigned kHalves = 2;
  static constexpr std::size_t kPassesAhead = 4;
  struct Result {
    std::uint64_t bits, words, ready;
    bool in_half;  ///< read from the half that it came to, which is free when it has gone
  };
  void fetch();
  void free_half(std::uint64_t at);
  void free_halves();
  void write_back();
  std::uint64_t now() const;

  std::uint32_t write_queue_;
  mapping::PassSource* source_ = nullptr;
  std::uint64_t origin_ = 0;
  std::optional<mapping::Pass> next_;
  bool exhausted_ = false;
  unsigned halves_used_ = 0;
  bool holds_half_ = false;            ///< whether the pass that runs works on data in a half
  std::deque<std::uint64_t> free_at_;  ///< cycles in which halves become free
  std::deque<LoadedPass> loaded_;
  std::deque<Result> results_;
  std::deque<std::uint64_t> write_ends_;
  std::uint64_t last_write_ = 0;
  std::uint64_t left_ = 0;     ///< cycle in which the latest sums have left the array
  std::uint64_t staying_ = 0;  ///< passes that were released, and whose sums are still in the array
  sc_core::sc_event result_ready_, half_free_, stored_;
};

}  // namespace addax::hw
