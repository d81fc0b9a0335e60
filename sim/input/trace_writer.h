// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/workload/trace.h"

namespace addax::input {

/// The trace as YAML in the format of docs/formats/trace.md; read_trace gives an equal trace back.
/// Files of values are named as they were, from the folder of the trace.
std::string write_trace(const workload::Trace& trace);

}  // namespace addax::input
