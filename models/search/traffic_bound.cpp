// SPDX-License-Identifier: Apache-2.0
#include "models/search/traffic_bound.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "models/quantity/quantity.h"
#include "models/search/goal.h"
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
      indexed_.emplace_back();
      for (std::size_t d = 0; d < dimensions; ++d)
        indexed_.back().push_back(space_.problem.indexes(form_.origin(part.flow).tensor, d));
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
    sharings_.assign(1, std::vector<double>(parts_.size() * dimensions, 1.0));
    for (const std::size_t loop : shared_) spread_over(loop);
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

  // Larger tiles never cost more, as long as the dimension still steps: of the last one the largest that
  // fits is enough, and beside all of it the largest part.
  void choose_tile(std::size_t d) {
    if (!capacities_->fit(child_, extents_)) return;
    if (d + 1 == extents_.size()) {
      const auto too_large =
          std::partition_point(allowed_[d].begin(), allowed_[d].end(), [&](std::uint64_t tile) {
            extents_[d] = tile;
            return capacities_->fit(child_, extents_);
          });
      for (auto tile = too_large; tile != allowed_[d].begin();) {
        extents_[d] = *--tile;
        weigh();
        if (extents_[d] != space_.problem.dimensions[d].size) break;
      }
    } else {
      for (const std::uint64_t tile : allowed_[d]) {
        extents_[d] = tile;
        choose_tile(d + 1);
      }
    }
    extents_[d] = 1;
  }

  // All ways in which the instances of one more loop share words, for each so far.
  void spread_over(std::size_t loop) {
    loop_ = loop;
    spread_.assign(extents_.size(), 1);
    one_loop_.clear();
    const nest::Level& storage = space_.hierarchy.levels[loop / kLoopsALevel];
    choose_spread(0, loop % kLoopsALevel == 2 ? storage.fan_out_x : storage.fan_out_y);
    keep_widest(one_loop_);
    std::vector<std::vector<double>> products;
    for (const std::vector<double>& sharing : sharings_)
      for (const std::vector<double>& factor : one_loop_) {
        products.push_back(sharing);
        for (std::size_t i = 0; i < factor.size(); ++i) products.back()[i] *= factor[i];
      }
    sharings_ = std::move(products);
    keep_widest(sharings_);
  }

  // The last dimension takes what is left of the fan-out.
  void choose_spread(std::size_t d, std::uint64_t left) {
    const bool x = loop_ % kLoopsALevel == 2;
    const std::uint64_t most = may_spread(space_, loop_ / kLoopsALevel, d, x)
                                   ? std::min(left, space_.problem.dimensions[d].size)
                                   : 1;
    const bool last = d + 1 == spread_.size();
    for (std::uint64_t spread = last ? most : 1; spread <= most; ++spread) {
      spread_[d] = spread;
      if (last)
        remember();
      else
        choose_spread(d + 1, left / spread);
    }
    spread_[d] = 1;
  }

  // By part and dimension, how many instances share its words; of dimensions that index it, one.
  void remember() {
    std::vector<double> sharing;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      for (std::size_t d = 0; d < extents_.size(); ++d)
        sharing.push_back(form_.origin(parts_[i].flow).together[loop_] && !indexed_[i][d]
                              ? static_cast<double>(spread_[d])
                              : 1.0);
    one_loop_.push_back(std::move(sharing));
  }

  // Leaves out what shares no word more widely than another.
  static void keep_widest(std::vector<std::vector<double>>& sharings) {
    // Whatever is wider comes before.
    std::sort(sharings.begin(), sharings.end(), std::greater<>());
    sharings.erase(std::unique(sharings.begin(), sharings.end()), sharings.end());
    std::vector<std::vector<double>> widest;
    for (std::vector<double>& one : sharings)
      if (std::none_of(widest.begin(), widest.end(), [&](const std::vector<double>& wide) {
            return std::equal(one.begin(), one.end(), wide.begin(), std::less_equal<>());
          }))
        widest.push_back(std::move(one));
    sharings = std::move(widest);
  }

  void weigh() {
    const std::size_t dimensions = extents_.size();
    steps_.clear();
    for (std::size_t e = 0; e < dimensions; ++e)
      if (extents_[e] != space_.problem.dimensions[e].size) steps_.push_back(e);
    if (steps_.empty()) {
      least_ = 0.0;
      return;
    }
    for (const std::vector<double>& sharing : sharings_) {
      stepping_.assign(dimensions, 0.0);
      for (std::size_t i = 0; i < parts_.size(); ++i) {
        const std::vector<bool>& indexed = indexed_[i];
        double served = 1.0;
        for (std::size_t d = 0; d < dimensions; ++d)
          if (!indexed[d])
            served *= std::min(static_cast<double>(extents_[d]) * sharing[i * dimensions + d],
                               static_cast<double>(space_.problem.dimensions[d].size));
        for (std::size_t d = 0; d < dimensions; ++d)
          if (indexed[d]) stepping_[d] += parts_[i].each / served;
      }
      double least = std::numeric_limits<double>::infinity();
      for (const std::size_t e : steps_) least = std::min(least, stepping_[e]);
      least_ = std::min(least_, least);
    }
  }

  const Space& space_;
  const KeepChoice& keep_;
  const Form& form_;
  std::size_t child_;
  const std::vector<FlowCost>& parts_;
  const Capacities* capacities_ = nullptr;
  std::vector<std::vector<std::uint64_t>> allowed_;
  std::vector<std::uint64_t> extents_;
  std::vector<std::size_t> shared_;            // loops whose instances may share words
  std::size_t loop_ = 0;                       // that is being spread
  std::vector<std::uint64_t> spread_;          // one a dimension
  std::vector<std::vector<double>> one_loop_;  // as sharings_, of that loop
  std::vector<std::vector<double>> sharings_;  // each part by dimension
  std::vector<std::vector<bool>> indexed_;     // part by dimension
  std::vector<std::size_t> steps_;             // dimensions of which a tile is not all
  std::vector<double> stepping_;
  double least_ = 0.0;
};

