// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/mapping/constraints.h"
#include "sim/input/document.h"

namespace addax::input {

/// Reads constraints on mappings, schema addax: dataflow/1 (docs/formats/dataflow.md). Throws
/// ConfigError.
mapping::Constraints read_dataflow(const Document& document);

/// A dataflow by its name (mapping::dataflow_names), or in a file. If asked for, `bytes_for_hash` becomes the
/// file's bytes, nothing for a name. Throws ConfigError.
mapping::Constraints resolve_dataflow(const std::string& name_or_path,
                                      std::string* bytes_for_hash = nullptr);

}  // namespace addax::input
