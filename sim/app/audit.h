// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/reproduction/figures.h"
#include "sim/report/audit.h"

namespace addax::app {

/// What `addax reproduce --audit` is asked for.
struct AuditRequest {
  std::string model;  ///< a name, or the path of a config.json
  std::string table;  ///< cost table, name or file
  std::uint32_t bits = 3;
  std::optional<std::uint64_t>
      context;  ///< attended keys; min(2048, the model's limit) where unset
};

/// From the published accounting of a model to its simulation, for FP16, the same bits on
/// multipliers and ShiftAddLLM. A name that `source` has starts from the shape frozen there, any
/// other model from its own. Throws input::ConfigError.
report::AuditReport audit(const reproduction::Source& source, const AuditRequest& request);

}  // namespace addax::app
