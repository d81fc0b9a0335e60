// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/search/form.h"
#include "models/search/search.h"

namespace addax::search {

/// Relative slack of a comparison with a bound: bounds and costs sum the same terms in another order.
inline constexpr double kRounding = 1e-12;

/// What a search collects, and by that says what is not worth looking at.
class Goal {
 public:
  virtual ~Goal() = default;
  /// Whether no mapping within the bound can be of use any more.
  virtual bool hopeless(const CostBound& bound) const = 0;
  /// The more promising the lower.
  virtual double rank(const CostBound& bound) const = 0;
  virtual void offer(Found found) = 0;
  /// Whether a mapping of so much rank would change nothing if it were offered.
  virtual bool useless(double rank) const = 0;
};

/// The best mapping by one objective; ties by the other of energy and cycles, then who came first.
class Best final : public Goal {
 public:
  explicit Best(Objective objective) : objective_(objective) {}
  bool hopeless(const CostBound& bound) const override;
  double rank(const CostBound& bound) const override;
  void offer(Found found) override;
  bool useless(double rank) const override;
  const std::optional<Found>& runner_up() const { return runner_up_; }
  /// The best few of different cost, the best of all first.
  const std::vector<Found>& leaders() const { return leaders_; }
  /// What another has collected.
  void merge(const Best& other);

 private:
  static constexpr std::size_t kMostLeaders = 3;
  bool better(const nest::Cost& a, const nest::Cost& b) const;
  void second(Found found);
  void lead(const Found& found);
  Objective objective_;
  std::vector<Found> leaders_;
  std::optional<Found> runner_up_;
};

/// The mappings that none betters in both energy and cycles, by rising cycles.
class Front final : public Goal {
 public:
  bool hopeless(const CostBound& bound) const override;
  double rank(const CostBound& bound) const override;
  void offer(Found found) override;
  bool useless(double) const override { return false; }
  const std::vector<Found>& points() const { return points_; }
  void merge(const Front& other);

 private:
  std::vector<Found> points_;
};

}  // namespace addax::search
