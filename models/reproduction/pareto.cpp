// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/pareto.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <tuple>

namespace addax::reproduction {

std::vector<bool> pareto_front(const std::vector<Tradeoff>& points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(points[a].cost, points[a].loss) < std::tie(points[b].cost, points[b].loss);
  });

  // From the cheapest: a point must lose less than every cheaper one. Of points of one cost the
  // first loses least.
  std::vector<bool> front(points.size(), false);
  double least_of_cheaper = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < order.size();) {
    const Tradeoff best = points[order[i]];
    for (; i < order.size() && points[order[i]].cost == best.cost; ++i)
      front[order[i]] = points[order[i]].loss == best.loss && best.loss < least_of_cheaper;
    least_of_cheaper = std::min(least_of_cheaper, best.loss);
  }
  return front;
}

}  // namespace addax::reproduction
