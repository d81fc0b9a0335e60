// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/dram.h"

#include <algorithm>
#include <cmath>

namespace addax::hw {

using quantity::checked_add;
using quantity::checked_mul;
namespace {

std::uint64_t ticks_of(quantity::Nanoseconds time, quantity::Hertz clock) {
  const double cycles = time.value() * 1e-9 * clock.value();
  return static_cast<std::uint64_t>(std::llround(std::ldexp(cycles, DramTiming::kFraction)));
}

}  // namespace

DramTiming::DramTiming(const arch::Architecture& architecture)
    : burst_bits_(architecture.dram.burst_bits),
      burst_(std::max<std::uint64_t>(
          static_cast<std::uint64_t>(std::llround(std::ldexp(
              architecture.dram.burst_bits / architecture.dram_bits_per_cycle(), kFraction))),
          1)),
      // The command goes out on a clock edge.
      latency_(to_ticks(to_cycles(ticks_of(architecture.dram.latency, architecture.clock)))),
      interval_(ticks_of(architecture.dram.refresh_interval, architecture.clock)),
      usable_(interval_ -
              std::min(interval_, ticks_of(architecture.dram.refresh_time, architecture.clock))) {}

std::uint64_t DramTiming::bursts(std::uint64_t bits) const {
  return quantity::ceil_div(bits, burst_bits_);
}

std::uint64_t DramTiming::advance(std::uint64_t start, std::uint64_t bursts) const {
  const std::uint64_t duration = checked_mul(bursts, burst_);
  if (duration == 0) return start;
  if (usable_ == 0 || usable_ == interval_) return checked_add(start, duration);
  std::uint64_t period = start / interval_ * interval_;
  std::uint64_t phase = start - period;
  if (phase >= usable_) {
    period += interval_;
    phase = 0;
  }
  const std::uint64_t needed = checked_add(phase, duration);
  if (needed <= usable_) return checked_add(period, needed);
  const std::uint64_t refreshes = (needed - 1) / usable_;
  return checked_add(checked_add(period, checked_mul(refreshes, interval_)),
                     needed - refreshes * usable_);
}

Dram::Dram(const sc_core::sc_module_name& name, const arch::Architecture& architecture)
    : sc_module(name), timing_(architecture) {
  target.bind(*this);
}

void Dram::start_layer() { free_ = read_bits_ = write_bits_ = bursts_ = 0; }

std::uint64_t Dram::transfer(Direction direction, std::uint64_t bits, std::uint64_t now) {
  const std::uint64_t bursts = timing_.bursts(bits);
  (direction == Direction::kRead ? read_bits_ : write_bits_) += bits;
  bursts_ += bursts;
  free_ = ticks_after(bursts, now);
  return DramTiming::to_cycles(free_);
}

std::uint64_t Dram::ticks_after(std::uint64_t bursts, std::uint64_t now) const {
  const std::uint64_t first_data = DramTiming::to_ticks(now) + timing_.latency_ticks();
  return timing_.advance(std::max(first_data, free_), bursts);
}

}  // namespace addax::hw
