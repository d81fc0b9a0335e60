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

Waves::Waves(const mapping::ProductPlan& plan, const mapping::ArrayShape& shape,
             std::uint64_t segment_units)
    : plan_(plan), shape_(shape), segment_units_(segment_units), walk_(plan_.problem, plan_.nest) {
  if (plan_.dataflow.has_table()) unit_inputs_ = plan_.dataflow.kernel().how.key_bits;
  mapping::Extents whole{};
  whole.fill(1);
  for (const mapping::Dimension& d : plan_.problem.dimensions)
    whole[static_cast<std::size_t>(d.role)] *= d.size;
  const std::uint64_t copies = extent(whole, Role::kBatch);
  all_ = plan_.dataflow.array_extents(whole);
  added_.assign(copies * all_[kTokens] * all_[kOutputs], 0);
}

bool Waves::next_pass() {
  if (!walk_.next()) return false;
  ++pass_;
  leaving_.push_back(0);
  const mapping::PassPosition& at = walk_.position();
  ADDAX_CHECK(extent(at.extents, Role::kBatch) == 1, "passes of one copy");
  pass_extent_ = plan_.dataflow.array_extents(at.extents);
  const std::uint64_t copy = walk_.offset(Role::kBatch);
  pass_begin_ = {copy * all_[kTokens] + walk_.offset(Role::kToken),
                 copy * all_[kOutputs] + walk_.offset(Role::kOutput),
                 walk_.offset(Role::kReduction) / unit_inputs_, 0};
  if (at.fetched[static_cast<std::size_t>(Operand::kWeight)]) ++fetches_;
  if (at.fetched[static_cast<std::size_t>(Operand::kActivation)]) ++activation_fetches_;
  bool kept = plan_.dataflow.keeps_sums(at.extents);
  if (plan_.dataflow.has_table())
    kept =
        kept && mapping::joint_tile(plan_.dataflow.mapping(), pass_extent_)[kUnits] < all_[kUnits];
  else
    kept = kept || plan_.dataflow.mapping().keeps_sums;
  reductions_.push_back(
      {pass_begin_[kUnits], pass_extent_[kUnits], kept, !plan_.dataflow.cuts(at.extents).empty()});
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
  wave.fetch = fetches_;
  wave.activation_fetch = activation_fetches_;
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
  // Keys are read as they come: none stays.
  if (plan_.dataflow.has_table()) wave.weights = before_ ? before.weights + 1 : 0;
  wave.sums = fetched(mapping::kArraySums, Operand::kOutput, before.sums);
  place(wave);
  const std::uint64_t units = std::max<std::uint64_t>(shape_.readers, 1);
  wave.several_sums =
      std::any_of(wave.tiles.begin(), wave.tiles.end(), [units](const PeTile& tile) {
        return tile.extent[kTokens] > 1 || tile.extent[kOutputs] > units;
      });
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
  order_columns(wave);
}

// PEs of one column take neighbouring units; the next column goes on behind them.
void Waves::order_columns(Wave& wave) const {
  std::map<std::array<std::uint64_t, 3>, std::uint64_t> next;  // tokens, outputs, planes -> unit
  for (std::size_t column = 0; column < shape_.columns; ++column)
    for (std::size_t row = 0; row < shape_.rows; ++row) {
      PeTile& tile = wave.tiles[row * shape_.columns + column];
      if (!tile.works()) continue;
      std::uint64_t& unit = next[{tile.begin[kTokens], tile.begin[kOutputs], tile.begin[kPlanes]}];
      tile.begin[kUnits] = wave_begin_[kUnits] + unit;
      unit += tile.extent[kUnits];
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
