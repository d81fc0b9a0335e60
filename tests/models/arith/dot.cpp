// SPDX-License-Identifier: Apache-2.0
#include "models/arith/dot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "models/quantity/check.h"
#include "tests/catch.h"
#include "tests/models/arith/random_bits.h"
#include "tests/models/arith/soft_float.h"
#include "tests/models/arith/soft_sum.h"
#include "tests/seed.h"

using namespace addax;
using namespace addax::arith;
using addax::tests::RandomBits;
using addax::tests::SoftSum;
namespace soft = addax::tests::soft;

namespace {

constexpr std::array<SumKind, 2> kFloating = {SumKind::kFp16, SumKind::kFp32};
constexpr int kTrials = 2000;

struct Integers {
  std::vector<std::int16_t> codes;
  std::vector<IntegerGroup> groups;
};

/// Rows of `count` codes in groups of 16, the last one shorter.
Integers random_integers(RandomBits& random, std::size_t count) {
  Integers row;
  for (std::size_t i = 0; i < count; ++i)
    row.codes.push_back(static_cast<std::int16_t>(random.below(16)));
  for (std::size_t first = 0; first < count; first += 16)
    row.groups.push_back({{row.codes.data() + first, std::min<std::size_t>(16, count - first)},
                          static_cast<std::int16_t>(random.below(16)),
                          random.half(-8, -4)});
  return row;
}

}  // namespace

TEST_CASE("an FP16 dot product is rounded products in a rounded sum") {
  RandomBits random(tests::printed(50));
  for (const SumKind kind : kFloating)
    for (int trial = 0; trial < kTrials; ++trial) {
      const auto w = random.halves(50, -12, 0), x = random.halves(50, -8, 3);
      SoftSum sum(kind);
      for (std::size_t i = 0; i < w.size(); ++i) soft::add_product(sum, w[i].bits, x[i].bits);
      soft::check_same(fp16_dot(w, x, kind), sum);
    }
}

TEST_CASE("integers after the group are sums of (q - z) x, each multiplied by its scale once") {
  RandomBits random(tests::printed(51));
  for (const SumKind kind : kFloating)
    for (int trial = 0; trial < kTrials; ++trial) {
      const Integers row = random_integers(random, 40);
      const auto x = random.halves(40, -8, 3);
      SoftSum sum(kind);
      std::size_t k = 0;
      for (const IntegerGroup& group : row.groups) {
        SoftSum part(kind);
        for (const std::int16_t code : group.codes)
          soft::add_product(part, soft::of_integer(soft::kHalf, code - group.zero_point),
                            x[k++].bits);
        soft::add_scaled(sum, part, group.scale);
      }
      soft::check_same(integer_dot_after_groups(row.groups, x, kind), sum);
    }
}

TEST_CASE("dequantised integers are FP16 weights that were rounded once") {
  RandomBits random(tests::printed(52));
  for (const SumKind kind : kFloating)
    for (int trial = 0; trial < kTrials; ++trial) {
      const Integers row = random_integers(random, 40);
      const auto x = random.halves(40, -8, 3);
      SoftSum sum(kind);
      std::size_t k = 0;
      for (const IntegerGroup& group : row.groups)
        for (const std::int16_t code : group.codes) {
          const std::uint32_t q = soft::of_integer(soft::kHalf, code - group.zero_point);
          const double weight = soft::value(q) * soft::value(group.scale.bits);
          const std::uint32_t rounded = soft::times(q, group.scale.bits);
          const double input = soft::value(x[k].bits);
          const double error = SoftSum::rounding(weight, 0.0) * std::abs(input);
          sum.add(soft::times(rounded, x[k++].bits), weight * input,
                  error + SoftSum::rounding(weight * input, error));
        }
      soft::check_same(integer_dot_dequantised(row.groups, x, kind), sum);
    }
}

