// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace addax::reproduction {

/// A choice between two things of which less is better.
struct Tradeoff {
  double cost = 0.0, loss = 0.0;
};

/// Which of `points` are on the Pareto front, in their order: those that no other undercuts, that is,
/// has at most their cost and at most their loss, and less of one. Equal points are on it together.
std::vector<bool> pareto_front(const std::vector<Tradeoff>& points);

}  // namespace addax::reproduction
