// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/mapping/constraints.h"
#include "sim/input/document.h"

namespace addax::input {

/// Reads constraints on mappings, schema addax: dataflow/1 (docs/formats/dataflow.md). Throws
/// ConfigError.
mapping::Constraints read_dataflow(const Document& document);

/// A dataflow by its name (mapping::dataflow_names), or in a file. Throws ConfigError.
mapping::Constraints resolve_dataflow(const std::string& name_or_path);

}  // namespace addax::input
