// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace addax::sweep {

/// Values of one axis of a sweep. Several keys that change together are linked: level i of the axis gives
/// key k the value levels[i][k]. Values are as a file would have them: who reads them checks them.
struct Axis {
  std::vector<std::string> keys;  ///< paths, such as "arch.rows"
  std::vector<std::vector<std::string>> levels;
};

/// The values of all keys of all axes, in the order of the axes.
using Point = std::vector<std::pair<std::string, std::string>>;

enum class Spacing { kLinear, kDoubling, kLogarithmic };

/// What a range in a file asks for.
struct Range {
  double from = 0.0, to = 0.0;
  Spacing spacing = Spacing::kLinear;
  double step = 0.0;         ///< kLinear; 0 where `points` is given
  std::uint64_t points = 0;  ///< kLinear, kLogarithmic
  bool integers = false;  ///< of `points` values each is rounded to an integer, and is there once
};

/// The values of a range, both ends included where steps reach them: integers where ends and step are
/// integers, or `integers` says so. A logarithmic value between the ends is rounded to six significant digits.
/// Nothing where from > to, or a step or factor leads nowhere.
std::vector<std::string> values(const Range& range);

enum class Method { kFull, kRandom, kLatinHypercube };

struct Sample {
  Method method = Method::kFull;
  std::uint64_t points = 0;  ///< of the other two, before filters
  std::uint64_t seed = 1;
};

/// Levels of the axes at each point, one index an axis, in the order in which points are numbered: for
/// kFull the last axis runs fastest; kRandom draws without repetition and sorts as kFull does;
/// kLatinHypercube gives each level of an axis to as many points as any other, or one more. The same on
/// every machine. `sizes`: levels of each axis, at least 1; their product fits 64 bits.
std::vector<std::vector<std::uint32_t>> sampled(const std::vector<std::uint32_t>& sizes,
                                                const Sample& sample);

}  // namespace addax::sweep
