// SPDX-License-Identifier: Apache-2.0
#include "models/arith/integer.h"

#include <vector>

#include "models/arith/ternary.h"
#include "models/quantity/check.h"
#include "tests/catch.h"
#include "tests/models/arith/random_bits.h"
#include "tests/models/arith/soft_float.h"
#include "tests/seed.h"

using namespace addax;
using namespace addax::arith;
using addax::tests::RandomBits;
namespace soft = addax::tests::soft;

TEST_CASE("symmetric codes are two's complement of their own width") {
  for (std::uint32_t bits = 1; bits <= 8; ++bits) {
    const int reach = 1 << (bits - 1);
    for (int code = -reach; code < reach; ++code)
      CHECK(symmetric_code(static_cast<std::uint32_t>(code), bits) == code);
  }
  CHECK(symmetric_code(0xF, 4) == -1);
  CHECK(symmetric_code(0x8, 4) == -8);
  CHECK_THROWS_AS(symmetric_code(0, 9), quantity::Defect);
}

TEST_CASE("codes packed as GPTQ does are one string of bits, over the borders of words") {
  // Word by word as its code packs 4 and 3 bits: eight nibbles; ten codes and two bits of the
  // eleventh, whose third bit opens the next word.
  const std::vector<std::uint32_t> nibbles = {0x76543210U, 0xFEDCBA98U};
  for (std::uint32_t i = 0; i < 16; ++i) CHECK(gptq_code(nibbles, 4, i) == i);
  const std::vector<std::uint32_t> threes = {0xC0000000U, 0x00000001U, 0};
  CHECK(gptq_code(threes, 3, 9) == 0);
  CHECK(gptq_code(threes, 3, 10) == 7);
  CHECK(gptq_code(threes, 3, 11) == 0);

  RandomBits random(tests::printed(30));
  for (std::uint32_t bits = 1; bits <= 8; ++bits) {
    std::vector<bool> string(96);
    std::vector<std::uint32_t> words(3);
    for (std::size_t i = 0; i < string.size(); ++i) {
      string[i] = random.below(2) != 0;
      if (string[i]) words[i / 32] |= 1U << (i % 32);
    }
    for (std::size_t code = 0; code < 96 / bits; ++code) {
      std::uint32_t expected = 0;
      for (std::uint32_t b = 0; b < bits; ++b) expected += string[code * bits + b] ? 1U << b : 0U;
      CHECK(gptq_code(words, bits, code) == expected);
    }
    CHECK_THROWS_AS(gptq_code(words, bits, 96 / bits), quantity::Defect);
  }
}

TEST_CASE("GPTQ's zero points are stored less one") {
  CHECK(gptq_zero_point(7, 4) == 8);
  CHECK(gptq_zero_point(15, 4) == 0);
  CHECK(gptq_zero_point(0, 2) == 1);
}

TEST_CASE("AWQ's words hold codes 0 2 4 6 1 3 5 7 from the lowest nibble on") {
  const auto codes = awq_codes(0x75316420U);
  for (std::uint8_t i = 0; i < 8; ++i) CHECK(codes.at(i) == i);
}

TEST_CASE("codes less zero points are exact in FP16, and dequantised weights rounded once") {
  RandomBits random(tests::printed(31));
  for (std::int16_t code = -128; code <= 255; ++code) {
    for (std::int16_t zero = 0; zero <= 255; ++zero) {
      const Fp16 scale = random.half(-14, 3);
      const std::uint32_t difference = soft::of_integer(soft::kHalf, code - zero);
      REQUIRE(soft::value(difference) == code - zero);
      REQUIRE(centred(code, zero).bits == difference);
      REQUIRE(dequantised(code, zero, scale).bits ==
              soft::multiply(soft::kHalf, difference, scale.bits));
    }
  }
  CHECK_THROWS_AS(centred(2049, 0), quantity::Defect);
}

TEST_CASE("five trits fill 243 values of a byte, each of which unpacks to what it packs") {
  CHECK(packed_trits(FiveTrits{1, 0, 0, 0, 0}) == 2 + 3 + 9 + 27 + 81);
  CHECK(packed_trits(FiveTrits{-1, -1, -1, -1, 1}) == 162);
  for (int byte = 0; byte < 256; ++byte) {
    INFO(byte);
    const auto trits = unpacked_five_trits(static_cast<std::uint8_t>(byte));
    REQUIRE(trits.has_value() == (byte < 243));
    if (trits) CHECK(packed_trits(*trits) == byte);
  }
  CHECK_THROWS_AS(packed_trits(FiveTrits{2, 0, 0, 0, 0}), quantity::Defect);
}
