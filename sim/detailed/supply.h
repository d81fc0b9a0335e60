// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/detailed/loader.h"
#include "sim/detailed/pe.h"

namespace addax::detailed {

/// Bits that the banks of a part of the buffer may still read or write in a cycle.
class BankPort {
 public:
  void start_layer(std::uint64_t bits_a_cycle) { width_ = left_ = bits_a_cycle; }
  void next_cycle() { left_ = width_; }
  std::uint64_t take(std::uint64_t wanted) {
    const std::uint64_t taken = wanted < left_ ? wanted : left_;
    left_ -= taken;
    return taken;
  }

 private:
  std::uint64_t width_ = 0, left_ = 0;
};

/// What a network carries in one go: bits that have been read and that wait for a whole word.
class Flow {
 public:
  explicit Flow(std::uint32_t width) : width_(width) {}
  void start_layer() { credit_ = bits_ = row_bits_ = 0; }
  /// Reads as much as goes over the trunk in a cycle, if it may.
  void read(BankPort& port, std::uint64_t wanted) {
    if (credit_ < wanted) credit_ += port.take(width_);
  }
  bool send(std::uint64_t bits, std::uint64_t rows) {
    if (credit_ < bits) return false;
    credit_ -= bits;
    bits_ += bits;
    row_bits_ += bits * rows;
    return true;
  }
  /// Bits that are not wanted now are read again.
  void stall() { credit_ = 0; }
  std::uint32_t width() const { return width_; }
  std::uint64_t bits() const { return bits_; }
  std::uint64_t row_bits() const { return row_bits_; }

 private:
  std::uint32_t width_;
  std::uint64_t credit_ = 0, bits_ = 0, row_bits_ = 0;
};

/// Sends the PEs the words of activations, or of weights, wave after wave: of all tiles the first word,
/// then the second, each to all PEs that need it at once. Waits for the pass's data and for room.
class Supply {
 public:
  enum class What { kActivations, kWeights };
  struct Params {
    What what = What::kActivations;
    std::uint32_t word_bits = 16, latency_cycles = 1, width_bits = 0;
    std::size_t columns = 1;
  };
  explicit Supply(const Params& params) : params_(params), flow_(params.width_bits) {}
  void start_layer(Waves& waves, const Operands& operands, const std::vector<Pe*>& pes);
  void move(std::uint64_t cycle, const Loader& loader, BankPort& port);
  /// Pass of the next word; none: all have been sent.
  std::optional<std::uint64_t> pass();
  std::uint64_t wave() const { return wave_; }
  const Flow& flow() const { return flow_; }

 private:
  struct Group {
    std::array<std::uint64_t, 2> begin{}, extent{};  ///< of tokens or outputs, and of inputs
    std::vector<std::size_t> pes;
    std::uint64_t rows = 0;
    std::uint64_t words() const { return extent[0] * extent[1]; }
  };
  bool find_words();
  void gather(const Wave& wave);
  bool room(const Group& group) const;
  void deliver(const Group& group, std::uint64_t ready);
  void advance();

  Params params_;
  Flow flow_;
  Waves* waves_ = nullptr;
  const Operands* operands_ = nullptr;
  std::vector<Pe*> pes_;
  std::uint64_t wave_ = 0;
  std::optional<std::uint64_t> tile_;  ///< number of the tile that was sent last
  std::vector<Group> groups_;          ///< of the wave that is being sent
  std::uint64_t word_ = 0, words_ = 0;
  std::size_t group_ = 0;
};

}  // namespace addax::detailed
