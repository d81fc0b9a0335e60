// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <systemc>

#include "models/arch/architecture.h"
#include "sim/detailed/clock.h"
#include "sim/detailed/values.h"
#include "sim/detailed/waves.h"

namespace addax::detailed {

/// A partial sum on its way to a PE, or from one to the buffer.
struct SumWord {
  std::uint64_t token = 0, output = 0, pass = 0;
  float value = 0.0F;
  bool complete = false;
  std::uint64_t ready = 0;  ///< first cycle in which it may be used
};

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

 private:
  std::vector<std::uint64_t> ready_;
  std::vector<std::uint16_t> values_;
  std::uint64_t base_ = 0, sent_ = 0, freed_ = 0;
};

/// What a PE did.
struct PeActions {
  std::uint64_t multiplies = 0, adds = 0;
  std::uint64_t activation_reads = 0, activation_writes = 0, weight_reads = 0, weight_writes = 0;
  std::uint64_t psum_reads = 0, psum_writes = 0, sums_passed_on = 0;
  std::uint64_t busy = 0;  ///< cycles in which a unit began something
};

/// A PE that multiplies and adds, clock by clock, for tokens, for outputs, for inputs.
class Pe final : public sc_core::sc_module {
 public:
  struct Params {
    std::size_t place = 0;  ///< row x columns + column
    std::size_t columns = 1;
    const arch::ColumnGroup* group = nullptr;
    std::uint32_t activation_bits = 16, code_bits = 16;
    const Clock* clock = nullptr;
  };
  Pe(const sc_core::sc_module_name& name, const Params& params);
  void start_layer(Waves& waves, const std::vector<Pe*>& pes);
  /// Ends the cycle: what has come from above counts from now on.
  void settle() { above_seen_ = above.size(); }

  Ring activations, weights;
  std::deque<SumWord> incoming;  ///< from the buffer
  std::deque<SumWord> above;     ///< from the PE above
  std::deque<SumWord> outgoing;  ///< to the buffer
  bool room_for_incoming() const { return incoming.size() < psum_words_; }
  bool room_above() const { return above_seen_ < psum_words_; }
  /// Index of the first wave that it is not done with.
  std::uint64_t wave() const { return wave_; }
  const PeActions& actions() const { return actions_; }

 private:
  static constexpr std::size_t kOutgoing = 2;
  struct Leaving {
    SumWord sum;
    std::optional<std::size_t> next;
    bool first = true, returns = false;
  };
  void step();
  bool pass_on(std::uint64_t now);
  bool multiply(std::uint64_t now, bool adder_taken);
  bool find_work();
  void end_wave();

  Params params_;
  std::uint64_t psum_words_;
  std::uint64_t latency_, add_latency_;
  Waves* waves_ = nullptr;
  std::vector<Pe*> pes_;
  std::uint64_t wave_ = 0;
  const Wave* at_ = nullptr;
  const PeTile* tile_ = nullptr;
  bool activations_go_ = false, weights_go_ = false;  ///< the next wave brings others
  ArrayExtents point_{};
  std::uint64_t activation_words_ = 0, weight_words_ = 0;  ///< of the tiles in use
  std::size_t above_seen_ = 0;
  float sum_ = 0.0F;
  std::vector<float> held_;
  std::deque<Leaving> leaving_;
  PeActions actions_;
};

}  // namespace addax::detailed
