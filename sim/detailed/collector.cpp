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
  heads_.assign(pes.size(), {});
  for (std::size_t pe = 0; pe < pes.size(); ++pe) heads_[pe].pe = pe;
  needs_ = turn_ = 0;
  pending_ = nullptr;
  passes_ = loaded_ = 0;
  latest_load_.assign(sums.word.size(), 0);
}

std::uint64_t Returns::wave() const {
  std::uint64_t oldest = next_;
  for (const Head& head : heads_)
    if (!head.needs.empty()) oldest = std::min(oldest, head.needs.front().wave);
  return oldest;
}

// Up to the wave after the one whose words are being sent, or after the oldest that needs sums.
void Returns::look_ahead(std::uint64_t sending, const Loader& loader) {
  while (needs_ == 0 || next_ <= std::max(sending, wave()) + 1) {
    const Wave* wave = waves_->at(next_);
    if (wave == nullptr) return;
    for (; passes_ <= wave->pass; ++passes_) loaded_ += loader.pass(passes_).loads_results ? 1 : 0;
    for (std::size_t pe = 0; pe < wave->tiles.size(); ++pe) {
      const PeTile& tile = wave->tiles[pe];
      if (!tile.leaves || !tile.first || tile.before == 0) continue;
      heads_[pe].needs.push_back({next_, loaded_, tile.extent[kTokens] * tile.extent[kOutputs], 0});
      ++needs_;
    }
    ++next_;
  }
}

// Each PE asks for its sums one after another; the oldest wave goes first, PEs of one in turn.
bool Returns::find_sum(std::uint64_t cycle, const Loader& loader) {
  std::uint64_t oldest = next_;
  for (std::size_t tried = 0; tried < heads_.size(); ++tried) {
    Head& head = heads_[(turn_ + tried) % heads_.size()];
    if (head.needs.empty() || head.needs.front().wave >= oldest || !may_send(head) ||
        !loader.there(waves_->at(head.needs.front().wave)->pass, cycle))
      continue;
    oldest = head.needs.front().wave;
    pending_ = &head;
  }
  if (pending_ != nullptr) turn_ = (pending_->pe + 1) % heads_.size();
  return pending_ != nullptr;
}

// Whether the next sum of a head has been written, and the PE has room for it.
bool Returns::may_send(const Head& head) const {
  if (!pes_[head.pe]->room_for_incoming()) return false;
  const Need& need = head.needs.front();
  const PeTile& tile = waves_->at(need.wave)->tiles[head.pe];
  const auto [token, output] = next_of(need, tile);
  return sums_->added[sums_->at(token, output)] >= tile.before;
}

std::pair<std::uint64_t, std::uint64_t> Returns::next_of(const Need& need,
                                                         const PeTile& tile) const {
  return {tile.begin[kTokens] + need.sent / tile.extent[kOutputs],
          tile.begin[kOutputs] + need.sent % tile.extent[kOutputs]};
}

void Returns::move(std::uint64_t cycle, std::uint64_t sending, const Loader& loader,
                   BankPort& port) {
  flow_.next_cycle();
  look_ahead(sending, loader);
  bool read = false;
  while (needs_ > 0) {
    if (pending_ == nullptr && !find_sum(cycle, loader)) break;
    Need& need = pending_->needs.front();
    const Wave& wave = *waves_->at(need.wave);
    if (!read) flow_.read(port, params_.sum_bits);
    read = true;
    if (!flow_.send(params_.sum_bits, 1, wave.pass)) return;
    const auto [token, output] = next_of(need, wave.tiles[pending_->pe]);
    const std::size_t at = sums_->at(token, output);
    if (latest_load_[at] < need.load) loads_.count(need.load, params_.sum_bits);
    latest_load_[at] = need.load;
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
    if (++need.sent == need.words) {
      pending_->needs.pop_front();
      --needs_;
    }
    pending_ = nullptr;
  }
  flow_.stall(port);
}

}  // namespace addax::detailed
