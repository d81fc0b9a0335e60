// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/weight_tiles.h"

#include <algorithm>

#include "models/quantity/quantity.h"

namespace addax::mapping {

using quantity::ceil_div;
using workload::FormatKind;
using workload::ScaleSharing;
using workload::WeightFormat;

namespace {

std::uint64_t scale_width(const WeightFormat& format) {
  switch (format.kind) {
    case FormatKind::kFp16:
      return 0;
    case FormatKind::kW8a8:
      return 16;
    case FormatKind::kInt:
      return 16 + (format.zero_points ? format.bits : 0);
    case FormatKind::kTernary:
      return format.gamma ? 32 : 16;
    case FormatKind::kMsfp:
      return format.exponent_bits;
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      break;
  }
  return std::uint64_t{format.planes} * (format.scale_terms > 0 ? 8 * format.scale_terms : 16);
}

}  // namespace

WeightTiles::WeightTiles(std::uint32_t bits) : code_bits_(bits), packed_bits_(bits) {}

WeightTiles::WeightTiles(const WeightFormat& format, std::uint64_t inputs, std::uint64_t outputs)
    : code_bits_(workload::code_bits_a_weight(format)),
      packed_bits_(code_bits_),
      bits_a_scale_(scale_width(format)) {
  if (format.kind == FormatKind::kTernary && format.packed_trits) {
    packed_inputs_ = 5;
    packed_bits_ = 8;
  }
  if (bits_a_scale_ == 0) return;
  if (format.kind == FormatKind::kMsfp) {
    inputs_a_scale_ = format.box;
    return;
  }
  switch (format.scales.sharing) {
    case ScaleSharing::kTensor:
      inputs_a_scale_ = inputs;
      outputs_a_scale_ = outputs;
      break;
    case ScaleSharing::kRow:
      inputs_a_scale_ = inputs;
      break;
    case ScaleSharing::kGroup:
      inputs_a_scale_ = format.scales.group;
      break;
    case ScaleSharing::kColumn:
      inputs_a_scale_ = 1;
      outputs_a_scale_ = outputs;
      break;
    case ScaleSharing::kBlock:
      inputs_a_scale_ = format.scales.block_columns;
      outputs_a_scale_ =
          format.scales.block_rows != 0 ? format.scales.block_rows : ceil_div(outputs, 8);
      break;
  }
}

std::uint64_t WeightTiles::code_bits(std::uint64_t input_offset, std::uint64_t inputs,
                                     std::uint64_t outputs) const {
  return outputs * group_starts(input_offset, inputs, packed_inputs_) * packed_bits_;
}

std::uint64_t WeightTiles::scale_bits(std::uint64_t input_offset, std::uint64_t inputs,
                                      std::uint64_t output_offset, std::uint64_t outputs) const {
  if (bits_a_scale_ == 0) return 0;
  return group_starts(input_offset, inputs, inputs_a_scale_) *
         group_starts(output_offset, outputs, outputs_a_scale_) * bits_a_scale_;
}

std::uint64_t WeightTiles::held_scale_bits(std::uint64_t inputs) const {
  if (bits_a_scale_ == 0 || outputs_a_scale_ == 1) return 0;
  return ceil_div(inputs, inputs_a_scale_) * bits_a_scale_;
}

}  // namespace addax::mapping
