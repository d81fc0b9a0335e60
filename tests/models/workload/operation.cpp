// SPDX-License-Identifier: Apache-2.0
#include "models/workload/operation.h"

#include <algorithm>

#include "models/workload/model.h"
#include "tests/catch.h"

using namespace addax::workload;
using addax::arith::Arithmetic;

namespace {

AttentionShape shape(std::uint64_t new_tokens, std::uint64_t past,
                     std::optional<std::uint64_t> window = std::nullopt) {
  return {2, 6, 3, 8, new_tokens, past, window};  // batch 2, 6 heads on 3 KV heads of 8
}

std::uint64_t pairs_one_by_one(const AttentionShape& s) {
  std::uint64_t pairs = 0;
  for (std::uint64_t i = 1; i <= s.new_tokens; ++i)
    pairs += s.window ? std::min(s.past + i, *s.window) : s.past + i;
  return pairs;
}

Elementwise row(VectorFunction function, std::uint64_t width, std::uint64_t terms = 1) {
  return {function, 3, width, terms, 0};
}

}  // namespace

TEST_CASE("Attended pairs equal the sum over queries, with and without a window") {
  for (const std::uint64_t past : {0, 1, 4, 5, 6, 40})
    for (const std::uint64_t tokens : {1, 2, 3, 8})
      for (const std::uint64_t window : {1, 2, 5, 6, 100}) {
        CAPTURE(past, tokens, window);
        CHECK(attended_pairs(shape(tokens, past)) == pairs_one_by_one(shape(tokens, past)));
        CHECK(attended_pairs(shape(tokens, past, window)) ==
              pairs_one_by_one(shape(tokens, past, window)));
      }
}

TEST_CASE("A window bounds the keys attended and the cache read") {
  CHECK(attended_keys(shape(4, 10)) == 14);
  CHECK(attended_keys(shape(4, 10, 5)) == 8);  // W + S - 1
  CHECK(cache_elements_read(shape(1, 10)) == 2 * 3 * 8 * 10 * 2);
  CHECK(cache_elements_read(shape(1, 10, 5)) == 2 * 3 * 8 * 4 * 2);  // W - 1: its own key is new
  CHECK(cache_elements_read(shape(1, 0)) == 0);
}

TEST_CASE("Scores and context take one MAC a head, pair and dimension") {
  // S = 2, P = 3: 4 + 5 = 9 pairs; 2 sequences x 6 heads x 8 dimensions.
  const AttentionShape s = shape(2, 3);
  CHECK(macs(Work{Scores{s}}) == 9 * 2 * 6 * 8);
  CHECK(arithmetic(Scores{s}, {})[Arithmetic::kFp16Multiply] == 864);
  CHECK(arithmetic(Context{s}, {})[Arithmetic::kFp32Add] == 864);
  CHECK(elements_read(Work{Scores{s}}, 0) == 2 * 2 * 6 * 8);
  CHECK(elements_read(Work{Scores{s}}, 1) == 2 * 2 * 3 * 8);
  CHECK(elements_written(Work{Scores{s}}) == 2 * 6 * 9);
  CHECK(elements_read(Work{Context{s}}, 0) == 2 * 6 * 9);
}

TEST_CASE("Softmax: a compare, subtraction, exponential and multiply a pair, a reciprocal a row") {
  const ArithmeticCounts counts = arithmetic(Softmax{shape(2, 3)});
  CHECK(counts[Arithmetic::kFp32Compare] == 108);
  CHECK(counts[Arithmetic::kFp32Exp] == 108);
  CHECK(counts[Arithmetic::kFp32Multiply] == 108);
  CHECK(counts[Arithmetic::kFp32Add] == 108 + (108 - 24));
  CHECK(counts[Arithmetic::kFp32Reciprocal] == 24);
}

TEST_CASE("Vector functions count as documented, for each of 3 rows of 10 elements") {
  const auto check = [](const Elementwise& work, std::uint64_t mul, std::uint64_t add,
                        std::uint64_t compare, std::uint64_t exp, std::uint64_t reciprocal,
                        std::uint64_t rsqrt, std::uint64_t convert) {
    CAPTURE(name(work.function));
    const ArithmeticCounts counts = arithmetic(work);
    CHECK(counts[Arithmetic::kFp32Multiply] == 3 * mul);
    CHECK(counts[Arithmetic::kFp32Add] == 3 * add);
    CHECK(counts[Arithmetic::kFp32Compare] == 3 * compare);
    CHECK(counts[Arithmetic::kFp32Exp] == 3 * exp);
    CHECK(counts[Arithmetic::kFp32Reciprocal] == 3 * reciprocal);
    CHECK(counts[Arithmetic::kFp32Rsqrt] == 3 * rsqrt);
    CHECK(counts[Arithmetic::kFp16Convert] == 3 * convert);
  };
  //                                                 mul add cmp exp rec rsq cvt
  check(row(VectorFunction::kLayerNorm, 10), 32, 39, 0, 0, 0, 1, 0);
  check(row(VectorFunction::kRmsNorm, 10), 31, 10, 0, 0, 0, 1, 0);
  check(row(VectorFunction::kRope, 10), 20, 10, 0, 0, 0, 0, 0);
  check(row(VectorFunction::kRelu, 10), 0, 0, 10, 0, 0, 0, 0);
  check(row(VectorFunction::kRelu2, 10), 10, 0, 10, 0, 0, 0, 0);
  check(row(VectorFunction::kGelu, 10), 40, 20, 0, 10, 10, 0, 0);
  check(row(VectorFunction::kSilu, 10), 10, 10, 0, 10, 10, 0, 0);
  check(row(VectorFunction::kMultiply, 10), 10, 0, 0, 0, 0, 0, 0);
  check(row(VectorFunction::kAdd, 10), 0, 10, 0, 0, 0, 0, 0);
  check(row(VectorFunction::kScale, 10), 10, 0, 0, 0, 0, 0, 0);
  check(row(VectorFunction::kCombine, 10, 4), 40, 30, 0, 0, 0, 0, 0);
  check(row(VectorFunction::kQuantize, 10), 10, 0, 10, 0, 1, 0, 10);
  check(row(VectorFunction::kSoftmax, 10), 10, 19, 10, 10, 1, 0, 0);
  check(row(VectorFunction::kSelect, 10, 2), 0, 0, 20, 0, 0, 0, 0);
}

TEST_CASE("Words of every enumeration are read back as they are written") {
  for (int i = 0; i < 14; ++i) {
    const auto function = static_cast<VectorFunction>(i);
    CHECK(parse_vector_function(name(function)) == function);
  }
  for (int i = 0; i < 5; ++i) {
    const auto role = static_cast<LinearRole>(i);
    CHECK(parse_linear_role(name(role)) == role);
  }
  CHECK_FALSE(parse_vector_function("tanh"));
  CHECK_FALSE(parse_format_kind("int4"));
}

TEST_CASE("Expected distinct experts follow E (1 - (1 - k/E)^T), rounded up") {
  CHECK(expected_experts(8, 2, 1) == 2);
  CHECK(expected_experts(128, 8, 1) == 8);
  CHECK(expected_experts(8, 2, 2) == 4);  // 8 (1 - 0.5625) = 3.5
  CHECK(expected_experts(8, 2, 512) == 8);
  CHECK(expected_experts(128, 8, 16) == 83);  // 128 (1 - 0.9375^16) = 82.4
  CHECK(expected_experts(4, 4, 3) == 4);
}
