// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "models/nest/case.h"

namespace addax::input {

/// Reads a file of one case, or of a list of them under the key `cases` (docs/formats/case.md). All
/// mappings are legal. A case without an id is called by its place: case1, case2, ... Throws
/// ConfigError.
std::vector<nest::Case> read_cases(const std::string& path);

}  // namespace addax::input