// How many tiles of a tensor an instance of a level is filled with at least, the busiest: of as many as
// its capacities make of each dimension that indexes the tensor, with all other tiles 1, its share.
class FewestTiles {
 public:
  FewestTiles(const Space& space, const KeepChoice& keep, const nest::Wait& wait)
      : space_(space), capacities_(space, keep), level_(wait.level) {
    for (std::size_t d = 0; d < space.problem.dimensions.size(); ++d)
      if (space.problem.indexes(wait.tensor, d)) {
        dimensions_.push_back(d);
        allowed_.push_back(allowed_tiles(space, d));
      }
    extents_.assign(space.problem.dimensions.size(), 1);
    for (std::size_t level = 0; level < level_; ++level)
      instances_ *= static_cast<double>(space.hierarchy.levels[level].fan_out_x) *
                    static_cast<double>(space.hierarchy.levels[level].fan_out_y);
  }

  double least() {
    least_ = std::numeric_limits<double>::infinity();
    choose(0, 1.0);
    if (least_ == std::numeric_limits<double>::infinity()) return 1.0;
    return std::max(1.0, std::ceil(least_ / instances_ * (1.0 - kRounding)));
  }

 private:
  // Of the last dimension the largest tile that fits is enough.
  void choose(std::size_t at, double tiles) {
    if (tiles >= least_ || !capacities_.fit(level_, extents_)) return;
    if (at == dimensions_.size()) {
      least_ = tiles;
      return;
    }
    const std::size_t d = dimensions_[at];
    const std::uint64_t size = space_.problem.dimensions[d].size;
    const auto with = [&](std::uint64_t tile) {
      extents_[d] = tile;
      choose(at + 1, tiles * static_cast<double>(quantity::ceil_div(size, tile)));
    };
    if (at + 1 < dimensions_.size()) {
      for (const std::uint64_t tile : allowed_[at]) with(tile);
    } else {
      const auto too_large =
          std::partition_point(allowed_[at].begin(), allowed_[at].end(), [&](std::uint64_t tile) {
            extents_[d] = tile;
            return capacities_.fit(level_, extents_);
          });
      if (too_large != allowed_[at].begin()) with(*(too_large - 1));
    }
    extents_[d] = 1;
  }

  const Space& space_;
  Capacities capacities_;
  std::size_t level_;
  std::vector<std::size_t> dimensions_;  // that index the tensor
  std::vector<std::vector<std::uint64_t>> allowed_;
  std::vector<std::uint64_t> extents_;
  double instances_ = 1.0, least_ = 0.0;
};

// Cycles of all waits at least.
double least_waiting(const Space& space, const KeepChoice& keep) {
  double cycles = 0.0;
  for (const nest::Wait& wait : space.costs.waits)
    if (keep.kept[wait.level][wait.tensor] && keep.keepers(wait.tensor)[0] != wait.level)
      cycles += wait.cycles * FewestTiles(space, keep, wait).least();
  return cycles;
}

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
      const bool turns = component.what == Component::What::kTurns;
      if (turns)
        low[d].push_back(std::max(static_cast<double>(component.cap),
                                  static_cast<double>(component.each) * std::ceil(size / shared)));
      else
        low[d].push_back(capped ? std::min(whole, std::max(1.0, size / shared))
                                : std::max(1.0, whole / shared));
      high[d].push_back(1e300);
    }
    box.low.push_back(low[d].data());
    box.high.push_back(high[d].data());
  }
  if (!steps_cross) return form.bound(box, steps);
  CostBound bound = form.bound(box, steps, [&](const std::vector<FlowCost>& parts) {
    std::map<std::size_t, std::vector<FlowCost>> levels;
    for (const FlowCost& part : parts) levels[form.origin(part.flow).child].push_back(part);
    double sum = 0.0;
    for (const auto& [child, crossing] : levels)
      sum += Crossing(space, keep, form, child, crossing).least();
    return levels.size() == 1 ? sum : std::max(sum, outer_bound(space, keep, form, parts));
  });
  const double longer = std::max(0.0, least_waiting(space, keep) - form.waiting(box));
  bound.cycles += longer;
  bound.energy_pj += longer * space.costs.a_cycle_pj;
  return bound;
}

}  // namespace

CostBound compulsory(const Space& space, const KeepChoice& keep) {
  return bounded(space, keep, false);
}

CostBound traffic_bound(const Space& space, const KeepChoice& keep) {
  return bounded(space, keep, true);
}

}  // namespace addax::search
