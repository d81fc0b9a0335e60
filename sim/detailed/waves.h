// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "models/mapping/plan.h"

namespace addax::detailed {

using mapping::ArrayExtents;

/// What one PE does in a wave: points of tokens, outputs, units and planes of the whole layer. Units are
/// inputs, or keys where there are tables; tokens and outputs count through all copies.
struct PeTile {
  ArrayExtents begin{}, extent{};  ///< extents 0: nothing
  bool held = false;               ///< its sums go on from an earlier wave
  bool leaves = false;             ///< its sums leave it in this wave
  bool joins = false;              ///< its first units go on with a segment of the PE above
  bool closes = false;             ///< the segment of its last unit ends in it
  // Of sums that leave:
  std::optional<std::size_t>
      next;                  ///< PE further down its column that adds to them; none: the last
  bool first = true;         ///< no PE above adds to them
  bool complete = false;     ///< nothing is added to them later
  std::uint32_t before = 0;  ///< how often the buffer has been added to for these outputs
  std::uint64_t pass = 0;    ///< in which the last of the PEs that add to them works
  bool works() const { return extent[mapping::kOutputs] > 0; }
};

/// One step of the loops above the PEs: what they all do.
struct Wave {
  std::uint64_t pass = 0;
  /// How often weights, and activations, had been fetched before, other ones or the same.
  std::uint64_t fetch = 0, activation_fetch = 0;
  std::vector<PeTile> tiles;  ///< row by row
  bool several_sums = false;  ///< units of some PE turn from one sum to another
  /// Numbers of the tiles of activations, weights and sums that it uses. Where a number is
  /// new, PEs are sent other words, or add up to other sums.
  std::uint64_t activations = 0, weights = 0, sums = 0;
};

/// The waves of one matrix product in order; made when they are asked for.
class Waves {
 public:
  /// `segment_units`: units of the reduction that a scale covers; 0: sums have no segments.
  Waves(const mapping::ProductPlan& plan, const mapping::ArrayShape& shape,
        std::uint64_t segment_units);
  /// Null after the last.
  const Wave* at(std::uint64_t index);
  void forget_before(std::uint64_t index);
  /// Sums that leave the array in a pass whose waves have all been made.
  std::uint64_t leaving(std::uint64_t pass) const { return leaving_.at(pass); }
  /// Whether the first wave after a pass has been made, or there is none.
  bool made(std::uint64_t pass) const { return ended_ || pass + 1 < leaving_.size(); }

 private:
  bool next_pass();
  bool next_wave(Wave& wave);
  void make_epoch();
  void place(Wave& wave) const;
  void order_columns(Wave& wave) const;
  void mark(std::vector<Wave>& epoch) const;
  void finish(std::vector<Wave>& epoch);
  void link(std::vector<Wave>& epoch);
  void stretch(std::vector<Wave>& epoch);
  void end_segments(std::vector<Wave>& epoch) const;
  struct Member {
    std::size_t pe = 0;
    std::uint64_t pass = 0;
    PeTile* tile = nullptr;
  };
  /// PEs of one column that add to the same outputs, from top to bottom.
  using Chains = std::map<std::array<std::uint64_t, 3>, std::vector<Member>>;
  void join(const std::vector<std::vector<Member>>& chains);
  bool keeps(const Wave& wave) const;
  /// What a pass is to the sums of PEs that share the reduction.
  struct Reduction {
    std::uint64_t begin = 0, extent = 0;  ///< units
    bool stays = false;                   ///< each PE ends its segments by itself
    bool cut = false;                     ///< PEs may cut segments
  };
  bool step(std::size_t loop);

  mapping::ProductPlan plan_;
  mapping::ArrayShape shape_;
  std::uint64_t segment_units_;
  std::uint64_t unit_inputs_ = 1;
  mapping::NestWalk walk_;
  std::uint64_t pass_ = 0;  ///< how many have begun
  std::uint64_t fetches_ = 0, activation_fetches_ = 0;
  ArrayExtents all_{};    ///< of the layer
  ArrayExtents whole_{};  ///< of a wave that is not cut short
  ArrayExtents pass_begin_{}, pass_extent_{};
  mapping::ArrayNest nest_;             ///< of the present pass
  std::vector<std::uint64_t> indices_;  ///< of the loops over waves
  bool in_pass_ = false;
  std::optional<Wave> before_;  ///< the wave before, without PEs
  ArrayExtents wave_begin_{}, wave_extent_{};
  std::optional<Wave> looked_ahead_;
  std::deque<Wave> made_;
  std::uint64_t forgotten_ = 0;
  bool ended_ = false;
  std::vector<std::uint32_t> added_;    ///< tokens x outputs: how often sums have left for them
  std::vector<std::uint64_t> leaving_;  ///< one a pass
  std::vector<Reduction> reductions_;   ///< one a pass
};

}  // namespace addax::detailed
