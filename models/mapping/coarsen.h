// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/mapping/lowering.h"

namespace addax::mapping {

/// The same loops in fewer, larger passes: the innermost loops over passes become waves of the array
/// as long as the tiles fit and nothing costs more. What moves, and how often, stays as it is, but
/// every pass waits for DRAM's latency once, which the costs do not see.
nest::Mapping coarsened(const Lowering& lowering, nest::Mapping mapping);

}  // namespace addax::mapping
