// SPDX-License-Identifier: Apache-2.0
#include "models/search/traffic_bound.h"

#include <algorithm>
#include <limits>
#include <map>

#include "models/search/outer_bound.h"

namespace addax::search {
namespace {

// The least that flows to and from one level cost, by what each multiply-accumulate costs in a step.
// A word of a tensor serves at most the points of the dimensions that do not index it: of a tile,
// and of the instances that share the word.
class Crossing {
 public:
  Crossing(const Space& space, const KeepChoice& keep, const Form& form, std::size_t child,
           const std::vector<FlowCost>& parts)
      : space_(space), keep_(keep), form_(form), child_(child), parts_(parts) {}

  double least() {
    const std::size_t dimensions = space_.problem.dimensions.size();
    if (child_ == keep_.kept.size()) return kUnknown;
    for (const FlowCost& part : parts_) {
      const Origin& origin = form_.origin(part.flow);
      if (part.each < 0.0 || origin.of_first) return kUnknown;
      for (const nest::Index& index : space_.problem.tensors[origin.tensor].indices)
        if (index.terms.size() > 1 || index.shared > 1) return kUnknown;
    }
    const Capacities capacities(space_, keep_);
    capacities_ = &capacities;
    extents_.assign(dimensions, 1);
    for (std::size_t d = 0; d < dimensions; ++d) allowed_.push_back(tiles(d));
    for (std::size_t loop = 0; loop < kLoopsALevel * child_; ++loop) {
      const bool shared = std::any_of(parts_.begin(), parts_.end(), [&](const FlowCost& part) {
        return form_.origin(part.flow).together[loop];
      });
      if (loop % kLoopsALevel != 0 && shared) shared_.push_back(loop);
    }
    spreads_.assign(shared_.size(), std::vector<double>(dimensions, 1.0));
    least_ = std::numeric_limits<double>::infinity();
    choose_tile(0);
    if (least_ == std::numeric_limits<double>::infinity()) return kUnknown;
    double points = 1.0;
    for (const nest::Dimension& dimension : space_.problem.dimensions)
      points *= static_cast<double>(dimension.size);
    return points * least_;
  }

 private:
  std::vector<std::uint64_t> tiles(std::size_t dimension) const {
    if (!space_.rules.empty()) {
      const auto pinned = space_.rules[child_].tiles.find(dimension);
      if (pinned != space_.rules[child_].tiles.end()) return {pinned->second};
    }
    const std::vector<bool>& kept = keep_.kept[child_];
    for (std::size_t tensor = 0; tensor < kept.size(); ++tensor)
      if (kept[tensor] && space_.problem.indexes(tensor, dimension))
        return allowed_tiles(space_, dimension);
    return {space_.problem.dimensions[dimension].size};
  }

  // Larger tiles never cost more: of the last dimension the largest that fits is enough.
  void choose_tile(std::size_t d) {
    if (!capacities_->fit(child_, extents_)) return;
    if (d + 1 == extents_.size()) {
      const auto too_large =
          std::partition_point(allowed_[d].begin(), allowed_[d].end(), [&](std::uint64_t tile) {
            extents_[d] = tile;
            return capacities_->fit(child_, extents_);
          });
      if (too_large != allowed_[d].begin()) {
        extents_[d] = *(too_large - 1);
        choose_spread(0, 0, 0);
      }
    } else {
      for (const std::uint64_t tile : allowed_[d]) {
        extents_[d] = tile;
        choose_tile(d + 1);
      }
    }
    extents_[d] = 1;
  }

  // The same of spreads: the last dimension takes what is left of the fan-out.
  void choose_spread(std::size_t at, std::size_t d, std::uint64_t used) {
    if (at == shared_.size()) {
      weigh();
      return;
    }
    const std::size_t level = shared_[at] / kLoopsALevel;
    const bool x = shared_[at] % kLoopsALevel == 2;
    const nest::Level& storage = space_.hierarchy.levels[level];
    if (used == 0) used = 1;
    const std::uint64_t left = (x ? storage.fan_out_x : storage.fan_out_y) / used;
    const std::size_t dimensions = extents_.size();
    const std::uint64_t most =
        may_spread(space_, level, d, x) ? std::min(left, space_.problem.dimensions[d].size) : 1;
    for (std::uint64_t spread = d + 1 == dimensions ? most : 1; spread <= most; ++spread) {
      spreads_[at][d] = static_cast<double>(spread);
      if (d + 1 == dimensions)
        choose_spread(at + 1, 0, 0);
      else
        choose_spread(at, d + 1, used * spread);
    }
    spreads_[at][d] = 1.0;
  }

