// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/pe.h"

#include <algorithm>

#include "models/quantity/check.h"
#include "sim/detailed/clock.h"

namespace addax::detailed {

using mapping::kOutputs;
using mapping::kTokens;
using mapping::kUnits;

namespace {

std::uint64_t words_of(const arch::Scratchpad& pad, std::uint32_t bits) {
  return std::max<std::uint64_t>(pad.bits() / bits, 1);
}

std::uint64_t latency_of(const arch::Datapath& datapath, arith::Arithmetic arithmetic) {
  for (const arch::Unit& unit : datapath.units)
    if (unit.executes == arithmetic) return unit.latency_cycles;
  ADDAX_UNREACHABLE("no unit");
}

}  // namespace

Pe::Pe(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      activations(words_of(params.group->activation_scratchpad, params.activation_bits)),
      weights(words_of(params.group->weight_scratchpad, params.code_bits)),
      params_(params),
      psum_words_(std::max<std::uint64_t>(params.group->psum_scratchpad.words, 1)),
      latency_(latency_of(params.group->datapath, arith::Arithmetic::kFp16Multiply)),
      add_latency_(latency_of(params.group->datapath, arith::Arithmetic::kFp32Add)) {
  SC_HAS_PROCESS(Pe);
  SC_METHOD(step);
  sensitive << params.clock->work;
  dont_initialize();
}

void Pe::start_layer(Waves& waves, const std::vector<Pe*>& pes) {
  waves_ = &waves;
  pes_ = pes;
}

// Products come first: each output leaves the adder one cycle, that of its first product. Sums that
// leave come first when there is no room for more of them.
void Pe::step() {
  const std::uint64_t now = params_.clock->cycle();
  const bool full = leaving_.size() + 1 >= psum_words_;
  const bool added = full && pass_on(now);
  const bool adds = multiply(now, added);
  if (!full && !adds) pass_on(now);
}

// A sum that leaves is added to what comes from above, or from the buffer.
bool Pe::pass_on(std::uint64_t now) {
  if (leaving_.empty() || leaving_.front().sum.ready > now) return false;
  Leaving& front = leaving_.front();
  if (front.next ? !pes_[*front.next]->room_above() : outgoing.size() >= kOutgoing) return false;
  float base = 0.0F;
  std::deque<SumWord>* from = !front.first ? &above : front.returns ? &incoming : nullptr;
  if (from != nullptr) {
    if (from->empty() || from->front().ready > now) return false;
    ADDAX_CHECK(from->front().token == front.sum.token && from->front().output == front.sum.output,
                "sums of different outputs meet");
    base = from->front().value;
    from->pop_front();
  }
  front.sum.value = arith::fp32_add(base, front.sum.value);
  front.sum.ready = now + add_latency_;
  ++actions_.adds;
  if (front.next) {
    ++actions_.sums_passed_on;
    pes_[*front.next]->above.push_back(front.sum);
  } else {
    outgoing.push_back(front.sum);
  }
  leaving_.pop_front();
  return true;
}

bool Pe::find_work() {
  while (tile_ == nullptr) {
    at_ = waves_->at(wave_);
    if (at_ == nullptr) return false;
    const PeTile& tile = at_->tiles[params_.place];
    if (tile.works()) {
      tile_ = &tile;
      const Wave* next = waves_->at(wave_ + 1);
      at_ = waves_->at(wave_);
      tile_ = &at_->tiles[params_.place];
      activations_go_ = next == nullptr || next->activations != at_->activations;
      weights_go_ = next == nullptr || next->weights != at_->weights;
      activation_words_ = tile_->extent[kTokens] * tile_->extent[kUnits];
      weight_words_ = tile_->extent[kOutputs] * tile_->extent[kUnits];
      point_ = {};
      const std::size_t sums = tile_->extent[kTokens] * tile_->extent[kOutputs];
      if (!tile_->held) held_.assign(sums, 0.0F);
    } else {
      end_wave();
    }
  }
  return true;
}

void Pe::end_wave() {
  const std::uint64_t activation_tile = at_->activations;
  const std::uint64_t weight_tile = at_->weights;
  const Wave* next = waves_->at(++wave_);
  if (next == nullptr || next->activations != activation_tile) {
    activations.next_tile(activation_words_);
    activation_words_ = 0;
  }
  if (next == nullptr || next->weights != weight_tile) {
    weights.next_tile(weight_words_);
    weight_words_ = 0;
  }
  tile_ = nullptr;
}

// Whether it took the adder.
bool Pe::multiply(std::uint64_t now, bool adder_taken) {
  if (!find_work() || leaving_.size() >= psum_words_) return false;
  const std::uint64_t k = point_[kUnits];
  const std::uint64_t inputs = tile_->extent[kUnits];
  const std::uint64_t activation = point_[kTokens] * inputs + k;
  const std::uint64_t weight = point_[kOutputs] * inputs + k;
  const bool fresh = k == 0 && !tile_->held;
  if (adder_taken && !fresh) return false;
  if (!activations.has(activation, now) || !weights.has(weight, now)) return false;
  const float product = arith::to_fp32(
      arith::fp16_multiply({weights.value(weight)}, {activations.value(activation)}));
  const std::uint64_t at = point_[kTokens] * tile_->extent[kOutputs] + point_[kOutputs];
  if (k == 0 && tile_->held) sum_ = held_[at];
  sum_ = fresh ? product : arith::fp32_add(sum_, product);
  ++actions_.multiplies;
  actions_.adds += fresh ? 0 : 1;
  ++actions_.busy;
  const bool last_output = point_[kOutputs] + 1 == tile_->extent[kOutputs];
  const bool last_token = point_[kTokens] + 1 == tile_->extent[kTokens];
  if (activations_go_ && last_output) activations.free_through(activation);
  if (weights_go_ && last_token) weights.free_through(weight);
  if (++point_[kUnits] < inputs) return !fresh;
  point_[kUnits] = 0;
  if (tile_->leaves)
    leaving_.push_back(
        {{tile_->begin[kTokens] + point_[kTokens], tile_->begin[kOutputs] + point_[kOutputs],
          at_->pass, sum_, tile_->complete, now + latency_ + add_latency_},
         tile_->next,
         tile_->first,
         tile_->before > 0});
  else
    held_[at] = sum_;
  if (!last_output) {
    ++point_[kOutputs];
    return !fresh;
  }
  point_[kOutputs] = 0;
  if (!last_token) {
    ++point_[kTokens];
    return !fresh;
  }
  end_wave();
  return !fresh;
}

}  // namespace addax::detailed
