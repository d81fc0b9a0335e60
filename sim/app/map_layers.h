// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "models/arch/architecture.h"
#include "models/mapping/plan.h"
#include "models/workload/trace.h"
#include "sim/app/command_line.h"

namespace addax::app {

/// A product of weights that is to be mapped, and the names of all layers that are equal to it.
struct WantedLayer {
  std::vector<std::string> names;
  workload::Linear linear;
  mapping::Placement placement;
};

/// --layer MxKxN, with --weights. Throws input::ConfigError.
WantedLayer layer_of_words(const CommandLine& line);

/// The products of a trace, equal ones once, with the placement that a run gives their activations;
/// only those called `name` (OPERATION, BLOCK/OPERATION or PHASE/BLOCK/OPERATION) where it is not
/// empty. Throws input::ConfigError where there are none, and quantity::Impossible.
std::vector<WantedLayer> layers_of_trace(const workload::Trace& trace,
                                         const arch::Architecture& architecture,
                                         const std::string& name);

}  // namespace addax::app
