// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/sweep/results.h"

namespace addax::sweep {

/// Rows of `values` that no other row undercuts: none is as small in all columns and smaller in one. In their
/// order; equal rows are all in or all out. Time grows with rows x front.
std::vector<std::size_t> front(const std::vector<std::vector<double>>& values);

/// What a front is asked of.
struct FrontRequest {
  struct Objective {
    std::string column;
    bool maximise = false;
  };
  std::vector<Objective> objectives;
  std::string where;  ///< SQL over columns; empty for all points
};

/// The front's points, by the first objective, the best first: `number`, the axes' keys, the objectives.
struct Front {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  std::uint64_t points = 0;  ///< that were compared
};

/// Only points that are done and have all objectives are compared. Throws input::ConfigError where a column is
/// none or no number, the filter is no expression, or no point is left.
Front front(ResultsReader& results, const FrontRequest& request);

}  // namespace addax::sweep
