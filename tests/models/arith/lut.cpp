// SPDX-License-Identifier: Apache-2.0
#include "models/arith/lut.h"

#include "models/arch/architecture.h"
#include "models/arith/operation.h"
#include "models/quantity/check.h"
#include "tests/catch.h"

using namespace addax;
using namespace addax::arith;

TEST_CASE("a tree generator takes 2, 12 and 152 adds for half tables of 2, 4 and 8 weights") {
  // A(mu) = 2^(mu-1) + 2 A(mu/2), A(1) = 0: A(2) = 2, A(4) = 8 + 4, A(8) = 128 + 24.
  CHECK(lut_generator_adds(1) == 0);
  CHECK(lut_generator_adds(2) == 2);
  CHECK(lut_generator_adds(4) == 12);
  CHECK(lut_generator_adds(8) == 152);
  // 2^15 + 2 x 152.
  CHECK(lut_generator_adds(16) == 33072);
}

TEST_CASE("keys of odd length are built of halves that differ by one weight") {
  CHECK(lut_generator_adds(3) == 4 + 2 + 0);    // a pair and a single weight
  CHECK(lut_generator_adds(5) == 16 + 6 + 2);   // 3 and 2
  CHECK(lut_generator_adds(7) == 64 + 12 + 6);  // 4 and 3
}

TEST_CASE("the generator's tree is as deep as the logarithm of the key, rounded up") {
  CHECK(lut_generator_depth(1) == 0);
  CHECK(lut_generator_depth(2) == 1);
  CHECK(lut_generator_depth(3) == 2);
  CHECK(lut_generator_depth(4) == 2);
  CHECK(lut_generator_depth(8) == 3);
  CHECK(lut_generator_depth(16) == 4);
}

TEST_CASE("a half table stores half the entries") {
  CHECK(lut_entries(8, true) == 128);
  CHECK(lut_entries(8, false) == 256);
  CHECK(lut_entries(1, true) == 1);
  CHECK(lut_entries(16, false) == 65536);
  CHECK_THROWS_AS(lut_entries(0, true), quantity::Defect);
  CHECK_THROWS_AS(lut_entries(17, true), quantity::Defect);
}

TEST_CASE("building a table takes the slower of adding and writing, and the tree's depth") {
  arch::Lut lut;  // mu = 8, half: 152 adds, 128 entries, depth 3
  lut.generator_adders = 2;
  lut.write_ports = 1;
  CHECK(lut.build_cycles().value() == 128 + 3);  // 76 cycles of adds hide behind the writes
  lut.write_ports = 2;
  CHECK(lut.build_cycles().value() == 76 + 3);
  lut.generator_adders = 3;
  CHECK(lut.build_cycles().value() == 64 + 3);  // ceil(152 / 3) = 51 hides behind 64 writes
  lut.half_table = false;                       // the other half is a negation, but is written too
  CHECK(lut.build_cycles().value() == 128 + 3);
}

TEST_CASE("every arithmetic operation has a word of its own that reads back") {
  for (int a = 0; a < kArithmeticCount; ++a) {
    const auto arithmetic = static_cast<Arithmetic>(a);
    INFO(name(arithmetic));
    CHECK(parse_arithmetic(name(arithmetic)) == arithmetic);
  }
  CHECK_FALSE(parse_arithmetic("fp16.mul"));
}
