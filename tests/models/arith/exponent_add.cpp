// SPDX-License-Identifier: Apache-2.0
#include "models/arith/exponent_add.h"

#include <cmath>
#include <vector>

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

constexpr std::uint32_t kHalves = 0x10000;

Fp16 half(std::uint32_t bits) { return {static_cast<std::uint16_t>(bits)}; }

std::uint32_t wrong_shifts(Underflow underflow) {
  const bool flush = underflow == Underflow::kFlushToZero;
  std::uint32_t wrong = 0;
  for (int exponent = -64; exponent <= 63; ++exponent)
    for (std::uint32_t bits = 0; bits < kHalves; ++bits)
      wrong += exponent_add(half(bits), exponent, underflow).bits !=
               soft::shifted(bits, exponent, flush);
  return wrong;
}

PowerOfTwo random_term(RandomBits& random, int least, int most) {
  const int reach = most - least + 1;
  return {(random() & 1U) != 0,
          static_cast<std::int8_t>(least +
                                   static_cast<int>(random() % static_cast<std::uint32_t>(reach)))};
}

}  // namespace

TEST_CASE("adding any exponent to any half multiplies by the power, underflow gradual") {
  CHECK(wrong_shifts(Underflow::kGradual) == 0);
}

TEST_CASE("adding any exponent to any half multiplies by the power, underflow flushed") {
  CHECK(wrong_shifts(Underflow::kFlushToZero) == 0);
}

TEST_CASE("gradual exponent addition is the FP16 product with a power that FP16 has") {
  std::uint32_t wrong = 0;
  for (int exponent = -24; exponent <= 15; ++exponent) {
    const Fp16 power = to_fp16(std::ldexp(1.0F, exponent));
    for (std::uint32_t bits = 0; bits < kHalves; ++bits)
      wrong += exponent_add(half(bits), exponent, Underflow::kGradual) !=
               fp16_multiply(half(bits), power);
  }
  CHECK(wrong == 0);
}

TEST_CASE("exponents far beyond those of terms give zero and infinity") {
  for (const Underflow underflow : {Underflow::kGradual, Underflow::kFlushToZero}) {
    CHECK(exponent_add(half(0x3C00), 32767, underflow) == kFp16Infinity);
    CHECK(exponent_add(half(0xBC00), -32768, underflow) == half(0x8000));
    CHECK(exponent_add(half(0x0000), 32767, underflow) == half(0x0000));
  }
}

TEST_CASE("a term is eight bits: its sign and seven bits of exponent") {
  for (int code = 0; code < 256; ++code) {
    const PowerOfTwo term = decoded_power_of_two(static_cast<std::uint8_t>(code));
    CHECK(term.exponent >= -64);
    CHECK(term.exponent <= 63);
    CHECK(encoded(term) == code);
  }
  CHECK(encoded({false, -1}) == 0x7F);
  CHECK(encoded({true, -64}) == 0xC0);
  CHECK_THROWS_AS(encoded({false, 64}), quantity::Defect);
  CHECK_THROWS_AS(encoded({false, -65}), quantity::Defect);
}

TEST_CASE("a term's sign turns over all but NaN, and the tensor's exponent is added to its own") {
  RandomBits random(tests::printed(5));
  for (int i = 0; i < 100000; ++i) {
    const std::uint32_t bits = random() % kHalves;
    const PowerOfTwo term = random_term(random, -64, 63);
    const auto of_tensor = static_cast<std::int8_t>(static_cast<int>(random.below(256)) - 128);
    const ShiftRules rules{Underflow::kGradual, of_tensor};
    std::uint32_t expected = soft::shifted(bits, term.exponent + of_tensor, false);
    if (term.negative && expected != soft::kHalf.nan()) expected ^= 0x8000U;
    REQUIRE(exponent_add(half(bits), term, rules).bits == expected);
  }
}

TEST_CASE("a scale of k terms is k shifts and k - 1 adds in the order of the terms") {
  RandomBits random(tests::printed(6));
  for (int i = 0; i < 200000; ++i) {
    const std::uint32_t bits = random() % kHalves;
    const bool flush = (random() & 1U) != 0;
    const ShiftRules rules{flush ? Underflow::kFlushToZero : Underflow::kGradual, 2};
    std::vector<PowerOfTwo> terms(1 + random() % 4);
    for (PowerOfTwo& term : terms) term = random_term(random, -12, 6);
    std::uint32_t sum = 0;
    for (std::size_t t = 0; t < terms.size(); ++t) {
      std::uint32_t shifted = soft::shifted(bits, terms[t].exponent + 2, flush);
      if (terms[t].negative && shifted != soft::kHalf.nan()) shifted ^= 0x8000U;
      sum = t == 0 ? shifted : soft::add(soft::kHalf, sum, shifted);
    }
    REQUIRE(scaled(half(bits), terms, rules).bits == sum);
  }
}

TEST_CASE("a scale's value is the sum of its signed powers") {
  const std::vector<PowerOfTwo> terms = {{false, -3}, {true, -5}, {false, -40}};
  CHECK(value(terms) == 0.125 - 0.03125 + 0x1p-40);
  CHECK_THROWS_AS(scaled(half(0x3C00), Span<PowerOfTwo>(), {}), quantity::Defect);
}
