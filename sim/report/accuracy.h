// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "models/reproduction/figures.h"
#include "sim/report/rows.h"

namespace addax::report {

/// One model and method: its published perplexity beside the simulated cost of a decode token.
struct AccuracyRow {
  std::string model;
  std::string family;  ///< models whose perplexities may be compared
  std::string method;  ///< "shiftadd_3bit"
  double bits = 0.0;   ///< of code, a weight of the blocks' linear layers, on average
  double perplexity = 0.0;
  std::string perplexity_table;
  std::uint64_t context_tokens = 0;
  std::string architecture, weights;
  double energy_j = 0.0, latency_s = 0.0, area_mm2 = 0.0;
  double weights_gib = 0.0;
  double published_energy_mj = 0.0;  ///< of the published accounting, as we compute it
  bool pareto_energy = false, pareto_latency = false;  ///< among the rows of the family
};

struct AccuracyReport {
  const reproduction::Source& source;
  std::string cost_table;
  std::vector<AccuracyRow> rows;
  ReproductionOrigin origin;
};

/// Which methods are on the Pareto front of one family in one cost.
struct AccuracyFront {
  std::string family;
  const char* cost = "";  ///< "energy", "latency"
  std::size_t points = 0, members = 0;
  struct Method {
    std::string name;
    std::size_t points = 0, members = 0;
  };
  std::vector<Method> methods;  ///< most members first, then in the order of the rows
  std::string sentence() const;
};
/// Family by family, energy before latency.
std::vector<AccuracyFront> accuracy_fronts(const AccuracyReport& report);

/// For people: a table of each family, and what the figures are.
std::string accuracy_text(const AccuracyReport& report);
/// Schema "addax.accuracy/1" (docs/formats/comparison.md).
void accuracy_json(std::ostream& stream, const AccuracyReport& report);
/// One row a model and method.
void accuracy_csv(std::ostream& stream, const AccuracyReport& report);
/// A booktabs tabular of each family.
std::string accuracy_latex(const AccuracyReport& report);

}  // namespace addax::report
