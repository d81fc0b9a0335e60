// SPDX-License-Identifier: Apache-2.0
#include "models/search/rounds.h"

#include <algorithm>
#include <deque>
#include <set>

#include "models/search/climb.h"
#include "models/search/traffic_bound.h"

namespace addax::search {
namespace {

// Of one dimension, for a skeleton to be branched over.
constexpr double kMostChains = 20000;
// Budgets below only climb: bounds and lists of chains would cost more than all their nodes.
constexpr std::uint64_t kLeastToBranch = 100'000;

bool large(const Space& space) {
  for (std::size_t d = 0; d < space.problem.dimensions.size(); ++d)
    if (chain_count(space, d) > kMostChains) return true;
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

bool Rounds::thorough() const { return !options_.budget || *options_.budget >= kLeastToBranch; }

std::uint64_t Rounds::left() const {
  if (!options_.budget) return ~std::uint64_t{0};
  return *options_.budget > nodes_ ? *options_.budget - nodes_ : 0;
}

// Climbs to a first mapping: a little way from many simple ones, on from the best of those, in each
// space from the best so far; then from where kicks away from the best lead.
void Rounds::first(Goal& goal) {
  // Of what is left of the budget a first climb takes so small a part, any other a third.
  constexpr std::uint64_t kFirstPart = 8, kPart = 3;
  constexpr std::size_t kStarts = 3, kThoroughStarts = 8, kContinued = 2;
  constexpr std::uint64_t kMostNodes = 2'000'000, kIdleKicks = 3000;
  std::deque<Forms> forms;
  for (const auto& [space, keep] : keeps_) forms.emplace_back(spaces_[space], keep);
  std::optional<Point> best;
  std::size_t best_at = 0;
  double best_rank = 0.0;
  const auto climb = [&](std::size_t at, Point& point, std::uint64_t most, bool simply = false) {
    const auto& [space, keep] = keeps_[at];
    Climb climber(spaces_[space], space, keep, goal, forms[at]);
    if (simply) climber.simply();
    const double rank = climber.climb(point, std::max<std::uint64_t>(most, 1));
    nodes_ += climber.nodes();
    goal.offer(climber.found(point));
    const bool better = !best || rank < best_rank * (1.0 - kRounding);
    if (better) {
      best = point;
      best_rank = rank;
      best_at = at;
    }
    return std::make_pair(rank, better);
  };
  // A little way from many starts, and on from where the best of them led.
  struct Begun {
    double rank = 0.0;
    std::size_t at = 0;
    Point point;
  };
  std::vector<Begun> begun;
  std::set<std::vector<std::vector<bool>>> started;
  std::vector<std::size_t> rest;
  const auto begin = [&](std::size_t at) {
    const auto& [space, keep] = keeps_[at];
    Climb starter(spaces_[space], space, keep, goal, forms[at]);
    std::vector<Point> starts = starter.seeds();
    const bool all = thorough();
    if (!all) starts.resize(std::min(starts.size(), kStarts));
    if (all || starts.size() < kStarts)
      for (Point& point : starter.starts()) starts.push_back(std::move(point));
    nodes_ += starter.nodes();
    starts.resize(std::min(starts.size(), all ? kThoroughStarts : kStarts));
    for (Point& point : starts) {
      if (left() == 0 && best) break;
      const double rank = climb(at, point, left() / kFirstPart).first;
      begun.push_back({rank, at, std::move(point)});
    }
  };
  for (std::size_t at = 0; at < keeps_.size(); ++at) {
    if (left() == 0 && best) break;
    // Spaces that keep alike differ in capacities: the best so far is as good a start as any.
    if (started.insert(keeps_[at].second.kept).second)
      begin(at);
    else
      rest.push_back(at);
  }
  std::stable_sort(begun.begin(), begun.end(),
                   [](const Begun& a, const Begun& b) { return a.rank < b.rank; });
  for (std::size_t i = 0; i < std::min(begun.size(), kContinued) && left() > 0; ++i)
    begun[i].rank = climb(begun[i].at, begun[i].point, left() / kPart).first;
  for (const std::size_t at : rest) {
    if (left() == 0 && best) break;
    const auto& [space, keep] = keeps_[at];
    if (best && alike(spaces_[space], spaces_[keeps_[best_at].first]) &&
        Climb(spaces_[space], space, keep, goal, forms[at]).legal(*best)) {
      Point point = *best;
      climb(at, point, left() / kPart);
    } else {
      begin(at);
    }
  }
  if (!best || open_.empty() || left() == 0) return;
  if (thorough())
    quantity::each_in_parallel(open_.size(), options_.threads, [&](std::size_t i) {
      if (!goal.hopeless(open_[i]))
        open_[i] = traffic_bound(spaces_[open_keeps_[i].first], open_keeps_[i].second);
    });
  std::mt19937_64 random(1);
  const auto done = [&] {
    return left() == 0 || (!options_.budget && nodes_ >= kMostNodes) ||
           std::all_of(open_.begin(), open_.end(),
                       [&](const CostBound& bound) { return goal.hopeless(bound); });
  };
  const auto kick_from = [&](Begun summit) {
    for (std::uint64_t idle = 0; idle < kIdleKicks && !done(); ++idle) {
      // Mostly where the summit is; spaces differ in little.
      const std::size_t at = random() % 2 == 0 ? summit.at : random() % keeps_.size();
      const auto& [space, keep] = keeps_[at];
      const Climb climber(spaces_[space], space, keep, goal, forms[at]);
      if (!alike(spaces_[space], spaces_[keeps_[summit.at].first]) || !climber.legal(summit.point))
        continue;
      Point point = summit.point;
      climber.kick(point, random);
      const double rank = climb(at, point, left() / kPart, idle % 4 != 0).first;
      if (rank >= summit.rank * (1.0 - kRounding)) continue;
      summit = {rank, at, std::move(point)};
      idle = 0;
    }
  };
  kick_from({best_rank, best_at, *best});
  // Then from where others led, the most promising first.
  for (const Begun& other : begun)
    if (!done()) kick_from(other);
}

void Rounds::add(std::size_t number, const KeepChoice& keep) {
  const Space& space = spaces_[number];
  const std::size_t levels = space.hierarchy.levels.size();
  if (!thorough() || large(space)) {
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
    if (!stationary(space, keep, skeleton.orders, [](std::size_t, std::size_t) { return true; }))
      continue;
    roots_.push_back({number, std::move(skeleton), bound});
  }
}

}  // namespace addax::search
