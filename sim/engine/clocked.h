// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/mapping/planner.h"
#include "models/workload/trace.h"
#include "sim/detailed/timeline.h"
#include "sim/detailed/waveform.h"
#include "sim/engine/engine.h"
#include "sim/hw/chip.h"

namespace addax::engine {

/// The layers of each phase, in order.
using Phases = std::vector<std::vector<mapping::LayerOfPhase>>;

/// The layers of a run that are clocked PE by PE, each on a chip in a kernel of its own, with what is
/// written of them.
class Clocked {
 public:
  /// Looks at all layers before one begins. Throws Impossible as engine::run does.
  Clocked(const arch::Architecture& architecture, const workload::Trace& trace,
          const Phases& phases, const Options& options);
  bool models(const mapping::PlannedLayer& layer) const;
  /// Runs a layer, called `name`, that begins in a cycle of the run. Its passes and their
  /// cycles are in closed form, all else is as clocked.
  hw::LayerRun run(const mapping::PlannedLayer& layer, const workload::Linear& linear,
                   const std::string& name, quantity::Cycles begin);
  /// Completes what is written.
  void finish();

 private:
  void choose(const workload::Trace& trace, const Phases& phases);
  [[noreturn]] void refuse_choice(const workload::Trace& trace, const Phases& phases) const;
  void expect_time(const workload::Trace& trace, const Phases& phases, bool reuse_equal_layers);
  std::uint64_t pe_cycles(const mapping::PlannedLayer& layer) const;

  const arch::Architecture& architecture_;
  workload::Widths widths_;
  const ValuesOf& values_;
  Watch watch_;
  const mapping::PlannedLayer* watched_ = nullptr;  ///< until it has run
  std::string watched_name_;
  std::vector<detailed::Signal> signals_;
  std::optional<detailed::Timeline> timeline_;
};

}  // namespace addax::engine
