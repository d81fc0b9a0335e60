// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <utility>

#include "models/mapping/planner.h"
#include "models/quantity/recent.h"
#include "models/result/result.h"
#include "sim/engine/engine.h"

namespace addax::engine {

/// What a layer did, once.
struct Outcome {
  quantity::Cycles cycles;
  std::uint64_t dram_bursts = 0;
  mapping::LayerTotals totals;
  std::array<quantity::Cycles, result::kResourceCount> busy{};
};

/// What runs have found out about layers lately, each in one process: the next ones need not plan and simulate
/// equal layers again. No result depends on it. docs/decisions/0011-known-layers.md.
struct Findings {
  /// So many hold 10 MB.
  static constexpr std::size_t kMost = 2048;

  mapping::KnownLayers layers{kMost};
  /// Where nothing but the layer and its design counts: not where every PE is clocked.
  quantity::Recent<std::pair<Fidelity, std::shared_ptr<const mapping::PlannedLayer>>, Outcome>
      outcomes{kMost};
};

}  // namespace addax::engine
