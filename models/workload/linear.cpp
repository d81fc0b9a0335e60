// SPDX-License-Identifier: Apache-2.0
#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"
#include "models/workload/operation.h"

namespace addax::workload {

using arith::Arithmetic;
using quantity::ceil_div;
using quantity::checked_add;
using quantity::checked_mul;
using quantity::Impossible;

namespace {

/// Shape of one copy, as the formulae name it.
struct Shape {
  std::uint64_t m, n, k;
};

void add(ArithmeticCounts& counts, Arithmetic arithmetic, std::uint64_t count) {
  counts[arithmetic] = checked_add(counts[arithmetic], count);
}

ArithmeticCounts fp16(const Shape& s, const Widths& widths) {
  const std::uint64_t mnk = checked_mul(s.m, s.n, s.k);
  ArithmeticCounts counts;
  add(counts, Arithmetic::kFp16Multiply, mnk);
  add(counts, accumulate_products(widths), mnk);
  return counts;
}

ArithmeticCounts w8a8(const Shape& s) {
  const std::uint64_t mnk = checked_mul(s.m, s.n, s.k);
  ArithmeticCounts counts;
  add(counts, Arithmetic::kInt8Multiply, mnk);
  add(counts, Arithmetic::kInt32Add, mnk);
  add(counts, Arithmetic::kFp16Multiply, checked_mul(2, s.m, s.n));
  return counts;
}

ArithmeticCounts integer(const Shape& s, const WeightFormat& format, const Widths& widths,
                         IntegerMode mode) {
  const std::uint64_t nk = checked_mul(s.n, s.k);
  ArithmeticCounts counts = fp16(s, widths);
  add(counts, Arithmetic::kInt8Add, nk);
  add(counts, Arithmetic::kFp16Convert, nk);
  if (mode == IntegerMode::kDequantisedTiles) {
    add(counts, Arithmetic::kFp16Multiply, nk);
  } else {
    const std::uint64_t mng = checked_mul(s.m, s.n, scale_groups_a_row(format, s.k));
    add(counts, Arithmetic::kFp16Multiply, mng);
    add(counts, accumulate_products(widths), mng);
  }
  return counts;
}

bool covers_whole_keys(const ScaleLayout& scales, std::uint32_t key_bits, std::uint64_t inputs) {
  switch (scales.sharing) {
    case ScaleSharing::kTensor:
    case ScaleSharing::kRow:
      return true;
    case ScaleSharing::kGroup:
      return scales.group % key_bits == 0 || scales.group >= inputs;
    case ScaleSharing::kColumn:
      return key_bits == 1;
    case ScaleSharing::kBlock:
      return scales.block_columns % key_bits == 0 || scales.block_columns >= inputs;
  }
  ADDAX_UNREACHABLE("scale sharing");
}

void check_placement(const WeightFormat& format, const Realisation& how, std::uint64_t inputs) {
  const ScaleSharing sharing = format.scales.sharing;
  if (how.scale_placement == ScalePlacement::kBeforeTable) {
    if (sharing == ScaleSharing::kRow || sharing == ScaleSharing::kGroup)
      throw Impossible(
          {"weights.scales.sharing", name(sharing),
           "tensor, column, block where scales are applied before the table is built"});
  } else if (how.key_bits != 0 && !covers_whole_keys(format.scales, how.key_bits, inputs)) {
    throw Impossible({"weights.scales", name(sharing),
                      "scales that cover whole keys of " + std::to_string(how.key_bits) +
                          " weights where they are applied after the query"});
  }
}

ArithmeticCounts binary_coded(const Shape& s, const WeightFormat& format, const Widths& widths,
                              const Realisation& how) {
  check_placement(format, how, s.k);
  const bool before = how.scale_placement == ScalePlacement::kBeforeTable;
  const std::uint64_t q = format.planes;
  const std::uint64_t row_blocks = scale_row_blocks(format, s.n);
  ArithmeticCounts counts;
  if (how.key_bits == 0) {
    add(counts, accumulate(widths), checked_mul(s.m, s.n, s.k, q));
  } else {
    const std::uint64_t keys = ceil_div(s.k, how.key_bits);
    counts.lut_queries = checked_mul(s.m, s.n, keys, q);
    counts.lut_tables = before ? checked_mul(s.m, keys, q, row_blocks) : checked_mul(s.m, keys);
    add(counts, accumulate(widths), counts.lut_queries);
  }
  const std::uint64_t scalings = before ? checked_mul(s.m, s.k, q, row_blocks)
                                        : checked_mul(s.m, s.n, q, scale_groups_a_row(format, s.k));
  if (format.scale_terms == 0) {
    add(counts, Arithmetic::kFp16Multiply, scalings);
  } else {
    add(counts, Arithmetic::kExponentAdd, checked_mul(format.scale_terms, scalings));
    add(counts, Arithmetic::kFp16Add, checked_mul(format.scale_terms - 1, scalings));
  }
  return counts;
}

/// With adds for all weights, zeros too.
ArithmeticCounts ternary(const Shape& s, const WeightFormat& format, const Widths& widths) {
  const std::uint64_t mng = checked_mul(s.m, s.n, scale_groups_a_row(format, s.k));
  const std::uint64_t offsets = format.gamma ? 2 : 1;
  ArithmeticCounts counts;
  add(counts, accumulate(widths), checked_mul(s.m, s.n, s.k));
  add(counts, Arithmetic::kFp16Multiply, checked_mul(offsets, mng));
  add(counts, accumulate_products(widths), checked_mul(offsets, mng));
  if (format.gamma) add(counts, accumulate(widths), checked_mul(s.m, s.k));
  return counts;
}

ArithmeticCounts msfp(const Shape& s, const WeightFormat& format, const Widths& widths) {
  const std::uint64_t mnk = checked_mul(s.m, s.n, s.k);
  const std::uint64_t boxes = checked_mul(s.m, s.n, ceil_div(s.k, format.box));
  ArithmeticCounts counts;
  add(counts, Arithmetic::kFp16Convert, checked_mul(s.m, s.k));
  add(counts, Arithmetic::kInt8Multiply, mnk);
  add(counts, Arithmetic::kInt16Add, mnk);
  add(counts, Arithmetic::kExponentAdd, boxes);
  add(counts, accumulate_products(widths), boxes);
  return counts;
}

ArithmeticCounts one_copy(const Shape& shape, const WeightFormat& format, const Widths& widths,
                          const Realisation& how) {
  switch (format.kind) {
    case FormatKind::kFp16:
      return fp16(shape, widths);
    case FormatKind::kW8a8:
      return w8a8(shape);
    case FormatKind::kInt:
      return integer(shape, format, widths, how.integer_mode);
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      return binary_coded(shape, format, widths, how);
    case FormatKind::kTernary:
      return ternary(shape, format, widths);
    case FormatKind::kMsfp:
      return msfp(shape, format, widths);
  }
  ADDAX_UNREACHABLE("format kind");
}

}  // namespace

ArithmeticCounts arithmetic(const Linear& linear, const Widths& widths, const Realisation& how) {
  ArithmeticCounts counts;
  counts.add(one_copy({linear.tokens, linear.outputs, linear.inputs}, linear.weights, widths, how),
             linear.copies);
  if (linear.weights.kind == FormatKind::kTernary)
    counts[accumulate(widths)] -= checked_mul(linear.tokens, zero_weights(linear));
  return counts;
}

std::uint64_t zero_weights(const Linear& linear) {
  if (linear.counted_zeros) return *linear.counted_zeros;
  return checked_mul(linear.copies, zero_weights(linear.weights, linear.inputs, linear.outputs));
}

}  // namespace addax::workload
