// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "sim/detailed/waves.h"

// Which sums stay in their PEs, where others go, and which PE ends a segment.
namespace addax::detailed {

using mapping::kOutputs;
using mapping::kPlanes;
using mapping::kTokens;
using mapping::kUnits;
using quantity::ceil_div;

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

}  // namespace addax::detailed
