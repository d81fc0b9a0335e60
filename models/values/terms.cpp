// SPDX-License-Identifier: Apache-2.0
#include "models/values/terms.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/arith/dot.h"
#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::values {

using arith::Fp16;
using arith::PowerOfTwo;
using arith::Span;
using arith::Underflow;
using quantise::QuantisedMatrix;

namespace {

double number(Fp16 value) { return static_cast<double>(arith::to_fp32(value)); }

bool loses(Fp16 a, int exponent, Underflow underflow) {
  const double result = number(arith::exponent_add(a, exponent, underflow));
  return std::isfinite(result) && result != std::ldexp(number(a), exponent);
}

}  // namespace

void TermCounter::scale(Fp16 a, Span<PowerOfTwo> terms) {
  counts_.additions += terms.size;
  const int field = (a.bits >> 10U) & 31;
  if ((a.bits & 0x7FFFU) == 0 || field == 31) return;  // zeros, infinities and NaN lose nothing
  for (const PowerOfTwo term : terms) {
    // What is normal before and after is exact, or infinite.
    if (field != 0 && field + term.exponent >= 1) continue;
    counts_.rounded += loses(a, term.exponent, Underflow::kGradual) ? 1 : 0;
    counts_.flushed += loses(a, term.exponent, Underflow::kFlushToZero) ? 1 : 0;
  }
}

namespace {

/// Goes through one matrix in the order of models/arith/dot.h.
class Walk {
 public:
  Walk(const QuantisedMatrix& matrix, const Execution& execution)
      : matrix_(matrix),
        execution_(execution),
        index_(matrix.format, matrix.outputs, matrix.inputs),
        scales_a_plane_(scales_a_plane(matrix.format, matrix.inputs, matrix.outputs)) {
    powers_.reserve(matrix.scale_terms.size());
    for (const std::uint8_t term : matrix.scale_terms)
      powers_.push_back(arith::decoded_power_of_two(term));
    if (execution.how.key_bits == 0) return;
    keys_.emplace(matrix, execution.how.key_bits);
    tables_.assign(keys_->a_row(), arith::Table(execution.how.key_bits, execution.half_table));
  }

  void inputs(Span<Fp16> x) {
    if (execution_.how.scale_placement == workload::ScalePlacement::kBeforeTable)
      return scale_inputs(x);
    build(x);
    for (std::uint64_t output = 0; output < matrix_.outputs; ++output)
      for (std::uint32_t plane = 0; plane < matrix_.format.planes; ++plane)
        scale_segments(x, output, plane);
  }
  const workload::TermCounts& counts() const { return counter_.counts(); }

 private:
  Span<PowerOfTwo> terms(std::uint64_t output, std::uint64_t input, std::uint32_t plane) const {
    const std::size_t count = matrix_.format.scale_terms;
    return {powers_.data() + (plane * scales_a_plane_ + index_(output, input)) * count, count};
  }

  /// Every input for every plane and block of rows.
  void scale_inputs(Span<Fp16> x) {
    for (std::uint64_t output = 0; output < matrix_.outputs; output += index_.tile_rows())
      for (std::uint32_t plane = 0; plane < matrix_.format.planes; ++plane)
        for (std::uint64_t k = 0; k < x.size; ++k) counter_.scale(x[k], terms(output, k, plane));
  }

  void build(Span<Fp16> x) {
    const std::uint64_t mu = execution_.how.key_bits;
    for (std::uint64_t at = 0; at < tables_.size(); ++at)
      tables_[at].build({x.data + at * mu, std::min(mu, x.size - at * mu)});
  }

  void scale_segments(Span<Fp16> x, std::uint64_t output, std::uint32_t plane) {
    const std::uint64_t step = std::min(index_.tile_columns(), matrix_.inputs);
    for (std::uint64_t begin = 0; begin < matrix_.inputs; begin += step) {
      const std::uint64_t end = std::min(begin + step, matrix_.inputs);
      const arith::Sum sum =
          keys_ ? table_sum(begin, end, output, plane) : signed_sum(x, begin, end, output, plane);
      counter_.scale(sum.to_fp16(), terms(output, begin, plane));
    }
  }

  arith::Sum table_sum(std::uint64_t begin, std::uint64_t end, std::uint64_t output,
                       std::uint32_t plane) const {
    const std::uint64_t mu = execution_.how.key_bits;
    ADDAX_CHECK(begin % mu == 0, std::to_string(begin) + " in keys of " + std::to_string(mu));
    const std::uint64_t first = begin / mu;
    const std::uint64_t count = quantity::ceil_div(end, mu) - first;
    return arith::table_sum({tables_.data() + first, count},
                            {keys_->of(output, plane).data + first, count}, execution_.sum);
  }

  arith::Sum signed_sum(Span<Fp16> x, std::uint64_t begin, std::uint64_t end, std::uint64_t output,
                        std::uint32_t plane) {
    positive_.clear();
    for (std::uint64_t k = begin; k < end; ++k)
      positive_.push_back((matrix_.codes[output * matrix_.inputs + k] >> plane) & 1U);
    return arith::signed_sum(positive_, {x.data + begin, end - begin}, execution_.sum);
  }

  const QuantisedMatrix& matrix_;
  const Execution& execution_;
  quantise::ScaleIndex index_;
  std::uint64_t scales_a_plane_;
  std::vector<PowerOfTwo> powers_;  ///< as scale_terms
  std::optional<Keys> keys_;
  std::vector<arith::Table> tables_;
  std::vector<std::uint8_t> positive_;
  TermCounter counter_;
};

}  // namespace

workload::TermCounts count_terms(const QuantisedMatrix& matrix, Span<Fp16> x,
                                 const Execution& execution) {
  ADDAX_CHECK(matrix.format.scale_terms > 0, describe(matrix.format));
  ADDAX_CHECK(x.size % matrix.inputs == 0, std::to_string(x.size));
  Walk walk(matrix, execution);
  for (std::uint64_t at = 0; at < x.size; at += matrix.inputs)
    walk.inputs({x.data + at, matrix.inputs});
  return walk.counts();
}

}  // namespace addax::values
