// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/arith/operation.h"
#include "models/quantity/quantity.h"

namespace addax::arch {

enum class Storage { kFlipFlop, kLatch, kSram };
const char* name(Storage storage);
std::optional<Storage> parse_storage(const std::string& text);

/// A small memory private to a PE.
struct Scratchpad {
  std::uint64_t words = 0;
  std::uint32_t width_bits = 0;
  Storage storage = Storage::kFlipFlop;
  std::uint64_t bits() const { return words * width_bits; }
};

/// Operations that wait in front of a unit while others behind them go on (assumed: no published design of
/// this kind says; docs/decisions/0009-scaling.md).
inline constexpr std::uint32_t kOperandQueue = 4;

/// `count` equal units that execute one arithmetic operation.
struct Unit {
  arith::Arithmetic executes{};
  std::uint32_t count = 1;
  std::uint32_t latency_cycles = 1;
  std::uint32_t initiation_interval = 1;  ///< cycles between two operations on one unit
};

/// The table of a PE: 2^mu entries (2^(mu-1) for a half table), read through `readers` ports, each
/// feeding an accumulator of its own, filled by a tree generator.
struct Lut {
  std::uint32_t key_bits = 8;  ///< mu
  bool half_table = true;
  std::uint32_t entry_bits = 16;
  Storage storage = Storage::kSram;
  bool clock_gated = true;             ///< flip-flops and latches: clocked only when written
  std::uint32_t readers = 1;           ///< queries a cycle
  std::uint32_t copies = 1;            ///< 2: one is built while the other is read
  std::uint32_t generator_adders = 2;  ///< FP16 adders of the generator
  std::uint32_t write_ports = 1;       ///< entries written a cycle
  std::uint64_t entries() const;
  /// Cycles from the first input to the last entry written:
  /// max(ceil(adds / adders), ceil(entries / write ports)) + tree depth.
  quantity::Cycles build_cycles() const;
};

/// What a PE computes with. A weight format runs on it if it has a unit for every operation that
/// the format takes (and a table, or signed adds, for binary-coded weights).
struct Datapath {
  std::string name;
  std::vector<Unit> units;
  std::optional<Lut> lut;
  bool skips_zeros_in_time = false;  ///< a compaction unit turns skipped zeros into saved cycles
  /// Operations a cycle (count / initiation interval) as a fraction; {0, 1} where there is no unit.
  struct Rate {
    std::uint64_t operations = 0;
    std::uint64_t cycles = 1;
  };
  Rate rate(arith::Arithmetic arithmetic) const;
  std::uint32_t latency_cycles() const;  ///< of the longest unit
};

/// Neighbouring columns of the array whose PEs are equal.
struct ColumnGroup {
  std::string name;
  std::uint32_t columns = 0;
  Datapath datapath;
  Scratchpad activation_scratchpad;
  Scratchpad weight_scratchpad;
  Scratchpad psum_scratchpad;
};

/// Banked global buffer. A layer gives each bank to the resident part or to one of the two
/// streaming halves. Every bank has one port of width_bits, one access a cycle.
struct GlobalBuffer {
  std::uint32_t banks = 0;
  std::uint64_t bank_bytes = 0;
  std::uint32_t width_bits = 0;
  std::uint64_t bank_bits() const { return bank_bytes * 8; }
  std::uint64_t bits() const { return banks * bank_bits(); }
};

struct Network {
  std::uint32_t width_bits = 0;
  std::uint32_t latency_cycles = 1;
};

struct Networks {
  Network activation, weight, psum, output;
};

struct Dram {
  std::string type;  ///< key of the cost rows: lpddr4, ddr3, gddr5, hbm2
  quantity::BitsPerSecond peak_bandwidth;
  std::uint32_t burst_bits = 0;
  quantity::Nanoseconds latency;           ///< first command to first data
  quantity::Nanoseconds refresh_interval;  ///< tREFI; 0: never refreshed
  quantity::Nanoseconds refresh_time;      ///< tRFC
};

struct VectorOperation {
  std::uint32_t cycles = 1;  ///< a lane is busy this long with one operation
};

/// Lanes that run softmax, norms, activation functions, rotary embedding, residuals and biases.
struct VectorUnit {
  std::uint32_t lanes = 0;
  std::uint32_t latency_cycles = 1;
  std::uint32_t buffer_width_bits = 0;  ///< to and from the buffer, each
  std::map<arith::Arithmetic, VectorOperation> operations;
};

/// A checked description of an accelerator.
struct Architecture {
  std::string name;
  std::string description;
  quantity::Hertz clock;
  std::uint32_t rows = 0;
  std::vector<ColumnGroup> groups;
  GlobalBuffer buffer;
  Networks networks;
  Dram dram;
  VectorUnit vector_unit;
  std::uint32_t write_queue = 2;  ///< passes whose results may wait for DRAM

  std::uint32_t columns() const;  ///< of all groups
  std::uint64_t pes() const;
  double dram_bits_per_cycle() const;  ///< peak
  double dram_availability() const;    ///< 1 - tRFC / tREFI
};

/// Throws Impossible if the description contradicts itself.
void check(const Architecture& architecture);

}  // namespace addax::arch
