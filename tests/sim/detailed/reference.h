// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/mapping/plan.h"
#include "models/values/layer_values.h"

namespace addax::tests {

/// y = W x by models/arith in the order in which a plan adds (docs/physics/detailed.md): copies x tokens x
/// outputs. Looks each point up in the plan by itself.
std::vector<float> in_order_of(const mapping::ProductPlan& plan,
                               const values::LayerValues& operands, std::uint64_t readers);

}  // namespace addax::tests
