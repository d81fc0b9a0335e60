// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "models/nest/mapping.h"

namespace addax::tests {

/// A small problem, a hierarchy and a mapping on it.
struct RandomNest {
  nest::Problem problem;
  nest::Hierarchy hierarchy;
  nest::Mapping mapping;
  std::string text() const;  ///< for messages
};

/// Random products, batched products and convolutions of at most some hundred MACs on two to four
/// levels, with any order, bypass, placement and smaller last tiles.
class RandomNests {
 public:
  explicit RandomNests(std::uint32_t seed) : engine_(seed) {}
  RandomNest next();

 private:
  std::uint64_t pick(std::uint64_t least, std::uint64_t most);
  bool one_in(std::uint64_t n) { return pick(1, n) == 1; }
  nest::Problem problem();
  nest::Hierarchy hierarchy(std::size_t tensors);
  void spread(RandomNest& nest);
  void keep(RandomNest& nest);

  std::mt19937 engine_;
};

}  // namespace addax::tests
