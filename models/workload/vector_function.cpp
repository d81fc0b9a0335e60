// SPDX-License-Identifier: Apache-2.0
#include "models/quantity/check.h"
#include "models/workload/operation.h"
#include "models/workload/words.h"

namespace addax::workload {

using arith::Arithmetic;
using quantity::checked_add;
using quantity::checked_mul;

namespace {

constexpr std::array<const char*, 14> kFunctionWords = {
    "layer_norm", "rms_norm", "rope",  "relu",    "relu2",    "gelu",    "silu",
    "multiply",   "add",      "scale", "combine", "quantize", "softmax", "select"};

/// Arithmetic of one row of n elements.
struct Row {
  std::uint64_t multiplies = 0, adds = 0, compares = 0, exponentials = 0, reciprocals = 0,
                rsqrts = 0, conversions = 0;
};

Row row_of(VectorFunction function, std::uint64_t n, std::uint64_t terms) {
  Row row;
  switch (function) {
    case VectorFunction::kLayerNorm:
      row.multiplies = checked_add(checked_mul(3, n), 2);
      row.adds = checked_mul(4, n) - 1;
      row.rsqrts = 1;
      break;
    case VectorFunction::kRmsNorm:
      row.multiplies = checked_add(checked_mul(3, n), 1);
      row.adds = n;
      row.rsqrts = 1;
      break;
    case VectorFunction::kRope:
      row.multiplies = checked_mul(2, n);
      row.adds = n;
      break;
    case VectorFunction::kRelu:
      row.compares = n;
      break;
    case VectorFunction::kRelu2:
      row.compares = row.multiplies = n;
      break;
    case VectorFunction::kGelu:
      row.multiplies = checked_mul(4, n);
      row.adds = checked_mul(2, n);
      row.exponentials = row.reciprocals = n;
      break;
    case VectorFunction::kSilu:
      row.multiplies = row.adds = row.exponentials = row.reciprocals = n;
      break;
    case VectorFunction::kMultiply:
    case VectorFunction::kScale:
      row.multiplies = n;
      break;
    case VectorFunction::kAdd:
      row.adds = n;
      break;
    case VectorFunction::kCombine:
      row.multiplies = checked_mul(terms, n);
      row.adds = checked_mul(terms - 1, n);
      break;
    case VectorFunction::kQuantize:
      row.compares = row.multiplies = row.conversions = n;
      row.reciprocals = 1;
      break;
    case VectorFunction::kSoftmax:
      row.compares = row.exponentials = row.multiplies = n;
      row.adds = checked_add(n, n - 1);
      row.reciprocals = 1;
      break;
    case VectorFunction::kSelect:
      row.compares = checked_mul(terms, n);
      break;
  }
  return row;
}

}  // namespace

const char* name(VectorFunction function) { return word_of(kFunctionWords, function); }
std::optional<VectorFunction> parse_vector_function(const std::string& text) {
  return parse_word<VectorFunction>(kFunctionWords, text);
}

ArithmeticCounts arithmetic(const Elementwise& elementwise) {
  ADDAX_CHECK(elementwise.width >= 1 && elementwise.terms >= 1, name(elementwise.function));
  const Row row = row_of(elementwise.function, elementwise.width, elementwise.terms);
  ArithmeticCounts one;
  one[Arithmetic::kFp32Multiply] = row.multiplies;
  one[Arithmetic::kFp32Add] = row.adds;
  one[Arithmetic::kFp32Compare] = row.compares;
  one[Arithmetic::kFp32Exp] = row.exponentials;
  one[Arithmetic::kFp32Reciprocal] = row.reciprocals;
  one[Arithmetic::kFp32Rsqrt] = row.rsqrts;
  one[Arithmetic::kFp16Convert] = row.conversions;
  ArithmeticCounts counts;
  counts.add(one, elementwise.rows);
  return counts;
}

ArithmeticCounts arithmetic(const Softmax& softmax) {
  const AttentionShape& shape = softmax.shape;
  const std::uint64_t heads = checked_mul(shape.batch, shape.heads);
  const std::uint64_t pairs = checked_mul(heads, attended_pairs(shape));
  const std::uint64_t rows = checked_mul(heads, shape.new_tokens);
  ArithmeticCounts counts;
  counts[Arithmetic::kFp32Compare] = pairs;
  counts[Arithmetic::kFp32Exp] = pairs;
  counts[Arithmetic::kFp32Multiply] = pairs;
  // One subtraction of the maximum a pair, and the sum of a row, whose first term needs no add.
  counts[Arithmetic::kFp32Add] = checked_add(pairs, pairs - rows);
  counts[Arithmetic::kFp32Reciprocal] = rows;
  return counts;
}

}  // namespace addax::workload
