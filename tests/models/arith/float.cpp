// SPDX-License-Identifier: Apache-2.0
#include "models/arith/float.h"

#include <array>
#include <cstdint>

#include "tests/catch.h"
#include "tests/models/arith/random_bits.h"
#include "tests/models/arith/soft_float.h"
#include "tests/seed.h"

using namespace addax::arith;
using addax::tests::RandomBits;
namespace soft = addax::tests::soft;

namespace {

constexpr std::uint32_t kHalves = 0x10000;

Fp16 half(std::uint32_t bits) { return {static_cast<std::uint16_t>(bits)}; }

bool converts_as_defined(std::uint32_t bits) {
  return to_fp16(fp32_of_bits(bits)).bits == soft::to_half(bits);
}

/// Fractions at which rounding turns, and random ones between them.
std::uint32_t fraction(int bits, RandomBits& random) {
  const std::uint32_t all = (1U << bits) - 1U;
  switch (random() % 8) {
    case 0:
      return 0;
    case 1:
      return all;
    case 2:
      return 1;
    case 3:
      return 1U << (random() % static_cast<std::uint32_t>(bits));
    case 4:
      return all & ~(1U << (random() % static_cast<std::uint32_t>(bits)));
    default:
      return random() & all;
  }
}

struct Differences {
  std::uint64_t pairs = 0;
  std::uint64_t wrong_sums = 0;
  std::uint64_t wrong_products = 0;
};

void check_none(const Differences& found, std::uint64_t least_pairs) {
  CHECK(found.pairs >= least_pairs);
  CHECK(found.wrong_sums == 0);
  CHECK(found.wrong_products == 0);
}

void compare_halves(Differences& found, std::uint32_t a, std::uint32_t b) {
  ++found.pairs;
  found.wrong_sums += fp16_add(half(a), half(b)).bits != soft::add(soft::kHalf, a, b);
  found.wrong_products += fp16_multiply(half(a), half(b)).bits != soft::multiply(soft::kHalf, a, b);
}

void compare_singles(Differences& found, std::uint32_t a, std::uint32_t b) {
  const float x = fp32_of_bits(a), y = fp32_of_bits(b);
  ++found.pairs;
  found.wrong_sums += fp32_bits(fp32_add(x, y)) != soft::add(soft::kSingle, a, b);
  found.wrong_products += fp32_bits(fp32_multiply(x, y)) != soft::multiply(soft::kSingle, a, b);
}

}  // namespace

TEST_CASE("every half widens to its own value and comes back") {
  std::uint32_t wrong = 0, lost = 0;
  for (std::uint32_t bits = 0; bits < kHalves; ++bits) {
    const float wide = to_fp32(half(bits));
    wrong += fp32_bits(wide) != soft::to_single(bits);
    const bool is_nan = (bits & 0x7FFFU) > kFp16Infinity.bits;
    lost += to_fp16(wide) != (is_nan ? kFp16NaN : half(bits));
  }
  CHECK(wrong == 0);
  CHECK(lost == 0);
}

TEST_CASE("binary32 rounds to the nearest half, to even midway, beside all halves and midpoints") {
  std::uint32_t wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x7C00; ++bits) {
    // The half above the largest finite one would be 2^16.
    const float below = to_fp32(half(bits));
    const float above = bits == 0x7BFF ? 65536.0F : to_fp32(half(bits + 1));
    for (const float border : {below, (below + above) / 2}) {
      for (const std::uint32_t sign : {0U, 0x80000000U}) {
        const std::uint32_t middle = fp32_bits(border) | sign;
        wrong += !converts_as_defined(middle);
        wrong += !converts_as_defined(middle + 1);
        if (border != 0.0F) wrong += !converts_as_defined(middle - 1);
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(to_fp16(65519.996F) == half(0x7BFF));
  CHECK(to_fp16(65520.0F) == kFp16Infinity);
  CHECK(to_fp16(0x1p-25F) == half(0));
  CHECK(to_fp16(0x1.000002p-25F) == half(1));
}

TEST_CASE("all exponents of binary32 convert to halves, infinities and NaN too") {
  RandomBits random(addax::tests::printed(1));
  std::uint32_t wrong = 0;
  for (std::uint32_t top = 0; top < 512; ++top)
    for (int i = 0; i < 2000; ++i)
      wrong += !converts_as_defined((top << 23U) | fraction(23, random));
  CHECK(wrong == 0);
}

TEST_CASE("negation turns over the sign of every half and nothing else") {
  std::uint32_t wrong = 0;
  for (std::uint32_t bits = 0; bits < kHalves; ++bits)
    wrong += negated(half(bits)).bits != (bits < 0x8000 ? bits + 0x8000 : bits - 0x8000);
  CHECK(wrong == 0);
}

TEST_CASE("halves add and multiply as defined for all exponents of a dense sample of pairs") {
  RandomBits random(addax::tests::printed(2));
  Differences found;
  for (std::uint32_t a = 0; a < 64; ++a)
    for (std::uint32_t b = 0; b < 64; ++b)
      for (int i = 0; i < 1000; ++i)
        compare_halves(found, (a << 10U) | fraction(10, random), (b << 10U) | fraction(10, random));
  check_none(found, 4000000);
}

TEST_CASE("every half added to and multiplied by awkward halves is as defined") {
  // Zeros, the least and largest subnormals, least normals, ones, threes, largest, infinities, NaN.
  constexpr std::array<std::uint32_t, 22> kAwkward = {
      0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x83FF, 0x0400, 0x8400, 0x0401, 0x3BFF, 0x3C00,
      0xBC00, 0x3C01, 0x4200, 0xC200, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7C01, 0xFE00, 0x7E00};
  Differences found;
  for (std::uint32_t a = 0; a < kHalves; ++a)
    for (const std::uint32_t b : kAwkward) {
      compare_halves(found, a, b);
      compare_halves(found, b, a);
    }
  check_none(found, 2 * kHalves * kAwkward.size());
}

TEST_CASE("singles add and multiply as defined for all exponents of a dense sample of pairs") {
  RandomBits random(addax::tests::printed(3));
  Differences found;
  for (std::uint32_t a = 0; a < 512; ++a)
    for (std::uint32_t b = 0; b < 512; ++b)
      for (int i = 0; i < 12; ++i)
        compare_singles(found, (a << 23U) | fraction(23, random),
                        (b << 23U) | fraction(23, random));
  check_none(found, 3000000);
}

TEST_CASE("singles that nearly cancel and products that are nearly subnormal are as defined") {
  RandomBits random(addax::tests::printed(4));
  Differences found;
  for (int i = 0; i < 1000000; ++i) {
    const std::uint32_t a = random();
    // The same number but for its lowest bits, with the other sign: up to a binade apart.
    compare_singles(found, a, (a ^ 0x80000000U) + (random() % 0x1000000U) - 0x800000U);
    // Exponents that add up to that of the least normal number, give or take a subnormal's 24 bits.
    const std::uint32_t field = 1 + random() % 125;
    const std::uint32_t other = 127 - field + (random() % 30) - 24;
    compare_singles(found, (field << 23U) | fraction(23, random),
                    ((other & 0xFFU) << 23U) | fraction(23, random));
  }
  check_none(found, 2000000);
}
