// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <vector>

#include "models/mapping/plan.h"
#include "sim/detailed/supply.h"
#include "sim/hw/dram.h"

namespace addax::detailed {

/// Brings the chunks of a vector operation from DRAM into streaming halves, burst by burst and word by
/// word, and takes results back.
class VectorLoader {
 public:
  VectorLoader(hw::Dram& dram, const arch::Architecture& architecture);
  void start_layer(const mapping::VectorPlan& plan);
  /// One cycle. Of chunks before `read` no operand has still to be read; those before `ended` have
  /// their results in the buffer.
  void move(std::uint64_t cycle, std::uint64_t read, std::uint64_t ended, BankPort& banks);
  /// Whether the data of a chunk are in its half, if it has any.
  bool there(std::uint64_t chunk) const {
    return chunk < in_half_ || passes_[chunk].stream_load_bits == 0;
  }
  /// Whether another result has a place.
  bool room(std::uint64_t cycle) const;
  bool finished() const {
    return stored_ == passes_.size() && (stores_.empty() || stores_.back().words == 0);
  }
  const std::vector<mapping::Pass>& passes() const { return passes_; }

  std::uint64_t last_write() const { return last_write_; }
  std::uint64_t stream_writes() const { return stream_writes_; }
  std::uint64_t resident_reads() const { return resident_reads_; }

 private:
  static constexpr std::uint64_t kHalves = 2;
  struct Load {
    std::vector<std::uint64_t> arrivals;  ///< cycles in which its bursts have come
    std::uint64_t words = 0;              ///< in the half
  };
  struct Store {
    std::uint64_t chunk, words, sent;  ///< words that have still to be read; cycle of the last bit
    bool gone(std::uint64_t cycle) const { return words == 0 && sent <= cycle; }
  };
  void free_halves(std::uint64_t cycle, std::uint64_t read);
  void load(std::uint64_t cycle);
  void store(std::uint64_t cycle, std::uint64_t ended, BankPort& banks);
  void fill(std::uint64_t cycle);

  hw::Dram* dram_;
  std::uint64_t burst_bits_, word_, write_queue_, half_banks_ = 0;
  std::vector<mapping::Pass> passes_;
  std::uint64_t asked_ = 0, in_half_ = 0, halves_ = 0, freed_ = 0, stored_ = 0;
  std::deque<Load> loads_;  ///< of chunks from in_half_ on
  std::deque<Store> stores_;
  std::uint64_t last_write_ = 0, stream_writes_ = 0, resident_reads_ = 0;
};

}  // namespace addax::detailed
