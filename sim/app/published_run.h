// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/app/command_line.h"

namespace addax::app {

/// `addax run --profile published`: a model in the accounting of ShiftAddLLM's tables, beside the
/// same model in FP16 and with the same bits on multipliers. Returns the exit status; throws
/// input::ConfigError.
int published_run(const CommandLine& line);

}  // namespace addax::app
