// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/mapping/mapper.h"
#include "models/mapping/plan.h"
#include "models/workload/trace.h"

namespace addax::mapping {

/// One layer of a phase: an operation, or scores, softmax and context fused, with its mapping. What
/// depends on shape, format, placement and architecture alone is shared by equal layers.
struct PlannedLayer {
  LayerPlan plan;
  std::string description;
  std::string format;  ///< of the weights, in words
  std::uint64_t macs = 0;
  workload::ArithmeticCounts array_arithmetic;  ///< the layer's own count
  workload::ArithmeticCounts vector_arithmetic;
  std::uint64_t skipped_adds = 0;  ///< of zero weights: passes count them, PEs skip them
  std::size_t group = 0;           ///< column group, where the array works
};

struct LayerOfPhase {
  std::size_t block = 0;
  std::string name, kind;
  std::shared_ptr<const PlannedLayer> layer;
};

struct FlatPhase;  ///< a phase as one list of operations

/// Maps every operation of a phase on an architecture. Equal layers are planned once, across phases
/// too. Throws Impossible with a path below the phase ("blocks[1].operations[3]...").
class Planner {
 public:
  Planner(const arch::Architecture& architecture, const workload::Widths& widths,
          const Policy& policy = {});
  std::vector<LayerOfPhase> plan(const workload::Phase& phase);
  /// Tensors that did not stay on chip, by name; for the report.
  const std::vector<std::string>& spilled() const { return spilled_; }

 private:
  std::vector<LayerOfPhase> plan_within(const FlatPhase& flat, std::uint64_t budget);
  const arch::Architecture& architecture_;
  workload::Widths widths_;
  Policy policy_;
  std::map<std::string, std::shared_ptr<const PlannedLayer>> known_;
  FoundBefore found_;
  std::vector<std::string> spilled_;
};

}  // namespace addax::mapping
