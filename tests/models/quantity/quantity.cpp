// SPDX-License-Identifier: Apache-2.0
#include "models/quantity/quantity.h"

#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"
#include "tests/catch.h"

using namespace addax::quantity;

namespace {
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
}

TEST_CASE("checked_mul gives the product up to 2^64 - 1 and refuses what lies beyond") {
  CHECK(checked_mul(0, kMost) == 0);
  CHECK(checked_mul(1, kMost) == kMost);
  // 2^64 - 1 = 3 x 5 x 17 x 257 x 641 x 65537 x 6700417, so these products are exact.
  CHECK(checked_mul(3, 6148914691236517205U) == kMost);
  CHECK(checked_mul(3, 5, 17, 257, 641, 65537, 6700417) == kMost);
  CHECK_THROWS_AS(checked_mul(std::uint64_t{1} << 32, std::uint64_t{1} << 32), CountOverflow);
  CHECK_THROWS_AS(checked_mul(2, std::uint64_t{1} << 32, std::uint64_t{1} << 31), CountOverflow);
  CHECK(checked_mul(2, std::uint64_t{1} << 32, std::uint64_t{1} << 30) == std::uint64_t{1} << 63);
}

TEST_CASE("checked_mul refuses a product whose prefix overflows, even if the last factor is zero") {
  CHECK_THROWS_AS(checked_mul(kMost, 2, 0), CountOverflow);
  CHECK(checked_mul(kMost, 0, 2) == 0);
}

TEST_CASE("checked_add refuses a sum of 2^64") {
  CHECK(checked_add(kMost - 1, 1) == kMost);
  CHECK_THROWS_AS(checked_add(kMost, 1), CountOverflow);
}

TEST_CASE("ceil_div rounds up, also next to 2^64 where adding the divisor would overflow") {
  CHECK(ceil_div(0, 7) == 0);
  CHECK(ceil_div(1, 7) == 1);
  CHECK(ceil_div(7, 7) == 1);
  CHECK(ceil_div(8, 7) == 2);
  CHECK(ceil_div(kMost, kMost) == 1);
  CHECK(ceil_div(kMost, 2) == std::uint64_t{1} << 63);
}

TEST_CASE("quantities of one unit add, compare and scale; their ratio is a plain number") {
  Cycles cycles(6);
  cycles += Cycles(4);
  CHECK(cycles == Cycles(10));
  CHECK((cycles * 3).value() == 30);
  CHECK((3 * cycles - Cycles(1)).value() == 29);
  CHECK(cycles / Cycles(4) == 2.5);
  CHECK(Cycles(9) < cycles);
  CHECK(cycles >= Cycles(10));
}

TEST_CASE("a failed check is a defect that names its place, a diagnosis carries its path") {
  try {
    ADDAX_CHECK(1 > 2, "order");
    FAIL("no defect");
  } catch (const Defect& defect) {
    CHECK(std::string(defect.what()).find("1 > 2: order") != std::string::npos);
  }
  const Impossible impossible({"buffer.banks", "2", "at least 3"});
  CHECK(impossible.diagnosis().value == "2");
  CHECK(std::string(impossible.what()) == "buffer.banks: at least 3");
}
