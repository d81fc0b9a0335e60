// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/pe_array.h"

#include <algorithm>

#include "sim/hw/clock.h"

namespace addax::hw {

PeArray::PeArray(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_HAS_PROCESS(PeArray);
  SC_METHOD(step);
  sensitive << start_;
  dont_initialize();
}

void PeArray::start_layer(std::uint64_t origin, std::size_t group, const Drain& drain) {
  origin_ = origin;
  group_ = static_cast<int>(group);
  drain_ = drain;
  running_ = false;
  was_idle_ = true;
  waiting_.clear();
  sums_waiting_ = 0;
  end_ = sums_end_ = fed_ = held_ = passes_ = last_result_ = 0;
  start_.notify(sc_core::SC_ZERO_TIME);
}

void PeArray::step() {
  const std::uint64_t now = now_cycles() - origin_;
  place_.reset();
  send_waiting(now);
  if (running_) {
    if (!ended(now)) return;
    finish();
  }
  while (const LoadedPass* loaded = dma->front()) {
    const std::optional<std::uint64_t> start = start_cycle(*loaded);
    if (!start || *start > now) {
      sleep(now, start);
      return;
    }
    was_idle_ = passes_ == 0 || now > end_;
    end_ = run(loaded->pass, now);
    running_ = true;
    if (!ended(now)) return;
    finish();
  }
  // The next pass may wait for results to leave.
  if (waiting_.empty())
    next_trigger(start_ | dma->stored());
  else
    sleep(now, std::nullopt);
}

// Until a cycle; where results wait for a place of which the cycle is not known, also until there may be one.
void PeArray::sleep(std::uint64_t now, std::optional<std::uint64_t> until) {
  const bool own = running_ && dma->front()->pass.work != nullptr && !sums_sent_;
  const bool unknown = (own || !waiting_.empty()) && !place_;
  if (place_ && (!until || *place_ < *until)) until = place_;
  if (!until)
    next_trigger(dma->stored());
  else if (unknown)
    next_trigger(to_time(*until - now), dma->stored());
  else
    next_trigger(to_time(*until - now));
}

std::optional<std::uint64_t> PeArray::start_cycle(const LoadedPass& loaded) const {
  const mapping::Pass& pass = loaded.pass;
  std::uint64_t start = loaded.ready;
  if (pass.vector_jobs_before > 0)
    start = std::max(start, vector_unit->end_of(pass.vector_jobs_before));
  if (pass.store_bits == 0 || pass.work != nullptr) return start;
  if (!waiting_.empty()) return std::nullopt;
  const std::optional<std::uint64_t> room = dma->room();
  if (!room) return std::nullopt;
  // The vector unit's first result comes `latency` cycles after its first operation.
  const std::uint64_t latency = pass.vector.empty() ? 0 : vector_unit->latency();
  return std::max(start, *room - std::min(*room, latency));
}

std::uint64_t PeArray::run(const mapping::Pass& pass, std::uint64_t start) {
  ++passes_;
  sums_sent_ = false;
  if (pass.work == nullptr) {
    if (pass.vector.empty()) {
      if (!pass.is_transfer()) dma->consumed(start);
      return start;
    }
    const std::uint64_t end = vector_unit->submit(pass.vector, start);
    dma->consumed(end - vector_unit->latency());
    return end;
  }
  return feed(pass, start);
}

// Words are sent as soon as they are in the buffer and scratchpads have room for them, also beside the work of the
// pass before.
std::uint64_t PeArray::feed(const mapping::Pass& pass, std::uint64_t start) {
  const mapping::PassWork& work = *pass.work;
  std::uint64_t ready = dma->front()->ready;
  if (pass.vector_jobs_before > 0)
    ready = std::max(ready, vector_unit->end_of(pass.vector_jobs_before));
  const std::uint64_t computing = groups[group_]->compute(pass) + work.stall_cycles.value();
  const std::uint64_t from = std::max({ready, fed_, start - std::min(start, held_)});
  const std::uint64_t activations_end =
      activations->carry(work.activation_bits, work.activation_row_bits, start);
  // Sums leave, and keys beyond those that scratchpads hold come, when the first tables have been built.
  const std::uint64_t queries =
      work.first_query_cycles.value() > 0 ? ready + work.first_query_cycles.value() : start;
  const std::uint64_t first_keys =
      queries > start ? queries - std::min(queries, work.lead_cycles.value()) : from;
  const std::uint64_t keys_from = std::max(from + work.keyless_cycles.value(), first_keys);
  fed_ = std::max(
      {weights->carry(work.weight_bits + pass.scale_bits, work.weight_row_bits + pass.scale_bits,
                      keys_from),
       buffer->stream(BufferPort::Access::kRead, work.stream_reads + pass.scale_words, from),
       work.activations_stream && work.activation_bits > 0 ? activations_end : from});
  const std::uint64_t filled = ready + work.fill_cycles.value();
  const std::uint64_t fill = std::max(filled - std::min(filled, start),
                                      was_idle_ ? std::uint64_t{0} : work.refill_cycles.value());
  const std::uint64_t computed = start + fill + computing;
  // Sums of the pass before may have to come to the buffer first.
  const std::uint64_t first_return =
      std::min(start, std::max({ready, passes_ > 1 ? sums_from_ + drain_.cycles : 0,
                                start - std::min(start, work.return_lead_cycles.value())}));
  held_ = work.held_cycles.value();
  // Words come no earlier than the scratchpads, which are empty where the array was idle, have room for them.
  const bool room_for_all = was_idle_ && work.held_cycles == work.array_cycles;
  dma->consumed(room_for_all ? fed_ : std::max(fed_, computed + work.lag_cycles.value() - held_));
  sums_from_ = std::max(start + fill + work.sumless_cycles.value(), queries);
  // Those that come back have been sent before: by passes before, or by the first column.
  const std::uint64_t returns_from =
      work.own_returns ? std::max(start + fill + work.returnless_cycles.value(), queries)
                       : first_return + work.returnless_cycles.value();
  const std::uint64_t end = std::max(
      {fed_, activations_end, computed, psums->carry(work.psum_bits, work.psum_bits, returns_from),
       buffer->resident(work.resident_reads - work.sum_reads, 0, start)});
  // Those that stay leave at the end, from where the sums of the pass before have been.
  if (work.leaving_cycles.value() == 0) return end;
  sums_from_ = std::max(end, sums_end_) - work.leaving_cycles.value();
  return std::max(end, sums_end_);
}

// Times are those of operands; results come to the network later, and wait there for a place.
void PeArray::send_sums(const mapping::PassWork& work, std::uint64_t from, std::uint64_t room) {
  from = std::max(from, room - std::min(room, drain_.to_network));
  sums_end_ = std::max(outputs->carry(work.output_bits, work.output_bits, from),
                       buffer->resident(work.sum_reads, work.resident_writes, from));
}

// Sums that go to the buffer alone, or come back from it, and those that the vector unit needs do not wait behind
// others.
bool PeArray::may_wait(const mapping::Pass& pass) const {
  return pass.work->psum_bits == 0 && pass.vector.empty() &&
         (pass.store_bits > 0 || pass.work->output_bits == 0);
}

// Where it comes later, the array looks again in that cycle.
std::optional<std::uint64_t> PeArray::place(std::uint64_t by) {
  const std::optional<std::uint64_t> room = dma->room();
  if (!room || *room <= by) return room;
  place_ = room;
  return std::nullopt;
}

// As those of one pass find a place, PEs that were full of them go on with the pass that runs.
void PeArray::send_waiting(std::uint64_t now) {
  while (!waiting_.empty()) {
    const std::optional<std::uint64_t> room = place(now);
    if (!room) return;
    const Waiting first = waiting_.front();
    send_sums(*first.pass.work, first.sums_from, *room);
    const mapping::PassWork* work = running_ ? dma->front()->pass.work : nullptr;
    if (work != nullptr && !work->results_fit(sums_waiting_))
      end_ = std::max(end_, *room + work->blocked_cycles(sums_waiting_).value());
    waiting_.pop_front();
    sums_waiting_ -= first.pass.work->results_a_pe;
    dma->left(complete(first.pass, first.end));
  }
}

// Results of the array wait in the PEs until there is a place for them.
bool PeArray::ended(std::uint64_t now) {
  const mapping::Pass& pass = dma->front()->pass;
  if (pass.work != nullptr && !sums_sent_ && !send_own(pass, now)) {
    if (!may_wait(pass) || !pass.work->results_fit(sums_waiting_)) {
      sleep(now, std::nullopt);
      return false;
    }
  }
  if (end_ <= now) return true;
  sleep(now, end_);
  return false;
}

bool PeArray::send_own(const mapping::Pass& pass, std::uint64_t now) {
  if (!waiting_.empty()) return false;
  std::uint64_t room = 0;
  if (pass.store_bits > 0) {
    const std::optional<std::uint64_t> found =
        may_wait(pass) ? place(std::max(now, sums_from_ + drain_.to_network)) : dma->room();
    if (!found) return false;
    room = *found;
  }
  send_sums(*pass.work, sums_from_, room);
  end_ = std::max(end_, sums_end_ - pass.work->waiting_cycles.value());
  if (pass.store_bits > 0) end_ = std::max(end_, room + pass.work->blocked_cycles().value());
  return sums_sent_ = true;
}

void PeArray::finish() {
  running_ = false;
  const mapping::Pass& pass = dma->front()->pass;
  if (pass.work == nullptr || sums_sent_) {
    dma->release(complete(pass, end_));
    return;
  }
  waiting_.push_back({pass, end_, sums_from_});
  sums_waiting_ += pass.work->results_a_pe;
  dma->release(std::nullopt);
}

std::uint64_t PeArray::complete(const mapping::Pass& pass, std::uint64_t end) {
  std::uint64_t left = end;
  std::uint64_t result = left;
  if (pass.work != nullptr) {
    left = std::max(end + pass.work->behind_cycles.value(), sums_end_) + drain_.cycles +
           pass.work->skew_cycles.value();
    result = pass.vector.empty() ? left : vector_unit->submit(pass.vector, left);
  }
  last_result_ = std::max(last_result_, result);
  if (pass.store_bits > 0) dma->store(pass, result);
  return left;
}

}  // namespace addax::hw
