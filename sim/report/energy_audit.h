// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/reproduction/audit.h"
#include "models/result/result.h"

namespace addax::report {

/// What `addax reproduce --audit` found: the costs of three designs after each of audit_steps().
struct AuditReport {
  struct Design {
    std::string name;  ///< "fp16", "optq", "shiftadd"
    std::vector<reproduction::DesignCost> costs;
    std::uint32_t rows = 0, columns = 0;  ///< of the simulated array
    double area_mm2 = 0.0;
  };
  result::Provenance provenance;
  std::string source, model, architecture, cost_table;
  std::uint64_t context = 0;  ///< attended keys
  std::uint32_t bits = 0;
  /// Saving in energy against FP16 that follows from the printed table, per cent.
  struct Claim {
    double saving_percent = 0.0;
    std::string table;
  };
  std::optional<Claim> claim;
  Design fp16, optq, shiftadd;
};

std::string audit_text(const AuditReport& report);
/// Schema "addax.audit/1" (docs/formats/result.md).
std::string audit_json(const AuditReport& report);
/// One row a step and design.
std::string audit_csv(const AuditReport& report);
std::string audit_latex(const AuditReport& report);

}  // namespace addax::report
