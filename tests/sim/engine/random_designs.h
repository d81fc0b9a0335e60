// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "models/arch/architecture.h"
#include "models/mapping/plan.h"
#include "models/workload/trace.h"
#include "tests/seed.h"

namespace addax::tests {

/// Small random architectures and layers, reproducible from a seed.
class RandomDesigns {
 public:
  explicit RandomDesigns(std::uint32_t seed) : engine_(printed(seed)) {}
  arch::Architecture architecture();
  /// One operation (or one attention) that `architecture` may or may not be able to hold.
  workload::Trace trace();
  /// Any nest over a small product on any column group that runs its format, whatever the buffer
  /// holds: loops in any order, several a dimension, with remainders; any holds.
  mapping::ProductPlan product_plan(const arch::Architecture& architecture);
  /// Fused attention, cut into any blocks and tiles of keys and spread over the array in any way.
  mapping::AttentionPlan attention_plan(const arch::Architecture& architecture);
  mapping::VectorPlan vector_plan(const arch::Architecture& architecture);

 private:
  std::uint64_t pick(std::uint64_t least, std::uint64_t most);
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + pick(0, choices.size() - 1));
  }
  workload::WeightFormat format();
  workload::Widths widths();
  workload::AttentionShape attention_shape();
  mapping::LoopNest nest(const mapping::Problem& problem, std::uint64_t reduction_step);
  mapping::BufferShare share(const arch::Architecture& architecture);
  workload::Block linear();
  workload::Block attention(workload::Phase& phase);
  workload::Block elementwise();
  std::mt19937 engine_;
};

}  // namespace addax::tests
