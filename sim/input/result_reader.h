// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/input/document.h"

namespace addax::input {

/// Validates a result against its schema, addax.result/1 or addax.area/1 (docs/formats/result.md):
/// every key that the schema requires is there and of its type. Keys may be added within a version,
/// so that unknown ones are taken. Throws ConfigError.
void check_result(const Document& document);

}  // namespace addax::input
