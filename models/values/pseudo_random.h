// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/values/layer_values.h"
#include "models/workload/operation.h"

namespace addax::values {

/// Values for a layer that has none: uniformly random codes and signs; FP16 activations and scales of
/// exponents so small that sums do not overflow. The same for the same seed, everywhere.
LayerValues pseudo_random(const workload::Linear& linear, const workload::Widths& widths,
                          std::uint32_t seed);

}  // namespace addax::values
