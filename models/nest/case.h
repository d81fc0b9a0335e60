// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/nest/counts.h"

namespace addax::nest {

/// What a physical access of a level takes, which moves some words at once.
struct AccessEnergy {
  std::uint64_t words = 1;
  double read_pj = 0.0, write_pj = 0.0, update_pj = 0.0;
};

/// A figure of Counts. Of cycles and macs the level and the tensor say nothing.
enum class Figure { kCycles, kMacs, kReads, kFills, kUpdates };

struct Expectation {
  Figure figure = Figure::kCycles;
  std::size_t level = 0, tensor = 0;
  std::uint64_t value = 0;
};

/// A problem on a hierarchy with an explicit mapping, and what somebody else counted for it.
struct Case {
  std::string id, description;
  Problem problem;
  Hierarchy hierarchy;
  Mapping mapping;
  std::vector<std::optional<AccessEnergy>> energies;  ///< one a level
  std::optional<double> mac_pj;
  std::vector<Expectation> expected;
};

struct Deviation {
  Expectation expected;
  std::uint64_t counted = 0;
};

/// Expectations that the counts do not meet.
std::vector<Deviation> deviations(const Case& which, const Counts& counts);

/// Energy of a tensor's accesses to a level, in pJ: physical accesses, rounded up for each of reads,
/// fills (as writes) and updates, times what each takes.
double access_pj(const AccessEnergy& energy, const TensorCounts& counts);

}  // namespace addax::nest
