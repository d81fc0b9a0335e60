// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "models/arch/architecture.h"
#include "models/mapping/pass.h"

namespace addax::hw {

/// Cycles that data needs on a DRAM channel: bursts at peak bandwidth, interrupted by refresh. Time
/// is kept in 2^-20 cycles, so that a burst may take a fraction of a cycle.
class DramTiming {
 public:
  explicit DramTiming(const arch::Architecture& architecture);
  std::uint64_t bursts(std::uint64_t bits) const;
  std::uint64_t latency_cycles() const { return latency_ >> kFraction; }
  /// Ticks at which `bursts` are through when the first may start at tick `start`.
  std::uint64_t advance(std::uint64_t start, std::uint64_t bursts) const;

  static constexpr unsigned kFraction = 20;
  static std::uint64_t to_ticks(std::uint64_t cycles) { return cycles << kFraction; }
  static std::uint64_t to_cycles(std::uint64_t ticks) {  ///< rounded up
    return (ticks + (std::uint64_t{1} << kFraction) - 1) >> kFraction;
  }
  std::uint64_t latency_ticks() const { return latency_; }

 private:
  std::uint64_t burst_bits_, burst_, latency_, interval_, usable_;  ///< ticks but for burst_bits_
};

class DramPort : virtual public sc_core::sc_interface {
 public:
  enum class Direction { kRead, kWrite };
  /// Queues a transfer at cycle `now`; returns the cycle in which its last bit has passed.
  virtual std::uint64_t transfer(Direction direction, std::uint64_t bits, std::uint64_t now) = 0;
  /// Cycle in which the first burst of a transfer that is queued at cycle `now` will have passed.
  virtual std::uint64_t first_burst(std::uint64_t now) const = 0;
};

/// DRAM channel.
/// Ports: one target, shared by reads and writes of the DMA.
/// Latency: first command to first data, overlapped with transfers before it.
/// Initiation: one burst after another; a burst takes burst_bits / peak bandwidth.
/// Conflicts: the earlier request wins; none is broken off.
/// Refresh: the last refresh_time of every refresh_interval carries no data; the phase starts
///   anew with each layer.
/// Actions: dram.read and dram.write, in payload bits; bursts are counted apart.
/// Not modelled: banks and rows (page misses), read/write turnaround, command bandwidth,
///   reordering.
class Dram final : public sc_core::sc_module, public DramPort {
 public:
  sc_core::sc_export<DramPort> target{"target"};

  Dram(const sc_core::sc_module_name& name, const arch::Architecture& architecture);
  std::uint64_t transfer(Direction direction, std::uint64_t bits, std::uint64_t now) override;
  std::uint64_t first_burst(std::uint64_t now) const override {
    return DramTiming::to_cycles(ticks_after(1, now));
  }
  void start_layer();

  std::uint64_t read_bits() const { return read_bits_; }
  std::uint64_t write_bits() const { return write_bits_; }
  std::uint64_t bursts() const { return bursts_; }

 private:
  std::uint64_t ticks_after(std::uint64_t bursts, std::uint64_t now) const;

  DramTiming timing_;
  std::uint64_t free_ = 0;  ///< ticks
  std::uint64_t read_bits_ = 0, write_bits_ = 0, bursts_ = 0;
};

}  // namespace addax::hw
