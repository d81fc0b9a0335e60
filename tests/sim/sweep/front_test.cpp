// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/front.h"

#include <random>

#include "tests/catch.h"
#include "tests/seed.h"

using namespace addax::sweep;

namespace {

using Rows = std::vector<std::vector<double>>;

bool undercut_by_any(const Rows& rows, const std::vector<double>& row) {
  for (const std::vector<double>& other : rows) {
    bool no_larger = true, smaller = false;
    for (std::size_t i = 0; i < row.size(); ++i) {
      no_larger = no_larger && other[i] <= row[i];
      smaller = smaller || other[i] < row[i];
    }
    if (no_larger && smaller) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("A front is what no row undercuts, ties and equal rows and all") {
  std::mt19937_64 random(addax::tests::printed(4));
  for (int round = 0; round < 400; ++round) {
    const std::size_t columns = 1 + random() % 4, count = random() % 40;
    const std::uint64_t levels = 1 + random() % 8;  // few: ties
    Rows rows(count, std::vector<double>(columns));
    for (std::vector<double>& row : rows)
      for (double& each : row) each = static_cast<double>(random() % levels) - 2.0;
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < count; ++i)
      if (!undercut_by_any(rows, rows[i])) expected.push_back(i);
    REQUIRE(front(rows) == expected);
  }
}

TEST_CASE("A front of one column is all its least rows, and of none nothing") {
  CHECK(front({{3}, {1}, {2}, {1}}) == std::vector<std::size_t>{1, 3});
  CHECK(front({}).empty());
  CHECK(front({{1, 2}, {1, 2}}) == std::vector<std::size_t>{0, 1});
  CHECK(front({{1, 3}, {1, 2}, {2, 2}}) == std::vector<std::size_t>{1});
  // Less of one and as much of the other undercuts.
  CHECK(front({{1, 5}, {1, 4}}) == std::vector<std::size_t>{1});
  CHECK(front({{1, 5}, {2, 5}}) == std::vector<std::size_t>{0});
  CHECK(front({{1, 5}, {2, 3}, {3, 4}, {4, 1}}) == std::vector<std::size_t>{0, 1, 3});
}
