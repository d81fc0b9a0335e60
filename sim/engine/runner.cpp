// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/runner.h"

#include <algorithm>
#include <utility>

#include "models/quantity/check.h"
#include "sim/engine/bounds.h"

namespace addax::engine {

Runner::Runner(const arch::Architecture& architecture, const workload::Trace& trace,
               const Phases& phases, const Options& options)
    : architecture_(architecture),
      dram_(architecture),
      findings_(options.reuse_equal_layers && options.fidelity != Fidelity::kDetailed
                    ? options.findings
                    : nullptr) {
  if (options.fidelity == Fidelity::kAnalytic) return;
  kernel_.emplace();
  chip_ = std::make_unique<hw::Chip>("chip", architecture);
  if (options.fidelity == Fidelity::kDetailed)
    clocked_.emplace(architecture, trace, phases, options);
}

Fidelity Runner::fidelity(const mapping::PlannedLayer& layer) const {
  if (clocked_ && clocked_->models(layer)) return Fidelity::kDetailed;
  return chip_ ? Fidelity::kCycle : Fidelity::kAnalytic;
}

Outcome Runner::run(const std::shared_ptr<const mapping::PlannedLayer>& layer,
                    const workload::Linear* linear, const std::string& name,
                    quantity::Cycles begin) {
  if (!findings_) return run_anew(*layer, linear, name, begin);
  const std::pair key{fidelity(*layer), layer};
  if (const Outcome* known = findings_->outcomes.find(key)) return *known;
  return findings_->outcomes.keep(key, run_anew(*layer, linear, name, begin));
}

void Runner::finish() {
  if (clocked_) clocked_->finish();
}

Outcome Runner::run_anew(const mapping::PlannedLayer& layer, const workload::Linear* linear,
                         const std::string& name, quantity::Cycles begin) {
  Outcome outcome;
  if (chip_) {
    // A count that leaves 64 bits is refused here: inside the kernel it would surface as a failure.
    bounds(architecture_, layer.plan, mapping::totals(layer.plan));
    hw::LayerRun run;
    if (fidelity(layer) == Fidelity::kDetailed) {
      ADDAX_CHECK(linear != nullptr, name);
      run = clocked_->run(layer, *linear, name, begin);
    } else {
      run = chip_->run(layer.plan);
    }
    outcome = {run.cycles, run.dram_bursts, run.totals, {}};
    outcome.busy = bounds(architecture_, layer.plan, outcome.totals);
  } else {
    outcome.totals = mapping::totals(layer.plan);
    outcome.busy = bounds(architecture_, layer.plan, outcome.totals);
    outcome.cycles = *std::max_element(outcome.busy.begin(), outcome.busy.end());
    outcome.dram_bursts =
        dram_.bursts(outcome.totals.dram_read_bits + outcome.totals.dram_write_bits);
  }
  return outcome;
}

}  // namespace addax::engine
