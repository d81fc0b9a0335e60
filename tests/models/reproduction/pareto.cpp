// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/pareto.h"

#include <random>

#include "tests/catch.h"
#include "tests/seed.h"

using addax::reproduction::pareto_front;
using addax::reproduction::Tradeoff;

TEST_CASE("A point that another undercuts is not on the Pareto front") {
  CHECK(pareto_front({{1.0, 5.0}, {2.0, 3.0}, {3.0, 4.0}, {4.0, 1.0}}) ==
        std::vector<bool>{true, true, false, true});
  // Less of one and as much of the other undercuts.
  CHECK(pareto_front({{1.0, 5.0}, {1.0, 4.0}}) == std::vector<bool>{false, true});
  CHECK(pareto_front({{1.0, 5.0}, {2.0, 5.0}}) == std::vector<bool>{true, false});
}

TEST_CASE("Equal points are on the Pareto front together, and a lone one is on it") {
  CHECK(pareto_front({{1.0, 5.0}, {1.0, 5.0}}) == std::vector<bool>{true, true});
  CHECK(pareto_front({{1.0, 5.0}}) == std::vector<bool>{true});
  CHECK(pareto_front({}).empty());
}

TEST_CASE("The Pareto front of random points is what comparing all pairs gives") {
  std::mt19937 random(addax::tests::printed(20240613));
  // Few values, so that ties are common.
  std::uniform_int_distribution<int> value(0, 12), count(1, 40);
  for (int run = 0; run < 200; ++run) {
    std::vector<Tradeoff> points(static_cast<std::size_t>(count(random)));
    for (Tradeoff& each : points)
      each = {static_cast<double>(value(random)), static_cast<double>(value(random))};
    const std::vector<bool> front = pareto_front(points);
    for (std::size_t i = 0; i < points.size(); ++i) {
      bool undercut = false;
      for (const Tradeoff& other : points)
        undercut |= other.cost <= points[i].cost && other.loss <= points[i].loss &&
                    (other.cost < points[i].cost || other.loss < points[i].loss);
      REQUIRE(front[i] != undercut);
    }
  }
}
