// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/loader.h"

#include <algorithm>

namespace addax::detailed {

void Loader::start_layer(const mapping::LayerPlan& plan) {
  passes_.clear();
  const std::unique_ptr<mapping::PassSource> source = mapping::passes(plan);
  for (mapping::Pass pass; source->next(pass);) passes_.push_back(pass);
  for (mapping::Pass& pass : passes_) pass.work = nullptr;
  half_banks_ = std::visit([](const auto& p) { return p.share.half_banks; }, plan);
  ready_.assign(passes_.size(), 0);
  streams_.clear();
  loaded_ = ended_ = last_write_ = 0;
  write_ends_.clear();
  reads_ = 0;
}

std::size_t Loader::waiting(std::uint64_t cycle) const {
  return static_cast<std::size_t>(std::count_if(
      write_ends_.begin(), write_ends_.end(), [cycle](std::uint64_t end) { return end > cycle; }));
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

void Loader::move(std::uint64_t cycle, std::optional<std::uint64_t> sending, std::uint64_t ended) {
  for (; ended_ < ended; ++ended_) {
    const mapping::Pass& pass = passes_[ended_];
    if (pass.store_bits == 0) continue;
    reads_ += quantity::ceil_div(pass.store_bits, buffer_width_);
    write_ends_.push_back(dram_->transfer(hw::DramPort::Direction::kWrite, pass.store_bits, cycle));
    last_write_ = std::max(last_write_, write_ends_.back());
  }
  for (; loaded_ < passes_.size() && may_load(loaded_, sending, ended); ++loaded_) {
    const mapping::Pass& pass = passes_[loaded_];
    std::uint64_t ready = loaded_ == 0 ? cycle : std::max(cycle, ready_[loaded_ - 1]);
    // A half's banks write words from the first burst on.
    if (pass.stream_load_bits > 0)
      ready = std::max(ready, dram_->first_burst(cycle) +
                                  quantity::ceil_div(pass.stream_load_words, half_banks_));
    for (const std::uint64_t bits : {pass.resident_load_bits, pass.stream_load_bits})
      if (bits > 0)
        ready = std::max(ready, dram_->transfer(hw::DramPort::Direction::kRead, bits, cycle));
    if (pass.stream_load_bits > 0) streams_.push_back(loaded_);
    ready_[loaded_] = ready;
  }
}

}  // namespace addax::detailed
