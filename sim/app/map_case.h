// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/app/command_line.h"

namespace addax::app {

/// `addax map --case FILE`: counts of explicit mappings. Returns 1 where the text says that counts
/// differ from what a case expects.
int map_case(const CommandLine& line);

}  // namespace addax::app
