// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "models/reproduction/comparison.h"
#include "sim/report/rows.h"

namespace addax::report {

/// A design with one model: a decode token, simulated.
struct ComparisonRow {
  std::string model;
  const reproduction::ComparedDesign* design = nullptr;
  std::uint64_t context_tokens = 0;
  std::string architecture, weights;
  std::uint32_t rows = 0, columns = 0;
  double code_bits = 0.0, stored_bits = 0.0;  ///< a weight of the blocks' linear layers
  double weights_gib = 0.0;
  double energy_j = 0.0, latency_s = 0.0, area_mm2 = 0.0;
};

struct ComparisonReport {
  const reproduction::Comparison& comparison;
  std::string cost_table;
  std::vector<ComparisonRow> rows;  ///< model by model, in the order of the designs
  ReproductionOrigin origin;
};

/// For people: a table of each model with what the designs save, and the notes.
std::string comparison_text(const ComparisonReport& report);
/// Schema "addax.comparison/1" (docs/formats/comparison.md).
void comparison_json(std::ostream& stream, const ComparisonReport& report);
/// One row a model, design and reference.
void comparison_csv(std::ostream& stream, const ComparisonReport& report);
/// A booktabs tabular of all models.
std::string comparison_latex(const ComparisonReport& report);

}  // namespace addax::report
