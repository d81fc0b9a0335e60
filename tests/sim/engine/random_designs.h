// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "models/arch/architecture.h"
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

 private:
  std::uint64_t pick(std::uint64_t least, std::uint64_t most);
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + pick(0, choices.size() - 1));
  }
  workload::WeightFormat format();
  workload::Block linear();
  workload::Block attention(workload::Phase& phase);
  workload::Block elementwise();
  std::mt19937 engine_;
};

}  // namespace addax::tests
