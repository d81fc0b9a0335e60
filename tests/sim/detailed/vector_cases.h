// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <string>

#include "models/mapping/layer_planner.h"
#include "sim/detailed/vector_chip.h"
#include "sim/hw/chip.h"

namespace addax::tests {

/// A vector operation, or a mere transfer, on a chip that may run it.
struct VectorCase {
  arch::Architecture architecture;
  std::string what;
  mapping::VectorPlan plan;
};

/// The `cycle` fidelity.
hw::LayerRun simulated(const VectorCase& one);
/// The `detailed` one.
detailed::VectorRun clocked(const VectorCase& one);

/// Random cases, the same for the same seed.
class VectorCases {
 public:
  explicit VectorCases(std::uint32_t seed) : random_(seed) {}

  /// All functions in turn, and transfers.
  VectorCase next();

 private:
  std::uint64_t pick(std::uint64_t least, std::uint64_t most);
  std::uint64_t extent(std::uint64_t most);
  arch::Architecture architecture();
  mapping::Placement placement(std::size_t inputs);
  mapping::PlannedLayer elementwise(const mapping::LayerPlanner& planner, std::string& what);
  workload::Transfer transfer(std::string& what);

  std::mt19937 random_;
  std::uint64_t number_ = 0;
};

}  // namespace addax::tests
