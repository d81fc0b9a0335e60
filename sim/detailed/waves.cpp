// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/waves.h"

#include <algorithm>
#include <map>
#include <utility>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::detailed {

using mapping::ArrayTensor;
using mapping::kArrayDimensions;
using mapping::kOutputs;
using mapping::kPlanes;
using mapping::kTokens;
using mapping::kUnits;
using mapping::Operand;
using mapping::Role;
using quantity::ceil_div;

namespace {

bool changed(const mapping::PassPosition& position, Operand operand) {
  return position.changed[static_cast<std::size_t>(operand)];
}

}  // namespace

Waves::Waves(const mapping::ProductPlan& plan, const mapping::ArrayShape& shape)
    : plan_(plan), shape_(shape), walk_(plan_.problem, plan_.nest) {
  mapping::Extents whole{};
  whole.fill(1);
  for (const mapping::Dimension& d : plan_.problem.dimensions)
    whole[static_cast<std::size_t>(d.role)] *= d.size;
  ADDAX_CHECK(extent(whole, Role::kBatch) == 1, "one matrix");
  all_ = plan_.dataflow.array_extents(whole);
  added_.assign(all_[kTokens] * all_[kOutputs], 0);
}

bool Waves::next_pass() {
  if (!walk_.next()) return false;
  ++pass_;
  leaving_.push_back(0);
  const mapping::PassPosition& at = walk_.position();
  pass_extent_ = plan_.dataflow.array_extents(at.extents);
  const std::uint64_t unit = plan_.dataflow.has_table() ? plan_.dataflow.kernel().how.key_bits : 1;
  pass_begin_ = {walk_.offset(Role::kToken), walk_.offset(Role::kOutput),
                 walk_.offset(Role::kReduction) / unit, 0};
  if (pass_ == 1) whole_ = mapping::joint_tile(plan_.dataflow.mapping(), pass_extent_);
  nest_ = mapping::array_nest(shape_, plan_.dataflow.mapping(), pass_extent_);
  indices_.assign(nest_.mapping.levels[mapping::kArrayBuffer].temporal.size(), 0);
  in_pass_ = true;
  return true;
}

// Where the loops over waves stand, innermost last; false after the last.
bool Waves::step(std::size_t loops) {
  const std::vector<nest::Loop>& waves = nest_.mapping.levels[mapping::kArrayBuffer].temporal;
  for (std::size_t i = loops; i-- > 0;) {
    ArrayExtents extent = pass_extent_;
    for (std::size_t outer = 0; outer < i; ++outer) {
      std::uint64_t& left = extent[waves[outer].dimension];
      left = std::min(waves[outer].tile, left - indices_[outer] * waves[outer].tile);
    }
    const std::uint64_t left = extent[waves[i].dimension];
    if (++indices_[i] < ceil_div(left, waves[i].tile)) return true;
    indices_[i] = 0;
  }
  return false;
}

bool Waves::next_wave(Wave& wave) {
  const bool first = !in_pass_ || !step(indices_.size());
  if (first && !next_pass()) return false;
  wave_begin_ = pass_begin_;
  wave_extent_ = pass_extent_;
  const std::vector<nest::Loop>& waves = nest_.mapping.levels[mapping::kArrayBuffer].temporal;
  for (std::size_t i = 0; i < waves.size(); ++i) {
    const std::size_t d = waves[i].dimension;
    const std::uint64_t done = indices_[i] * waves[i].tile;
    wave_begin_[d] += done;
    wave_extent_[d] = std::min(waves[i].tile, wave_extent_[d] - done);
  }
  wave.pass = pass_ - 1;
  const auto fetched = [&](ArrayTensor tensor, Operand operand, std::uint64_t before) {
    bool other = false;
    bool loops = false;
    for (const nest::Loop& loop : waves)
      loops = loops || nest_.problem.indexes(tensor, loop.dimension);
    if (first) {
      other = loops || changed(walk_.position(), operand);
    } else {
      for (std::size_t d = 0; d < kArrayDimensions; ++d)
        other = other ||
                (nest_.problem.indexes(tensor, d) && before_->tiles[0].begin[d] != wave_begin_[d]);
    }
    return before_ ? before + (other ? 1 : 0) : 0;
  };
  const Wave none;
  const Wave& before = before_ ? *before_ : none;
  wave.activations = fetched(mapping::kArrayActivations, Operand::kActivation, before.activations);
  wave.weights = fetched(mapping::kArrayWeights, Operand::kWeight, before.weights);
  // Keys pass by: none stays.
  if (shape_.readers > 0) wave.weights = before_ ? before.weights + 1 : 0;
  wave.sums = fetched(mapping::kArraySums, Operand::kOutput, before.sums);
  place(wave);
  Wave remembered = wave;
  remembered.tiles.assign(1, {});
  remembered.tiles[0].begin = wave_begin_;
  before_ = std::move(remembered);
  return true;
}

