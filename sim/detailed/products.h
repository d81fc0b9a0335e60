// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/arith/lut.h"
#include "models/arith/msfp.h"
#include "models/arith/sum.h"
#include "models/mapping/plan.h"
#include "models/values/layer_values.h"
#include "sim/detailed/units.h"

namespace addax::detailed {

inline constexpr std::size_t kMostPlanes = 8;

/// Sums of one output, as words of scratchpads and links hold them. Open ones, one a plane, wait for
/// the end of their segment to be scaled and added to the total; where nothing is scaled before the
/// sum is complete, the first is all there is.
struct PartialSum {
  std::uint32_t total = 0;
  std::array<std::uint32_t, kMostPlanes> open{};
  bool has_total = false;
  std::uint8_t has_open = 0;  ///< a bit a plane: something has been added to it
};

/// What words mean to a PE's units: the arithmetic of one product of one format, with its operands.
/// Units of the reduction are inputs, or keys where there is a table. Tokens and outputs count
/// through all copies.
class Products {
 public:
  Products(const mapping::ProductPlan& plan, const values::LayerValues& operands);

  bool has_table() const { return table_inputs_ > 0; }
  std::uint64_t inputs_a_unit() const { return has_table() ? table_inputs_ : 1; }
  /// Whether sums of segments are scaled and added up; otherwise complete ones are scaled, if at all.
  bool segmented() const { return segmented_; }
  std::uint64_t outputs_a_copy() const { return outputs_; }
  /// Whether a segment begins with a unit of the layer.
  bool begins_segment(std::uint64_t unit) const {
    return segmented_ && unit * inputs_a_unit() % segment_inputs_ == 0;
  }
  std::uint32_t planes() const { return planes_; }

  // What networks carry.
  std::uint64_t inputs_of(std::uint64_t unit) const;  ///< the last key may be short
  std::uint16_t activation(std::uint64_t token, std::uint64_t input) const;
  /// A weight, the key of a plane, or all planes of a weight, as a PE holds it.
  std::uint16_t weight(std::uint64_t output, std::uint64_t unit, std::uint64_t plane) const;
  std::uint32_t weight_bits(std::uint64_t unit) const;
  /// Bits of the scales that begin with this weight.
  std::uint32_t scale_bits(std::uint64_t output, std::uint64_t unit, std::uint64_t plane) const;
  /// A number of those scales.
  std::uint64_t scale(std::uint64_t output, std::uint64_t unit) const;
  std::uint64_t scales() const { return scales_; }

  // What is done when they arrive: to an activation that is sent, to a weight in each PE.
  const Operations& when_sent() const { return when_sent_; }
  const Operations& when_held() const { return when_held_; }

  // Of one unit of one output and token.
  const Operations& multiplication() const { return multiplication_; }
  arith::Arithmetic open_add() const { return open_add_; }
  /// Whether the first product of a segment is added to zero; otherwise it is where the sum begins.
  bool starts_at_zero() const { return starts_at_zero_; }
  /// Adds to the open sums; returns whether anything was added (a zero weight adds nothing).
  bool accumulate(PartialSum& sum, std::uint16_t weight, std::uint16_t activation) const;
  /// An entry of a table to an open sum.
  void accumulate(PartialSum& sum, std::size_t plane, arith::Fp16 entry) const;

  // Of a segment's end.
  const Operations& scaling() const { return scaling_; }  ///< of a plane, without the add
  arith::Arithmetic total_add() const { return total_add_; }
  /// Adds made by scaling one plane: one for each factor.
  std::uint32_t adds_a_scaling() const { return gamma_ ? 2 : 1; }
  struct Place {
    std::uint64_t token = 0, output = 0, unit = 0;
  };
  /// Scales an open sum of a segment that holds `at`, and adds it to the total.
  void close(PartialSum& sum, std::size_t plane, std::uint32_t open, const Place& at) const;

  // On the way down a column.
  /// own is added to above: open sums and totals, each if it has something.
  void add_open(PartialSum& sum, const PartialSum& own) const;
  void add_total(PartialSum& sum, std::uint32_t own) const;
  /// Operations that make an output of a complete sum, and it.
  const Operations& completion() const { return completion_; }
  float output(const PartialSum& sum, const Place& at) const;

  /// The entries of a token's key, of a plane where scales come before the table.
  arith::Table table(std::uint64_t token, std::uint64_t unit, std::uint64_t plane) const;
  const Operations& before_table() const { return before_table_; }  ///< an input
  bool table_a_plane() const { return table_a_plane_; }

 private:
  void choose(const mapping::Kernel& kernel);
  void prepare_boxes();
  void prepare_keys();
  std::uint64_t copy_of(std::uint64_t output) const { return output / outputs_; }
  arith::Fp16 scaled(arith::Fp16 value, std::size_t plane, std::uint64_t output,
                     std::uint64_t input) const;
  std::uint32_t sum_of(arith::SumKind kind, std::uint32_t sum, arith::Fp16 addend) const;

  const values::LayerValues* operands_;
  workload::WeightFormat format_;
  mapping::WeightTiles tiles_;
  quantise::ScaleIndex index_;
  std::uint64_t tokens_, outputs_, inputs_;
  std::uint64_t a_plane_ = 0;  ///< scales of a plane, for all copies
  std::uint64_t scales_ = 0;
  std::uint64_t a_row_ = 0;  ///< boxes of msfp
  std::uint64_t table_inputs_ = 0;
  bool table_a_plane_ = false;
  bool segmented_ = false, starts_at_zero_ = false, gamma_ = false;
  bool dequantised_ = false, int8_ = false;
  std::uint64_t segment_inputs_ = 1;
  std::uint32_t planes_ = 1;
  arith::SumKind open_kind_ = arith::SumKind::kFp32, total_kind_ = arith::SumKind::kFp32;
  Operations when_sent_, when_held_, multiplication_, scaling_, completion_, before_table_;
  arith::Arithmetic open_add_{}, total_add_{};
  std::vector<std::int8_t> mantissas_;  ///< of msfp's activations
  std::vector<arith::MsfpBox> boxes_;   ///< tokens x boxes
  std::vector<std::uint16_t> keys_;     ///< (plane, output, unit)
  std::uint64_t units_ = 0;
};

}  // namespace addax::detailed
