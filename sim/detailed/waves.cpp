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

// Whether sums may stay in the PEs after a wave: in scratchpads, or as many as there are units.
bool Waves::keeps(const Wave& wave) const {
  if (plan_.dataflow.mapping().keeps_sums) return true;
  const std::uint64_t units = std::max<std::uint64_t>(shape_.readers, 1);
  return std::all_of(wave.tiles.begin(), wave.tiles.end(), [&](const PeTile& tile) {
    return tile.extent[kTokens] <= 1 && tile.extent[kOutputs] <= units;
  });
}

// Says of each PE in each wave whether its sums leave.
void Waves::mark(std::vector<Wave>& epoch) const {
  std::vector<bool> kept;
  for (const Wave& wave : epoch) kept.push_back(keeps(wave));
  for (std::size_t pe = 0; pe < epoch.front().tiles.size(); ++pe) {
    PeTile* before = nullptr;
    std::size_t of_before = 0;
    for (std::size_t w = 0; w < epoch.size(); ++w) {
      PeTile& tile = epoch[w].tiles[pe];
      tile.held = tile.leaves = false;
      if (!tile.works()) continue;
      if (before != nullptr) {
        tile.held = kept[of_before];
        before->leaves = !tile.held;
      }
      before = &tile;
      of_before = w;
    }
    if (before != nullptr) before->leaves = true;
  }
}

void Waves::finish(std::vector<Wave>& epoch) {
  mark(epoch);
  stretch(epoch);
  mark(epoch);
  link(epoch);
  if (segment_units_ > 0) end_segments(epoch);
}

// Where sums stay, each PE takes neighbouring units of the whole pass, wave by wave.
void Waves::stretch(std::vector<Wave>& epoch) {
  for (std::size_t first = 0; first < epoch.size();) {
    std::size_t end = first;
    bool held = false;
    for (; end < epoch.size() && epoch[end].pass == epoch[first].pass; ++end)
      for (const PeTile& tile : epoch[end].tiles) held = held || (end > first && tile.held);
    Reduction& reduction = reductions_.at(epoch[first].pass);
    reduction.stays = reduction.stays || held;
    if (held && segment_units_ > 0 && reduction.cut) {
      // PEs that share the reduction, from column to column.
      std::map<std::array<std::uint64_t, 3>, std::vector<std::size_t>> sharing;
      for (std::size_t column = 0; column < shape_.columns; ++column)
        for (std::size_t row = 0; row < shape_.rows; ++row) {
          const std::size_t pe = row * shape_.columns + column;
          const PeTile& tile = epoch[first].tiles[pe];
          if (tile.works())
            sharing[{tile.begin[kTokens], tile.begin[kOutputs], tile.begin[kPlanes]}].push_back(pe);
        }
      for (const auto& [outputs, pes] : sharing) {
        const std::uint64_t each = ceil_div(reduction.extent, pes.size());
        std::uint64_t a_wave = 0;
        for (const std::size_t pe : pes)
          a_wave = std::max(a_wave, epoch[first].tiles[pe].extent[kUnits]);
        for (std::size_t i = 0; i < pes.size(); ++i) {
          std::uint64_t at = std::min(i * each, reduction.extent);
          const std::uint64_t stop = std::min(at + each, reduction.extent);
          const PeTile whole = epoch[first].tiles[pes[i]];
          for (std::size_t w = first; w < end; ++w) {
            PeTile& tile = epoch[w].tiles[pes[i]];
            const std::uint64_t units = std::min(a_wave, stop - at);
            tile = whole;
            tile.begin[kUnits] = reduction.begin + at;
            tile.extent[kUnits] = units;
            if (units == 0) tile.extent = {};
            at += units;
          }
        }
      }
    }
    first = end;
  }
}

