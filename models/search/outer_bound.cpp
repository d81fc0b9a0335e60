// SPDX-License-Identifier: Apache-2.0
#include "models/search/outer_bound.h"

#include <algorithm>
#include <limits>

namespace addax::search {
namespace {

// Extents from `least` to `most`.
struct Range {
  std::uint64_t least = 1, most = 1;
};

// What a step works on may be of any extent, so all are looked at, in ranges of some per cent.
std::vector<Range> ranges(std::uint64_t size) {
  constexpr std::uint64_t kFraction = 24;
  std::vector<Range> all;
  for (std::uint64_t least = 1; least < size;) {
    const std::uint64_t most = std::min(size - 1, least + least / kFraction);
    all.push_back({least, most});
    least = most + 1;
  }
  all.push_back({size, size});
  return all;
}

class OuterCrossing {
 public:
  OuterCrossing(const Space& space, const KeepChoice& keep)
      : space_(space), capacities_(space, keep) {}

  // Whether each flow is one that the bound understands.
  bool add(const Form& form, const KeepChoice& keep, const std::vector<FlowCost>& parts) {
    for (const FlowCost& part : parts) {
      const Origin& origin = form.origin(part.flow);
      if (origin.parent != 0) return false;
      const nest::Level& outermost = space_.hierarchy.levels[0];
      if (outermost.fan_out_x * outermost.fan_out_y > 1) return false;
      const nest::Level& holder = space_.hierarchy.levels.at(origin.child);
      const nest::Storage& stored = holder.tensors[origin.tensor];
      double bits = std::numeric_limits<double>::infinity();
      if (holder.capacity_bits) bits = static_cast<double>(*holder.capacity_bits);
      if (stored.capacity_bits) bits = std::min(bits, static_cast<double>(*stored.capacity_bits));
      // All instances of the holder together.
      for (std::size_t level = 0; level < origin.child; ++level)
        bits *= static_cast<double>(space_.hierarchy.levels[level].fan_out_x *
                                    space_.hierarchy.levels[level].fan_out_y);
      Term term;
      term.each = part.each;
      term.held = bits / stored.word_bits;
      for (std::size_t d = 0; d < space_.problem.dimensions.size(); ++d) {
        term.indexed.push_back(space_.problem.indexes(origin.tensor, d));
        // Shared words serve several instances below, which are all of the same step.
      }
      terms_.push_back(term);
    }
    return keep.kept.size() > 1;
  }

  double least() {
    double points = 1.0;
    for (const nest::Dimension& dimension : space_.problem.dimensions) {
      ranges_.push_back(ranges(dimension.size));
      points *= static_cast<double>(dimension.size);
    }
    chosen_.resize(ranges_.size());
    extents_.assign(ranges_.size(), 1);
    least_ = std::numeric_limits<double>::infinity();
    choose(0);
    return points * least_;
  }

 private:
  struct Term {
    double each = 0.0, held = 0.0;
    std::vector<bool> indexed;
  };

  void choose(std::size_t d) {
    if (!capacities_.fit(1, extents_)) return;
    if (d == ranges_.size()) {
      weigh();
      return;
    }
    for (const Range& range : ranges_[d]) {
      chosen_[d] = range;
      extents_[d] = range.least;
      choose(d + 1);
    }
    extents_[d] = 1;
  }

  // Costs of a multiply-accumulate, least within the ranges.
  void weigh() {
    bool steps = false;
    for (std::size_t e = 0; e < ranges_.size(); ++e) {
      if (chosen_[e].least == space_.problem.dimensions[e].size) continue;
      steps = true;
      double cost = 0.0;
      for (const Term& term : terms_) {
        double served = 1.0;
        double words = 1.0;
        for (std::size_t d = 0; d < ranges_.size(); ++d)
          (term.indexed[d] ? words : served) *=
              static_cast<double>(term.indexed[d] ? chosen_[d].least : chosen_[d].most);
        if (term.indexed[e] || words > term.held) cost += term.each / served;
      }
      least_ = std::min(least_, cost);
    }
    if (!steps) least_ = 0.0;
  }

  const Space& space_;
  Capacities capacities_;
  std::vector<Term> terms_;
  std::vector<std::vector<Range>> ranges_;
  std::vector<Range> chosen_;
  std::vector<std::uint64_t> extents_;
  double least_ = 0.0;
};

}  // namespace

double outer_bound(const Space& space, const KeepChoice& keep, const Form& form,
                   const std::vector<FlowCost>& parts) {
  OuterCrossing crossing(space, keep);
  return crossing.add(form, keep, parts) ? crossing.least() : kUnknown;
}

}  // namespace addax::search
