// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

namespace addax::sweep {
namespace {

using Levels = std::vector<std::uint32_t>;

/// Uniform below `bound`: std::uniform_int_distribution differs between libraries.
std::uint64_t below(std::uint64_t bound, std::mt19937_64& random) {
  const std::uint64_t beyond = random.max() - random.max() % bound;
  std::uint64_t drawn = random();
  while (drawn >= beyond) drawn = random();
  return drawn % bound;
}

Levels levels_of(std::uint64_t index, const std::vector<std::uint32_t>& sizes) {
  Levels levels(sizes.size());
  for (std::size_t axis = sizes.size(); axis-- > 0; index /= sizes[axis])
    levels[axis] = static_cast<std::uint32_t>(index % sizes[axis]);
  return levels;
}

// Robert Floyd's: each set of that many indices is as likely as any other.
std::set<std::uint64_t> drawn(std::uint64_t all, std::uint64_t wanted, std::mt19937_64& random) {
  std::set<std::uint64_t> indices;
  for (std::uint64_t last = all - wanted; last < all; ++last)
    if (!indices.insert(below(last + 1, random)).second) indices.insert(last);
  return indices;
}

std::vector<Levels> hypercube(const std::vector<std::uint32_t>& sizes, std::uint64_t points,
                              std::mt19937_64& random) {
  std::vector<Levels> all(points, Levels(sizes.size()));
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    Levels column;
    for (std::uint64_t point = 0; point < points; ++point)
      column.push_back(static_cast<std::uint32_t>(point * sizes[axis] / points));
    if (points < sizes[axis])  // one level of each of as many strata
      for (std::uint64_t point = 0; point < points; ++point) {
        const std::uint64_t end = (point + 1) * sizes[axis] / points;
        column[point] += static_cast<std::uint32_t>(below(end - column[point], random));
      }
    for (std::uint64_t left = points; left > 1; --left)
      std::swap(column[left - 1], column[below(left, random)]);
    for (std::uint64_t point = 0; point < points; ++point) all[point][axis] = column[point];
  }
  return all;
}

bool whole(double value) { return value == std::floor(value) && std::abs(value) < 9e15; }

std::vector<double> numbers_of(const Range& range) {
  std::vector<double> numbers;
  if (range.spacing == Spacing::kDoubling) {
    for (double at = range.from; at > 0.0 && at <= range.to; at *= 2.0) numbers.push_back(at);
    return numbers;
  }
  if (range.spacing == Spacing::kLogarithmic) {
    for (std::uint64_t i = 0; range.from > 0.0 && range.from <= range.to && i < range.points; ++i) {
      const double part =
          range.points == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(range.points - 1);
      numbers.push_back(range.from * std::pow(range.to / range.from, part));
    }
    return numbers;
  }
  const double step = range.step > 0.0
                          ? range.step
                          : (range.to - range.from) /
                                static_cast<double>(std::max<std::uint64_t>(range.points, 2) - 1);
  // A step that is no binary fraction may miss the end by its rounding.
  const double slack = step * 1e-9;
  for (std::uint64_t i = 0; step > 0.0; ++i) {
    const double at = range.from + step * static_cast<double>(i);
    if (at > range.to + slack) break;
    numbers.push_back(at);
  }
  return numbers;
}

}  // namespace

std::vector<std::string> values(const Range& range) {
  std::vector<double> numbers = numbers_of(range);
  const bool integers = range.integers && range.points > 0;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::string text = range.spacing == Spacing::kLogarithmic ? fmt::format("{:.6g}", numbers[i])
                       : whole(numbers[i])                    ? fmt::format("{:.0f}", numbers[i])
                                                              : fmt::format("{:.10g}", numbers[i]);
    if (integers) {
      const bool end = i == 0 || i + 1 == numbers.size();
      text =
          fmt::format("{:.0f}", std::round(end ? numbers[i] : std::stod(text)) + 0.0);  // -0 is 0
    }
    if (!integers || texts.empty() || texts.back() != text) texts.push_back(text);
  }
  return texts;
}

std::vector<std::vector<std::uint32_t>> sampled(const std::vector<std::uint32_t>& sizes,
                                                const Sample& sample) {
  std::uint64_t all = 1;
  for (const std::uint32_t size : sizes) all *= size;
  std::mt19937_64 random(sample.seed);
  if (sample.method == Method::kLatinHypercube) return hypercube(sizes, sample.points, random);
  std::vector<Levels> points;
  if (sample.method == Method::kRandom && sample.points < all) {
    for (const std::uint64_t index : drawn(all, sample.points, random))
      points.push_back(levels_of(index, sizes));
    return points;
  }
  points.reserve(all);
  for (std::uint64_t index = 0; index < all; ++index) points.push_back(levels_of(index, sizes));
  return points;
}

}  // namespace addax::sweep
