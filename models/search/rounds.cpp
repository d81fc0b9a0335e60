// SPDX-License-Identifier: Apache-2.0
#include "models/search/rounds.h"

#include <algorithm>
#include <set>

#include "models/search/climb.h"
#include "models/search/traffic_bound.h"

namespace addax::search {
namespace {

// Of one dimension, for a skeleton to be branched over; nor more than there are nodes.
constexpr std::uint64_t kMostChains = 20'000;
// Below, bounding a large space would cost more than all nodes.
constexpr std::uint64_t kLeastToBound = 100'000;

bool more_chains_than(const Space& space, std::uint64_t most) {
  for (std::size_t d = 0; d < space.problem.dimensions.size(); ++d)
    if (chain_count(space, d) > static_cast<double>(most)) return true;
  return false;
}

/// Whether tiles of one are tiles of the other: dimensions of the same sizes, as many levels.
bool alike(const Space& a, const Space& b) {
  const auto& these = a.problem.dimensions;
  const auto& those = b.problem.dimensions;
  return a.hierarchy.levels.size() == b.hierarchy.levels.size() &&
         std::equal(these.begin(), these.end(), those.begin(), those.end(),
                    [](const auto& x, const auto& y) { return x.size == y.size; });
}

}  // namespace

Rounds::Rounds(const std::vector<Space>& spaces, const Options& options)
    : spaces_(spaces), options_(options) {
  for (std::size_t space = 0; space < spaces.size(); ++space)
    for (const KeepChoice& keep : keep_choices(spaces[space])) {
      keeps_.emplace_back(space, keep);
      add(space, keep);
    }
}

std::uint64_t Rounds::left() const {
  if (!options_.budget) return ~std::uint64_t{0};
  return *options_.budget > nodes_ ? *options_.budget - nodes_ : 0;
}

// Climbs to a first mapping in each space, from a few simple ones and from the best so far; then
// from where kicks away from the best lead.
void Rounds::first(Goal& goal) {
  constexpr std::size_t kStarts = 2;
  constexpr std::uint64_t kMostNodes = 2'000'000;
  constexpr std::uint64_t kIdleKicks = 1000;
  std::optional<Point> best;
  std::size_t best_at = 0;
  double best_rank = 0.0;
  const auto climb = [&](std::size_t at, Point point) {
    const auto& [space, keep] = keeps_[at];
    Climb climber(spaces_[space], space, keep, goal);
    const double rank = climber.climb(point, std::max<std::uint64_t>(left() / 3, 1));
    nodes_ += climber.nodes();
    goal.offer(climber.found(point));
    if (best && rank >= best_rank * (1.0 - kRounding)) return false;
    best = std::move(point);
    best_rank = rank;
    best_at = at;
    return true;
  };
  std::set<std::vector<std::vector<bool>>> started;
  for (std::size_t at = 0; at < keeps_.size() && left() > 0; ++at) {
    const auto& [space, keep] = keeps_[at];
    Climb starter(spaces_[space], space, keep, goal);
    // Spaces that keep alike differ in capacities: the best so far is as good a start as any.
    const bool transferred =
        best && alike(spaces_[space], spaces_[keeps_[best_at].first]) && starter.legal(*best);
    const bool fresh = started.insert(keep.kept).second;
    if (transferred) climb(at, Point(*best));
    if (transferred && !fresh) continue;
    std::vector<Point> starts = starter.starts();
    nodes_ += starter.nodes();
    starts.resize(std::min(starts.size(), kStarts));
    for (Point& point : starts)
      if (left() > 0 || !best) climb(at, std::move(point));
  }
  if (!best || open_.empty() || left() == 0) return;
  if (options_.budget.value_or(kLeastToBound) >= kLeastToBound)
    each(open_.size(), [&](std::size_t i) {
      if (!goal.hopeless(open_[i]))
        open_[i] = traffic_bound(spaces_[open_keeps_[i].first], open_keeps_[i].second);
    });
  std::mt19937_64 random(1);
  for (std::uint64_t idle = 0; idle < kIdleKicks && nodes_ < kMostNodes && left() > 0; ++idle) {
    if (std::all_of(open_.begin(), open_.end(),
                    [&](const CostBound& bound) { return goal.hopeless(bound); }))
      return;
    // Mostly where the best is; spaces differ in little.
    const std::size_t at = random() % 2 == 0 ? best_at : random() % keeps_.size();
    const auto& [space, keep] = keeps_[at];
    const Climb climber(spaces_[space], space, keep, goal);
    if (!alike(spaces_[space], spaces_[keeps_[best_at].first]) || !climber.legal(*best)) continue;
    Point point = *best;
    climber.kick(point, random);
    if (climb(at, std::move(point))) idle = 0;
  }
}

void Rounds::add(std::size_t number, const KeepChoice& keep) {
  const Space& space = spaces_[number];
  const std::size_t levels = space.hierarchy.levels.size();
  if (more_chains_than(space, std::min(kMostChains, options_.budget.value_or(kMostChains)))) {
    open_.push_back(compulsory(space, keep));
    open_keeps_.emplace_back(number, keep);
    return;
  }
  const CostBound bound = traffic_bound(space, keep);
  std::vector<Skeleton> skeletons = {{keep, std::vector<std::vector<std::size_t>>(levels)}};
  for (std::size_t level = 0; level < levels; ++level) {
    if (!keep.ordered(level)) continue;
    const std::vector<std::vector<std::size_t>> choices = orders(space, level);
    std::vector<Skeleton> longer;
    for (const Skeleton& skeleton : skeletons)
      for (const std::vector<std::size_t>& order : choices) {
        longer.push_back(skeleton);
        longer.back().orders[level] = order;
      }
    skeletons = std::move(longer);
  }
  for (Skeleton& skeleton : skeletons) {
    if (!stationary(space, skeleton)) continue;
    roots_.push_back({number, std::move(skeleton), bound});
  }
}

void Rounds::each(std::size_t count, const std::function<void(std::size_t)>& task) const {
  const std::size_t threads = std::min<std::size_t>(std::max(1u, options_.threads), count);
  if (threads == 1) {
    for (std::size_t i = 0; i < count; ++i) task(i);
    return;
  }
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> failures(threads);
  std::vector<std::thread> workers;
  for (std::size_t worker = 0; worker < threads; ++worker)
    workers.emplace_back([&, worker] {
      try {
        for (std::size_t i = next++; i < count; i = next++) task(i);
      } catch (...) {
        failures[worker] = std::current_exception();
      }
    });
  for (std::thread& worker : workers) worker.join();
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace addax::search
