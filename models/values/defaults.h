// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/values/count.h"

namespace addax::values {

/// What stands in for count() where there are no values, of all copies and tokens, each piece of work
/// done once (assumed; docs/physics/values.md): keys of codes that are independent and +1 as often as
/// -1, rounded to whole numbers; no exponent addition of FP16 numbers underflows. None for layers that
/// are not binary-coded.
workload::ValueCounts defaults(const workload::Linear& linear, const workload::Widths& widths,
                               const Execution& execution);

}  // namespace addax::values
