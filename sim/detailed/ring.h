// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace addax::detailed {

/// Words of a scratchpad that come and go in order.
class Ring {
 public:
  explicit Ring(std::uint64_t words) : ready_(words), values_(words) {}
  bool room() const { return sent_ - freed_ < values_.size(); }
  void send(std::uint16_t value, std::uint64_t ready) {
    values_[sent_ % values_.size()] = value;
    ready_[sent_ % values_.size()] = ready;
    ++sent_;
  }
  /// Whether the word at `at` of the tile in use is there in a cycle.
  bool has(std::uint64_t at, std::uint64_t cycle) const {
    return base_ + at < sent_ && ready_[(base_ + at) % ready_.size()] <= cycle;
  }
  std::uint16_t value(std::uint64_t at) const { return values_[(base_ + at) % values_.size()]; }
  /// The words of the tile up to `at` are not used again.
  void free_through(std::uint64_t at) { freed_ = base_ + at + 1; }
  /// The next tile begins behind a tile of so many words.
  void next_tile(std::uint64_t words) { freed_ = base_ += words; }
  std::uint64_t held() const { return sent_ - freed_; }

 private:
  std::vector<std::uint64_t> ready_;
  std::vector<std::uint16_t> values_;
  std::uint64_t base_ = 0, sent_ = 0, freed_ = 0;
};

}  // namespace addax::detailed
