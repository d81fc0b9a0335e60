// SPDX-License-Identifier: Apache-2.0
#include "models/arith/sum.h"

#include <cmath>
#include <limits>

#include "models/quantity/check.h"
#include "tests/catch.h"
#include "tests/models/arith/random_bits.h"
#include "tests/models/arith/soft_float.h"
#include "tests/seed.h"

using namespace addax;
using namespace addax::arith;
using addax::tests::RandomBits;
namespace soft = addax::tests::soft;

namespace {

Fp16 half(std::uint32_t bits) { return {static_cast<std::uint16_t>(bits)}; }

}  // namespace

TEST_CASE("FP16 sums round to FP16 and FP32 sums to FP32 at every add, of addends and of sums") {
  RandomBits random(tests::printed(20));
  for (int trial = 0; trial < 2000; ++trial) {
    Sum narrow(SumKind::kFp16), wide(SumKind::kFp32);
    std::uint32_t narrow_bits = 0, wide_bits = 0;
    for (int i = 0; i < 20; ++i) {
      const std::uint32_t addend =
          random.below(200) == 0 ? random() & 0xFFFFU : random.half(-20, 4).bits;
      narrow.add(half(addend));
      wide.add(half(addend));
      narrow_bits = soft::add(soft::kHalf, narrow_bits, addend);
      wide_bits = soft::add(soft::kSingle, wide_bits, soft::to_single(addend));
      REQUIRE(narrow.bits() == narrow_bits);
      REQUIRE(wide.bits() == wide_bits);
    }
    const std::uint32_t other = random();
    wide.add(Sum(SumKind::kFp32, other));
    narrow.add(Sum(SumKind::kFp16, other));
    REQUIRE(wide.bits() == soft::add(soft::kSingle, wide_bits, other));
    REQUIRE(narrow.bits() == soft::add(soft::kHalf, narrow_bits, other & 0xFFFFU));
  }
}

TEST_CASE("INT32 sums wrap at both ends") {
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
  Sum sum(SumKind::kInt32);
  sum.add(kMost);
  sum.add(1);
  CHECK(sum.value() == kLeast);
  sum.add(-1);
  CHECK(sum.value() == kMost);
  sum.add(Sum(SumKind::kInt32, 0x80000000U));
  CHECK(sum.value() == -1.0);
}

TEST_CASE("a complete sum becomes 16 bits by one rounding") {
  RandomBits random(tests::printed(21));
  for (int i = 0; i < 200000; ++i) {
    const std::uint32_t bits = random();
    REQUIRE(Sum(SumKind::kFp32, bits).to_fp16().bits == soft::to_half(bits));
    REQUIRE(Sum(SumKind::kFp16, bits).to_fp16() == half(bits));
  }
  for (std::int32_t a = -70000; a <= 70000; ++a)
    REQUIRE(Sum(SumKind::kInt32, static_cast<std::uint32_t>(a)).to_fp16().bits ==
            soft::of_integer(soft::kHalf, a));
}

TEST_CASE("a tensor's exponent leaves a complete sum before it is rounded") {
  RandomBits random(tests::printed(22));
  for (int i = 0; i < 200000; ++i) {
    const std::uint32_t bits = random();
    const auto exponent = static_cast<std::int8_t>(static_cast<int>(random.below(256)) - 128);
    soft::Number number = soft::unpacked(soft::kSingle, bits);
    number.exponent -= exponent;
    const ShiftRules gradual{Underflow::kGradual, exponent};
    REQUIRE(Sum(SumKind::kFp32, bits).to_fp16(gradual).bits == soft::packed(soft::kHalf, number));
    const std::uint32_t narrow = bits & 0xFFFFU;
    if (exponent == 0) continue;
    const ShiftRules flush{Underflow::kFlushToZero, exponent};
    REQUIRE(Sum(SumKind::kFp16, narrow).to_fp16(flush).bits ==
            soft::shifted(narrow, -exponent, true));
  }
}

TEST_CASE("sums take the addends of their own kind only") {
  Sum integer(SumKind::kInt32), wide(SumKind::kFp32);
  CHECK_THROWS_AS(integer.add(half(0)), quantity::Defect);
  CHECK_THROWS_AS(wide.add(1), quantity::Defect);
  CHECK_THROWS_AS(wide.add(integer), quantity::Defect);
}
