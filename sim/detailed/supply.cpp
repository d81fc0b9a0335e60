// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/supply.h"

#include <algorithm>
#include <map>
#include <set>

namespace addax::detailed {

using mapping::kOutputs;
using mapping::kTokens;
using mapping::kUnits;

void Supply::start_layer(Waves& waves, const Operands& operands, const std::vector<Pe*>& pes) {
  waves_ = &waves;
  operands_ = &operands;
  pes_ = pes;
  wave_ = 0;
  tile_.reset();
  groups_.clear();
  flow_.start_layer();
}

// The tiles of a wave, each with the PEs that hold it.
void Supply::gather(const Wave& wave) {
  const std::size_t first = params_.what == What::kActivations ? kTokens : kOutputs;
  std::map<std::array<std::uint64_t, 4>, std::size_t> known;
  std::vector<std::set<std::size_t>> rows;
  groups_.clear();
  words_ = 0;
  for (std::size_t pe = 0; pe < wave.tiles.size(); ++pe) {
    const PeTile& tile = wave.tiles[pe];
    if (!tile.works()) continue;
    const auto [at, added] = known.insert(
        {{tile.begin[first], tile.extent[first], tile.begin[kUnits], tile.extent[kUnits]},
         groups_.size()});
    if (added) {
      groups_.push_back({{tile.begin[first], tile.begin[kUnits]},
                         {tile.extent[first], tile.extent[kUnits]},
                         {},
                         0});
      rows.emplace_back();
      words_ = std::max(words_, groups_.back().words());
    }
    groups_[at->second].pes.push_back(pe);
    rows[at->second].insert(pe / params_.columns);
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) groups_[i].rows = rows[i].size();
  word_ = 0;
  group_ = 0;
}

// Finds the next wave with words to send.
bool Supply::find_words() {
  while (groups_.empty()) {
    const Wave* wave = waves_->at(wave_);
    if (wave == nullptr) return false;
    const std::uint64_t tile =
        params_.what == What::kActivations ? wave->activations : wave->weights;
    if (!tile_ || *tile_ != tile) {
      gather(*wave);
      tile_ = tile;
    } else {
      ++wave_;
    }
  }
  return true;
}

std::optional<std::uint64_t> Supply::pass() {
  if (!find_words()) return std::nullopt;
  return waves_->at(wave_)->pass;
}

bool Supply::room(const Group& group) const {
  return std::all_of(group.pes.begin(), group.pes.end(), [&](std::size_t pe) {
    return (params_.what == What::kActivations ? pes_[pe]->activations : pes_[pe]->weights).room();
  });
}

void Supply::deliver(const Group& group, std::uint64_t ready) {
  const std::uint64_t row = group.begin[0] + word_ / group.extent[1];
  const std::uint64_t input = group.begin[1] + word_ % group.extent[1];
  const auto& matrix = params_.what == What::kActivations ? operands_->x : operands_->w;
  const std::uint16_t value = matrix[row * operands_->inputs + input].bits;
  for (const std::size_t pe : group.pes)
    (params_.what == What::kActivations ? pes_[pe]->activations : pes_[pe]->weights)
        .send(value, ready);
}

void Supply::advance() {
  while (true) {
    if (++group_ == groups_.size()) {
      group_ = 0;
      if (++word_ == words_) {
        groups_.clear();
        ++wave_;
        return;
      }
    }
    if (word_ < groups_[group_].words()) return;
  }
}

void Supply::move(std::uint64_t cycle, const Loader& loader, BankPort& port) {
  bool read = false;
  while (find_words()) {
    const Group& group = groups_[group_];
    if (!loader.there(waves_->at(wave_)->pass, cycle) || !room(group)) {
      flow_.stall();
      return;
    }
    if (!read) flow_.read(port, flow_.width());
    read = true;
    if (!flow_.send(params_.word_bits, group.rows)) return;
    deliver(group, cycle + params_.latency_cycles);
    advance();
  }
  flow_.stall();
}

}  // namespace addax::detailed
