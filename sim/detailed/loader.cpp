// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/loader.h"

#include <algorithm>

namespace addax::detailed {

void Loader::start_layer(const mapping::LayerPlan& plan) {
  passes_.clear();
  const std::unique_ptr<mapping::PassSource> source = mapping::passes(plan);
  for (mapping::Pass pass; source->next(pass);) passes_.push_back(pass);
  for (mapping::Pass& pass : passes_) pass.work = nullptr;
  const mapping::BufferShare share = std::visit([](const auto& p) { return p.share; }, plan);
  half_banks_ = share.half_banks;
  resident_banks_ = share.resident_banks;
  ready_.assign(passes_.size(), 0);
  streams_.clear();
  loaded_ = ended_ = last_write_ = 0;
  write_ends_.clear();
  unread_.clear();
  reads_ = 0;
}

// Results end in the order in which they were asked for.
std::size_t Loader::waiting(std::uint64_t cycle) const {
  const auto read = write_ends_.end() - static_cast<std::ptrdiff_t>(unread_.size());
  return static_cast<std::size_t>(write_ends_.end() -
                                  std::upper_bound(write_ends_.begin(), read, cycle));
}

bool Loader::room(std::uint64_t pass, std::uint64_t cycle) const {
  if (passes_[pass].store_bits == 0) return true;
  std::size_t others = waiting(cycle);
  for (std::uint64_t other = ended_; other < pass; ++other)
    others += passes_[other].store_bits > 0 ? 1 : 0;
  return others < write_queue_;
}

bool Loader::may_load(std::uint64_t pass, std::optional<std::uint64_t> sending,
                      std::uint64_t ended) const {
  if (passes_[pass].resident_load_bits > 0 && ended < pass) return false;
  if (passes_[pass].stream_load_bits == 0 || !sending) return true;
  // Halves hold what is still being sent, and what comes after it.
  const auto in_use = std::upper_bound(streams_.begin(), streams_.end(), *sending);
  const auto held = streams_.end() - in_use + (in_use == streams_.begin() ? 0 : 1);
  return static_cast<std::size_t>(held) < kHalves;
}

void Loader::move(std::uint64_t cycle, std::optional<std::uint64_t> sending, std::uint64_t ended,
                  BankPort& resident) {
  for (; ended_ < ended; ++ended_) {
    const mapping::Pass& pass = passes_[ended_];
    if (pass.store_bits == 0) continue;
    reads_ += quantity::ceil_div(pass.store_bits, buffer_width_);
    write_ends_.push_back(dram_->transfer(hw::DramPort::Direction::kWrite, pass.store_bits, cycle));
    last_write_ = std::max(last_write_, write_ends_.back());
    unread_.push_back(pass.store_bits);
  }
  read_results(cycle, resident);
  load(cycle, sending, ended);
}

void Loader::read_results(std::uint64_t cycle, BankPort& resident) {
  for (; !unread_.empty(); unread_.pop_front()) {
    unread_.front() -= resident.take(unread_.front());
    std::uint64_t& end = *(write_ends_.end() - static_cast<std::ptrdiff_t>(unread_.size()));
    end = std::max(end, cycle + 1);
    last_write_ = std::max(last_write_, end);
    if (unread_.front() > 0) return;
  }
}

// The banks write words from the first burst on: a half's side by side with others, resident ones while
// the array has nothing to do.
void Loader::load(std::uint64_t cycle, std::optional<std::uint64_t> sending, std::uint64_t ended) {
  for (; loaded_ < passes_.size() && may_load(loaded_, sending, ended); ++loaded_) {
    const mapping::Pass& pass = passes_[loaded_];
    std::uint64_t ready = loaded_ == 0 ? cycle : std::max(cycle, ready_[loaded_ - 1]);
    const auto fetch = [&](std::uint64_t bits, std::uint64_t words, std::uint64_t banks) {
      if (bits == 0) return;
      ready = std::max(ready, dram_->first_burst(cycle) + quantity::ceil_div(words, banks));
      ready = std::max(ready, dram_->transfer(hw::DramPort::Direction::kRead, bits, cycle));
    };
    fetch(pass.resident_load_bits, pass.resident_load_words, resident_banks_);
    fetch(pass.stream_load_bits, pass.stream_load_words, half_banks_);
    if (pass.stream_load_bits > 0) streams_.push_back(loaded_);
    ready_[loaded_] = ready;
  }
}

}  // namespace addax::detailed