  void weigh() {
    double stepping = std::numeric_limits<double>::infinity();
    costs_.clear();
    for (const FlowCost& part : parts_) {
      const Origin& origin = form_.origin(part.flow);
      double served = 1.0;
      for (std::size_t d = 0; d < extents_.size(); ++d) {
        if (space_.problem.indexes(origin.tensor, d)) continue;
        double points = static_cast<double>(extents_[d]);
        for (std::size_t i = 0; i < shared_.size(); ++i)
          if (origin.together[shared_[i]]) points *= spreads_[i][d];
        served *= std::min(points, static_cast<double>(space_.problem.dimensions[d].size));
      }
      costs_.push_back(part.each / served);
    }
    bool steps = false;
    for (std::size_t e = 0; e < extents_.size(); ++e) {
      if (extents_[e] == space_.problem.dimensions[e].size) continue;
      steps = true;
      double cost = 0.0;
      for (std::size_t i = 0; i < parts_.size(); ++i)
        if (space_.problem.indexes(form_.origin(parts_[i].flow).tensor, e)) cost += costs_[i];
      stepping = std::min(stepping, cost);
    }
    least_ = std::min(least_, steps ? stepping : 0.0);
  }

  const Space& space_;
  const KeepChoice& keep_;
  const Form& form_;
  std::size_t child_;
  const std::vector<FlowCost>& parts_;
  const Capacities* capacities_ = nullptr;
  std::vector<std::vector<std::uint64_t>> allowed_;
  std::vector<std::uint64_t> extents_;
  std::vector<std::size_t> shared_;  // loops whose instances may share words
  std::vector<std::vector<double>> spreads_;
  std::vector<double> costs_;
  double least_ = 0.0;
};

CostBound bounded(const Space& space, const KeepChoice& keep, bool steps_cross) {
  const Form form(space, {keep, std::vector<std::vector<std::size_t>>(keep.kept.size())});
  const std::size_t dimensions = space.problem.dimensions.size();
  std::vector<std::vector<double>> low(dimensions);
  std::vector<std::vector<double>> high(dimensions);
  Box box;
  double steps = 1.0;
  for (const nest::Level& level : space.hierarchy.levels)
    steps /= static_cast<double>(level.fan_out_x) * static_cast<double>(level.fan_out_y);
  for (std::size_t d = 0; d < dimensions; ++d) {
    const auto size = static_cast<double>(space.problem.dimensions[d].size);
    steps *= size;
    for (const Component& component : form.components()[d]) {
      double shared = 1.0;
      for (std::size_t loop = 0; loop < component.visits.size(); ++loop) {
        const nest::Level& level = space.hierarchy.levels[loop / kLoopsALevel];
        if (component.visits[loop] != nest::Visit::kFirst || loop % kLoopsALevel == 0) continue;
        if (!may_spread(space, loop / kLoopsALevel, d, loop % kLoopsALevel == 2)) continue;
        shared *= static_cast<double>(loop % kLoopsALevel == 2 ? level.fan_out_x : level.fan_out_y);
      }
      const bool words = component.what == Component::What::kWords;
      const bool capped = component.what == Component::What::kCapped;
      // Compute units keep nothing: what they need crosses in every step.
      const bool every_step = component.visits.size() == kLoopsALevel * keep.kept.size() &&
                              std::find(component.visits.begin(), component.visits.end(),
                                        nest::Visit::kWhole) == component.visits.end();
      const double whole = words        ? size / static_cast<double>(component.shared)
                           : capped     ? std::min(size, static_cast<double>(component.cap))
                           : every_step ? size
                                        : 1.0;
      low[d].push_back(capped ? std::min(whole, std::max(1.0, size / shared))
                              : std::max(1.0, whole / shared));
      high[d].push_back(1e300);
    }
    box.low.push_back(low[d].data());
    box.high.push_back(high[d].data());
  }
  if (!steps_cross) return form.bound(box, steps);
  return form.bound(box, steps, [&](const std::vector<FlowCost>& parts) {
    std::map<std::size_t, std::vector<FlowCost>> levels;
    for (const FlowCost& part : parts) levels[form.origin(part.flow).child].push_back(part);
    double sum = 0.0;
    for (const auto& [child, crossing] : levels)
      sum += Crossing(space, keep, form, child, crossing).least();
    return levels.size() == 1 ? sum : std::max(sum, outer_bound(space, keep, form, parts));
  });
}

}  // namespace

CostBound compulsory(const Space& space, const KeepChoice& keep) {
  return bounded(space, keep, false);
}

CostBound traffic_bound(const Space& space, const KeepChoice& keep) {
  return bounded(space, keep, true);
}

}  // namespace addax::search
