// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <systemc>

#include "sim/detailed/clock.h"
#include "sim/detailed/generator.h"
#include "sim/detailed/scratchpads.h"

namespace addax::detailed {

/// A partial sum on its way to a PE, or from one to the buffer.
struct SumWord {
  std::uint64_t token = 0, output = 0, pass = 0;
  PartialSum sum;
  bool complete = false;
  std::uint64_t ready = 0;  ///< first cycle in which it may be used
};

/// A PE, clock by clock: it multiplies (or adds) for tokens, for outputs, for inputs; or it reads its
/// table for as many outputs as there are readers, for planes.
class Pe final : public sc_core::sc_module {
 public:
  struct Params {
    std::size_t place = 0;  ///< row x columns + column
    const arch::ColumnGroup* group = nullptr;
    std::uint32_t activation_bits = 16, held_weight_bits = 16;
    /// Words of the largest tile; scratchpads are taken to hold it (a box of msfp is never split).
    std::uint64_t tile_activations = 1, tile_weights = 1;
    std::uint32_t psum_latency_cycles = 1;  ///< of the network that brings sums
    const Clock* clock = nullptr;
  };
  Pe(const sc_core::sc_module_name& name, const Params& params);
  /// `keeps_sums`: in the scratchpad, until other outputs come.
  void start_layer(Waves& waves, const Products& products, const std::vector<Pe*>& pes,
                   bool keeps_sums, WeightBits& weight_bits);
  /// Ends the cycle: what has come from above counts from now on.
  void settle() { above_seen_ = above.size(); }

  bool room_for_activation() const { return activations_.room(); }
  bool room_for_weight() const { return weights_.room(); }
  void send_activation(std::uint16_t word, std::uint64_t ready);
  /// A weight, or a key of so many bits, of a pass.
  void send_weight(std::uint16_t word, std::uint64_t ready, std::uint64_t bits, std::uint64_t pass);

  std::deque<SumWord> incoming;  ///< from the buffer
  std::deque<SumWord> above;     ///< from the PE above
  std::deque<SumWord> outgoing;  ///< to the buffer
  /// Room in the partial-sum scratchpad, beside what is on its way in the network's registers or in the
  /// units of the PE above.
  bool room_for_incoming() const { return incoming.size() < psum_words_ + incoming_on_the_way_; }
  bool room_above(std::uint64_t on_the_way) const { return above_seen_ < psum_words_ + on_the_way; }
  /// Index of the first wave that it is not done with, and of the first that it knows of.
  std::uint64_t wave() const { return wave_; }
  std::uint64_t oldest_wave() const {
    return generator_ ? std::min(wave_, generator_->wave()) : wave_;
  }
  const workload::ArithmeticCounts& arithmetic() const { return units_.done(); }
  std::uint64_t queries() const { return queries_; }
  std::uint64_t tables_built() const { return generator_ ? generator_->built() : 0; }
  /// Products or queries begun.
  std::uint64_t steps() const { return steps_; }
  /// Accesses to scratchpads and table, in words of activations and sums, and sums passed on to the PE below;
  /// those to weights are in WeightBits.
  mapping::ArrayAccesses accesses() const;
  /// The table that is being built, or was last; null: none.
  const Generator::Build* build() const {
    return generator_ ? generator_->latest_build() : nullptr;
  }
  /// Scalings begun.
  std::uint64_t scalings() const { return scalings_; }
  std::uint64_t activation_words() const { return activations_.held(); }
  std::uint64_t weight_words() const { return weights_.held(); }
  /// Pass of its latest product or query.
  std::uint64_t pass() const { return pass_; }
  /// Sums of its own that wait to leave it.
  std::size_t waiting() const { return leaving_.size(); }

 private:
  static constexpr std::size_t kOutgoing = 2;
  /// Sums of one output that the PE works on.
  struct Own {
    PartialSum sum;
    PartialSum head;  ///< open sums of the segment that began further up and ends here ...
    bool has_head = false;
    std::uint8_t head_planes = 0;  ///< ... of these planes
    bool begun = false;  ///< had a product of its segment, be it with a zero that adds nothing
  };
  struct Leaving {
    SumWord word;
    Own own;
    std::optional<std::size_t> next;
    bool first = true, returns = false, joins = false;
    std::uint64_t first_unit = 0;
  };
  /// Begins as many conversions a cycle as it has units.
  class Converter {
   public:
    std::uint64_t begin(std::uint64_t ready, std::uint64_t units) {
      next_ = std::max(next_, ready * units) + 1;
      return (next_ - 1) / units;
    }

   private:
    std::uint64_t next_ = 0;
  };
  void step();
  /// Sums that may be in its units, and in front of them.
  std::uint64_t on_the_way() const { return in_units_ + lanes_ * units_.backlog(); }
  bool pass_on(std::uint64_t now);
  bool combine(Leaving& own, PartialSum sum, std::uint64_t now);
  void multiply(std::uint64_t now);
  void query(std::uint64_t now);
  bool begins(const Own& own, std::size_t plane) const;
  bool segment_ends(std::uint64_t unit) const;
  void end_segment(Own& own, std::size_t plane, const Products::Place& at);
  void finish_output(Own& own, const Products::Place& at, std::uint64_t now);
  bool find_work();
  void end_wave();

  Params params_;
  Units units_;
  Ring activations_, weights_;
  std::optional<Generator> generator_;
  std::uint64_t readers_ = 1;
  std::uint64_t psum_words_;
  /// Sums that are on their way to a PE, or out of it, at the most.
  std::uint64_t incoming_on_the_way_ = 0, in_units_ = 0, lanes_ = 1;
  std::uint64_t latency_ = 0, scaling_latency_ = 0, completion_latency_ = 0, add_latency_ = 0;
  std::uint64_t adds_a_cycle_ = 1;
  Converter activation_converter_, weight_converter_;
  Waves* waves_ = nullptr;
  const Products* products_ = nullptr;
  std::vector<Pe*> pes_;
  std::uint64_t wave_ = 0, pass_ = 0;
  const Wave* at_ = nullptr;
  const PeTile* tile_ = nullptr;
  bool activations_go_ = false, weights_go_ = false;  ///< the next wave brings others
  ArrayExtents point_{};
  std::uint64_t activation_words_ = 0, weight_words_ = 0;  ///< of the tiles in use
  std::size_t above_seen_ = 0;
  bool stays_ = false;  ///< its sums are there before or after the wave
  std::vector<Own>
      own_;  ///< tokens x outputs of the tile where they stay, else those in the making
  std::deque<Leaving> leaving_;
  std::size_t finished_ = 0;  ///< of those, from the front: what is in the units takes no room
  std::uint64_t steps_ = 0, queries_ = 0, scalings_ = 0, hops_ = 0;
  std::uint64_t activations_sent_ = 0;
  std::uint64_t weight_bits_read_ = 0;  ///< in this wave
  WeightBits* weight_bits_ = nullptr;
  SumAccesses sums_;
};

}  // namespace addax::detailed
