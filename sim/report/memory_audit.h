// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>

#include "models/reproduction/memory_audit.h"
#include "sim/report/rows.h"

namespace addax::report {

/// The audit of a published memory claim.
struct MemoryAuditReport {
  const reproduction::Source& source;
  const reproduction::MemoryAudit& audit;
  ReproductionOrigin origin;
};

/// For people: memory of the designs after each step, and the savings against FP16 and against the
/// same bits on multipliers.
std::string memory_audit_text(const MemoryAuditReport& report);
/// Schema "addax.memory_audit/1" (docs/formats/published.md).
void memory_audit_json(std::ostream& stream, const MemoryAuditReport& report);
/// One row a step and design.
void memory_audit_csv(std::ostream& stream, const MemoryAuditReport& report);
/// A booktabs tabular with one row a step.
std::string memory_audit_latex(const MemoryAuditReport& report);

}  // namespace addax::report
