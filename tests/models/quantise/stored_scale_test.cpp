// SPDX-License-Identifier: Apache-2.0
#include "models/quantise/stored_scale.h"

#include <cmath>
#include <random>

#include "models/arith/float.h"
#include "models/quantise/matrix.h"
#include "models/quantise/quantised.h"
#include "tests/catch.h"
#include "tests/seed.h"

using namespace addax;
using quantise::ScaleStore;
using quantise::StoredScale;

TEST_CASE("A term is a sign and an exponent of seven bits in two's complement") {
  CHECK(quantise::term_value(0x00) == 1.0);
  CHECK(quantise::term_value(0x80) == -1.0);
  CHECK(quantise::term_value(0x7F) == 0.5);
  CHECK(quantise::term_value(0xFE) == -0.25);
  CHECK(quantise::term_value(0x3F) == 0x1p63);
  CHECK(quantise::term_value(0x40) == 0x1p-64);
}

TEST_CASE("Terms are the nearest powers of two to what is left, until it is nothing") {
  CHECK(ScaleStore(1).nearest(0.7).value == 0.5);
  CHECK(ScaleStore(1).nearest(0.8).value == 1.0);
  CHECK(ScaleStore(1).nearest(0.75).value == 0.5);
  CHECK(ScaleStore(2).nearest(0.7).value == 0.75);
  CHECK(ScaleStore(3).nearest(0.7).value == 0.6875);
  CHECK(ScaleStore(2).nearest(7.0).value == 7.0);  // 8 - 1
  CHECK(ScaleStore(8).nearest(0.5).value == 0.5);  // split into eight terms
  CHECK(ScaleStore(0).nearest(0.1).value == 0x1.998p-4);
  CHECK(ScaleStore(0).nearest(1e6).value == 65504.0);
}

TEST_CASE("The value of a stored scale is the sum of its terms, and near what was stored") {
  std::mt19937 random(tests::printed(31));
  std::uniform_real_distribution<double> exponent(-40.0, 16.0);
  for (int i = 0; i < 2000; ++i) {
    const double value = std::exp2(exponent(random));
    for (std::uint32_t terms = 1; terms <= 8; ++terms) {
      const StoredScale scale = ScaleStore(terms).nearest(value);
      double sum = 0.0;
      for (std::uint32_t t = 0; t < terms; ++t) sum += quantise::term_value(scale.terms.at(t));
      CHECK(sum == scale.value);
      // A term leaves at most a third of what was left before it.
      CHECK(std::fabs(scale.value - value) <=
            value * std::pow(3.0, -static_cast<double>(terms)) + 0x1p-57);
    }
  }
}

TEST_CASE("Zero is stored exactly but by a single power of two") {
  CHECK(ScaleStore(0).nearest(0.0).value == 0.0);
  CHECK(ScaleStore(1).nearest(0.0).value == 0x1p-56);
  for (std::uint32_t terms = 2; terms <= 8; ++terms)
    CHECK(ScaleStore(terms).nearest(0.0).value == 0.0);
}

TEST_CASE("Doubles round to FP16 as floats do, and once") {
  std::mt19937 random(tests::printed(8));
  for (int i = 0; i < 20000; ++i) {
    const auto a = static_cast<float>(
        std::ldexp(static_cast<double>(random()) - 0x1p31, static_cast<int>(random() % 50) - 60));
    CHECK(quantise::nearest_fp16(a) == static_cast<double>(arith::to_fp32(arith::to_fp16(a))));
  }
  // Rounding to float first would make a tie of it and go down to even.
  CHECK(quantise::nearest_fp16(1.0 + 0x1p-11 + 0x1p-40) == 1.0 + 0x1p-10);
  CHECK(std::isinf(quantise::nearest_fp16(65520.0)));
  CHECK(quantise::nearest_fp16(65519.9) == 65504.0);
}
