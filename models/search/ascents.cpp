// SPDX-License-Identifier: Apache-2.0
#include "models/search/ascents.h"

#include <algorithm>
#include <set>

namespace addax::search {
namespace {

// Of what is left of the budget a first climb takes so small a part, any other a third.
constexpr std::uint64_t kFirstPart = 8, kPart = 3;
constexpr std::size_t kContinued = 2;

// Of two dimensions there are few simple mappings.
bool few_dimensions(const Space& space) {
  const auto& dimensions = space.problem.dimensions;
  return std::count_if(dimensions.begin(), dimensions.end(),
                       [](const nest::Dimension& one) { return one.size > 1; }) <= 2;
}

}  // namespace

std::uint64_t Ascents::left() const {
  if (!options_.budget) return ~std::uint64_t{0};
  return *options_.budget > nodes_ ? *options_.budget - nodes_ : 0;
}

Climb& Ascents::climber(std::size_t at) {
  if (!climbs_[at]) {
    const auto& [space, keep] = keeps_[at];
    climbs_[at] = std::make_unique<Climb>(spaces_[space], space, keep, goal_);
  }
  return *climbs_[at];
}

// Whether tiles of one are tiles of the other: dimensions of the same sizes, as many levels.
bool Ascents::alike(std::size_t at, std::size_t other) const {
  const Space& a = spaces_[keeps_[at].first];
  const Space& b = spaces_[keeps_[other].first];
  const auto& these = a.problem.dimensions;
  const auto& those = b.problem.dimensions;
  return a.hierarchy.levels.size() == b.hierarchy.levels.size() &&
         std::equal(these.begin(), these.end(), those.begin(), those.end(),
                    [](const auto& x, const auto& y) { return x.size == y.size; });
}

// Returns whether it led to the best so far.
bool Ascents::climb(Summit& from, std::uint64_t most, bool simply) {
  Climb& climber = this->climber(from.at);
  from.rank = climber.climb(from.point, std::max<std::uint64_t>(most, 1), simply);
  from.converged = climber.converged();
  nodes_ += climber.take_nodes();
  if (!goal_.useless(from.rank)) goal_.offer(climber.found(from.point));
  const bool better = !best_ || from.rank < best_->rank * (1.0 - kRounding);
  if (better) best_ = from;
  return better;
}

void Ascents::begin(std::size_t at) {
  constexpr std::size_t kStarts = 8;
  Climb& starter = climber(at);
  std::vector<Start> starts = starter.seeds();
  for (Start& start : starter.starts()) starts.push_back(std::move(start));
  nodes_ += starter.take_nodes();
  starts.resize(std::min(starts.size(), kStarts));
  for (Start& start : starts) {
    if (left() == 0 && best_) break;
    Summit summit{start.rank, at, std::move(start.point), false};
    climb(summit, left() / kFirstPart);
    begun_.push_back(std::move(summit));
  }
}

// On from where the best of the first climbs led.
void Ascents::go_on() {
  std::stable_sort(begun_.begin(), begun_.end(),
                   [](const Summit& a, const Summit& b) { return a.rank < b.rank; });
  for (std::size_t i = 0; i < std::min(begun_.size(), kContinued) && left() > 0; ++i)
    if (!begun_[i].converged) climb(begun_[i], left() / kPart);
}

// Climbs from the best of all, if that is a point of the space.
bool Ascents::from_summit(std::size_t at) {
  if (!best_ || !alike(at, best_->at) || !climber(at).legal(best_->point)) return false;
  Summit summit{best_->rank, at, best_->point, false};
  climb(summit, left() / kPart);
  return true;
}

void Ascents::from_each() {
  std::set<std::vector<std::vector<bool>>> started;
  std::vector<std::size_t> rest;
  for (std::size_t at = 0; at < keeps_.size(); ++at) {
    if (left() == 0 && best_) break;
    // Spaces that keep alike differ in capacities: the best so far is as good a start as any.
    if (started.insert(keeps_[at].second.kept).second)
      begin(at);
    else
      rest.push_back(at);
  }
  go_on();
  for (const std::size_t at : rest) {
    if (left() == 0 && best_) break;
    if (!from_summit(at)) begin(at);
  }
}

bool Ascents::same_kind(std::size_t at, std::size_t other) const {
  return spaces_[keeps_[at].first].kind == spaces_[keeps_[other].first].kind &&
         keeps_[at].second.kept == keeps_[other].second.kept && alike(at, other);
}

// The starts that the first space of each kind that has some has.
template <class StartsOf>
std::vector<Ascents::Summit> Ascents::survey(const StartsOf& starts_of) {
  constexpr std::size_t kOfAKind = 4;
  std::vector<Summit> all;
  std::vector<std::size_t> kinds;
  for (std::size_t at = 0; at < keeps_.size() && (all.empty() || left() > 0); ++at) {
    if (std::any_of(kinds.begin(), kinds.end(),
                    [&](std::size_t other) { return same_kind(at, other); }))
      continue;
    std::vector<Start> starts = starts_of(at);
    nodes_ += climber(at).take_nodes();
    starts.resize(std::min(starts.size(), kOfAKind));
    if (!starts.empty()) kinds.push_back(at);
    for (Start& start : starts) all.push_back({start.rank, at, std::move(start.point), false});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Summit& a, const Summit& b) { return a.rank < b.rank; });
  return all;
}

