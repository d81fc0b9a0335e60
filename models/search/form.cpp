// SPDX-License-Identifier: Apache-2.0
#include "models/search/form.h"

#include <algorithm>
#include <map>

#include "models/nest/costs.h"
#include "models/quantity/check.h"

namespace addax::search {

namespace {

// nest::sums of a chain whose elements no neighbours share, without its checks: a search asks for
// little else. Sums of whole numbers below 2^53 are exact.
class QuickSum {
 public:
  QuickSum(const Component& component, const Running& running) : component_(component) {
    std::uint64_t spread = ~std::uint64_t{0};
    for (const Running::Loop& running_loop : running) {
      const std::size_t loop = running_loop.loop;
      if (loop >= component.visits.size()) break;
      const std::uint64_t extent = running_loop.tile;
      const bool temporal = loop % kLoopsALevel == 0;
      if (loop < component.cut) {
        cut_ = count_ + 1;
      } else if (temporal && extent < spread) {
        most_ = std::min(most_, extent);
      } else if (!temporal) {
        spread = std::min(spread, extent);
      }
      if (component.visits[loop] != nest::Visit::kWhole)
        links_[count_++] = {extent, temporal, component.visits[loop] == nest::Visit::kEach};
      else if (loop < component.cut)
        cut_ = count_;
    }
  }

  // `first`: extent of the first instance in the same step.
  double from(std::size_t at, std::uint64_t first, std::uint64_t extent) const {
    if (at == cut_ && first > most_) return 0.0;
    if (at == count_) return leaf(extent);
    const Link& link = links_[at];
    if (!link.each || extent <= link.tile)
      return from(at + 1, std::min(first, link.tile), std::min(extent, link.tile));
    const std::uint64_t full = extent / link.tile;
    const std::uint64_t rest = extent - full * link.tile;
    double total = static_cast<double>(full) * from(at + 1, link.tile, link.tile);
    if (rest > 0)
      total +=
          from(at + 1, std::min(link.tile, link.temporal ? first - full * link.tile : first), rest);
    return total;
  }

 private:
  struct Link {
    std::uint64_t tile = 1;
    bool temporal = true, each = true;
  };

  double leaf(std::uint64_t extent) const {
    switch (component_.what) {
      case Component::What::kTiles:
        return 1.0;
      case Component::What::kWords:
        return static_cast<double>(extent);
      case Component::What::kCapped:
      case Component::What::kTurns:
        break;
    }
    return static_cast<double>(std::min(extent, component_.cap));
  }

  const Component& component_;
  std::array<Link, kMostLoops> links_;
  std::size_t count_ = 0, cut_ = 0;
  std::uint64_t most_ = ~std::uint64_t{0};
};

// nest::turns_of.
class QuickTurns {
 public:
  QuickTurns(const Component& component, const Running& running)
      : component_(component), end_(running.end()) {}

  double from(const Running::Loop* at, std::uint64_t extent) const {
    if (at == end_ || at->loop >= component_.cut)
      return std::max(static_cast<double>(component_.cap),
                      static_cast<double>(component_.each) * tiles(at, extent));
    return sum(at, extent, [&](std::uint64_t tile) { return from(at + 1, tile); });
  }

 private:
  double tiles(const Running::Loop* at, std::uint64_t extent) const {
    if (at == end_) return 1.0;
    return sum(at, extent, [&](std::uint64_t tile) { return tiles(at + 1, tile); });
  }

  template <class Inner>
  double sum(const Running::Loop* at, std::uint64_t extent, const Inner& inner) const {
    if (extent <= at->tile) return inner(extent);
    if (component_.visits[at->loop] != nest::Visit::kEach) return inner(at->tile);
    const std::uint64_t full = extent / at->tile;
    const std::uint64_t rest = extent - full * at->tile;
    const double total = static_cast<double>(full) * inner(at->tile);
    return rest > 0 ? total + inner(rest) : total;
  }

