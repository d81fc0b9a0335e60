// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sim/engine/clocked.h"
#include "sim/engine/findings.h"
#include "sim/engine/kernel.h"
#include "sim/hw/chip.h"

namespace addax::engine {

/// Runs layers by one fidelity, or takes what runs before have found of them.
class Runner {
 public:
  /// Throws Impossible as engine::run does.
  Runner(const arch::Architecture& architecture, const workload::Trace& trace, const Phases& phases,
         const Options& options);
  /// By which a layer is run.
  Fidelity fidelity(const mapping::PlannedLayer& layer) const;
  /// Runs a layer, called `name`, that begins in a cycle of the run.
  Outcome run(const std::shared_ptr<const mapping::PlannedLayer>& layer,
              const workload::Linear* linear, const std::string& name, quantity::Cycles begin);
  /// Completes what is written.
  void finish();

 private:
  Outcome run_anew(const mapping::PlannedLayer& layer, const workload::Linear* linear,
                   const std::string& name, quantity::Cycles begin);

  const arch::Architecture& architecture_;
  hw::DramTiming dram_;
  Findings* findings_;
  std::optional<Kernel> kernel_;
  std::unique_ptr<hw::Chip> chip_;
  std::optional<Clocked> clocked_;
};

}  // namespace addax::engine
