// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/mapping/buffer_share.h"
#include "models/mapping/pass.h"

namespace addax::mapping {

/// Where a layer's activations come from and go to.
struct Placement {
  bool input_on_chip = false;   ///< x (or q): in resident banks already
  bool second_on_chip = false;  ///< the second input: keys and values of new tokens, residual, ...
  bool output_on_chip = false;
  std::size_t inputs = 1;           ///< activation tensors that the operation reads
  std::uint64_t resident_bits = 0;  ///< held by tensors that stay on chip while the layer runs
};

/// A loop nest of products on one column group.
struct ProductPlan {
  Problem problem;
  LoopNest nest;
  Dataflow dataflow;
  std::size_t group = 0;
  BufferShare share;
  Placement placement;
  bool activation_streams = false;  ///< x comes with the weights in the streaming half
};

/// Scores, softmax and context of one block, fused: a block of query rows keeps its scores on chip.
struct AttentionPlan {
  workload::AttentionShape shape;
  Dataflow scores, context;
  std::size_t group = 0;
  BufferShare share;
  Placement placement;
  std::uint32_t kv_bits = 16, activation_bits = 16;
  std::uint64_t query_block = 1;       ///< tokens whose queries go together ...
  std::uint64_t heads_together = 1;    ///< ... of this many heads, which share their keys
  std::uint64_t blocks_in_flight = 2;  ///< 2: scores of a block while the one before is normalised
  bool spills = false;         ///< not even one row of scores fits: they go to DRAM and come back
  std::uint64_t key_tile = 1;  ///< keys in a streaming half
  std::uint32_t buffer_width = 64;
  /// The vector unit's part: softmax, and scaling or ALiBi before it.
  std::uint64_t lane_cycles_a_score = 0, lane_cycles_a_row = 0;  ///< before division by the lanes
  std::uint32_t lanes = 1;
  std::uint64_t score_reads = 0, score_writes = 0;  ///< times a score passes the buffer
};

/// An operation of the vector unit alone, or a mere transfer.
struct VectorPlan {
  std::uint64_t load_bits = 0, store_bits = 0;
  std::uint64_t read_bits = 0, write_bits = 0;  ///< vector unit and buffer
  std::uint64_t lane_cycles = 0;                ///< before division by the lanes
  std::uint32_t lanes = 1;
  std::uint64_t chunks = 1;  ///< passes
  std::uint32_t buffer_width = 64;
  BufferShare share;
};

using LayerPlan = std::variant<VectorPlan, ProductPlan, AttentionPlan>;

/// Passes that a layer may take: a simulation of ten seconds. More is refused before it begins.
inline constexpr std::uint64_t kMostPasses = 30'000'000;

/// The passes of a plan, one by one.
std::unique_ptr<PassSource> passes(const LayerPlan& plan);

/// Their sums in closed form: the `analytic` fidelity's answer, and the check on the walk.
LayerTotals totals(const LayerPlan& plan);

/// The mapping in one line: nest, array, buffer.
std::string describe(const LayerPlan& plan);

/// Lane-cycles of vector operations on a vector unit: sum of count x cycles. Throws Impossible
/// where the unit lacks an operation.
std::uint64_t lane_cycles(const arch::VectorUnit& unit, const workload::ArithmeticCounts& counts);

}  // namespace addax::mapping
