// SPDX-License-Identifier: Apache-2.0
#include "models/search/goal.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace addax::search {
namespace {

nest::Cost cost(const CostBound& bound) { return {bound.energy_pj, bound.cycles}; }

double less_rounding(double value) { return value * (1.0 - kRounding); }

bool same_loops(const std::vector<nest::Loop>& a, const std::vector<nest::Loop>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const nest::Loop& left, const nest::Loop& right) {
                      return left.dimension == right.dimension && left.tile == right.tile;
                    });
}

// Of the same space, placement and keep choice.
bool alike(const Found& a, const Found& b) {
  if (a.space != b.space) return false;
  for (std::size_t level = 0; level < a.mapping.levels.size(); ++level) {
    const nest::LevelLoops& left = a.mapping.levels[level];
    const nest::LevelLoops& right = b.mapping.levels[level];
    if (left.keep != right.keep || !same_loops(left.x, right.x) || !same_loops(left.y, right.y))
      return false;
  }
  return true;
}

}  // namespace

bool Best::hopeless(const CostBound& bound) const {
  return !leaders_.empty() &&
         value(objective_, cost(bound)) >= less_rounding(value(objective_, leaders_.front().cost));
}

double Best::rank(const CostBound& bound) const { return value(objective_, cost(bound)); }

bool Best::better(const nest::Cost& a, const nest::Cost& b) const {
  const double first = value(objective_, a);
  const double second = value(objective_, b);
  if (first < less_rounding(second)) return true;
  if (second < less_rounding(first)) return false;
  return objective_ == Objective::kLatency ? a.energy_pj < less_rounding(b.energy_pj)
                                           : a.cycles < less_rounding(b.cycles);
}

void Best::second(Found found) {
  if (alike(found, leaders_.front())) return;
  if (!runner_up_ || better(found.cost, runner_up_->cost)) runner_up_ = std::move(found);
}

void Best::lead(const Found& found) {
  auto at = leaders_.begin();
  while (at != leaders_.end() && !better(found.cost, at->cost)) ++at;
  if (at != leaders_.begin() && !better(std::prev(at)->cost, found.cost)) return;
  if (at == leaders_.end() && leaders_.size() == kMostLeaders) return;
  leaders_.insert(at, found);
  if (leaders_.size() > kMostLeaders) leaders_.pop_back();
}

void Best::offer(Found found) {
  if (!leaders_.empty() && !better(found.cost, leaders_.front().cost)) {
    lead(found);
    second(std::move(found));
    return;
  }
  const std::vector<Found> beaten = leaders_;
  lead(found);
  if (runner_up_ && alike(*runner_up_, leaders_.front())) runner_up_.reset();
  if (!beaten.empty()) second(beaten.front());
}

// A rank is not above the value: indices that are sums of two are bounded. Far more than rounding.
bool Best::useless(double rank) const {
  constexpr double kMore = 1.0 + 1e-9;
  return leaders_.size() == kMostLeaders && runner_up_ &&
         rank > kMore * std::max(value(objective_, leaders_.back().cost),
                                 value(objective_, runner_up_->cost));
}

void Best::merge(const Best& other) {
  for (const Found& leader : other.leaders_) offer(leader);
  if (other.runner_up_) offer(*other.runner_up_);
}

bool Front::hopeless(const CostBound& bound) const {
  return std::any_of(points_.begin(), points_.end(), [&](const Found& point) {
    return bound.energy_pj >= less_rounding(point.cost.energy_pj) &&
           bound.cycles >= less_rounding(point.cost.cycles);
  });
}

double Front::rank(const CostBound& bound) const { return bound.energy_pj * bound.cycles; }

void Front::offer(Found found) {
  if (hopeless({found.cost.energy_pj, found.cost.cycles})) return;
  points_.erase(std::remove_if(points_.begin(), points_.end(),
                               [&](const Found& point) {
                                 return point.cost.energy_pj >=
                                            less_rounding(found.cost.energy_pj) &&
                                        point.cost.cycles >= less_rounding(found.cost.cycles);
                               }),
                points_.end());
  const auto place = std::partition_point(points_.begin(), points_.end(), [&](const Found& point) {
    return point.cost.cycles < found.cost.cycles;
  });
  points_.insert(place, std::move(found));
}

void Front::merge(const Front& other) {
  for (const Found& point : other.points_) offer(point);
}

}  // namespace addax::search
