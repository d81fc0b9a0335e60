// SPDX-License-Identifier: Apache-2.0
#include "models/arith/msfp.h"

#include <cmath>
#include <vector>

#include "tests/catch.h"
#include "tests/models/arith/random_bits.h"
#include "tests/models/arith/soft_float.h"
#include "tests/seed.h"

using namespace addax;
using namespace addax::arith;
using addax::tests::RandomBits;
namespace soft = addax::tests::soft;

namespace {

constexpr MsfpFormat kMsfp12{3, 8};

struct Box {
  std::vector<std::int8_t> mantissas;
  MsfpBox box;
};

void fill(Box& result, const std::vector<Fp16>& values, const MsfpFormat& format) {
  result.mantissas.resize(values.size());
  result.box = msfp_box(values, format, result.mantissas.data());
}

/// A mantissa in real numbers: halves have 11 bits, so that a double holds all of this exactly.
/// nearbyint rounds to even midway.
double mantissa(Fp16 a, int exponent, std::uint32_t bits) {
  const double units = std::ldexp(soft::value(a.bits), static_cast<int>(bits) - 1 - exponent);
  const double most = std::ldexp(1.0, static_cast<int>(bits)) - 1;
  return std::copysign(std::min(std::abs(std::nearbyint(units)), most), units);
}

}  // namespace

TEST_CASE("a box takes the exponent of its largest magnitude and rounds the rest to its unit") {
  // 5.5 = 1.375 x 2^2: exponent 2, and with three bits a unit of 1.
  const std::vector<Fp16> values = {to_fp16(5.5F), to_fp16(-1.0F), to_fp16(0.5F), to_fp16(1.5F),
                                    to_fp16(-2.5F)};
  Box box;
  fill(box, values, kMsfp12);
  CHECK(box.box.exponent == 2);
  CHECK(box.mantissas == std::vector<std::int8_t>{6, -1, 0, 2, -2});
  fill(box, {to_fp16(7.9F)}, kMsfp12);
  CHECK(box.mantissas == std::vector<std::int8_t>{7});  // not 8, which would need a fourth bit
}

TEST_CASE(
    "boxes of random halves hold the nearest mantissas, subnormals and narrow exponents too") {
  RandomBits random(tests::printed(40));
  for (int trial = 0; trial < 20000; ++trial) {
    const MsfpFormat format{1 + random.below(7), 1 + random.below(8)};
    const int least = static_cast<int>(random.below(30)) - 15;
    std::vector<Fp16> values = random.halves(1 + random.below(20), least, std::min(least + 4, 15));
    if (trial % 5 == 0) values[0].bits = static_cast<std::uint16_t>(random.below(0x7C00));
    Box box;
    fill(box, values, format);
    double largest = 0.0;
    for (const Fp16 a : values) largest = std::max(largest, std::abs(soft::value(a.bits)));
    const int reach = 1 << (format.exponent_bits - 1);
    const int own = largest == 0.0 ? 1 - reach : std::ilogb(largest);
    REQUIRE(box.box.exponent == std::min(std::max(own, 1 - reach), reach));
    for (std::size_t i = 0; i < values.size(); ++i)
      REQUIRE(box.mantissas[i] == mantissa(values[i], box.box.exponent, format.mantissa_bits));
  }
}

TEST_CASE("a box of zeros has the least exponent, and none is finite with an infinity or a NaN") {
  Box zeros, other;
  fill(zeros, std::vector<Fp16>(16), kMsfp12);
  CHECK(zeros.box.exponent == -127);
  CHECK(zeros.box.finite);
  fill(other, std::vector<Fp16>(16, to_fp16(3.0F)), kMsfp12);
  CHECK(msfp_product(zeros.box, other.box, Underflow::kGradual) == Fp16{0});
  for (const Fp16 bad : {kFp16Infinity, negated(kFp16Infinity), kFp16NaN}) {
    std::vector<Fp16> values(16, to_fp16(3.0F));
    values[7] = bad;
    fill(zeros, values, kMsfp12);
    CHECK_FALSE(zeros.box.finite);
    CHECK(msfp_product(zeros.box, other.box, Underflow::kGradual) == kFp16NaN);
    CHECK(msfp_product(other.box, zeros.box, Underflow::kGradual) == kFp16NaN);
  }
}

TEST_CASE(
    "the product of two boxes is their integer sum, rounded to FP16, by an exponent addition") {
  RandomBits random(tests::printed(41));
  for (int trial = 0; trial < 20000; ++trial) {
    const MsfpFormat format{1 + random.below(7), 8};
    const int least = static_cast<int>(random.below(24)) - 15;
    const std::size_t size = format.mantissa_bits == 7 ? 2 : 1 + random.below(7);
    Box a, b;
    fill(a, random.halves(size, least, least + 3), format);
    fill(b, random.halves(size, least, least + 3), format);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += a.mantissas[i] * b.mantissas[i];
    REQUIRE(msfp_integer_dot(a.box, b.box) == sum);
    const int m = static_cast<int>(format.mantissa_bits);
    const int exponent = a.box.exponent - m + 1 + b.box.exponent - m + 1;
    const bool flush = trial % 2 == 0;
    REQUIRE(
        msfp_product(a.box, b.box, flush ? Underflow::kFlushToZero : Underflow::kGradual).bits ==
        soft::shifted(soft::of_integer(soft::kHalf, sum), exponent, flush));
  }
}

TEST_CASE("sums of mantissas wrap at 16 bits and are right again when they come back") {
  const std::vector<std::int8_t> ones(3, 127), back = {127, 127, -127};
  const MsfpBox a{ones, 0, 7, true}, b{back, 0, 7, true};
  CHECK(msfp_integer_dot(a, a) == 3 * 127 * 127 - 65536);
  CHECK(msfp_integer_dot(a, b) == 127 * 127);
}
