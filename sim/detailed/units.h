// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "models/arch/architecture.h"
#include "models/workload/counts.h"

namespace addax::detailed {

/// Operations that begin together.
class Operations {
 public:
  struct Some {
    arith::Arithmetic what;
    std::uint32_t count;
  };
  Operations() = default;
  Operations(std::initializer_list<Some> list) {
    for (const Some& one : list) add(one);
  }
  void add(const Some& one) {
    if (one.count > 0) list_.push_back(one);
  }
  const std::vector<Some>& list() const { return list_; }

 private:
  std::vector<Some> list_;
};

/// The units of a PE. In each cycle as many operations of a kind begin as there are units of it. In front of
/// each unit a few wait for it; what needs more than there is room for is taken, and what comes after it
/// stays where it is.
class Units {
 public:
  explicit Units(const arch::Datapath& datapath) {
    for (const arch::Unit& unit : datapath.units) {
      const auto kind = static_cast<std::size_t>(unit.executes);
      latency_[kind] = unit.latency_cycles;
      pools_.push_back({kind, unit.count, unit.initiation_interval});
      free_[kind] = 0;
      queue_[kind] = std::int64_t{arch::kOperandQueue} * unit.count;
    }
  }
  void next_cycle(std::uint64_t cycle) {
    for (const Pool& pool : pools_) {
      if (cycle % pool.interval != 0) continue;
      std::int64_t& free = free_[pool.kind];
      free = free < 0 ? free + pool.units : pool.units;
    }
  }
  bool may_begin(arith::Arithmetic what) const {
    return free_[static_cast<std::size_t>(what)] > -queue_[static_cast<std::size_t>(what)];
  }
  bool may_begin(const Operations& operations) const {
    for (const Operations::Some& one : operations.list())
      if (!may_begin(one.what)) return false;
    return true;
  }
  void begin(arith::Arithmetic what, std::uint32_t count) {
    occupy(what, count);
    done_[what] += count;
  }
  void begin(const Operations& operations) {
    for (const Operations::Some& one : operations.list()) begin(one.what, one.count);
  }
  /// Cycles until the units have begun all that they have taken.
  std::uint64_t backlog() const {
    std::int64_t most = 0;
    for (const Pool& pool : pools_)
      most = std::max(most, -free_[pool.kind] / pool.units * pool.interval);
    return static_cast<std::uint64_t>(most);
  }
  /// What takes no unit of its own.
  void count(arith::Arithmetic what, std::uint64_t times) { done_[what] += times; }
  /// Takes units without doing anything.
  void occupy(arith::Arithmetic what, std::uint32_t count) {
    free_[static_cast<std::size_t>(what)] -= count;
  }
  std::uint32_t units(arith::Arithmetic what) const {
    for (const Pool& pool : pools_)
      if (pool.kind == static_cast<std::size_t>(what)) return pool.units;
    return 0;
  }
  std::uint32_t latency(arith::Arithmetic what) const {
    return latency_[static_cast<std::size_t>(what)];
  }
  /// Of operations one after another.
  std::uint32_t latency(const Operations& operations) const {
    std::uint32_t sum = 0;
    for (const Operations::Some& one : operations.list()) sum += latency(one.what);
    return sum;
  }
  const workload::ArithmeticCounts& done() const { return done_; }

 private:
  struct Pool {
    std::size_t kind;
    std::uint32_t units, interval;
  };
  std::vector<Pool> pools_;
  std::array<std::int64_t, arith::kArithmeticCount> free_{}, queue_{};
  std::array<std::uint32_t, arith::kArithmeticCount> latency_{};
  workload::ArithmeticCounts done_;
};

}  // namespace addax::detailed
