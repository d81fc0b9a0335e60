// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "models/arith/sum.h"
#include "models/mapping/plan.h"
#include "models/values/layer_values.h"

namespace addax::tests {

/// Sums of one output: a total, and open ones, one a plane.
struct State {
  arith::Sum total;
  std::vector<arith::Sum> open;
  arith::Sum inputs;  ///< of the open segment, where ternary weights have an offset
  bool has_total = false;
};

/// What a unit of the reduction adds to sums, and what the end of a segment does, from codes and
/// scales as they are stored; of one copy.
class Rules {
 public:
  Rules(const mapping::ProductPlan& plan, const values::LayerValues& operands, std::uint64_t copy);
  std::uint64_t unit_inputs() const { return unit_inputs_; }
  bool segmented() const { return segment_ > 0; }
  /// Whether PEs may cut a segment.
  bool cuts() const { return segmented() && format_.kind != workload::FormatKind::kMsfp; }
  bool begins_segment(std::uint64_t unit) const {
    return segment_ > 0 && unit * unit_inputs_ % segment_ == 0;
  }
  State zero() const;
  void accumulate(State& state, std::uint64_t m, std::uint64_t n, std::uint64_t unit,
                  const std::set<std::uint64_t>& planes) const;
  void close(State& state, std::uint64_t m, std::uint64_t n, std::uint64_t unit) const;
  void add_open(State& state, const State& own) const;
  void add_total(State& state, const State& own) const;
  void take_open(State& state, const State& own) const;
  float output(const State& state, std::uint64_t n) const;

 private:
  arith::Fp16 half(std::uint64_t m, std::uint64_t k) const;
  int integer(std::uint64_t m, std::uint64_t k) const;
  arith::Fp16 weight(std::uint64_t n, std::uint64_t k) const;
  arith::Fp16 scaled(arith::Fp16 a, std::uint64_t plane, std::uint64_t n, std::uint64_t k) const;

  workload::WeightFormat format_;
  const quantise::QuantisedMatrix& w_;
  const values::Activations& x_;
  quantise::ScaleIndex index_;
  std::uint64_t first_token_;
  std::uint64_t unit_inputs_ = 1, key_bits_ = 0;
  std::uint64_t segment_ = 0;  ///< inputs
  bool before_table_ = false, dequantised_ = false, integers_ = false;
  arith::SumKind open_kind_, total_kind_;
};

}  // namespace addax::tests
