// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/search/chains.h"
#include "models/search/goal.h"

namespace addax::search {

/// Choices for the tiles of one dimension, with what bounds look at.
struct ChainList {
  std::vector<Tiles> tiles;
  std::size_t components = 0, levels = 0;
  std::vector<double> low, high;       ///< choice by component
  std::vector<std::uint64_t> extents;  ///< choice by level: held by an instance
  std::vector<std::uint64_t> uses;     ///< choice by level: of the fan-out's y, of its x
  // The most favourable of each.
  std::vector<double> least, most;
  std::vector<std::uint64_t> least_extents, least_uses;

  std::size_t size() const { return tiles.size(); }
  /// Brings the most favourable up to date.
  void close();
};

/// Depth-first branch and bound over one skeleton: dimension by dimension a chain of tiles is
/// chosen, the most promising first.
class Branch {
 public:
  Branch(const Space& space, std::size_t space_number, const Skeleton& skeleton, Goal& goal,
         std::uint64_t most_nodes);
  void run();
  /// What no mapping of the skeleton is below.
  CostBound root();
  std::uint64_t nodes() const { return nodes_; }
  /// Whether the nodes sufficed.
  bool finished() const { return finished_; }

 private:
  struct Child {
    double rank = 0.0;
    CostBound bound;
    std::size_t choice = 0;
  };
  void make_lists();
  void descend(std::size_t depth);
  bool fits(std::size_t dimension, const ChainList& list, std::size_t choice);
  CostBound bound();
  void choose(std::size_t dimension, const ChainList& list, std::size_t choice);
  void open(std::size_t dimension, const ChainList& list);
  void leaf();
  nest::Mapping mapping() const;

  const Space& space_;
  std::size_t space_number_;
  const Skeleton& skeleton_;
  Goal& goal_;
  std::uint64_t most_nodes_;
  Form form_;
  Capacities capacities_;
  std::vector<ChainList> lists_;                     // one a dimension
  std::vector<std::size_t> order_;                   // dimensions as they are chosen
  std::vector<const Tiles*> chosen_;                 // one a dimension
  std::vector<std::vector<std::uint64_t>> extents_;  // level by dimension: at least
  std::vector<std::vector<std::uint64_t>> uses_;     // level's y and x by dimension: at least
  Box box_;
  bool empty_ = false;
  std::uint64_t nodes_ = 0;
  bool finished_ = true;
};

/// The mapping of a skeleton with these tiles, one chain a dimension.
nest::Mapping mapping_of(const Space& space, const Skeleton& skeleton,
                         const std::vector<const Tiles*>& tiles);

}  // namespace addax::search
