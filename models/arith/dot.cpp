// SPDX-License-Identifier: Apache-2.0
#include "models/arith/dot.h"

#include <string>

#include "models/arith/integer.h"
#include "models/quantity/check.h"

namespace addax::arith {
namespace {

void check_same(std::size_t weights, std::size_t inputs) {
  ADDAX_CHECK(weights == inputs, std::to_string(weights) + " and " + std::to_string(inputs));
}

/// The next `count` of inputs that groups take one after another.
class Inputs {
 public:
  explicit Inputs(Span<Fp16> all) : all_(all) {}
  Span<Fp16> next(std::size_t count) {
    ADDAX_CHECK(count <= all_.size - taken_, std::to_string(all_.size));
    taken_ += count;
    return {all_.data + (taken_ - count), count};
  }
  void check_all_taken() const { check_same(taken_, all_.size); }

 private:
  Span<Fp16> all_;
  std::size_t taken_ = 0;
};

}  // namespace

Sum fp16_dot(Span<Fp16> weights, Span<Fp16> inputs, SumKind kind) {
  check_same(weights.size, inputs.size);
  Sum sum(kind);
  for (std::size_t i = 0; i < inputs.size; ++i) sum.add(fp16_multiply(weights[i], inputs[i]));
  return sum;
}

Sum integer_dot_after_groups(Span<IntegerGroup> groups, Span<Fp16> inputs, SumKind kind) {
  Inputs rest(inputs);
  Sum sum(kind);
  for (const IntegerGroup& group : groups) {
    const Span<Fp16> x = rest.next(group.codes.size);
    Sum of_group(kind);
    for (std::size_t i = 0; i < x.size; ++i)
      of_group.add(fp16_multiply(centred(group.codes[i], group.zero_point), x[i]));
    sum.add(fp16_multiply(of_group.to_fp16(), group.scale));
  }
  rest.check_all_taken();
  return sum;
}

Sum integer_dot_dequantised(Span<IntegerGroup> groups, Span<Fp16> inputs, SumKind kind) {
  Inputs rest(inputs);
  Sum sum(kind);
  for (const IntegerGroup& group : groups) {
    const Span<Fp16> x = rest.next(group.codes.size);
    for (std::size_t i = 0; i < x.size; ++i)
      sum.add(fp16_multiply(dequantised(group.codes[i], group.zero_point, group.scale), x[i]));
  }
  rest.check_all_taken();
  return sum;
}

Sum w8a8_dot(Span<std::int8_t> weights, Span<std::int8_t> inputs) {
  check_same(weights.size, inputs.size);
  Sum sum(SumKind::kInt32);
  for (std::size_t i = 0; i < inputs.size; ++i) sum.add(std::int32_t{weights[i]} * inputs[i]);
  return sum;
}

Fp16 w8a8_output(std::int32_t sum, const TokenAndOutputScales& scales) {
  const float of_token = fp32_multiply(static_cast<float>(sum), to_fp32(scales.token));
  return to_fp16(fp32_multiply(of_token, to_fp32(scales.output)));
}

Fp16 scaled(Fp16 a, const PlaneScale& scale, const ShiftRules& rules) {
  return scale.terms.size == 0 ? fp16_multiply(a, scale.factor) : scaled(a, scale.terms, rules);
}

void scale_inputs(Span<Fp16> inputs, const PlaneScale& scale, const ShiftRules& rules,
                  Fp16* results) {
  for (const Fp16 x : inputs) *results++ = scaled(x, scale, rules);
}

Sum table_sum(Span<Table> tables, Span<std::uint16_t> keys, SumKind kind) {
  check_same(keys.size, tables.size);
  Sum sum(kind);
  for (std::size_t i = 0; i < keys.size; ++i) sum.add(tables[i].query(keys[i]));
  return sum;
}

Sum signed_sum(Span<std::uint8_t> positive, Span<Fp16> inputs, SumKind kind) {
  check_same(positive.size, inputs.size);
  Sum sum(kind);
  for (std::size_t i = 0; i < inputs.size; ++i)
    sum.add(positive[i] != 0 ? inputs[i] : negated(inputs[i]));
  return sum;
}

namespace {

// Each segment's sum passes through FP16 to its scale.
template <class Segment, class SumOf>
Sum scaled_sums(Span<Segment> segments, const DotRules& rules, const SumOf& sum_of) {
  Sum sum(rules.sum);
  for (const Segment& segment : segments)
    sum.add(scaled(sum_of(segment).to_fp16(), segment.scale, rules.shift));
  return sum;
}

}  // namespace

Sum table_dot(Span<TableSegment> segments, const DotRules& rules) {
  return scaled_sums(segments, rules, [&](const TableSegment& segment) {
    return table_sum(segment.tables, segment.keys, rules.sum);
  });
}

Sum signed_dot(Span<SignedSegment> segments, const DotRules& rules) {
  return scaled_sums(segments, rules, [&](const SignedSegment& segment) {
    return signed_sum(segment.positive, segment.inputs, rules.sum);
  });
}

Sum ternary_sum(Span<std::int8_t> trits, Span<Fp16> inputs, SumKind kind) {
  check_same(trits.size, inputs.size);
  Sum sum(kind);
  for (std::size_t i = 0; i < inputs.size; ++i)
    if (trits[i] != 0) sum.add(trits[i] > 0 ? inputs[i] : negated(inputs[i]));
  return sum;
}

Sum ternary_sum(Span<std::int8_t> trits, Span<std::int8_t> inputs) {
  check_same(trits.size, inputs.size);
  Sum sum(SumKind::kInt32);
  for (std::size_t i = 0; i < inputs.size; ++i)
    if (trits[i] != 0) sum.add(trits[i] > 0 ? std::int32_t{inputs[i]} : -std::int32_t{inputs[i]});
  return sum;
}

Sum ternary_dot(Span<TernaryGroup> groups, Span<Fp16> inputs, SumKind kind) {
  Inputs rest(inputs);
  Sum sum(kind);
  for (const TernaryGroup& group : groups) {
    const Span<Fp16> x = rest.next(group.trits.size);
    sum.add(fp16_multiply(ternary_sum(group.trits, x, kind).to_fp16(), group.alpha));
    if (!group.gamma) continue;
    Sum all(kind);
    for (const Fp16 input : x) all.add(input);
    sum.add(fp16_multiply(all.to_fp16(), *group.gamma));
  }
  rest.check_all_taken();
  return sum;
}

Sum msfp_dot(Span<MsfpBox> weights, Span<MsfpBox> inputs, const DotRules& rules) {
  check_same(weights.size, inputs.size);
  Sum sum(rules.sum);
  for (std::size_t i = 0; i < inputs.size; ++i)
    sum.add(msfp_product(weights[i], inputs[i], rules.shift.underflow));
  return sum;
}

}  // namespace addax::arith
