// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/mapping/plan.h"
#include "sim/detailed/values.h"

namespace addax::tests {

/// y = W x in the order in which a plan adds: in a PE one product after another; the sums of a column's
/// PEs from top to bottom, the first of them to what the buffer holds; sums that stay, over all passes
/// in which they do. Looks each point up in the plan by itself.
std::vector<float> in_order_of(const mapping::ProductPlan& plan,
                               const detailed::Operands& operands);

}  // namespace addax::tests
