// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/collector.h"

#include <algorithm>

namespace addax::detailed {

using mapping::kOutputs;
using mapping::kTokens;

void Collector::start_layer(Sums& sums, const std::vector<Pe*>& pes, std::uint64_t passes) {
  sums_ = &sums;
  pes_ = pes;
  turn_ = 0;
  on_the_way_.clear();
  arrived_.assign(passes, 0);
  last_ = 0;
}

void Collector::move(std::uint64_t cycle, const Loader& loader, BankPort& port) {
  for (; !on_the_way_.empty() && on_the_way_.front().ready <= cycle; on_the_way_.pop_front()) {
    const SumWord& word = on_the_way_.front();
    const std::size_t at = sums_->at(word.token, word.output);
    sums_->word[at] = sums_->products->segmented() ? word.sum.total : word.sum.open[0];
    if (word.complete)
      sums_->output[at] = sums_->products->output(word.sum, {word.token, word.output, 0});
    ++sums_->added[at];
    ++arrived_[word.pass];
    last_ = cycle;
  }
  flow_.next_cycle();
  bool read = false;
  std::size_t idle = 0;
  while (idle < pes_.size()) {
    std::deque<SumWord>& from = pes_[turn_]->outgoing;
    if (from.empty() || from.front().ready > cycle || !loader.room(from.front().pass, cycle)) {
      turn_ = (turn_ + 1) % pes_.size();
      ++idle;
      continue;
    }
    SumWord word = from.front();
    const std::uint32_t bits = word.complete ? params_.complete_bits : params_.sum_bits;
    if (!read) flow_.read(port, bits);
    read = true;
    if (!flow_.send(bits, 1, word.pass)) return;
    word.ready = cycle + params_.latency_cycles;
    on_the_way_.push_back(word);
    from.pop_front();
    turn_ = (turn_ + 1) % pes_.size();
    idle = 0;
  }
  flow_.stall(port);
}

void Returns::start_layer(Waves& waves, const Sums& sums, const std::vector<Pe*>& pes) {
  waves_ = &waves;
  sums_ = &sums;
  pes_ = pes;
  next_ = 0;
  open_.clear();
  pending_ = nullptr;
  passes_ = loaded_ = 0;
  latest_load_.assign(sums.word.size(), 0);
}

bool Returns::find_words(const Loader& loader) {
  while (open_.empty() || next_ < open_.front().wave + kWaves) {
    const Wave* wave = waves_->at(next_);
    if (wave == nullptr) break;
    for (; passes_ <= wave->pass; ++passes_) loaded_ += loader.pass(passes_).loads_results ? 1 : 0;
    Open open;
    open.wave = next_++;
    open.load = loaded_;
    for (std::size_t pe = 0; pe < wave->tiles.size(); ++pe) {
      const PeTile& tile = wave->tiles[pe];
      if (!tile.leaves || !tile.first || tile.before == 0) continue;
      open.heads.push_back({pe, tile.extent[kTokens] * tile.extent[kOutputs], 0});
      open.left += open.heads.back().words;
    }
    if (open.left > 0) open_.push_back(std::move(open));
  }
  return !open_.empty();
}

bool Returns::behind(const Head& head, const Open& wave) const {
  for (const Open& earlier : open_) {
    if (&earlier == &wave) return false;
    for (const Head& other : earlier.heads)
      if (other.pe == head.pe && other.sent < other.words) return true;
  }
  return false;
}

bool Returns::find_sum(std::uint64_t cycle, const Loader& loader) {
  for (Open& open : open_) {
    const Wave& wave = *waves_->at(open.wave);
    if (!loader.there(wave.pass, cycle)) break;
    for (std::size_t tried = 0; tried < open.heads.size(); ++tried) {
      Head& head = open.heads[open.turn];
      open.turn = (open.turn + 1) % open.heads.size();
      if (!may_send(head, wave.tiles[head.pe]) || behind(head, open)) continue;
      pending_ = &head;
      pending_wave_ = &open;
      return true;
    }
  }
  return false;
}

// Whether the next sum of a head has been written, and the PE has room for it.
bool Returns::may_send(const Head& head, const PeTile& tile) const {
  if (head.sent == head.words || !pes_[head.pe]->room_for_incoming()) return false;
  const auto [token, output] = next_of(head, tile);
  return sums_->added[sums_->at(token, output)] >= tile.before;
}

std::pair<std::uint64_t, std::uint64_t> Returns::next_of(const Head& head,
                                                         const PeTile& tile) const {
  return {tile.begin[kTokens] + head.sent / tile.extent[kOutputs],
          tile.begin[kOutputs] + head.sent % tile.extent[kOutputs]};
}

void Returns::move(std::uint64_t cycle, const Loader& loader, BankPort& port) {
  flow_.next_cycle();
  bool read = false;
  while (find_words(loader)) {
    if (pending_ == nullptr && !find_sum(cycle, loader)) break;
    const Wave& wave = *waves_->at(pending_wave_->wave);
    if (!read) flow_.read(port, params_.sum_bits);
    read = true;
    if (!flow_.send(params_.sum_bits, 1, wave.pass)) return;
    const auto [token, output] = next_of(*pending_, wave.tiles[pending_->pe]);
    const std::size_t at = sums_->at(token, output);
    if (latest_load_[at] < pending_wave_->load) loads_.count(pending_wave_->load, params_.sum_bits);
    latest_load_[at] = pending_wave_->load;
    const std::uint32_t word = sums_->word[at];
    PartialSum sum;
    if (sums_->products->segmented()) {
      sum.total = word;
      sum.has_total = true;
    } else {
      sum.open[0] = word;
      sum.has_open = 1;
    }
    pes_[pending_->pe]->incoming.push_back(
        {token, output, wave.pass, sum, false, cycle + params_.latency_cycles});
    ++pending_->sent;
    pending_ = nullptr;
    --pending_wave_->left;
    while (!open_.empty() && open_.front().left == 0) open_.pop_front();
  }
  flow_.stall(port);
}

}  // namespace addax::detailed
