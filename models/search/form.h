// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "models/nest/chain.h"
#include "models/search/skeletons.h"
#include "models/search/tiles.h"

namespace addax::search {

/// The loops of one dimension that run more than once: what its components are made of.
class Running {
 public:
  struct Loop {
    std::size_t loop = 0;  ///< indexed as Tiles
    std::uint64_t tile = 1;
  };
  Running(std::uint64_t size, const Tiles& tiles) : size_(size) {
    std::uint64_t extent = size;
    for (std::size_t loop = 0; loop < tiles.size(); ++loop) {
      if (tiles[loop] == extent) continue;
      extent = tiles[loop];
      loops_[count_++] = {loop, extent};
    }
  }
  std::uint64_t size() const { return size_; }
  const Loop* begin() const { return loops_.data(); }
  const Loop* end() const { return loops_.data() + count_; }

 private:
  std::uint64_t size_;
  std::size_t count_ = 0;
  std::array<Loop, kMostLoops> loops_;
};

/// A number that one dimension's tiles give: how many of its tiles, or words, cross a boundary.
struct Component {
  enum class What { kTiles, kWords, kCapped, kTurns };
  What what = What::kTiles;
  boost::container::static_vector<nest::Visit, kMostLoops>
      visits;           ///< one a loop above the boundary, indexed as Tiles
  std::size_t cut = 0;  ///< loops from here on run once; visits.size(): all tiles
  std::uint64_t shared = 1;
  std::uint64_t cap =
      1;  ///< kCapped: min(extent, cap); kTurns: max(each x tiles from `cut` on, cap)
  std::uint64_t each = 1;  ///< kTurns: steps a tile

  double of(const Running& running) const;
  friend bool operator==(const Component& a, const Component& b) {
    return a.what == b.what && a.visits == b.visits && a.cut == b.cut && a.shared == b.shared &&
           a.cap == b.cap && a.each == b.each;
  }
};

/// Lower and upper limits of the components of every dimension; equal where its tiles are chosen.
struct Box {
  std::vector<const double*> low, high;  ///< one a dimension: its components
};

struct CostBound {
  double energy_pj = 0.0, cycles = 0.0;
  double load = 0.0;  ///< mean over all resources of the cycles that they are busy
};

/// Where the words of a flow cross, and whom a word serves.
struct Origin {
  std::size_t tensor = 0;
  std::size_t parent = 0;  ///< level that they cross from, or to
  std::size_t child = 0;  ///< level that they cross to or from; the number of levels: compute units
  /// A loop above, indexed as Tiles: instances that it spreads over share a word.
  std::vector<bool> together;
  bool computed = false;  ///< every step, by the compute units
  bool of_first = false;  ///< counted for the first instance alone
  bool plain = true;      ///< of all instances, and no index is a sum or shared
};

/// A part of a cost: so much for each word of a flow.
struct FlowCost {
  std::size_t flow = 0;
  double each = 0.0;
};

/// The cost of the mappings of one skeleton as an expression of components. Flows are sums of
/// products of them (docs/physics/search.md), and costs are linear in flows.
class Form {
 public:
  Form(const Space& space, const Skeleton& skeleton);

  /// One a dimension.
  const std::vector<std::vector<Component>>& components() const { return components_; }
  /// No mapping whose components lie in the box costs less. Where they are known it is the cost,
  /// but for tensors whose indices are sums of two.
  /// `least_steps`: what steps are known not to be below.
  CostBound bound(const Box& box, double least_steps = 0.0) const;
  /// As bound, but plain flows that cost something, below the outermost level, cost together at least
  /// what `group` says, and so do those to or from each other level.
  using Group = std::function<double(const std::vector<FlowCost>&)>;
  CostBound bound(const Box& box, double least_steps, const Group& group) const;
  /// Cycles of all waits in `bound`.
  double waiting(const Box& box) const;
  const Origin& origin(std::size_t flow) const { return flows_[flow].origin; }
  /// Places of a dimension's components of which more is better: words that come back once.
  const std::vector<std::vector<bool>>& more_is_better() const { return more_is_better_; }

 private:
  struct Factor {
    std::size_t dimension = 0, component = 0;
  };
  // tiles and words of the first dimension, capped words and words of the second.
  struct Pair {
    Factor words, tiles, other_capped, other_words;
  };
  struct Elements {
    double constant = 1.0;
    std::vector<Factor> singles;
    std::vector<Pair> pairs;
  };
  // Elements whose loops repeat as often as `repeats` says, but for those counted before.
  struct Segment {
    std::vector<Factor> repeats;
    Elements until;
  };
  struct Flow {
    std::vector<Segment> segments;
    bool from_below = false, from_above = false;  // a cost rises, falls with it
    Origin origin;
  };
  struct Linear {
    double constant = 0.0, a_step = 0.0;
    bool ahead = false;
    std::vector<FlowCost> flows;
  };
  friend class FormBuilder;

  double product(const std::vector<Factor>& factors, const std::vector<const double*>& at) const;
  double elements(const Elements& elements, const std::vector<const double*>& at) const;
  double words(const Flow& flow, const std::vector<const double*>& at,
               const std::vector<const double*>& degenerate) const;

  std::vector<std::vector<Component>> components_;
  std::vector<std::vector<bool>> more_is_better_;
  std::vector<Flow> flows_;
  std::vector<Factor> steps_;
  Linear energy_;
  double a_cycle_pj_ = 0.0;
  struct Tiles {
    double cycles = 0.0;  // that each waits
    Flow number;
  };
  std::vector<Tiles> waits_;
  double overlap_power_ = 0.0;
  std::vector<Linear> resources_;
};

}  // namespace addax::search
