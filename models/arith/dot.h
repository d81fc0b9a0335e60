// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "models/arith/exponent_add.h"
#include "models/arith/float.h"
#include "models/arith/lut.h"
#include "models/arith/msfp.h"
#include "models/arith/span.h"
#include "models/arith/sum.h"

namespace addax::arith {

/// Reference dot products: one output y = sum over k of w_k x_k, operation by operation as a single PE
/// computes it. Sums begin at +0 and take their addends in the order of the arguments; what is passed
/// as one group, segment or box is summed by itself first. All give the sum as the accumulator holds
/// it: Sum::to_fp16 makes it an output. Weights and inputs that should be as many, but are not, are a
/// defect.

struct DotRules {
  SumKind sum = SumKind::kFp32;
  ShiftRules shift;
};

/// FP16 products, each rounded, added up.
Sum fp16_dot(Span<Fp16> weights, Span<Fp16> inputs, SumKind kind);

/// Consecutive weights of one scale and zero point (0 where there is none).
struct IntegerGroup {
  Span<std::int16_t> codes;
  std::int16_t zero_point = 0;
  Fp16 scale;
};
/// After the group: the products (q - z) x of a group are summed; this sum at 16 bits times the scale
/// is added to the sum of the groups.
Sum integer_dot_after_groups(Span<IntegerGroup> groups, Span<Fp16> inputs, SumKind kind);
/// As a dequantised tile: FP16 weights (q - z) s, then as fp16_dot.
Sum integer_dot_dequantised(Span<IntegerGroup> groups, Span<Fp16> inputs, SumKind kind);

/// INT8 products in an INT32 sum. It cannot overflow below 2^17 inputs.
Sum w8a8_dot(Span<std::int8_t> weights, Span<std::int8_t> inputs);

struct TokenAndOutputScales {
  Fp16 token;
  Fp16 output;
};
/// An INT32 sum times both scales, the token's first. An INT32 does not fit in FP16, so the two
/// multiplications (which the counts charge as FP16 ones) and the conversion before them round to
/// binary32, and the result is rounded to FP16.
Fp16 w8a8_output(std::int32_t sum, const TokenAndOutputScales& scales);

/// The scale of a plane: power-of-two terms if there are any, else an FP16 factor.
struct PlaneScale {
  Fp16 factor;
  Span<PowerOfTwo> terms;
};
/// One FP16 multiplication, or the shifts and adds of the terms; only these know `rules`.
Fp16 scaled(Fp16 a, const PlaneScale& scale, const ShiftRules& rules);
/// Inputs times a scale that they share, as they go into a table of their plane, to `results`.
void scale_inputs(Span<Fp16> inputs, const PlaneScale& scale, const ShiftRules& rules,
                  Fp16* results);

/// The entries of keys, one of each table, added up: a segment's sum; or the whole dot product where
/// scales are applied before the tables (tables and keys of all planes then).
Sum table_sum(Span<Table> tables, Span<std::uint16_t> keys, SumKind kind);
/// The same without a table: x_i is added where positive[i] is not 0, -x_i where it is.
Sum signed_sum(Span<std::uint8_t> positive, Span<Fp16> inputs, SumKind kind);

/// Keys of one plane that one scale covers.
struct TableSegment {
  Span<Table> tables;
  Span<std::uint16_t> keys;
  PlaneScale scale;
};
/// Scales after the query (LUT-GEMM with factors, ShiftAddLLM with terms): each segment's sum at 16
/// bits, scaled, is added to the sum. Planes and blocks come in the order of the segments. A segment of
/// one key is the scaled entry. The result still holds 2^E where scales have terms.
Sum table_dot(Span<TableSegment> segments, const DotRules& rules);

/// Weights of one plane that one scale covers.
struct SignedSegment {
  Span<std::uint8_t> positive;
  Span<Fp16> inputs;
  PlaneScale scale;
};
/// The same without a table.
Sum signed_dot(Span<SignedSegment> segments, const DotRules& rules);

/// Inputs whose weight is 1 added, whose weight is -1 subtracted, others skipped.
Sum ternary_sum(Span<std::int8_t> trits, Span<Fp16> inputs, SumKind kind);
/// The same of INT8 inputs in an INT32 sum; w8a8_output makes it an output where one scale covers it.
Sum ternary_sum(Span<std::int8_t> trits, Span<std::int8_t> inputs);

/// Consecutive trits of one scale.
struct TernaryGroup {
  Span<std::int8_t> trits;
  Fp16 alpha;
  std::optional<Fp16> gamma;
};
/// For each group alpha times the sum of signed inputs, then, if there is a gamma, gamma times the sum
/// of all inputs of the group, added to the sum; both sums at 16 bits before they are multiplied.
Sum ternary_dot(Span<TernaryGroup> groups, Span<Fp16> inputs, SumKind kind);

/// Boxes of weights and of inputs, pair by pair.
Sum msfp_dot(Span<MsfpBox> weights, Span<MsfpBox> inputs, const DotRules& rules);

}  // namespace addax::arith
