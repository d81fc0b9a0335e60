// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/supply.h"

#include <algorithm>
#include <map>

namespace addax::detailed {

using mapping::kOutputs;
using mapping::kPlanes;
using mapping::kTokens;
using mapping::kUnits;

void Supply::start_layer(Waves& waves, const Products& products, const std::vector<Pe*>& pes) {
  waves_ = &waves;
  products_ = &products;
  pes_ = pes;
  wave_ = sent_ = fetch_ = 0;
  since_fetch_.clear();
  tile_.reset();
  tiles_.clear();
  scale_fetches_.assign(products.scales(), 0);
}

// Tiles of PEs do not overlap: each is a part of what DRAM brings, or has been sent before.
bool Supply::fresh(std::uint64_t fetch, const PeTile& tile) {
  if (fetch != fetch_) since_fetch_.clear();
  fetch_ = fetch;
  const bool inputs = params_.what == What::kActivations;
  const std::size_t first = inputs ? kTokens : kOutputs;
  return since_fetch_
      .insert({tile.begin[first], tile.extent[first], tile.begin[kUnits], tile.extent[kUnits],
               inputs ? 0 : tile.begin[kPlanes]})
      .second;
}

// The tiles of a wave, each with the PEs that hold it.
void Supply::gather(const Wave& wave) {
  tiles_.emplace_back();
  std::vector<Group>& groups = tiles_.back().groups;
  tiles_.back().wave = wave_;
  tiles_.back().pass = wave.pass;
  const bool inputs = params_.what == What::kActivations;
  tiles_.back().fetch = inputs ? wave.activation_fetch : wave.fetch;
  const std::size_t first = inputs ? kTokens : kOutputs;
  const bool by_plane = products_->has_table() && (!inputs || products_->table_a_plane());
  std::map<std::array<std::uint64_t, 6>, std::size_t> known;
  std::vector<std::set<std::size_t>> rows;
  for (std::size_t pe = 0; pe < wave.tiles.size(); ++pe) {
    const PeTile& tile = wave.tiles[pe];
    if (!tile.works()) continue;
    const auto [at, added] =
        known.insert({{tile.begin[first], tile.extent[first], tile.begin[kUnits],
                       tile.extent[kUnits], by_plane ? tile.begin[kPlanes] : 0, 0},
                      groups.size()});
    if (added) {
      Group group;
      group.begin = tile.begin;
      group.extent = tile.extent;
      group.fresh = fresh(tiles_.back().fetch, tile);
      if (inputs) {
        const std::uint64_t last = tile.begin[kUnits] + tile.extent[kUnits] - 1;
        group.words =
            tile.extent[kTokens] *
            ((tile.extent[kUnits] - 1) * products_->inputs_a_unit() + products_->inputs_of(last));
      } else {
        group.words = tile.extent[kOutputs] * tile.extent[kUnits] * tile.extent[kPlanes];
      }
      tiles_.back().left += group.words;
      groups.push_back(std::move(group));
      rows.emplace_back();
    }
    groups[at->second].pes.push_back(pe);
    rows[at->second].insert(pe / params_.columns);
  }
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i].rows = rows[i].size();
}

// Finds the next waves with words to send; false: there are none.
bool Supply::find_words() {
  while (tiles_.size() < tiles_at_once()) {
    const Wave* wave = waves_->at(wave_);
    if (wave == nullptr) break;
    const std::uint64_t tile =
        params_.what == What::kActivations ? wave->activations : wave->weights;
    if (!tile_ || *tile_ != tile) gather(*wave);
    tile_ = tile;
    ++wave_;
  }
  return !tiles_.empty();
}

std::optional<std::uint64_t> Supply::pass() {
  if (!find_words()) return std::nullopt;
  return tiles_.front().pass;
}

bool Supply::room(const Group& group) const {
  return std::all_of(group.pes.begin(), group.pes.end(), [&](std::size_t pe) {
    return params_.what == What::kActivations ? pes_[pe]->room_for_activation()
                                              : pes_[pe]->room_for_weight();
  });
}

