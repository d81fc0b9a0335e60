// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace addax::detailed {

/// Bits of weights, or of keys, that the scratchpads of all PEs took and gave, by pass. How they lie in
/// words is not known: docs/physics/detailed.md.
struct WeightBits {
  std::vector<std::uint64_t> written, read;
};

/// Accesses, in sums, to the partial-sum scratchpad of a PE, whose units keep the sums that they add to in
/// registers. Sums that stay in the PE are written when the units turn to others, and read when they turn
/// back (loops are those of the PE with the most sums: one that has a single sum puts it down with the others
/// wherever those have several); those that travel go through the scratchpad when they come from the
/// buffer, and when they go to it.
class SumAccesses {
 public:
  void start_layer(bool keeps) {
    *this = {};
    keeps_ = keeps;
  }
  /// So many other sums, which begin.
  void begin(std::uint64_t sums) {
    first_.reset();
    written_.assign(keeps_ ? sums : 0, false);
  }
  /// A wave of other inputs; where PEs have several sums, their loops begin anew.
  void next_wave() {
    put_down();
    first_.reset();
  }
  /// The units add to `count` sums from `first` on; if these leave, they do not come back.
  void turn_to(std::uint64_t first, std::uint64_t count, bool leave) {
    if (!keeps_ || first_ == first) {
      leave_ = leave;
      return;
    }
    put_down();
    first_ = first;
    count_ = count;
    leave_ = leave;
    for (std::uint64_t i = 0; i < count; ++i) reads_ += written_[first + i] ? 1 : 0;
  }
  /// One of the PE's own sums waits to leave it.
  void leave() {
    if (keeps_) go_through();
  }
  /// One comes from the buffer.
  void come() { go_through(); }
  /// One goes to the buffer.
  void go() {
    if (!keeps_) go_through();
  }
  std::uint64_t reads() const { return reads_; }
  std::uint64_t writes() const { return writes_; }

 private:
  void go_through() {
    ++writes_;
    ++reads_;
  }
  void put_down() {
    if (!first_ || leave_) return;
    for (std::uint64_t i = 0; i < count_; ++i) written_[*first_ + i] = true;
    writes_ += count_;
  }

  bool keeps_ = false;
  std::vector<bool> written_;           ///< of the sums of a tile
  std::optional<std::uint64_t> first_;  ///< that the units hold
  std::uint64_t count_ = 0;
  bool leave_ = false;
  std::uint64_t reads_ = 0, writes_ = 0;
};

}  // namespace addax::detailed
