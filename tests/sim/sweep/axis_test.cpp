// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/axis.h"

#include <map>
#include <set>

#include "tests/catch.h"

using namespace addax::sweep;

namespace {

using Texts = std::vector<std::string>;

Range range(double from, double to, Spacing spacing, double step, std::uint64_t points) {
  return {from, to, spacing, step, points};
}

}  // namespace

TEST_CASE("ranges are linear, doubling or logarithmic") {
  CHECK(values(range(4, 16, Spacing::kLinear, 4, 0)) == Texts{"4", "8", "12", "16"});
  CHECK(values(range(0.1, 0.5, Spacing::kLinear, 0.2, 0)) == Texts{"0.1", "0.3", "0.5"});
  CHECK(values(range(1, 2, Spacing::kLinear, 0, 3)) == Texts{"1", "1.5", "2"});
  CHECK(values(range(8, 100, Spacing::kDoubling, 0, 0)) == Texts{"8", "16", "32", "64"});
  CHECK(values(range(1, 1e6, Spacing::kLogarithmic, 0, 4)) == Texts{"1", "100", "10000", "1e+06"});
  CHECK(values(range(1, 10, Spacing::kLogarithmic, 0, 3)) == Texts{"1", "3.16228", "10"});
  CHECK(values(range(2, 1, Spacing::kLinear, 1, 0)).empty());
  CHECK(values(range(0, 8, Spacing::kDoubling, 0, 0)).empty());
}

TEST_CASE("Of a range of integers each value is one, and there once, and its ends are its ends") {
  const auto integers = [](double from, double to, Spacing spacing, std::uint64_t points) {
    Range asked = range(from, to, spacing, 0, points);
    asked.integers = true;
    return values(asked);
  };
  // 100^(1/3) = 4.64, 100^(2/3) = 21.5
  CHECK(integers(1, 100, Spacing::kLogarithmic, 4) == Texts{"1", "5", "22", "100"});
  // 4^(i/7): 1, 1.22, 1.49, 1.81, 2.21, 2.69, 3.28, 4
  CHECK(integers(1, 4, Spacing::kLogarithmic, 8) == Texts{"1", "2", "3", "4"});
  CHECK(integers(1, 1e6, Spacing::kLogarithmic, 4) == Texts{"1", "100", "10000", "1000000"});
  // 2^27 to 2^28 by way of their geometric mean, 189812531.2..., of six digits
  CHECK(integers(134217728, 268435456, Spacing::kLogarithmic, 3) ==
        Texts{"134217728", "189813000", "268435456"});
  CHECK(integers(1, 8, Spacing::kLinear, 4) == Texts{"1", "3", "6", "8"});  // 1, 3.33, 5.67, 8
  CHECK(integers(1, 2, Spacing::kLinear, 9) == Texts{"1", "2"});
  CHECK(integers(-2, 2, Spacing::kLinear, 3) == Texts{"-2", "0", "2"});
  Range stepped = range(1, 2, Spacing::kLinear, 0.5, 0);
  stepped.integers = true;
  CHECK(values(stepped) == Texts{"1", "1.5", "2"});
}

TEST_CASE("a full sample has every point once, the last axis fastest") {
  const auto points = sampled({2, 3}, {});
  CHECK(points ==
        std::vector<std::vector<std::uint32_t>>{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}});
}

TEST_CASE("a random sample repeats nothing, is in order, and is the same for a seed") {
  const Sample sample{Method::kRandom, 50, 7};
  const auto points = sampled({10, 10, 10}, sample);
  CHECK(points.size() == 50);
  CHECK(std::is_sorted(points.begin(), points.end()));
  CHECK(std::set<std::vector<std::uint32_t>>(points.begin(), points.end()).size() == 50);
  CHECK(points == sampled({10, 10, 10}, sample));
  CHECK(points != sampled({10, 10, 10}, {Method::kRandom, 50, 8}));
  CHECK(sampled({3, 3}, {Method::kRandom, 100, 1}).size() == 9);
  // Each point is as likely as any other: 8 of 64 in 4000 samples are 500, 5 deviations are 105.
  std::map<std::vector<std::uint32_t>, int> times;
  for (std::uint64_t seed = 0; seed < 4000; ++seed)
    for (const auto& point : sampled({8, 8}, {Method::kRandom, 8, seed})) ++times[point];
  CHECK(times.size() == 64);
  for (const auto& [point, count] : times) CHECK(std::abs(count - 500) < 105);
}

TEST_CASE("a Latin hypercube gives all levels of an axis to as many points") {
  for (const std::uint32_t size : {4, 10, 25}) {
    const std::uint64_t wanted = 10;
    const auto points = sampled({size, 3}, {Method::kLatinHypercube, wanted, 3});
    REQUIRE(points.size() == wanted);
    std::map<std::uint32_t, std::uint64_t> times;
    for (const auto& point : points) ++times[point[0]];
    for (const auto& [level, count] : times) {
      CHECK(level < size);
      CHECK(count >= wanted / size);
      CHECK(count <= (wanted + size - 1) / size);
    }
    CHECK(times.size() == std::min<std::uint64_t>(size, wanted));
  }
}
