// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "models/search/form_builder.h"

namespace addax::search {

// A loop that the skeleton says runs once is left out; of a level without order, all may run.
bool FormBuilder::runs(std::size_t level, std::size_t dimension) const {
  if (!skeleton_.keep.ordered(level)) return true;
  const std::vector<std::size_t>& order = skeleton_.orders[level];
  return std::find(order.begin(), order.end(), dimension) != order.end();
}

bool FormBuilder::before(std::size_t level, std::size_t dimension, const Place& place) const {
  if (level != place.level) return level < place.level;
  const std::vector<std::size_t>& order = skeleton_.orders[level];
  const auto found = std::find(order.begin(), order.end(), dimension);
  return static_cast<std::size_t>(found - order.begin()) < place.rank;
}

// The dimension's first loop from a place on that runs more than once; that of the boundary if none
// does.
std::size_t FormBuilder::cut_loop(std::size_t dimension, std::size_t child,
                                  const Place& place) const {
  for (std::size_t level = place.level; level < child; ++level)
    if (runs(level, dimension) && !before(level, dimension, place)) return kLoopsALevel * level;
  return kLoopsALevel * child;
}

Component FormBuilder::blank(std::size_t dimension, std::size_t child) const {
  Component component;
  component.visits.assign(kLoopsALevel * child, nest::Visit::kFirst);
  component.cut = component.visits.size();
  for (std::size_t level = 0; level < child; ++level)
    if (runs(level, dimension)) component.visits[kLoopsALevel * level] = nest::Visit::kEach;
  return component;
}

Form::Factor FormBuilder::factor(std::size_t dimension, const Component& component,
                                 bool more_is_better) {
  std::vector<Component>& known = form_.components_[dimension];
  std::vector<bool>& better = form_.more_is_better_[dimension];
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i] == component && better[i] == more_is_better) return {dimension, i};
  known.push_back(component);
  better.push_back(more_is_better);
  return {dimension, known.size() - 1};
}

FormBuilder::Spread FormBuilder::spread(const Crossing& crossing, Side side, std::size_t level,
                                        bool x) const {
  const nest::Level& storage = space_.hierarchy.levels[level];
  if ((x ? storage.fan_out_x : storage.fan_out_y) == 1) return Spread::kEach;
  if (side == Side::kBelow) return Spread::kEach;
  if (side == Side::kFirstBelow || side == Side::kFirstOnce || side == Side::kFirstTurns)
    return Spread::kFirst;
  if (level < crossing.parent) return side == Side::kFirstAbove ? Spread::kFirst : Spread::kEach;
  const bool reduces = x ? storage.reduces_x : storage.reduces_y;
  const bool together = crossing.tensor == problem_.output ? reduces : storage.multicasts;
  return together && (side != Side::kRows || x) ? Spread::kTogether : Spread::kEach;
}

std::vector<Form::Factor> FormBuilder::repeats(const Crossing& crossing, const Spreads& spreads,
                                               const Place& counted, bool all) {
  std::vector<Form::Factor> factors;
  for (std::size_t d = 0; d < problem_.dimensions.size(); ++d) {
    if (problem_.dimensions[d].size == 1 || problem_.indexes(crossing.tensor, d)) continue;
    Component component = blank(d, crossing.child);
    bool once = true;
    for (std::size_t loop = 0; loop < component.visits.size(); ++loop) {
      const std::size_t level = loop / kLoopsALevel;
      const bool temporal = loop % kLoopsALevel == 0;
      const bool each = temporal ? runs(level, d) && (all || before(level, d, counted))
                                 : spreads[loop] == Spread::kEach &&
                                       may_spread(space_, level, d, loop % kLoopsALevel == 2);
      component.visits[loop] = each ? nest::Visit::kEach : nest::Visit::kFirst;
      once = once && !each;
    }
    if (!once) factors.push_back(factor(d, component, false));
  }
  return factors;
}

// Whether all steps of a dimension are in each instance of a level, for each of its words.
bool FormBuilder::stays_below(std::size_t dimension, std::size_t level) const {
  for (std::size_t at = 0; at < levels_; ++at)
    if ((at < level && may_run(space_, at, dimension)) ||
        may_spread(space_, at, dimension, false) || may_spread(space_, at, dimension, true))
      return false;
  return true;
}

