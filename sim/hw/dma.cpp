// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/dma.h"

#include <algorithm>

#include "models/quantity/check.h"
#include "sim/hw/clock.h"

namespace addax::hw {

Dma::Dma(const sc_core::sc_module_name& name, std::uint32_t write_queue)
    : sc_module(name), write_queue_(write_queue) {
  target.bind(*this);
  SC_HAS_PROCESS(Dma);
  SC_METHOD(write_back);
  sensitive << result_ready_;
  dont_initialize();
  SC_METHOD(free_halves);
  sensitive << half_free_;
  dont_initialize();
}

std::uint64_t Dma::now() const { return now_cycles() - origin_; }

void Dma::start_layer(mapping::PassSource& source, std::uint64_t origin) {
  source_ = &source;
  origin_ = origin;
  next_.reset();
  exhausted_ = false;
  halves_used_ = 0;
  free_at_.clear();
  holds_half_ = false;
  last_write_ = left_ = staying_ = 0;
  loaded_.clear();
  results_.clear();
  write_ends_.clear();
  fetch();
}

void Dma::fetch() {
  while (!exhausted_) {
    if (!next_) {
      next_.emplace();
      if (!source_->next(*next_)) {
        next_.reset();
        exhausted_ = true;
        return;
      }
    }
    const bool needs_half = next_->stream_load_bits > 0;
    if (needs_half && halves_used_ == kHalves) return;
    if (loaded_.size() == kPassesAhead) return;
    const bool busy = !loaded_.empty() || staying_ > 0;
    if (next_->resident_load_bits > 0 && busy) return;
    if (next_->resident_load_bits > 0 && left_ > now()) {
      half_free_.notify(to_time(left_ - now()));
      return;
    }
    if (next_->loads_results && (busy || !results_.empty())) return;
    std::uint64_t ready = now();
    const std::uint64_t asked = ready;
    if (next_->resident_load_bits > 0) {
      const std::uint64_t first = dram->first_burst(asked);
      ready = std::max(
          {ready, dram->transfer(DramPort::Direction::kRead, next_->resident_load_bits, asked),
           buffer->resident(0, next_->resident_load_words, first)});
    }
    if (needs_half) {
      const std::uint64_t first = dram->first_burst(asked);
      ready = std::max(
          {ready, dram->transfer(DramPort::Direction::kRead, next_->stream_load_bits, asked),
           buffer->stream(BufferPort::Access::kWrite, next_->stream_load_words, first)});
      ++halves_used_;
    }
    loaded_.push_back({*next_, ready});
    next_.reset();
  }
}

// Later passes may work on the same data. Where no pass is loaded, the next one has been looked at
// already.
void Dma::consumed(std::uint64_t at) {
  ADDAX_CHECK(!loaded_.empty(), "data without a pass");
  const mapping::Pass* next = loaded_.size() > 1 ? &loaded_[1].pass : next_ ? &*next_ : nullptr;
  const bool same_data_again = next != nullptr && next->stream_load_bits == 0;
  holds_half_ = holds_half_ || loaded_.front().pass.stream_load_bits > 0;
  if (same_data_again || !holds_half_) return;
  holds_half_ = false;
  free_half(at);
}

// A half whose words were sent ahead of their pass has been free for a while; what is free is known now.
void Dma::free_half(std::uint64_t at) {
  free_at_.push_back(std::max(at, now()));
  if (free_at_.size() == 1) half_free_.notify(to_time(free_at_.front() - now()));
}

void Dma::free_halves() {
  for (; !free_at_.empty() && free_at_.front() <= now(); free_at_.pop_front()) --halves_used_;
  if (!free_at_.empty()) half_free_.notify(to_time(free_at_.front() - now()));
  fetch();
  stored_.notify(sc_core::SC_ZERO_TIME);
}

void Dma::release(std::optional<std::uint64_t> left) {
  ADDAX_CHECK(!loaded_.empty(), "release without a pass");
  loaded_.pop_front();
  if (left)
    left_ = std::max(left_, *left);
  else
    ++staying_;
  fetch();
}

void Dma::left(std::uint64_t at) {
  ADDAX_CHECK(staying_ > 0, "sums without a pass");
  --staying_;
  left_ = std::max(left_, at);
  fetch();
}

std::optional<std::uint64_t> Dma::room() const {
  const std::uint64_t at = now();
  std::size_t waiting = results_.size();
  for (const std::uint64_t end : write_ends_) waiting += end > at ? 1 : 0;
  if (waiting < write_queue_) return at;
  const std::size_t must_go = waiting - write_queue_ + 1;
  const std::size_t gone = write_ends_.size() - (waiting - results_.size());
  if (gone + must_go > write_ends_.size()) return std::nullopt;
  return write_ends_[gone + must_go - 1];
}

void Dma::store(const mapping::Pass& pass, std::uint64_t ready) {
  results_.push_back(
      {pass.store_bits, pass.store_words, ready, pass.is_transfer() && pass.stream_load_bits > 0});
  if (results_.size() == 1) result_ready_.notify(to_time(ready - std::min(ready, now())));
}

void Dma::write_back() {
  const std::uint64_t at = now();
  while (!write_ends_.empty() && write_ends_.front() <= at) write_ends_.pop_front();
  while (!results_.empty() && results_.front().ready <= at) {
    const Result& result = results_.front();
    const std::uint64_t read = buffer->resident(result.words, 0, at);
    const std::uint64_t written = dram->transfer(DramPort::Direction::kWrite, result.bits, at);
    write_ends_.push_back(std::max(read, written));
    last_write_ = std::max(last_write_, write_ends_.back());
    if (result.in_half) free_half(write_ends_.back());
    results_.pop_front();
  }
  if (!results_.empty()) result_ready_.notify(to_time(results_.front().ready - at));
  fetch();
  stored_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace addax::hw
