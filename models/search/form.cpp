// SPDX-License-Identifier: Apache-2.0
#include "models/search/form.h"

#include <algorithm>

namespace addax::search {

double Component::of(std::uint64_t size, const Tiles& tiles) const {
  std::array<nest::Link, 32> links;
  std::size_t count = 0;
  std::size_t cut_link = 0;
  std::uint64_t extent = size;
  for (std::size_t loop = 0; loop < visits.size(); ++loop) {
    if (tiles[loop] == extent) continue;
    extent = tiles[loop];
    if (loop < cut) cut_link = count + 1;
    links.at(count++) = {extent, loop % kLoopsALevel == 0, visits[loop]};
  }
  const nest::Sums sums = nest::sums({size, links.data(), count}, cut_link, {shared, cap});
  switch (what) {
    case What::kTiles:
      return static_cast<double>(sums.tiles);
    case What::kWords:
      return static_cast<double>(sums.words);
    case What::kCapped:
      break;
  }
  return static_cast<double>(sums.capped);
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

CostBound Form::bound(const Box& box) const {
  constexpr std::size_t kMostFlows = 96;
  std::array<double, kMostFlows> low{};
  std::array<double, kMostFlows> high{};
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    if (flows_[i].from_below) low[i] = words(flows_[i], box.low, box.high);
    if (flows_[i].from_above) high[i] = words(flows_[i], box.high, box.low);
  }
  const double steps = product(steps_, box.low);
  const auto value = [&](const Linear& linear) {
    double sum = linear.constant + linear.a_step * steps;
    for (const auto& [flow, each] : linear.flows)
      sum += each * (each > 0.0 ? low[flow] : high[flow]);
    return sum;
  };
  CostBound bound;
  for (const Linear& resource : resources_) bound.cycles = std::max(bound.cycles, value(resource));
  bound.energy_pj = value(energy_) + a_cycle_pj_ * bound.cycles;
  return bound;
}

}  // namespace addax::search
