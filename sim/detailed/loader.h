// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "models/mapping/plan.h"
#include "sim/detailed/bank_port.h"
#include "sim/hw/dram.h"

namespace addax::detailed {

/// Brings the data of passes from DRAM into the buffer, and takes results back.
/// A streaming half is asked for when the networks are through with what it held; resident data and
/// sums that were stored when all passes before have ended.
class Loader {
 public:
  Loader(hw::Dram& dram, std::uint32_t write_queue, std::uint32_t buffer_width)
      : dram_(&dram), write_queue_(write_queue), buffer_width_(buffer_width) {}
  void start_layer(const mapping::LayerPlan& plan);
  /// Pass `sending` is the first of which words have still to be read; none: all have been. Passes
  /// before `ended` have left the array.
  /// Results are read from `resident` banks for DRAM with what others leave of their width.
  void move(std::uint64_t cycle, std::optional<std::uint64_t> sending, std::uint64_t ended,
            BankPort& resident);
  /// Whether the data of a pass are in the buffer.
  bool there(std::uint64_t pass, std::uint64_t cycle) const {
    return pass < loaded_ && ready_[pass] <= cycle;
  }
  /// Whether the buffer has a place for a pass's results.
  bool room(std::uint64_t pass, std::uint64_t cycle) const;
  bool finished() const {
    return ended_ == passes_.size() && loaded_ == passes_.size() && unread_.empty();
  }
  std::uint64_t last_write() const { return last_write_; }
  /// Words of the buffer from which results on their way to DRAM were read.
  std::uint64_t reads() const { return reads_; }
  std::uint64_t passes() const { return passes_.size(); }
  /// Passes whose data have been asked for, and that have left the array.
  std::uint64_t asked() const { return loaded_; }
  std::uint64_t ended() const { return ended_; }
  const mapping::Pass& pass(std::uint64_t index) const { return passes_[index]; }
  /// Cycle in which the data of a pass that have been asked for are there.
  std::uint64_t ready(std::uint64_t pass) const { return ready_[pass]; }
  /// Cycles in which the last bits of results are in DRAM, in the order of passes that have some.
  const std::vector<std::uint64_t>& write_ends() const { return write_ends_; }

 private:
  static constexpr std::size_t kHalves = 2;
  bool may_load(std::uint64_t pass, std::optional<std::uint64_t> sending,
                std::uint64_t ended) const;
  void load(std::uint64_t cycle, std::optional<std::uint64_t> sending, std::uint64_t ended);
  void read_results(std::uint64_t cycle, BankPort& resident);
  std::size_t waiting(std::uint64_t cycle) const;

  hw::Dram* dram_;
  std::uint32_t write_queue_, buffer_width_;
  std::uint64_t half_banks_ = 1, resident_banks_ = 1;
  std::vector<mapping::Pass> passes_;
  std::vector<std::uint64_t> ready_;    ///< cycle in which the data of a pass are there
  std::vector<std::uint64_t> streams_;  ///< passes with data for a half, in order
  std::uint64_t loaded_ = 0, ended_ = 0;
  std::vector<std::uint64_t> write_ends_;
  std::deque<std::uint64_t> unread_;  ///< bits of the latest results that are still in the banks
  std::uint64_t last_write_ = 0;
  std::uint64_t reads_ = 0;
};

}  // namespace addax::detailed