// Spreads the wave over rows and columns. Places are those of a whole wave of the first pass, which no
// other exceeds: sums stay in their PEs also where later passes are smaller.
void Waves::place(Wave& wave) const {
  wave.tiles.assign(shape_.rows * shape_.columns, {});
  const mapping::ArrayMapping& array = plan_.dataflow.mapping();
  struct Part {
    std::size_t place = 0;
    ArrayExtents begin{}, extent{};
  };
  ArrayExtents left = whole_;
  const auto spread = [&](const std::vector<nest::Loop>& loops, std::vector<Part> parts) {
    for (const nest::Loop& loop : loops) {
      if (loop.tile >= left[loop.dimension]) continue;
      const std::uint64_t ways = ceil_div(left[loop.dimension], loop.tile);
      left[loop.dimension] = loop.tile;
      std::vector<Part> cut;
      for (const Part& part : parts)
        for (std::uint64_t i = 0; i < ways; ++i) {
          const std::uint64_t done = i * loop.tile;
          if (done >= part.extent[loop.dimension]) continue;
          Part one = part;
          one.place = part.place * ways + i;
          one.begin[loop.dimension] += done;
          one.extent[loop.dimension] = std::min(loop.tile, part.extent[loop.dimension] - done);
          cut.push_back(one);
        }
      parts = std::move(cut);
    }
    return parts;
  };
  const std::vector<Part> rows = spread(array.y, {{0, wave_begin_, wave_extent_}});
  const ArrayExtents after_rows = left;
  for (const Part& row : rows) {
    left = after_rows;
    for (const Part& pe : spread(array.x, {{0, row.begin, row.extent}})) {
      PeTile& tile = wave.tiles.at(row.place * shape_.columns + pe.place);
      tile.begin = pe.begin;
      tile.extent = pe.extent;
    }
  }
}

// Whether a PE's sums may stay in it after a wave: in its scratchpad, or one in each unit.
bool Waves::keeps(const PeTile& tile) const {
  if (plan_.dataflow.mapping().keeps_sums) return true;
  return tile.extent[kTokens] == 1 &&
         tile.extent[kOutputs] <= std::max<std::uint64_t>(shape_.readers, 1);
}

// Says of each PE in each wave whether its sums leave.
void Waves::finish(std::vector<Wave>& epoch) {
  for (std::size_t pe = 0; pe < epoch.front().tiles.size(); ++pe) {
    PeTile* before = nullptr;
    for (Wave& wave : epoch) {
      PeTile& tile = wave.tiles[pe];
      if (!tile.works()) continue;
      if (before != nullptr) {
        tile.held = keeps(*before);
        before->leaves = !tile.held;
      }
      before = &tile;
    }
    if (before != nullptr) before->leaves = true;
  }
  link(epoch);
}

// The outputs of a chain have all been added to equally often: tiles are the same in each pass.
void Waves::join(const Chains& chains) {
  for (const auto& [outputs, chain] : chains) {
    bool last_unit = false;
    bool last_plane = false;
    for (const Member& member : chain) {
      const PeTile& tile = *member.tile;
      last_unit = last_unit || tile.begin[kUnits] + tile.extent[kUnits] == all_[kUnits];
      last_plane = last_plane || tile.begin[kPlanes] + tile.extent[kPlanes] == all_[kPlanes];
    }
    const PeTile& head = *chain.front().tile;
    const std::uint32_t before =
        added_[head.begin[kTokens] * all_[kOutputs] + head.begin[kOutputs]];
    for (std::size_t i = 0; i < chain.size(); ++i) {
      PeTile& tile = *chain[i].tile;
      tile.first = i == 0;
      tile.complete = last_unit && last_plane;
      tile.before = before;
      if (i + 1 < chain.size()) tile.next = chain[i + 1].pe;
    }
    leaving_.at(chain.back().pass) += head.extent[kTokens] * head.extent[kOutputs];
    for (std::uint64_t m = 0; m < head.extent[kTokens]; ++m)
      for (std::uint64_t n = 0; n < head.extent[kOutputs]; ++n) {
        std::uint32_t& added =
            added_[(head.begin[kTokens] + m) * all_[kOutputs] + head.begin[kOutputs] + n];
        ADDAX_CHECK(added == before, "outputs of one tile with different histories");
        ++added;
      }
  }
}

// Sums that leave run down the column through the PEs that add to the same ones. Where they have stayed,
// PEs of one column leave together, though some had their last work before.
void Waves::link(std::vector<Wave>& epoch) {
  bool stay = false;
  for (const Wave& wave : epoch)
    for (const PeTile& tile : wave.tiles) stay = stay || tile.held;
  Chains chains;
  const auto add = [&](Wave& wave, std::size_t pe) {
    PeTile& tile = wave.tiles[pe];
    if (tile.leaves)
      chains[{pe % shape_.columns, tile.begin[kTokens], tile.begin[kOutputs]}].push_back(
          {pe, wave.pass, &tile});
  };
  const std::size_t pes = epoch.front().tiles.size();
  if (stay) {
    for (std::size_t pe = 0; pe < pes; ++pe)
      for (Wave& wave : epoch) add(wave, pe);
    join(chains);
    return;
  }
  for (Wave& wave : epoch) {
    chains.clear();
    for (std::size_t pe = 0; pe < pes; ++pe) add(wave, pe);
    join(chains);
  }
}

void Waves::make_epoch() {
  if (ended_) return;
  std::vector<Wave> epoch;
  if (looked_ahead_) epoch.push_back(std::move(*looked_ahead_));
  looked_ahead_.reset();
  for (Wave wave; next_wave(wave); wave = {}) {
    if (!epoch.empty() && wave.sums != epoch.front().sums) {
      looked_ahead_ = std::move(wave);
      break;
    }
    epoch.push_back(std::move(wave));
  }
  ended_ = !looked_ahead_;
  if (epoch.empty()) return;
  finish(epoch);
  for (Wave& wave : epoch) made_.push_back(std::move(wave));
}

const Wave* Waves::at(std::uint64_t index) {
  ADDAX_CHECK(index >= forgotten_, "a wave that all were done with");
  while (index - forgotten_ >= made_.size()) {
    const std::size_t before = made_.size();
    make_epoch();
    if (made_.size() == before) return nullptr;
  }
  return &made_[index - forgotten_];
}

void Waves::forget_before(std::uint64_t index) {
  for (; forgotten_ < index && !made_.empty(); ++forgotten_) made_.pop_front();
}

}  // namespace addax::detailed
