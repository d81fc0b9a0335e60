// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/quantity/parallel.h"
#include "models/search/branch.h"

namespace addax::search {

/// Goes through all skeletons of all spaces, in rounds: those of a round start from what was known
/// before it, each for itself, and what they find is taken in their order. So the answer, and the
/// number of nodes, do not depend on the number of threads.
class Rounds {
 public:
  Rounds(const std::vector<Space>& spaces, const Options& options);

  template <class AGoal>
  void run(AGoal& goal);

  std::uint64_t nodes() const { return nodes_; }
  bool finished() const { return open_.empty(); }
  /// What the skeletons that the budget left open are not below.
  const std::vector<CostBound>& open() const { return open_; }

 private:
  struct Root {
    std::size_t space = 0;
    Skeleton skeleton;
    CostBound bound;
  };
  void add(std::size_t space, const KeepChoice& keep);
  void first(Goal& goal);
  /// Whether the budget is worth bounding and branching.
  bool thorough() const;
  std::uint64_t left() const;

  const std::vector<Space>& spaces_;
  const Options& options_;
  std::vector<Root> roots_;
  std::vector<CostBound> open_;
  std::vector<std::pair<std::size_t, KeepChoice>> keeps_;       // of each space
  std::vector<std::pair<std::size_t, KeepChoice>> open_keeps_;  // those that no root is made of
  std::uint64_t nodes_ = 0;
};

template <class AGoal>
void Rounds::run(AGoal& goal) {
  constexpr std::size_t kMostOfARound = 16;
  first(goal);
  std::stable_sort(roots_.begin(), roots_.end(), [&](const Root& a, const Root& b) {
    return goal.rank(a.bound) < goal.rank(b.bound);
  });
  std::size_t size = 1;
  for (std::size_t at = 0; at < roots_.size();) {
    const std::size_t count = std::min(size, roots_.size() - at);
    const std::uint64_t each_left = left() / count;
    std::vector<AGoal> goals(count, goal);
    std::vector<std::uint64_t> nodes(count, 0);
    std::vector<char> finished(count, 1);
    quantity::each_in_parallel(count, options_.threads, [&](std::size_t i) {
      const Root& root = roots_[at + i];
      if (goal.hopeless(root.bound)) return;
      if (each_left == 0) {
        finished[i] = 0;
        return;
      }
      Branch branch(spaces_[root.space], root.space, root.skeleton, goals[i], each_left);
      branch.run();
      nodes[i] = branch.nodes();
      finished[i] = branch.finished() ? 1 : 0;
    });
    for (std::size_t i = 0; i < count; ++i) {
      goal.merge(goals[i]);
      nodes_ += nodes[i];
      if (finished[i] == 0) open_.push_back(roots_[at + i].bound);
    }
    at += count;
    size = std::min(2 * size, kMostOfARound);
  }
}

}  // namespace addax::search
