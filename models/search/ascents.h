// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "models/search/climb.h"
#include "models/search/search.h"

namespace addax::search {

/// Spaces by number, and the ways in which they keep tensors, in the order in which they are tried.
using Keeps = std::vector<std::pair<std::size_t, KeepChoice>>;

/// Climbs in all spaces together to a first mapping: from some starts a little way, on from those that
/// got furthest, then from where kicks away from the best lead. What they find is offered to the goal.
class Ascents {
 public:
  Ascents(const std::vector<Space>& spaces, const Keeps& keeps, const Options& options, Goal& goal)
      : spaces_(spaces), keeps_(keeps), options_(options), goal_(goal), climbs_(keeps.size()) {}

  /// From some starts of each way of keeping; spaces that keep alike start from the best so far. For
  /// budgets that climb from hundreds of starts.
  void from_each();
  /// From the most promising starts of all ways of keeping; of the best then in each space like its own.
  void from_best();
  /// Kicks, from the best and then from where others led, until so many in a row have led nowhere or it
  /// is `done`.
  void kick(std::uint64_t most_idle, const std::function<bool()>& done);

  bool found() const { return best_.has_value(); }
  std::uint64_t nodes() const { return nodes_; }
  std::uint64_t left() const;  ///< of the budget

 private:
  struct Summit {
    double rank = 0.0;
    std::size_t at = 0;  ///< of the keeps
    Point point;
    bool converged = false;  ///< no step helps there
  };
  Climb& climber(std::size_t at);
  bool alike(std::size_t at, std::size_t other) const;
  bool climb(Summit& from, std::uint64_t most, bool simply = false);
  void go_on();
  void begin(std::size_t at);
  bool same_kind(std::size_t at, std::size_t other) const;
  template <class StartsOf>
  std::vector<Summit> survey(const StartsOf& starts_of);
  std::vector<Summit> promising();
  bool from_summit(std::size_t at);
  void kick_from(Summit summit, std::uint64_t most_idle, const std::function<bool()>& done);

  const std::vector<Space>& spaces_;
  const Keeps& keeps_;
  const Options& options_;
  Goal& goal_;
  std::vector<std::unique_ptr<Climb>> climbs_;  // one a way of keeping, where it has been begun
  std::vector<Summit> begun_;
  std::optional<Summit> best_;
  std::uint64_t nodes_ = 0;
  std::mt19937_64 random_{1};
};

}  // namespace addax::search
