// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/mapping/mapper.h"
#include "models/mapping/planner.h"

namespace addax::mapping {

/// A linear layer as a product that a column group runs.
struct ProductTask {
  std::size_t group = 0;
  Product product;
  Kernel kernel;
};

/// Plans single layers on one architecture.
class LayerPlanner {
 public:
  LayerPlanner(const arch::Architecture& architecture, const workload::Widths& widths,
               const Policy& policy)
      : architecture_(architecture), widths_(widths), policy_(policy) {}

  /// `hints`: leaders of the same product in another place.
  PlannedLayer linear(const workload::Linear& linear, const Placement& placement,
                      const std::vector<search::Hint>& hints = {}) const;
  /// Throws Impossible (path "weights") where no column group runs the format.
  ProductTask task(const workload::Linear& linear) const;
  /// A linear layer with a plan that is given.
  PlannedLayer planned(const workload::Linear& linear, const ProductPlan& plan) const;
  /// `steps`: vector operations on the scores before the softmax.
  PlannedLayer attention(const workload::AttentionShape& shape,
                         const std::vector<workload::Elementwise>& steps,
                         const Placement& placement) const;
  PlannedLayer elementwise(const workload::Elementwise& work, const Placement& placement) const;
  PlannedLayer transfer(const workload::Transfer& work, const Placement& placement) const;
  /// The column group that runs a format fastest. Throws Impossible (path "weights") where none does.
  std::size_t group_for(const workload::WeightFormat& format) const;

 private:
  VectorPlan vector_plan(const Placement& placement) const;
  const arch::Architecture& architecture_;
  workload::Widths widths_;
  Policy policy_;
};

}  // namespace addax::mapping
