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
  flow_.start_layer();
}

void Collector::move(std::uint64_t cycle, const Loader& loader, BankPort& port) {
  for (; !on_the_way_.empty() && on_the_way_.front().ready <= cycle; on_the_way_.pop_front()) {
    const SumWord& word = on_the_way_.front();
    const std::uint64_t at = word.token * sums_->outputs + word.output;
    sums_->value[at] = word.value;
    ++sums_->added[at];
    ++arrived_[word.pass];
    last_ = cycle;
  }
  bool read = false;
  std::size_t idle = 0;
  while (idle < pes_.size()) {
    std::deque<SumWord>& from = pes_[turn_]->outgoing;
    if (from.empty() || from.front().ready > cycle || !loader.room(from.front().pass, cycle)) {
      turn_ = (turn_ + 1) % pes_.size();
      ++idle;
      continue;
    }
    if (!read) flow_.read(port, flow_.width());
    read = true;
    SumWord word = from.front();
    if (!flow_.send(word.complete ? params_.complete_bits : params_.sum_bits, 1)) return;
    word.ready = cycle + params_.latency_cycles;
    on_the_way_.push_back(word);
    from.pop_front();
    turn_ = (turn_ + 1) % pes_.size();
    idle = 0;
  }
  flow_.stall();
}

void Returns::start_layer(Waves& waves, const Sums& sums, const std::vector<Pe*>& pes) {
  waves_ = &waves;
  sums_ = &sums;
  pes_ = pes;
  wave_ = 0;
  heads_.clear();
  flow_.start_layer();
}

bool Returns::find_words() {
  while (heads_.empty()) {
    const Wave* wave = waves_->at(wave_);
    if (wave == nullptr) return false;
    words_ = 0;
    for (std::size_t pe = 0; pe < wave->tiles.size(); ++pe) {
      const PeTile& tile = wave->tiles[pe];
      if (!tile.leaves || !tile.first || tile.before == 0) continue;
      heads_.push_back(pe);
      words_ = std::max(words_, tile.extent[kTokens] * tile.extent[kOutputs]);
    }
    word_ = 0;
    head_ = 0;
    if (heads_.empty()) ++wave_;
  }
  return true;
}

void Returns::move(std::uint64_t cycle, const Loader& loader, BankPort& port) {
  bool read = false;
  while (find_words()) {
    const Wave& wave = *waves_->at(wave_);
    const PeTile& tile = wave.tiles[heads_[head_]];
    if (word_ < tile.extent[kTokens] * tile.extent[kOutputs]) {
      const std::uint64_t token = tile.begin[kTokens] + word_ / tile.extent[kOutputs];
      const std::uint64_t output = tile.begin[kOutputs] + word_ % tile.extent[kOutputs];
      const std::uint64_t at = token * sums_->outputs + output;
      Pe& pe = *pes_[heads_[head_]];
      if (!loader.there(wave.pass, cycle) || sums_->added[at] < tile.before ||
          !pe.room_for_incoming()) {
        flow_.stall();
        return;
      }
      if (!read) flow_.read(port, flow_.width());
      read = true;
      if (!flow_.send(params_.sum_bits, 1)) return;
      pe.incoming.push_back(
          {token, output, wave.pass, sums_->value[at], false, cycle + params_.latency_cycles});
    }
    if (++head_ < heads_.size()) continue;
    head_ = 0;
    if (++word_ < words_) continue;
    heads_.clear();
    ++wave_;
  }
  flow_.stall();
}

}  // namespace addax::detailed
