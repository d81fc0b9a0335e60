// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/nest/counts.h"

namespace addax::tests {

/// The same counts as nest::count(), by executing the nest: step by step and instance by instance,
/// with the words of every tile as a set. For small problems.
nest::Counts walk(const nest::Problem& problem, const nest::Hierarchy& hierarchy,
                  const nest::Mapping& mapping, nest::CountRules rules);

}  // namespace addax::tests