// Chains in the order in which they leave. The outputs of one have all been added to equally often:
// tiles are the same in each pass. Outputs are complete with the last chain, if one has the last units.
void Waves::join(const std::vector<std::vector<Member>>& chains) {
  struct End {
    std::size_t chain = 0;
    bool last_units = false;
  };
  std::map<std::array<std::uint64_t, 2>, End> ends;
  for (std::size_t c = 0; c < chains.size(); ++c)
    for (const Member& member : chains[c]) {
      const PeTile& tile = *member.tile;
      End& end = ends[{tile.begin[kTokens], tile.begin[kOutputs]}];
      end.chain = c;
      end.last_units =
          end.last_units || (tile.begin[kUnits] + tile.extent[kUnits] == all_[kUnits] &&
                             tile.begin[kPlanes] + tile.extent[kPlanes] == all_[kPlanes]);
    }
  for (std::size_t c = 0; c < chains.size(); ++c) {
    const std::vector<Member>& chain = chains[c];
    const PeTile& head = *chain.front().tile;
    const End& end = ends.at({head.begin[kTokens], head.begin[kOutputs]});
    const auto at = [&](std::uint64_t m, std::uint64_t n) {
      return (head.begin[kTokens] + m) * all_[kOutputs] +
             (head.begin[kOutputs] + n) % all_[kOutputs];
    };
    const std::uint32_t before = added_[at(0, 0)];
    std::uint64_t pass = 0;
    for (const Member& member : chain) pass = std::max(pass, member.pass);
    for (std::size_t i = 0; i < chain.size(); ++i) {
      PeTile& tile = *chain[i].tile;
      tile.first = i == 0;
      tile.complete = end.last_units && end.chain == c;
      tile.before = before;
      tile.pass = pass;
      if (i + 1 < chain.size()) tile.next = chain[i + 1].pe;
    }
    leaving_.at(pass) += head.extent[kTokens] * head.extent[kOutputs];
    for (std::uint64_t m = 0; m < head.extent[kTokens]; ++m)
      for (std::uint64_t n = 0; n < head.extent[kOutputs]; ++n) {
        std::uint32_t& added = added_[at(m, n)];
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
    // Columns that are through first leave first.
    std::map<const PeTile*, std::size_t> wave_of;
    for (std::size_t w = 0; w < epoch.size(); ++w)
      for (const PeTile& tile : epoch[w].tiles) wave_of[&tile] = w;
    std::map<std::array<std::uint64_t, 4>, std::vector<Member>> ordered;
    for (auto& [outputs, chain] : chains) {
      std::size_t last = 0;
      for (const Member& member : chain) last = std::max(last, wave_of.at(member.tile));
      ordered[{last, outputs[0], outputs[1], outputs[2]}] = std::move(chain);
    }
    std::vector<std::vector<Member>> in_order;
    for (auto& [order, chain] : ordered) in_order.push_back(std::move(chain));
    join(in_order);
    return;
  }
  for (Wave& wave : epoch) {
    chains.clear();
    for (std::size_t pe = 0; pe < pes; ++pe) add(wave, pe);
    std::vector<std::vector<Member>> in_order;
    for (auto& [outputs, chain] : chains) in_order.push_back(std::move(chain));
    join(in_order);
  }
}

// A segment ends with the units of its scale, with those of the PE's column or, where its sums stay,
// with the PE's part of the pass.
void Waves::end_segments(std::vector<Wave>& epoch) const {
  for (std::size_t w = 0; w < epoch.size(); ++w) {
    Wave& wave = epoch[w];
    const bool stays = reductions_.at(wave.pass).stays;
    for (std::size_t pe = 0; pe < wave.tiles.size(); ++pe) {
      PeTile& tile = wave.tiles[pe];
      if (!tile.works()) continue;
      const std::uint64_t end = tile.begin[kUnits] + tile.extent[kUnits];
      tile.closes = true;
      if (end % segment_units_ == 0) continue;
      if (stays) {
        for (std::size_t later = w + 1; later < epoch.size(); ++later)
          if (epoch[later].pass == wave.pass && epoch[later].tiles[pe].works()) tile.closes = false;
      } else if (tile.next) {
        PeTile& below = wave.tiles[*tile.next];
        if (below.begin[kUnits] != end || below.begin[kPlanes] != tile.begin[kPlanes]) continue;
        tile.closes = false;
        below.joins = true;
      }
    }
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
