// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "models/result/result.h"

namespace addax::report {

/// What was counted from values, and what is assumed in their place: a row for all layers of a name.
/// Empty where there is neither.
std::string values_text(const result::DesignResult& design);

/// Of a layer; what was not counted is left out.
nlohmann::ordered_json values_json(const workload::ValueCounts& counts);

}  // namespace addax::report
