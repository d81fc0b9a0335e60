// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/app/design_point.h"
#include "sim/sweep/results.h"

namespace addax::app {

/// The row of a run: outputs, layers, components (docs/formats/results.md).
sweep::Row row_of(const RunResult& run);

}  // namespace addax::app
