// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"

namespace addax::app {

int pareto_command(const Words& /*words*/) { return 0; }

}  // namespace addax::app
