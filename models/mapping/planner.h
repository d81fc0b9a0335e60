// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/mapping/mapper.h"
#include "models/mapping/plan.h"
#include "models/quantity/recent.h"
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
  std::uint64_t skipped_adds = 0;     ///< of zero weights: passes count them, PEs skip them
  std::size_t group = 0;              ///< column group, where the array works
  std::vector<search::Hint> leaders;  ///< of a product: the best few mappings that were met
};

/// Layers that were planned lately, of any design, by all that a plan depends on.
using KnownLayers = quantity::Recent<std::string, std::shared_ptr<const PlannedLayer>>;

struct LayerOfPhase {
  std::size_t block = 0;
  std::string name, kind;
  std::shared_ptr<const PlannedLayer> layer;
};

struct FlatPhase;  ///< a phase as one list of operations

/// Maps every operation of a phase on an architecture. Equal layers are planned once, across phases
/// too, and across designs that look the same from the layer's column group if they share what is known. No plan
/// depends on what is known. `fast` reckons with rounded prices. Throws Impossible with a path below the phase
/// ("blocks[1].operations[3]...").
class Planner {
 public:
  Planner(const arch::Architecture& architecture, const workload::Widths& widths,
          const Policy& policy = {}, KnownLayers* known = nullptr);
  std::vector<LayerOfPhase> plan(const workload::Phase& phase);
  /// Tensors that did not stay on chip, by name; for the report.
  const std::vector<std::string>& spilled() const { return spilled_; }

 private:
  /// The design as layers see it that run on one column group, or on none.
  struct View {
    arch::Architecture architecture;
    Policy policy;
    std::string identity;  ///< of all of it, and of the widths
  };
  /// Where a product was mapped first: the layer's key, and its plan.
  struct First {
    std::string key;
    std::shared_ptr<const PlannedLayer> layer;
  };
  std::vector<LayerOfPhase> plan_within(const FlatPhase& flat, std::uint64_t budget);
  std::shared_ptr<const PlannedLayer> plan_layer(const FlatPhase& flat, const Placement& placement,
                                                 std::size_t begin, std::size_t end);
  View view(std::optional<std::size_t> group) const;
  const View& view_of(const workload::Work& work);
  First* first_of(const workload::Work& work);

  const arch::Architecture& architecture_;
  workload::Widths widths_;
  Policy policy_;
  KnownLayers* shared_;
  std::map<std::optional<std::size_t>, View> views_;
  std::map<std::string, std::shared_ptr<const PlannedLayer>> known_;
  std::map<std::string, First> firsts_;
  std::vector<std::string> spilled_;
};

}  // namespace addax::mapping
