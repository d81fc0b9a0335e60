// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "models/arith/lut.h"
#include "models/quantity/check.h"
#include "tests/catch.h"
#include "tests/models/arith/random_bits.h"
#include "tests/models/arith/soft_float.h"
#include "tests/models/arith/soft_sum.h"
#include "tests/seed.h"

using namespace addax;
using namespace addax::arith;
using addax::tests::RandomBits;
namespace soft = addax::tests::soft;

namespace {

bool is_zero(std::uint32_t half) { return (half & 0x7FFFU) == 0; }
bool is_nan(std::uint32_t half) { return (half & 0x7FFFU) > 0x7C00U; }

/// Inputs of random size; of kind 1 all bits are random (infinities, NaN), of kind 2 small integers,
/// many of which add up to zero.
std::vector<Fp16> inputs(RandomBits& random, std::size_t count, std::uint32_t kind) {
  std::vector<Fp16> x = random.halves(count, -6, 6);
  for (Fp16& value : x) {
    if (kind == 1) value.bits = static_cast<std::uint16_t>(random());
    if (kind == 2) value = to_fp16(static_cast<float>(random.below(5)) - 2.0F);
  }
  return x;
}

}  // namespace

TEST_CASE("building a table takes as many adds as the generator's formula says") {
  RandomBits random(tests::printed(10));
  for (std::uint32_t mu = 1; mu <= 16; ++mu) {
    INFO(mu);
    const std::vector<Fp16> x = random.halves(mu, -3, 3);
    CHECK(Table(mu, true).build(x) == lut_generator_adds(mu));
    CHECK(Table(mu, false).build(x) == lut_generator_adds(mu));
  }
}

TEST_CASE("every entry is the sum of its signed inputs in the tree's order, rounded at every add") {
  RandomBits random(tests::printed(11));
  for (std::uint32_t mu = 1; mu <= 8; ++mu) {
    Table table(mu, true);
    for (std::uint32_t trial = 0; trial < 60; ++trial) {
      const std::vector<Fp16> x = inputs(random, mu, trial % 3);
      table.build(x);
      for (std::uint32_t key = 0; key < 1U << mu; ++key) {
        const std::uint32_t sum = soft::tree_sum(x, key, 0, mu);
        const std::uint32_t found = table.query(key).bits;
        INFO(mu << " " << key);
        REQUIRE(found == soft::entry(x, key, 0, mu));
        const bool both_zero = is_zero(found) && is_zero(sum);
        const bool both_nan = is_nan(found) && is_nan(sum);
        REQUIRE((found == sum || both_zero || both_nan));
      }
    }
  }
}

TEST_CASE("half a table and a full one answer every key with the same bits") {
  RandomBits random(tests::printed(12));
  for (const std::uint32_t mu : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 11U, 16U}) {
    Table half(mu, true), full(mu, false);
    for (std::uint32_t kind = 0; kind < 3; ++kind) {
      const std::vector<Fp16> x = inputs(random, mu, kind);
      half.build(x);
      full.build(x);
      std::uint32_t different = 0;
      for (std::uint32_t key = 0; key < 1U << mu; ++key)
        different += half.query(key) != full.query(key);
      CHECK(different == 0);
    }
  }
}

TEST_CASE("a sum of zero is positive where it is stored and negative where it is negated") {
  const Fp16 one = to_fp16(1.0F);
  for (const bool half_table : {true, false}) {
    Table table(2, half_table);
    table.build(std::vector<Fp16>{one, one});
    CHECK(table.query(1) == Fp16{0x0000});  // +1 - 1
    CHECK(table.query(2) == Fp16{0x8000});  // -(+1 - 1)
    CHECK(table.query(3) == to_fp16(2.0F));
    CHECK(table.query(0) == to_fp16(-2.0F));
  }
}

TEST_CASE("inputs that a short key lacks are zeros, whatever the key says of them") {
  RandomBits random(tests::printed(13));
  const std::vector<Fp16> x = random.halves(5, -3, 3);
  Table table(8, true), shorter(5, true);
  CHECK(table.build(x) == 152);
  // The tree of eight splits after four inputs, that of five after three: only exact sums agree.
  const std::vector<Fp16> exact = inputs(random, 5, 2);
  table.build(exact);
  shorter.build(exact);
  for (std::uint32_t key = 0; key < 256; ++key)
    CHECK(to_fp32(table.query(key)) == to_fp32(shorter.query(key % 32)));
}

TEST_CASE("a table refuses keys and inputs that it has no room for") {
  Table table(4, true);
  CHECK_THROWS_AS(table.query(16), quantity::Defect);
  CHECK_THROWS_AS(table.build(std::vector<Fp16>(5)), quantity::Defect);
  CHECK_THROWS_AS(Table(17, true), quantity::Defect);
  CHECK_THROWS_AS(Table(0, false), quantity::Defect);
}
