// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "models/nest/case.h"
#include "sim/report/configuration.h"

namespace addax::report {

/// Counts of a mapping: {"cycles", "macs", "levels": {LEVEL: {TENSOR: {"reads", "fills",
/// "updates"}}}}, tensors that a level keeps, words of all instances.
Json counts_json(const nest::Problem& problem, const nest::Hierarchy& hierarchy,
                 const nest::Counts& counts);

/// For people: the nest as indented loops, a table of the counts, with energy where the case gives
/// it, the cycles and what bounds them, and what differs from the case's expectations.
std::string case_text(const nest::Case& which, const nest::Counts& counts);

}  // namespace addax::report
