// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/vector_loader.h"

#include <algorithm>

namespace addax::detailed {

VectorLoader::VectorLoader(hw::Dram& dram, const arch::Architecture& architecture)
    : dram_(&dram),
      burst_bits_(architecture.dram.burst_bits),
      word_(architecture.buffer.width_bits),
      write_queue_(architecture.write_queue) {}

void VectorLoader::start_layer(const mapping::VectorPlan& plan) {
  const std::unique_ptr<mapping::PassSource> source = mapping::passes(plan);
  for (mapping::Pass pass; source->next(pass);) passes_.push_back(pass);
  half_banks_ = plan.share.half_banks;
}

bool VectorLoader::room(std::uint64_t cycle) const {
  const auto waiting = std::count_if(stores_.begin(), stores_.end(),
                                     [cycle](const Store& store) { return !store.gone(cycle); });
  return static_cast<std::uint64_t>(waiting) < write_queue_;
}

void VectorLoader::free_halves(std::uint64_t cycle, std::uint64_t read) {
  while (!stores_.empty() && stores_.front().gone(cycle)) stores_.pop_front();
  const std::uint64_t first_stored = stores_.empty() ? stored_ : stores_.front().chunk;
  for (; freed_ < read; ++freed_) {
    const mapping::Pass& pass = passes_[freed_];
    if (pass.is_transfer() && freed_ >= first_stored) return;
    if (pass.stream_load_bits > 0) --halves_;
  }
}

void VectorLoader::load(std::uint64_t cycle) {
  for (; asked_ < passes_.size(); ++asked_) {
    std::uint64_t left = passes_[asked_].stream_load_bits;
    if (left > 0) {
      if (halves_ == kHalves) return;
      ++halves_;
    }
    std::vector<std::uint64_t>& bursts = loads_.emplace_back().arrivals;
    for (; left > 0; left -= std::min(left, burst_bits_))
      bursts.push_back(
          dram_->transfer(hw::DramPort::Direction::kRead, std::min(left, burst_bits_), cycle));
  }
}

void VectorLoader::store(std::uint64_t cycle, std::uint64_t ended, BankPort& banks) {
  for (; stored_ < ended; ++stored_) {
    const mapping::Pass& pass = passes_[stored_];
    if (pass.store_bits == 0) continue;
    stores_.push_back({stored_, pass.store_words,
                       dram_->transfer(hw::DramPort::Direction::kWrite, pass.store_bits, cycle)});
    last_write_ = std::max(last_write_, stores_.back().sent);
  }
  for (Store& store : stores_) {
    if (store.words == 0) continue;
    const std::uint64_t read = banks.take(store.words * word_) / word_;
    resident_reads_ += read;
    store.words -= read;
    last_write_ = std::max(last_write_, cycle + 1);
    if (store.words > 0) return;
  }
}

// Halves fill side by side: each has its banks.
void VectorLoader::fill(std::uint64_t cycle) {
  for (std::size_t i = 0; i < loads_.size(); ++i) {
    const mapping::Pass& pass = passes_[in_half_ + i];
    Load& load = loads_[i];
    for (std::uint64_t moved = 0; moved < half_banks_ && load.words < pass.stream_load_words;
         ++moved) {
      const std::uint64_t last_bit = std::min((load.words + 1) * word_, pass.stream_load_bits) - 1;
      if (load.arrivals[last_bit / burst_bits_] > cycle) break;
      ++load.words;
      ++stream_writes_;
    }
  }
  for (; !loads_.empty() && loads_.front().words == passes_[in_half_].stream_load_words; ++in_half_)
    loads_.pop_front();
}

void VectorLoader::move(std::uint64_t cycle, std::uint64_t read, std::uint64_t ended,
                        BankPort& banks) {
  fill(cycle);
  free_halves(cycle, read);
  // A load that a chunk makes room for is asked for before that chunk's result.
  load(cycle);
  store(cycle, ended, banks);
}

}  // namespace addax::detailed
