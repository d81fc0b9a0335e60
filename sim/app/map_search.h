// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/app/command_line.h"

namespace addax::app {

/// `addax map --arch`: finds and explains the best mappings of a layer or of all of a trace's.
int map_search(const CommandLine& line);

}  // namespace addax::app
