// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/workload/format.h"

namespace addax::mapping {

/// First elements of groups of `group` consecutive indices that lie in [offset, offset + extent).
/// Adds up to ceil(size / group) over any partition of [0, size).
constexpr std::uint64_t group_starts(std::uint64_t offset, std::uint64_t extent,
                                     std::uint64_t group) {
  const std::uint64_t before = (offset + group - 1) / group;
  const std::uint64_t through = (offset + extent + group - 1) / group;
  return through - before;
}

/// The stored bits of a quantized N x K matrix, tile by tile: a scale (or shared exponent) belongs
/// to the tile that holds its first weight, so the bits of any tiling add up to stored_bits()
/// exactly.
class WeightTiles {
 public:
  WeightTiles(const workload::WeightFormat& format, std::uint64_t inputs, std::uint64_t outputs);
  /// Key-value matrices and other plain data of `bits` an element.
  explicit WeightTiles(std::uint32_t bits);

  std::uint64_t code_bits(std::uint64_t input_offset, std::uint64_t inputs,
                          std::uint64_t outputs) const;
  std::uint64_t scale_bits(std::uint64_t input_offset, std::uint64_t inputs,
                           std::uint64_t output_offset, std::uint64_t outputs) const;
  /// Bits of scales that a tile of this size may bring, wherever it lies.
  std::uint64_t most_scale_bits(std::uint64_t inputs, std::uint64_t outputs) const {
    if (bits_a_scale_ == 0) return 0;
    return (inputs + inputs_a_scale_ - 1) / inputs_a_scale_ *
           ((outputs + outputs_a_scale_ - 1) / outputs_a_scale_) * bits_a_scale_;
  }
  /// Scales that start among these inputs, for one output.
  std::uint64_t scale_starts(std::uint64_t input_offset, std::uint64_t inputs) const {
    return bits_a_scale_ == 0 ? 0 : group_starts(input_offset, inputs, inputs_a_scale_);
  }
  /// Inputs whose codes are packed together: tiles of K are multiples of it.
  std::uint64_t packed_inputs() const { return packed_inputs_; }
  /// Bits of scales that later tiles need again, at most, while a tile of `inputs` is in use.
  std::uint64_t held_scale_bits(std::uint64_t inputs) const;
  /// Bits a weight as the array receives it, rounded up for packed trits.
  std::uint32_t code_bits_a_weight() const { return code_bits_; }
  /// Outputs that share a scale.
  std::uint64_t outputs_a_scale() const { return outputs_a_scale_; }
  /// Inputs that one scale covers along a row; 0 where there are no scales.
  std::uint64_t inputs_a_scale() const { return inputs_a_scale_; }

 private:
  std::uint32_t code_bits_ = 16;      ///< bits of a weight's code
  std::uint64_t packed_inputs_ = 1;   ///< inputs that share a packed field ...
  std::uint64_t packed_bits_ = 16;    ///< ... of this many bits
  std::uint64_t inputs_a_scale_ = 0;  ///< 0: no scales
  std::uint64_t outputs_a_scale_ = 1;
  std::uint64_t bits_a_scale_ = 0;  ///< of all planes, zero points and offsets
};

}  // namespace addax::mapping
