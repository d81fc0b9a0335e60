// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/app/command_line.h"

namespace addax::app {

/// The cost table where none is named.
inline constexpr const char* kDefaultTable = "physical-45nm";

/// The subcommands. Each takes the words after its name and returns the exit status. Throws
/// input::ConfigError for the user's mistakes.
int run_command(const Words& words);
int trace_command(const Words& words);
int map_command(const Words& words);
int area_command(const Words& words);
int quantize_command(const Words& words);
int reproduce_command(const Words& words);
int check_command(const Words& words);
int sweep_command(const Words& words);
int pareto_command(const Words& words);

}  // namespace addax::app