// Of hints where there are some that fit, else of seeds, and of simple mappings where there are few.
std::vector<Ascents::Summit> Ascents::promising() {
  constexpr std::size_t kHinted = 3;
  const auto hinted = [&](std::size_t at) {
    const auto& dimensions = spaces_[keeps_[at].first].problem.dimensions;
    std::vector<Start> starts;
    for (const Hint& hint : options_.hints) {
      if (!std::equal(
              dimensions.begin(), dimensions.end(), hint.sizes.begin(), hint.sizes.end(),
              [](const auto& dimension, std::uint64_t size) { return dimension.size == size; }))
        continue;
      if (std::optional<Start> start = climber(at).start_of(hint.mapping))
        starts.push_back(std::move(*start));
    }
    return starts;
  };
  std::vector<Summit> all;
  if (!options_.hints.empty()) all = survey(hinted);
  all.resize(std::min(all.size(), kHinted));
  if (!all.empty()) return all;
  all = survey([&](std::size_t at) {
    std::vector<Start> starts = climber(at).seeds();
    if (!starts.empty() && few_dimensions(spaces_[keeps_[at].first]))
      for (Start& start : climber(at).starts()) starts.push_back(std::move(start));
    std::stable_sort(starts.begin(), starts.end(),
                     [](const Start& a, const Start& b) { return a.rank < b.rank; });
    return starts;
  });
  if (!all.empty()) return all;
  return survey([&](std::size_t at) { return climber(at).starts(); });
}

void Ascents::from_best() {
  constexpr std::size_t kStarts = 8;
  // Climbs from starts of so many times the best so far hardly ever reach it.
  constexpr double kWorthwhile = 2.0;
  std::vector<Summit> all = promising();
  all.resize(std::min(all.size(), kStarts));
  for (Summit& summit : all) {
    if (best_ && (left() == 0 || summit.rank > kWorthwhile * best_->rank)) break;
    climb(summit, left() / kFirstPart);
    begun_.push_back(std::move(summit));
  }
  for (std::size_t at = 0; at < keeps_.size() && left() > 0; ++at)
    if (best_ && at != best_->at && keeps_[at].second.kept == keeps_[best_->at].second.kept)
      from_summit(at);
  go_on();
}

void Ascents::kick_from(Summit summit, std::uint64_t most_idle, const std::function<bool()>& done) {
  for (std::uint64_t idle = 0; idle < most_idle && !done(); ++idle) {
    // Mostly where the summit is; spaces differ in little.
    const std::size_t at = random_() % 2 == 0 ? summit.at : random_() % keeps_.size();
    if (!alike(at, summit.at) || !climber(at).legal(summit.point)) continue;
    Summit next{summit.rank, at, summit.point, false};
    climber(at).kick(next.point, random_);
    climb(next, left() / kPart, idle % 4 != 0);
    if (next.rank >= summit.rank * (1.0 - kRounding)) continue;
    summit = std::move(next);
    idle = 0;
  }
}

void Ascents::kick(std::uint64_t most_idle, const std::function<bool()>& done) {
  if (!best_) return;
  kick_from(*best_, most_idle, done);
  // Then from where others led, the most promising first.
  for (const Summit& other : begun_)
    if (!done()) kick_from(other, most_idle, done);
}

}  // namespace addax::search
