// SPDX-License-Identifier: Apache-2.0
#include "tests/models/nest/random_nests.h"

#include <algorithm>

namespace addax::tests {

using nest::Problem;

std::string RandomNest::text() const {
  std::string text;
  for (const nest::Dimension& dimension : problem.dimensions)
    text += dimension.name + "=" + std::to_string(dimension.size) + " ";
  for (const nest::Tensor& tensor : problem.tensors) {
    text += tensor.name + "[";
    for (const nest::Index& index : tensor.indices) {
      for (const nest::Term& term : index.terms)
        text += std::to_string(term.stride) + problem.dimensions[term.dimension].name + " ";
      text += "/" + std::to_string(index.shared) + ",";
    }
    text += "] ";
  }
  for (const nest::Level& level : hierarchy.levels)
    text += "\n" + level.name + " multicasts " + std::to_string(level.multicasts) + ", reduces x " +
            std::to_string(level.reduces_x) + ", y " + std::to_string(level.reduces_y);
  for (const std::string& line : nest::describe(problem, hierarchy, mapping)) text += "\n" + line;
  return text;
}

std::uint64_t RandomNests::pick(std::uint64_t least, std::uint64_t most) {
  // Not std::uniform_int_distribution: its values differ from library to library.
  return least + engine_() % (most - least + 1);
}

Problem RandomNests::problem() {
  switch (pick(0, 4)) {
    case 0:
      return nest::batched_product(
          {pick(1, 2), pick(1, 2), pick(1, 3), pick(1, 3), pick(1, 5), pick(1, 5)});
    case 1:
      return nest::convolution({pick(1, 2), pick(1, 2), pick(1, 2), pick(1, 2), pick(1, 5),
                                pick(1, 2), pick(1, 4), pick(1, 2), pick(1, 3)});
    case 2: {
      // Scales of groups of weights along K, a tensor of their own.
      Problem problem = nest::matrix_product(pick(1, 4), pick(1, 14), pick(1, 5));
      problem.tensors.push_back({"Scales", {{{{1, 1}}, pick(2, 5)}, {{{2, 1}}, 1}}});
      return problem;
    }
    case 3:  // along a line, which leaves room for long tiles and halos
      return nest::convolution(
          {1, 1, pick(1, 2), pick(1, 2), pick(1, 12), 1, pick(1, 7), 1, pick(1, 4)});
    default:
      return nest::matrix_product(pick(1, 9), pick(1, 9), pick(1, 9));
  }
}

nest::Hierarchy RandomNests::hierarchy(std::size_t tensors) {
  nest::Hierarchy hierarchy;
  const std::uint64_t levels = pick(2, 4);
  for (std::uint64_t i = 0; i < levels; ++i) {
    nest::Level level;
    level.name = "L" + std::to_string(i);
    level.tensors.resize(tensors);
    level.fan_out_x = level.fan_out_y = 1000000;
    level.multicasts = !one_in(4);
    level.reduces_x = !one_in(4);
    level.reduces_y = !one_in(4);
    if (one_in(3)) level.read_words_a_cycle = static_cast<double>(pick(1, 6)) / 2.0;
    if (one_in(3)) level.write_words_a_cycle = static_cast<double>(pick(1, 4));
    hierarchy.levels.push_back(level);
  }
  return hierarchy;
}

// Cuts each dimension by loops here and there; several may cut one dimension in one level.
void RandomNests::spread(RandomNest& nest) {
  const std::size_t dimensions = nest.problem.dimensions.size();
  std::vector<std::uint64_t> extents;
  for (const nest::Dimension& dimension : nest.problem.dimensions)
    extents.push_back(dimension.size);
  const bool perfect = one_in(4);
  const auto cut = [&](std::vector<nest::Loop>& loops) {
    const std::size_t dimension = pick(0, dimensions - 1);
    std::uint64_t& extent = extents[dimension];
    std::uint64_t tile = pick(1, extent);
    while (perfect && extent % tile != 0) --tile;
    loops.push_back({dimension, tile});
    extent = tile;
  };
  for (nest::LevelLoops& level : nest.mapping.levels) {
    for (std::uint64_t i = pick(0, 4); i > 0; --i) cut(level.temporal);
    for (std::uint64_t i = one_in(2) ? pick(1, 2) : 0; i > 0; --i) cut(level.y);
    for (std::uint64_t i = one_in(2) ? pick(1, 2) : 0; i > 0; --i) cut(level.x);
  }
  nest::LevelLoops& last = nest.mapping.levels.back();
  std::vector<nest::Loop> rest;
  for (std::size_t dimension = 0; dimension < dimensions; ++dimension)
    if (extents[dimension] > 1) rest.push_back({dimension, 1});
  for (std::size_t i = rest.size(); i > 1; --i) std::swap(rest[i - 1], rest[pick(0, i - 1)]);
  // Tiles must not grow inwards: what is left comes after the other loops of its dimension.
  const auto cuts = [](const std::vector<nest::Loop>& loops, std::size_t dimension) {
    return std::any_of(loops.begin(), loops.end(),
                       [&](const nest::Loop& loop) { return loop.dimension == dimension; });
  };
  for (const nest::Loop& loop : rest) {
    const bool spatial = cuts(last.x, loop.dimension) || cuts(last.y, loop.dimension);
    (spatial ? last.x : last.temporal).push_back(loop);
  }
}

void RandomNests::keep(RandomNest& nest) {
  const std::size_t tensors = nest.problem.tensors.size();
  for (nest::LevelLoops& level : nest.mapping.levels) {
    level.keep.assign(tensors, true);
    for (std::size_t tensor = 0; tensor < tensors; ++tensor)
      if (&level != &nest.mapping.levels.front() && one_in(3)) level.keep[tensor] = false;
  }
}

RandomNest RandomNests::next() {
  RandomNest nest;
  nest.problem = problem();
  nest.hierarchy = hierarchy(nest.problem.tensors.size());
  nest.mapping.levels.resize(nest.hierarchy.levels.size());
  spread(nest);
  keep(nest);
  return nest;
}

}  // namespace addax::tests
