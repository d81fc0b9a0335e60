// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/workload/trace.h"
#include "sim/input/document.h"

namespace addax::input {

/// Reads a trace in the format of docs/formats/trace.md. Throws ConfigError, also where a count of
/// an operation leaves 64 bits.
workload::Trace read_trace(const Document& document);

/// Reads one weight format (a map). Throws ConfigError.
workload::WeightFormat read_weight_format(const Value& value);

}  // namespace addax::input
