// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "models/mapping/buffer_share.h"
#include "models/mapping/dataflow.h"

namespace addax::mapping {

/// What one pass asks of the vector unit: lane-cycles after division by the lanes, rounded up, and
/// buffer accesses to resident banks.
struct VectorWork {
  quantity::Cycles cycles;
  std::uint64_t reads = 0, writes = 0;
  bool empty() const { return cycles.value() == 0 && reads == 0 && writes == 0; }
};

/// One transaction of the engine.
struct Pass {
  std::uint64_t resident_load_bits = 0;  ///< DRAM to resident banks: waits until the array is done
  std::uint64_t stream_load_bits = 0;    ///< DRAM to a streaming half
  std::uint64_t store_bits = 0;          ///< results or incomplete sums, buffer to DRAM
  std::uint64_t resident_load_words = 0, stream_load_words = 0, store_words = 0;
  bool loads_results = false;      ///< what it loads, passes before it may have stored
  const PassWork* work = nullptr;  ///< of the array; null: none

  std::uint64_t scale_bits = 0;  ///< scales that travel with the weights
  std::uint64_t scale_words = 0;
  std::uint64_t scalings = 0;
  const workload::ArithmeticCounts* scaling = nullptr;  ///< arithmetic of one scaling
  VectorWork vector;                                    ///< runs on the results of the pass
  std::uint64_t vector_jobs_before = 0;  ///< vector jobs that end before the array may start
  /// Whether what it stores is what it loads.
  bool is_transfer() const { return work == nullptr && vector.empty() && store_bits > 0; }
};

/// Everything that a layer asks of the chip: sums over its passes.
struct LayerTotals {
  std::uint64_t passes = 0;
  std::uint64_t dram_read_bits = 0, dram_write_bits = 0;
  std::uint64_t activation_row_bits = 0;
  std::uint64_t activation_bits = 0, weight_bits = 0, psum_bits = 0, output_bits = 0;
  std::uint64_t weight_row_bits = 0;
  std::uint64_t resident_reads = 0, resident_writes = 0;
  std::uint64_t stream_reads = 0, stream_writes = 0;
  std::uint64_t vector_reads = 0, vector_writes = 0;  ///< resident banks too, for the vector unit
  quantity::Cycles array_cycles, vector_cycles;
  quantity::Cycles pass_cycles;  ///< one pass after another, each as long as its busiest part
  workload::ArithmeticCounts array_arithmetic;
  ArrayAccesses accesses;

  /// Adds `times` passes of `work`, without scalings.
  void add(const PassWork& work, const BufferShare& share, std::uint64_t times);
  void add(const LayerTotals& other, std::uint64_t times);
};

/// The passes of a layer, one by one, in the order of the schedule.
class PassSource {
 public:
  virtual ~PassSource() = default;
  /// The next pass; false when there is none. What it points to lives as long as the source.
  virtual bool next(Pass& pass) = 0;
};

}  // namespace addax::mapping