// As repeats, each as long as nest::Traffic::turns says. Dimensions that do not loop above the level
// take all their steps in each turn.
std::vector<Form::Factor> FormBuilder::turns(const Crossing& crossing, const Place& counted) {
  std::uint64_t others = 1;
  std::optional<std::size_t> again;
  for (std::size_t d = 0; d < problem_.dimensions.size(); ++d) {
    if (problem_.indexes(crossing.tensor, d)) continue;
    if (stays_below(d, crossing.child)) {
      others = quantity::checked_mul(others, problem_.dimensions[d].size);
      continue;
    }
    ADDAX_CHECK(!again, "words come again with one dimension only");
    again = d;
  }
  ADDAX_CHECK(again, "no dimension brings words again");
  Component component = blank(*again, levels_);
  component.what = Component::What::kTurns;
  component.cut = cut_loop(*again, crossing.child, counted);
  component.cap =
      space_.hierarchy.levels[crossing.child].tensors[crossing.tensor].preparation_steps;
  component.each = others;
  return {factor(*again, component, false)};
}

Form::Pair FormBuilder::pair(const nest::Index& index, const Crossing& crossing,
                             const Spreads& spreads, const Place* cut) {
  const auto component = [&](std::size_t dimension) {
    Component made = blank(dimension, crossing.child);
    bool whole = false;
    for (std::size_t loop = 0; loop < made.visits.size(); ++loop) {
      nest::Visit& visit = made.visits[loop];
      if (loop % kLoopsALevel != 0) {
        if (spreads[loop] == Spread::kFirst) continue;
        visit = nest::Visit::kEach;
        // Of words that come back seldom there are at most as many as without sharing.
        if (spreads[loop] == Spread::kTogether && cut == nullptr) {
          visit = nest::Visit::kWhole;
          whole = true;
        }
      }
      // Tiles that are no interval have at least the words of all of them taken together.
      if (whole) visit = nest::Visit::kWhole;
    }
    if (cut != nullptr) made.cut = cut_loop(dimension, crossing.child, *cut);
    return made;
  };
  const bool more = cut != nullptr;
  const std::size_t strided = index.terms[0].dimension;
  const std::size_t unit = index.terms[1].dimension;
  Component made = component(strided);
  Form::Pair pair;
  made.what = Component::What::kTiles;
  pair.tiles = factor(strided, made, more);
  made.what = Component::What::kWords;
  pair.words = factor(strided, made, more);
  made = component(unit);
  made.cap = index.terms[0].stride;
  made.what = Component::What::kCapped;
  pair.other_capped = factor(unit, made, more);
  made.what = Component::What::kWords;
  pair.other_words = factor(unit, made, more);
  return pair;
}

Form::Elements FormBuilder::elements(const Crossing& crossing, const Spreads& spreads,
                                     const Place* cut) {
  Form::Elements result;
  const auto single = [&](const nest::Index& index, std::size_t d) {
    Component made = blank(d, crossing.child);
    made.what = tiles_ ? Component::What::kTiles : Component::What::kWords;
    made.shared = tiles_ ? 1 : index.shared;
    bool all = !tiles_;
    for (std::size_t loop = 0; loop < made.visits.size(); ++loop) {
      if (loop % kLoopsALevel == 0 ||
          !may_spread(space_, loop / kLoopsALevel, d, loop % kLoopsALevel == 2))
        continue;
      if (spreads[loop] == Spread::kFirst)
        all = false;
      else
        made.visits[loop] = nest::Visit::kEach;
    }
    if (cut != nullptr) made.cut = cut_loop(d, crossing.child, *cut);
    all = all && made.cut == made.visits.size();
    if (all)
      result.constant *=
          static_cast<double>(quantity::ceil_div(problem_.dimensions[d].size, index.shared));
    else
      result.singles.push_back(factor(d, made, cut != nullptr));
  };
  for (const nest::Index& index : problem_.tensors[crossing.tensor].indices) {
    // Each of the dimensions of a sum is cut into tiles for itself; its words are of both together.
    if (index.terms.size() == 2 && !tiles_)
      result.pairs.push_back(pair(index, crossing, spreads, cut));
    else
      for (const nest::Term& term : index.terms) single(index, term.dimension);
  }
  return result;
}

}  // namespace addax::search
