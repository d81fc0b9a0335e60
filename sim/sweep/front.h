// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
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
  std::optional<std::string> where;  ///< SQL over columns; none for all points
};

/// The front of the points that do the same work.
struct WorkFront {
  std::vector<Cell> work;               ///< as Front::work
  std::vector<std::vector<Cell>> rows;  ///< by the first objective, the best first
  std::uint64_t points = 0;             ///< that were compared
};

/// A front for each work, in the order of their first points. `columns` of a row are `number`, the axes' keys, what
/// else tells works apart, the objectives.
struct Front {
  std::vector<std::string> columns;
  std::vector<std::string> work;  ///< columns that tell works apart; none where there is one
  std::vector<WorkFront> fronts;
};

/// Only points that are done and have all objectives are compared, and only those that do the same work: equal in
/// `macs` and in the keys of the trace that say what is computed (not in which numbers): model, phase, context, batch,
/// distinct experts. An objective that is one of these is asked about across works. Throws input::ConfigError where a
/// column is none or no number, the filter is no expression, or no point is left.
Front front(ResultsReader& results, const FrontRequest& request);

}  // namespace addax::sweep
