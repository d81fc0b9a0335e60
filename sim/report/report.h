// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "models/arch/architecture.h"
#include "models/cost/cost_table.h"
#include "models/result/result.h"
#include "models/workload/trace.h"

namespace addax::report {

/// What was simulated: the effective configuration of a design or of a baseline.
struct Subject {
  arch::Architecture architecture;
  workload::Trace trace;
};

/// All that a report was computed from. The writers repeat it, with every default filled in, so
/// that a result can be computed again from itself.
struct Configuration {
  Subject design;
  std::optional<Subject> fp16, same_bits;  ///< set where the report has the baseline
  cost::CostTable table;
  bool reuse_equal_layers = true;
  std::string mapping = "fast", objective = "edp";  ///< how mappings were chosen
  std::string dataflow;                             ///< that they follow; empty for none
};

/// For people: totals beside the baselines, energy by component and operation, silicon, layers with
/// what bounds them, notes. Rows of one phase that differ in nothing but their block are one row.
std::string text(const result::Report& report, const Configuration& configuration);

/// Schema "addax.result/1" (docs/formats/result.md): full precision, equal bytes for equal input.
/// Layers are written one after the other: a long generation has more of them than fit into memory
/// as a tree.
void json(std::ostream& stream, const result::Report& report, const Configuration& configuration);
std::string json(const result::Report& report, const Configuration& configuration);

/// One row a layer and design, units in the headers, no totals row: rows can be summed as they are.
void csv(std::ostream& stream, const result::Report& report);
std::string csv(const result::Report& report);

/// A booktabs table of totals, baselines and ratios.
std::string latex(const result::Report& report);

/// Silicon alone, of `addax area`.
std::string area_text(const cost::AreaReport& area, const arch::Architecture& architecture,
                      const cost::CostTable& table);
std::string area_json(const cost::AreaReport& area, const arch::Architecture& architecture,
                      const cost::CostTable& table, const result::Provenance& provenance);
std::string area_csv(const cost::AreaReport& area);

}  // namespace addax::report
