// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/result/result.h"
#include "models/workload/trace.h"

namespace addax::tests {

inline std::uint64_t bits_read(const result::Activity& activity) {
  std::uint64_t bits = 0;
  for (const auto& layer : activity.layers) bits += layer.dram_read_bits;
  return bits;
}
inline std::uint64_t bits_written(const result::Activity& activity) {
  std::uint64_t bits = 0;
  for (const auto& layer : activity.layers) bits += layer.dram_write_bits;
  return bits;
}

/// What a phase must read: each linear layer's stored weights, every parameter of the vector
/// operations, the cached keys and values, the embedding's rows.
inline std::uint64_t compulsory_reads(const workload::Trace& trace) {
  std::uint64_t bits = 0;
  for (const workload::Block& block : trace.phases.at(0).blocks)
    for (const workload::Operation& op : block.operations) {
      std::uint64_t one = 0;
      if (const auto* linear = std::get_if<workload::Linear>(&op.work)) {
        const auto stored = workload::stored_bits(linear->weights, linear->inputs, linear->outputs);
        one = (stored.codes + stored.scales).value() * linear->copies;
      } else if (const auto* scores = std::get_if<workload::Scores>(&op.work)) {
        one = workload::cache_elements_read(scores->shape) * trace.widths.kv_bits;
      } else if (const auto* elementwise = std::get_if<workload::Elementwise>(&op.work)) {
        one = elementwise->parameter_elements * 16;
      } else if (const auto* transfer = std::get_if<workload::Transfer>(&op.work)) {
        if (transfer->direction == workload::TransferDirection::kFromDram)
          one = transfer->elements * transfer->element_bits;
      }
      bits += one * block.repeat;
    }
  return bits;
}

/// What a phase must write: the new keys and values.
inline std::uint64_t compulsory_writes(const workload::Trace& trace) {
  std::uint64_t bits = 0;
  for (const workload::Block& block : trace.phases.at(0).blocks)
    for (const workload::Operation& op : block.operations)
      if (const auto* transfer = std::get_if<workload::Transfer>(&op.work))
        if (transfer->direction == workload::TransferDirection::kToDram)
          bits += transfer->elements * transfer->element_bits * block.repeat;
  return bits;
}

}  // namespace addax::tests
