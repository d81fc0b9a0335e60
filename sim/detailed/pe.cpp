// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/pe.h"

#include <algorithm>

#include "models/quantity/check.h"

namespace addax::detailed {

using arith::Arithmetic;
using mapping::kOutputs;
using mapping::kPlanes;
using mapping::kTokens;
using mapping::kUnits;

namespace {

std::uint64_t words_of(const arch::Scratchpad& pad, std::uint32_t bits, std::uint64_t tile) {
  return std::max(pad.bits() / bits, tile);
}

}  // namespace

Pe::Pe(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      params_(params),
      units_(params.group->datapath),
      activations_(words_of(params.group->activation_scratchpad, params.activation_bits,
                            params.tile_activations)),
      weights_(
          words_of(params.group->weight_scratchpad, params.held_weight_bits, params.tile_weights)),
      psum_words_(std::max<std::uint64_t>(params.group->psum_scratchpad.words, 1)) {
  SC_HAS_PROCESS(Pe);
  SC_METHOD(step);
  sensitive << params.clock->work;
  dont_initialize();
}

void Pe::start_layer(Waves& waves, const Products& products, const std::vector<Pe*>& pes,
                     bool keeps_sums, WeightBits& weight_bits) {
  sums_.start_layer(keeps_sums);
  weight_bits_ = &weight_bits;
  waves_ = &waves;
  products_ = &products;
  pes_ = pes;
  add_latency_ = units_.latency(products.open_add());
  latency_ = units_.latency(products.multiplication()) + add_latency_;
  scaling_latency_ = units_.latency(products.scaling()) + units_.latency(products.total_add());
  completion_latency_ = units_.latency(products.completion());
  adds_a_cycle_ = units_.units(products.open_add());
  lanes_ = products.has_table() ? std::uint64_t{params_.group->datapath.lut->readers} : 1;
  in_units_ = lanes_ * (add_latency_ + scaling_latency_ + completion_latency_ - 1);
  incoming_on_the_way_ = lanes_ * (params_.psum_latency_cycles - 1);
  if (!products.has_table()) return;
  const arch::Lut& lut = *params_.group->datapath.lut;
  generator_.emplace(lut, params_.place);
  generator_->start_layer(waves, products);
  readers_ = lut.readers;
  ++latency_;  // a read
}

mapping::ArrayAccesses Pe::accesses() const {
  mapping::ArrayAccesses sum;
  sum.activation_writes = activations_sent_;
  sum.activation_reads = generator_ ? generator_->inputs_read() : steps_;
  sum.psum_reads = sums_.reads();
  sum.psum_writes = sums_.writes();
  sum.neighbour_bits = hops_;
  if (!generator_) return sum;
  sum.lut_reads = queries_;
  sum.lut_writes = generator_->built() * params_.group->datapath.lut->entries();
  return sum;
}

// Conversions begin one after another in the order of arrival.
void Pe::send_activation(std::uint16_t word, std::uint64_t ready) {
  for (const Operations::Some& one : products_->when_sent().list())
    if (one.what == Arithmetic::kFp16Convert)
      ready = activation_converter_.begin(ready, units_.units(one.what));
    else
      units_.occupy(one.what, one.count);
  activations_.send(word, ready);
  ++activations_sent_;
}

void Pe::send_weight(std::uint16_t word, std::uint64_t ready, std::uint64_t bits,
                     std::uint64_t pass) {
  weight_bits_->written[pass] += products_->has_table() ? bits : params_.held_weight_bits;
  for (const Operations::Some& one : products_->when_held().list()) {
    units_.count(one.what, one.count);
    if (one.what == Arithmetic::kFp16Convert)
      ready = weight_converter_.begin(ready, units_.units(one.what));
    else if (one.what == Arithmetic::kFp16Multiply)
      units_.occupy(one.what, one.count);
  }
  weights_.send(word, ready);
}

// Sums that leave come first: what they hold up waits in front of the adder, which rests in no cycle for it.
// Reads of a table come before them, as long as there is room for more sums: one that leaves has adds for all planes
// at once, and readers would wait for them together.
void Pe::step() {
  const std::uint64_t now = params_.clock->cycle();
  units_.next_cycle(now);
  if (generator_) generator_->step(now, activations_, units_);
  while (finished_ < leaving_.size() && leaving_[finished_].word.ready <= now) ++finished_;
  const bool full = finished_ + readers_ > psum_words_ || finished_ + 1 >= psum_words_;
  std::uint64_t passed = 0;
  const auto pass_all = [&] {
    while (passed < readers_ && pass_on(now)) ++passed;
  };
  if (!generator_ || full) pass_all();
  if (generator_)
    query(now);
  else
    multiply(now);
  pass_all();
}

// A sum that leaves is added to what comes from above, or from the buffer.
bool Pe::pass_on(std::uint64_t now) {
  if (finished_ == 0) return false;
  Leaving& front = leaving_.front();
  if (front.next ? !pes_[*front.next]->room_above(on_the_way())
                 : outgoing.size() >= kOutgoing * readers_ + on_the_way())
    return false;
  std::deque<SumWord>* from = !front.first ? &above : front.returns ? &incoming : nullptr;
  if (from != nullptr) {
    if (from->empty() || from->front().ready > now) return false;
    ADDAX_CHECK(
        from->front().token == front.word.token && from->front().output == front.word.output,
        "sums of different outputs meet");
  }
  if (!combine(front, from == nullptr ? PartialSum() : from->front().sum, now)) return false;
  if (from != nullptr) from->pop_front();
  if (from == &incoming) sums_.come();
  if (front.next) {
    ++hops_;
    pes_[*front.next]->above.push_back(front.word);
  } else {
    outgoing.push_back(front.word);
    sums_.go();
  }
  leaving_.pop_front();
  --finished_;
  return true;
}

// Adds its own sums to what comes; false where a unit that this takes is not free.
bool Pe::combine(Leaving& own, PartialSum sum, std::uint64_t now) {
  const Products& products = *products_;
  if (!units_.may_begin(products.open_add())) return false;
  const bool ends = own.own.has_head;
  if (ends && !units_.may_begin(products.scaling())) return false;
  if (own.own.sum.has_total && !units_.may_begin(products.total_add())) return false;
  const bool completes = own.word.complete && !own.next;
  if (completes && !units_.may_begin(products.completion())) return false;
  std::uint64_t ready = now + add_latency_;
  const auto add_open = [&](const PartialSum& part) {
    for (std::uint32_t plane = 0; plane < products.planes(); ++plane)
      if ((part.has_open >> plane & 1U) != 0) units_.begin(products.open_add(), 1);
    products.add_open(sum, part);
  };
  if (!products.segmented()) {
    add_open(own.own.sum);
    if (completes) {
      units_.begin(products.completion());
      ready += completion_latency_;
    }
  } else {
    const Products::Place at = {own.word.token, own.word.output, own.first_unit};
    if (own.joins) add_open(ends ? own.own.head : own.own.sum);
    if (ends) {
      const PartialSum open = sum;
      for (std::uint32_t plane = 0; plane < products.planes(); ++plane) {
        products.close(sum, plane, open.open[plane], at);
        units_.begin(products.scaling());
        ++scalings_;
        units_.begin(products.total_add(), products.adds_a_scaling());
      }
      ready += scaling_latency_;
      sum.open = {};
      sum.has_open = 0;
    }
    if (own.own.sum.has_total) {
      units_.begin(products.total_add(), 1);
      products.add_total(sum, own.own.sum.total);
    }
    if (!own.joins || ends) {
      sum.open = own.own.sum.open;
      sum.has_open = own.own.sum.has_open;
    }
  }
  own.word.sum = sum;
  own.word.ready = ready + units_.backlog();
  return true;
}

bool Pe::find_work() {
  while (tile_ == nullptr) {
    at_ = waves_->at(wave_);
    if (at_ == nullptr) return false;
    if (!at_->tiles[params_.place].works()) {
      end_wave();
      continue;
    }
    const Wave* next = waves_->at(wave_ + 1);
    tile_ = &at_->tiles[params_.place];
    activations_go_ = next == nullptr || next->activations != at_->activations;
    weights_go_ = next == nullptr || next->weights != at_->weights;
    activation_words_ = tile_->extent[kTokens] * tile_->extent[kUnits];
    weight_words_ = tile_->extent[kOutputs] * tile_->extent[kUnits] * tile_->extent[kPlanes];
    point_ = {};
    stays_ = tile_->held || !tile_->leaves;
    const std::uint64_t sums = tile_->extent[kTokens] * tile_->extent[kOutputs];
    if (!tile_->held) {
      own_.assign(stays_ ? sums : readers_, Own{});
      sums_.begin(sums);
    } else if (at_->several_sums) {
      sums_.next_wave();
    }
  }
  return true;
}

void Pe::end_wave() {
  weight_bits_->read[at_->pass] += weight_bits_read_;
  weight_bits_read_ = 0;
  const std::uint64_t activation_tile = at_->activations;
  const std::uint64_t weight_tile = at_->weights;
  const Wave* next = waves_->at(++wave_);
  if (next == nullptr || next->activations != activation_tile) {
    if (generator_)
      generator_->release(activation_tile);
    else
      activations_.next_tile(activation_words_);
    activation_words_ = 0;
  }
  if (next == nullptr || next->weights != weight_tile) {
    weights_.next_tile(weight_words_);
    weight_words_ = 0;
  }
  tile_ = nullptr;
}

// The first product of a sum is where it begins; what comes from above is added to it later.
bool Pe::begins(const Own& own, std::size_t plane) const {
  if ((own.sum.has_open >> plane & 1U) != 0) return false;
  return !products_->starts_at_zero() || (tile_->joins && !own.has_head);
}

bool Pe::segment_ends(std::uint64_t unit) const {
  if (!products_->segmented()) return false;
  if (unit + 1 == tile_->begin[kUnits] + tile_->extent[kUnits]) return tile_->closes;
  return products_->begins_segment(unit + 1);
}

void Pe::end_segment(Own& own, std::size_t plane, const Products::Place& at) {
  const auto bit = static_cast<std::uint8_t>(1U << plane);
  if (tile_->joins && (!own.has_head || (own.head_planes & bit) == 0)) {
    // The PE above has the rest of it.
    own.has_head = true;
    own.head_planes |= bit;
    own.head.open[plane] = own.sum.open[plane];
    own.head.has_open |= own.sum.has_open & bit;
    if (products_->adds_a_scaling() > 1) {
      own.head.open[1] = own.sum.open[1];
      own.head.has_open |= own.sum.has_open & 2U;
    }
  } else {
    units_.begin(products_->scaling());
    ++scalings_;
    units_.begin(products_->total_add(),
                 products_->adds_a_scaling() - (own.sum.has_total ? 0U : 1U));
    products_->close(own.sum, plane, own.sum.open[plane], at);
  }
  own.begun = false;
  own.sum.open[plane] = 0;
  own.sum.has_open &= static_cast<std::uint8_t>(~bit);
  if (products_->adds_a_scaling() > 1) {
    own.sum.open[1] = 0;
    own.sum.has_open &= static_cast<std::uint8_t>(~2U);
  }
}

void Pe::finish_output(Own& own, const Products::Place& at, std::uint64_t now) {
  if (!tile_->leaves) return;
  Leaving leaving;
  leaving.word = {at.token, at.output,       tile_->pass,
                  {},       tile_->complete, now + latency_ + units_.backlog()};
  if (own.sum.has_total) leaving.word.ready += scaling_latency_;
  leaving.own = own;
  leaving.next = tile_->next;
  leaving.first = tile_->first;
  leaving.returns = tile_->before > 0;
  leaving.joins = tile_->joins;
  leaving.first_unit = tile_->begin[kUnits];
  leaving_.push_back(leaving);
  sums_.leave();
  own = Own{};
}

// As many units as can begin, one after another.
void Pe::multiply(std::uint64_t now) {
  for (std::uint64_t left = adds_a_cycle_; left > 0; --left) {
    if (!find_work() || finished_ >= psum_words_) return;
    const std::uint64_t k = point_[kUnits];
    const std::uint64_t units = tile_->extent[kUnits];
    const std::uint64_t activation = point_[kTokens] * units + k;
    const std::uint64_t weight = point_[kOutputs] * units + k;
    if (!activations_.has(activation, now) || !weights_.has(weight, now)) return;
    const Products::Place at = {tile_->begin[kTokens] + point_[kTokens],
                                tile_->begin[kOutputs] + point_[kOutputs],
                                tile_->begin[kUnits] + k};
    Own& own = own_[stays_ ? point_[kTokens] * tile_->extent[kOutputs] + point_[kOutputs] : 0];
    const bool ends = segment_ends(at.unit);
    const bool fresh = begins(own, 0);
    // Zeros take an adder like other weights, unless it skips them.
    const bool first = fresh && !own.begun;
    const bool skips = params_.group->datapath.skips_zeros_in_time;
    if (!units_.may_begin(products_->multiplication())) return;
    if (!first && !units_.may_begin(products_->open_add())) return;
    if (ends && !units_.may_begin(products_->scaling())) return;
    units_.begin(products_->multiplication());
    sums_.turn_to(point_[kTokens] * tile_->extent[kOutputs] + point_[kOutputs], 1, tile_->leaves);
    weight_bits_read_ += params_.held_weight_bits;
    ++steps_;
    pass_ = at_->pass;
    if (products_->accumulate(own.sum, weights_.value(weight), activations_.value(activation))) {
      if (!fresh)
        units_.begin(products_->open_add(), products_->planes());
      else if (!first)
        units_.occupy(products_->open_add(), 1);
    } else if (!first && !skips) {
      units_.occupy(products_->open_add(), 1);
    }
    own.begun = !skips;
    if (ends)
      for (std::uint32_t plane = 0; plane < products_->planes(); ++plane)
        end_segment(own, plane, at);
    const bool last_output = point_[kOutputs] + 1 == tile_->extent[kOutputs];
    const bool last_token = point_[kTokens] + 1 == tile_->extent[kTokens];
    if (activations_go_ && last_output) activations_.free_through(activation);
    if (weights_go_ && last_token) weights_.free_through(weight);
    if (++point_[kUnits] < units) continue;
    point_[kUnits] = 0;
    finish_output(own, at, now);
    if (!last_output) {
      ++point_[kOutputs];
      continue;
    }
    point_[kOutputs] = 0;
    if (!last_token) {
      ++point_[kTokens];
      continue;
    }
    end_wave();
  }
}

// One plane of as many outputs as there are readers.
void Pe::query(std::uint64_t now) {
  if (!find_work()) return;
  const arith::Table* table = generator_->table(at_->activations, now);
  if (table == nullptr) return;
  const std::uint64_t planes = tile_->extent[kPlanes];
  const std::uint64_t first = point_[kOutputs];
  const std::uint64_t lanes = std::min(readers_, tile_->extent[kOutputs] - first);
  const std::uint64_t plane = tile_->begin[kPlanes] + point_[kPlanes];
  const std::size_t open = products_->segmented() ? plane : 0;
  const bool last_plane = point_[kPlanes] + 1 == planes;
  for (std::uint64_t& lane = point_[kUnits]; lane < lanes; ++lane) {
    const std::uint64_t word = first * planes + point_[kPlanes] * lanes + lane;
    if (!weights_.has(word, now) || finished_ >= psum_words_) return;
    const Products::Place at = {tile_->begin[kTokens], tile_->begin[kOutputs] + first + lane,
                                tile_->begin[kUnits]};
    Own& own = own_[stays_ ? first + lane : lane];
    const bool ends = segment_ends(at.unit);
    const bool fresh = begins(own, open);
    if (!fresh && !units_.may_begin(products_->open_add())) return;
    if (ends && !units_.may_begin(products_->scaling())) return;
    products_->accumulate(own.sum, open, table->query(weights_.value(word)));
    if (lane == 0) sums_.turn_to(first, lanes, tile_->leaves);
    weight_bits_read_ += products_->inputs_of(at.unit);
    ++queries_;
    ++steps_;
    pass_ = at_->pass;
    if (!fresh) units_.begin(products_->open_add(), 1);
    if (ends) end_segment(own, open, at);
    weights_.free_through(word);
    if (last_plane) finish_output(own, at, now);
  }
  point_[kUnits] = 0;
  if (!last_plane) {
    ++point_[kPlanes];
    return;
  }
  point_[kPlanes] = 0;
  point_[kOutputs] += lanes;
  if (point_[kOutputs] == tile_->extent[kOutputs]) end_wave();
}

}  // namespace addax::detailed