TEST_CASE("W8A8 sums are exact in 32 bits and outputs take the token's scale, then the output's") {
  RandomBits random(tests::printed(53));
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<std::int8_t> w(100), x(100);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      w[i] = static_cast<std::int8_t>(random.below(256));
      x[i] = static_cast<std::int8_t>(random.below(256));
      sum += w[i] * x[i];
    }
    REQUIRE(w8a8_dot(w, x).value() == static_cast<double>(sum));
    const TokenAndOutputScales scales{random.half(-12, -4), random.half(-12, -4)};
    std::uint32_t expected = soft::of_integer(soft::kSingle, sum);
    for (const Fp16 scale : {scales.token, scales.output})
      expected = soft::multiply(soft::kSingle, expected, soft::to_single(scale.bits));
    const Fp16 output = w8a8_output(static_cast<std::int32_t>(sum), scales);
    REQUIRE(output.bits == soft::to_half(expected));
    const double exact =
        static_cast<double>(sum) * soft::value(scales.token.bits) * soft::value(scales.output.bits);
    REQUIRE(std::abs(soft::value(output.bits) - exact) <=
            std::abs(exact) * (0x1p-11 + 4 * 0x1p-24) + 0x1p-25);
  }
  const std::vector<std::int8_t> lowest((1U << 17U) - 1, -128);
  CHECK(w8a8_dot(lowest, lowest).value() == 0x1p31 - 0x1p14);
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  CHECK(w8a8_output(kMost, {to_fp16(0x1p-10F), to_fp16(0x1p-10F)}) == to_fp16(2048.0F));
}

TEST_CASE("ternary sums skip zeros; alpha scales the signed sum and gamma the plain one") {
  RandomBits random(tests::printed(54));
  for (const SumKind kind : kFloating)
    for (int trial = 0; trial < kTrials; ++trial) {
      const auto x = random.halves(40, -8, 3);
      std::vector<std::int8_t> trits(40);
      for (std::int8_t& trit : trits)
        trit = static_cast<std::int8_t>(static_cast<int>(random.below(3)) - 1);
      std::optional<Fp16> gamma;
      if (trial % 2 == 0) gamma = random.half(-8, -4);
      const std::vector<TernaryGroup> groups = {
          {{trits.data(), 24}, random.half(-4, 0), gamma},
          {{trits.data() + 24, 16}, random.half(-4, 0), gamma}};
      SoftSum sum(kind);
      std::size_t k = 0;
      for (const TernaryGroup& group : groups) {
        SoftSum part(kind), all(kind);
        for (const std::int8_t trit : group.trits) {
          if (trit != 0) soft::add_signed(part, x[k], trit > 0);
          soft::add_signed(all, x[k++], true);
        }
        soft::add_scaled(sum, part, group.alpha);
        if (gamma) soft::add_scaled(sum, all, *gamma);
      }
      soft::check_same(ternary_dot(groups, x, kind), sum);
    }
}

TEST_CASE("ternary sums of INT8 inputs are exact") {
  RandomBits random(tests::printed(55));
  std::vector<std::int8_t> trits(1000), x(1000);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    trits[i] = static_cast<std::int8_t>(static_cast<int>(random.below(3)) - 1);
    x[i] = static_cast<std::int8_t>(random.below(256));
    sum += trits[i] * x[i];
  }
  CHECK(ternary_sum(trits, x).value() == static_cast<double>(sum));
}

TEST_CASE("msfp adds a box at a time") {
  RandomBits random(tests::printed(56));
  constexpr MsfpFormat kFormat{3, 8};
  for (const SumKind kind : kFloating)
    for (int trial = 0; trial < kTrials; ++trial) {
      std::array<std::array<std::int8_t, 16>, 6> mantissas{};
      std::vector<MsfpBox> w, x;
      SoftSum sum(kind);
      for (std::size_t b = 0; b < 3; ++b) {
        w.push_back(msfp_box(random.halves(16, -12, 0), kFormat, mantissas[2 * b].data()));
        x.push_back(msfp_box(random.halves(16, -8, 3), kFormat, mantissas[2 * b + 1].data()));
        std::int64_t integer = 0;
        for (std::size_t i = 0; i < 16; ++i) integer += w[b].mantissas[i] * x[b].mantissas[i];
        const int exponent = w[b].exponent + x[b].exponent - 4;
        // At most 784, which FP16 holds: the shift is exact but for subnormal results.
        sum.add(soft::shifted(soft::of_integer(soft::kHalf, integer), exponent, false),
                std::ldexp(static_cast<double>(integer), exponent), 0x1p-25);
      }
      soft::check_same(msfp_dot(w, x, {kind, {}}), sum);
    }
}

TEST_CASE("weights and inputs that are not as many are a defect") {
  const std::vector<Fp16> three(3), four(4);
  const std::vector<std::int8_t> trits(3);
  const std::vector<TernaryGroup> groups = {{trits, Fp16{}, std::nullopt}};
  CHECK_THROWS_AS(fp16_dot(three, four, SumKind::kFp32), quantity::Defect);
  CHECK_THROWS_AS(ternary_dot(groups, four, SumKind::kFp32), quantity::Defect);
  CHECK_THROWS_AS(ternary_dot(groups, std::vector<Fp16>(2), SumKind::kFp32), quantity::Defect);
}