  const Component& component_;
  const Running::Loop* end_;
};

}  // namespace

double Component::of(const Running& running) const {
  const std::uint64_t size = running.size();
  if (what == What::kTurns) return QuickTurns(*this, running).from(running.begin(), size);
  if (shared == 1) return QuickSum(*this, running).from(0, size, size);
  std::array<nest::Link, kMostLoops> links;
  std::size_t count = 0;
  std::size_t cut_link = 0;
  for (const Running::Loop& loop : running) {
    if (loop.loop >= visits.size()) break;
    if (loop.loop < cut) cut_link = count + 1;
    links[count++] = {loop.tile, loop.loop % kLoopsALevel == 0, visits[loop.loop]};
  }
  return static_cast<double>(
      nest::sums({size, links.data(), count}, cut_link, {shared, cap}).words);
}

double Form::product(const std::vector<Factor>& factors,
                     const std::vector<const double*>& at) const {
  double result = 1.0;
  for (const Factor& factor : factors) result *= at[factor.dimension][factor.component];
  return result;
}

double Form::elements(const Elements& elements, const std::vector<const double*>& at) const {
  double result = elements.constant * product(elements.singles, at);
  for (const Pair& pair : elements.pairs) {
    const auto value = [&](const Factor& factor) { return at[factor.dimension][factor.component]; };
    const double capped = value(pair.other_capped);
    result *= value(pair.words) * capped +
              value(pair.tiles) * std::max(0.0, value(pair.other_words) - capped);
  }
  return result;
}

// Words cost the least when as many of them as may be repeat as seldom as may be.
double Form::words(const Flow& flow, const std::vector<const double*>& at,
                   const std::vector<const double*>& degenerate) const {
  const double all = elements(flow.segments.back().until, at);
  double total = 0.0;
  double covered = 0.0;
  for (std::size_t i = 0; i < flow.segments.size(); ++i) {
    const Segment& segment = flow.segments[i];
    const double until =
        i + 1 == flow.segments.size() ? all : std::min(all, elements(segment.until, degenerate));
    if (until <= covered) continue;
    total += product(segment.repeats, at) * (until - covered);
    covered = until;
  }
  return total;
}

double Form::waiting(const Box& box) const {
  double cycles = 0.0;
  for (const Tiles& tiles : waits_) cycles += tiles.cycles * words(tiles.number, box.low, box.high);
  return cycles;
}

CostBound Form::bound(const Box& box, double least_steps) const {
  return bound(box, least_steps, nullptr);
}

CostBound Form::bound(const Box& box, double least_steps, const Group& group) const {
  constexpr std::size_t kMostFlows = 96;
  std::array<double, kMostFlows> low;
  std::array<double, kMostFlows> high;
  ADDAX_CHECK(flows_.size() <= kMostFlows, "more flows cost something than there is room for");
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    low[i] = flows_[i].from_below ? words(flows_[i], box.low, box.high) : 0.0;
    high[i] = flows_[i].from_above ? words(flows_[i], box.high, box.low) : 0.0;
  }
  const double steps = std::max(least_steps, product(steps_, box.low));
  const auto cost = [&](const FlowCost& part) {
    return part.each * (part.each > 0.0 ? low[part.flow] : high[part.flow]);
  };
  const auto value = [&](const Linear& linear) {
    double sum = linear.constant + linear.a_step * steps;
    if (!group) {
      for (const FlowCost& part : linear.flows) sum += cost(part);
      return sum;
    }
    std::map<std::size_t, std::vector<FlowCost>> groups;
    for (const FlowCost& part : linear.flows) {
      const Origin& origin = flows_[part.flow].origin;
      if (!origin.plain || part.each < 0.0) {
        sum += cost(part);
        continue;
      }
      groups[origin.parent == 0 && !origin.computed ? 0 : origin.child].push_back(part);
    }
    for (const auto& [child, parts] : groups) {
      double alone = 0.0;
      for (const FlowCost& part : parts) alone += cost(part);
      sum += std::max(alone, group(parts));
    }
    return sum;
  };
  CostBound bound;
  double ahead = 0.0;
  for (const Linear& resource : resources_) {
    const double busy = value(resource);
    double& cycles = resource.ahead ? ahead : bound.cycles;
    cycles = std::max(cycles, busy);
    bound.load += busy / static_cast<double>(resources_.size());
  }
  bound.cycles = nest::overlapped(ahead, bound.cycles, overlap_power_);
  bound.cycles += waiting(box);
  bound.energy_pj = value(energy_) + a_cycle_pj_ * bound.cycles;
  return bound;
}

}  // namespace addax::search
