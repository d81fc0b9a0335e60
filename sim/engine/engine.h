// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "models/arch/architecture.h"
#include "models/cost/cost_table.h"
#include "models/mapping/mapper.h"
#include "models/result/result.h"
#include "models/workload/trace.h"

namespace addax::engine {

enum class Fidelity {
  kAnalytic,  ///< closed form: exact actions, lower bounds on cycles
  kCycle,     ///< SystemC, one transaction a pass
};

struct Options {
  Fidelity fidelity = Fidelity::kCycle;
  bool reuse_equal_layers = true;  ///< simulate layers of equal shape, format and mapping once
  /// Called now and then with the layers done and all layers; may be empty.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = {};
  mapping::Effort effort = mapping::Effort::kFast;
  search::Objective objective = search::Objective::kEdp;
  std::uint64_t fast_budget = mapping::kFastBudget;  ///< nodes that `fast` evaluates for a layer
  unsigned threads = 1;                              ///< of the mapper; results do not depend on it
  /// What mappings are priced with; none: Eyeriss's normalised costs.
  const cost::CostTable* costs = nullptr;
};

/// Replays a trace on an architecture. Throws quantity::Impossible where a layer cannot run there
/// (path "phases[i].blocks[j].operations[k]...") and CountOverflow.
result::Activity run(const arch::Architecture& architecture, const workload::Trace& trace,
                     const Options& options);

}  // namespace addax::engine