Supply::Word Supply::word_of(const Group& group) const {
  if (params_.what == What::kWeights) return weight_of(group);
  const std::uint64_t inputs = group.words / group.extent[kTokens];
  const std::uint64_t token = group.begin[kTokens] + group.sent / inputs;
  const std::uint64_t input =
      group.begin[kUnits] * products_->inputs_a_unit() + group.sent % inputs;
  return {products_->activation(token, input), params_.activation_bits, 0, 0};
}

// Weights come output by output; keys for as many outputs as there are readers, plane by plane.
Supply::Word Supply::weight_of(const Group& group) const {
  std::uint64_t output = group.sent / group.extent[kUnits];
  std::uint64_t unit = group.sent % group.extent[kUnits];
  std::uint64_t plane = 0;
  if (products_->has_table()) {
    const std::uint64_t planes = group.extent[kPlanes];
    const std::uint64_t first = group.sent / (params_.readers * planes) * params_.readers;
    const std::uint64_t lanes = std::min(params_.readers, group.extent[kOutputs] - first);
    const std::uint64_t rest = group.sent - first * planes;
    output = first + rest % lanes;
    plane = group.begin[kPlanes] + rest / lanes;
    unit = 0;
  }
  output += group.begin[kOutputs];
  unit += group.begin[kUnits];
  Word word;
  word.value = products_->weight(output, unit, plane);
  word.bits = products_->weight_bits(unit);
  word.scale_bits = products_->scale_bits(output, unit, plane);
  if (word.scale_bits > 0) {
    word.scale = products_->scale(output, unit);
    if (scale_fetches_[word.scale] == pending_tile_->fetch) word.scale_bits = 0;
  }
  return word;
}

// The next word in turn whose PEs have room for it, and have been sent all that come before.
bool Supply::next_word(std::uint64_t cycle, const Loader& loader) {
  busy_.assign(pes_.size(), false);
  for (Tile& tile : tiles_) {
    if (!loader.there(tile.pass, cycle)) return false;
    const std::size_t count = tile.groups.size();
    for (std::size_t i = 0; i < count; ++i) {
      Group& group = tile.groups[(tile.turn + i) % count];
      if (group.sent == group.words) continue;
      if (!room(group)) {
        if (!products_->has_table()) return false;
        continue;
      }
      if (std::any_of(group.pes.begin(), group.pes.end(),
                      [&](std::size_t pe) { return busy_[pe]; }))
        continue;
      tile.turn = (tile.turn + i + 1) % count;
      pending_tile_ = &tile;
      pending_ = &group;
      return true;
    }
    for (const Group& group : tile.groups)
      if (group.sent < group.words)
        for (const std::size_t pe : group.pes) busy_[pe] = true;
  }
  return false;
}

void Supply::move(std::uint64_t cycle, const Loader& loader, BankPort& port) {
  flow_.next_cycle();
  bool read = false;
  while (find_words()) {
    if (!pending_ && !next_word(cycle, loader)) {
      flow_.stall(port);
      return;
    }
    Group& group = *pending_;
    Tile& tile = *pending_tile_;
    const Word word = word_of(group);
    if (!read) flow_.read(port, word.bits + word.scale_bits);
    read = true;
    if (!flow_.send(word.bits, group.rows, tile.pass, word.scale_bits)) return;
    pending_ = nullptr;
    if (group.fresh)
      loads_.count(tile.fetch, params_.what == What::kWeights
                                   ? word.bits
                                   : std::uint64_t{mapping::kStoredActivationBits});
    if (word.scale_bits > 0) {
      scale_fetches_[word.scale] = tile.fetch;
      scale_accesses_.count(tile.fetch, word.scale_bits);
    }
    ++sent_;
    const std::uint64_t ready = cycle + params_.latency_cycles;
    for (const std::size_t pe : group.pes)
      if (params_.what == What::kActivations)
        pes_[pe]->send_activation(word.value, ready);
      else
        pes_[pe]->send_weight(word.value, ready, word.bits, tile.pass);
    ++group.sent;
    --tile.left;
    while (!tiles_.empty() && tiles_.front().left == 0) tiles_.pop_front();
  }
  flow_.stall(port);
}

}  // namespace addax::detailed
