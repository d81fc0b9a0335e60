// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
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
    std::string format;                   ///< of the blocks' linear layers, in words
    double stored_bits_a_weight = 0;      ///< of these layers, scales included
    std::uint32_t rows = 0, columns = 0;  ///< of the simulated array
    double area_mm2 = 0.0;
    /// Share of the simulated latency in layers that a resource bounds, by result::Resource.
    std::array<double, result::kResourceCount> bound_share{};
  };
  /// A saving in energy against FP16 that the paper states, per cent.
  struct Claim {
    std::string where;  ///< "Table 10", "text", "figure 8"
    double saving_percent = 0.0;
  };
  result::Provenance provenance;
  std::string published_sha256;  ///< of the file with the frozen shapes and figures
  std::string source, model, architecture, cost_table;
  result::Equalisation equalisation{};
  std::uint64_t context = 0;  ///< attended keys
  std::uint32_t bits = 0;
  std::vector<Claim> claims;
  Design fp16, optq, shiftadd;
};

std::string audit_text(const AuditReport& report);
/// Schema "addax.audit/1" (docs/formats/result.md).
std::string audit_json(const AuditReport& report);
/// One row a step and design.
std::string audit_csv(const AuditReport& report);
std::string audit_latex(const AuditReport& report);

}  // namespace addax::report
