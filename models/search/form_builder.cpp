// SPDX-License-Identifier: Apache-2.0
#include "models/search/form_builder.h"

#include <algorithm>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::search {

Form::Form(const Space& space, const Skeleton& skeleton) {
  FormBuilder(space, skeleton, *this).build();
}

FormBuilder::FormBuilder(const Space& space, const Skeleton& skeleton, Form& form)
    : space_(space),
      problem_(space.problem),
      skeleton_(skeleton),
      form_(form),
      levels_(space.hierarchy.levels.size()),
      counted_(levels_, std::vector<Counted>(space.problem.tensors.size())) {
  form.components_.resize(problem_.dimensions.size());
  form.more_is_better_.resize(problem_.dimensions.size());
}

FormBuilder::Sum& FormBuilder::Sum::add(const Sum& other, double times) {
  constant += times * other.constant;
  for (const auto& [flow, each] : other.flows) {
    const auto at = std::lower_bound(flows.begin(), flows.end(), flow,
                                     [](const auto& a, std::size_t b) { return a.first < b; });
    if (at == flows.end() || at->first != flow)
      flows.insert(at, {flow, times * each});
    else
      at->second += times * each;
  }
  return *this;
}

void FormBuilder::build() {
  steps();
  waits();
  for (std::size_t tensor = 0; tensor < problem_.tensors.size(); ++tensor)
    if (tensor != problem_.output) inputs(tensor);
  outputs();
  costs();
}

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

// The closed form of nest::Traffic: what has to run once for words to come back seldom grows less
// from segment to segment.
Form::Flow FormBuilder::written(const Crossing& crossing, const Spreads& spreads, Side side) {
  Form::Flow flow;
  Place counted;
  const bool all = crossing.child == levels_;
  const auto times = [&](bool every_step) {
    return side == Side::kFirstTurns ? turns(crossing, counted)
                                     : repeats(crossing, spreads, counted, every_step);
  };
  if (!all && side != Side::kFirstOnce) {
    bool repeated = false;
    for (std::size_t level = 0; level < crossing.child; ++level)
      for (std::size_t rank = 0; rank < skeleton_.orders[level].size(); ++rank) {
        const std::size_t dimension = skeleton_.orders[level][rank];
        if (!problem_.indexes(crossing.tensor, dimension)) {
          repeated = true;
        } else if (repeated) {
          repeated = false;
          const Place place{level, rank};
          flow.segments.push_back({times(false), elements(crossing, spreads, &place)});
          counted = place;
        }
      }
  }
  flow.segments.push_back({times(all), elements(crossing, spreads, nullptr)});
  return flow;
}

FormBuilder::Sum FormBuilder::flow(const Crossing& crossing, Side side) {
  Spreads spreads(kLoopsALevel * crossing.child, Spread::kEach);
  for (std::size_t level = 0; level < crossing.child; ++level) {
    spreads[kLoopsALevel * level + 1] = spread(crossing, side, level, false);
    spreads[kLoopsALevel * level + 2] = spread(crossing, side, level, true);
  }
  const auto same = [&](const Asked& asked) {
    return asked.crossing.tensor == crossing.tensor && asked.crossing.child == crossing.child &&
           (asked.side == Side::kFirstOnce) == (side == Side::kFirstOnce) &&
           (asked.side == Side::kFirstTurns) == (side == Side::kFirstTurns) &&
           asked.spreads == spreads;
  };
  const auto known = std::find_if(asked_.begin(), asked_.end(), same);
  Sum sum;
  sum.flows.emplace_back(known - asked_.begin(), 1.0);
  if (known == asked_.end()) asked_.push_back({crossing, spreads, side, std::nullopt});
  return sum;
}

void FormBuilder::inputs(std::size_t tensor) {
  const std::vector<std::size_t> keepers = skeleton_.keep.keepers(tensor);
  for (std::size_t i = 0; i < keepers.size(); ++i) {
    const bool innermost = i + 1 == keepers.size();
    const Crossing crossing{tensor, keepers[i], innermost ? levels_ : keepers[i + 1]};
    Counted& parent = counted_[crossing.parent][tensor];
    parent.reads = flow(crossing, Side::kAbove);
    parent.first_reads = flow(crossing, Side::kFirstAbove);
    if (innermost) continue;
    Counted& child = counted_[crossing.child][tensor];
    child.fills = flow(crossing, Side::kBelow);
    child.row_words = flow(crossing, Side::kRows);
    child.first_fills = flow(crossing, Side::kFirstBelow);
    if (space_.hierarchy.levels[crossing.child].tensors[tensor].preparation_steps > 0)
      child.first_turns = flow(crossing, Side::kFirstTurns);
  }
}

void FormBuilder::outputs() {
  const std::size_t tensor = problem_.output;
  const std::vector<std::size_t> keepers = skeleton_.keep.keepers(tensor);
  Sum fresh;
  fresh.constant = static_cast<double>(problem_.elements(tensor));
  Sum first_fresh = flow({tensor, 0, keepers[0]}, Side::kFirstOnce);
  for (std::size_t i = 0; i < keepers.size(); ++i) {
    const bool innermost = i + 1 == keepers.size();
    const Crossing crossing{tensor, keepers[i], innermost ? levels_ : keepers[i + 1]};
    Counted& parent = counted_[crossing.parent][tensor];
    parent.updates = flow(crossing, Side::kAbove);
    parent.first_updates = flow(crossing, Side::kFirstAbove);
    (parent.reads = parent.updates).add(fresh, -1.0);
    (parent.first_reads = parent.first_updates).add(first_fresh, -1.0);
    if (innermost) continue;
    Counted& child = counted_[crossing.child][tensor];
    const Sum below = flow(crossing, Side::kBelow);
    child.row_words = flow(crossing, Side::kRows);
    (child.reductions = below).add(parent.updates, -1.0);
    child.fills = parent.reads;
    (fresh = below).add(child.fills, -1.0);
    first_fresh = flow(crossing, Side::kFirstOnce);
    (child.first_fills = flow(crossing, Side::kFirstBelow)).add(first_fresh, -1.0);
  }
}

void FormBuilder::steps() {
  for (std::size_t d = 0; d < problem_.dimensions.size(); ++d)
    if (problem_.dimensions[d].size > 1)
      form_.steps_.push_back(factor(d, blank(d, levels_), false));
}

void FormBuilder::waits() {
  tiles_ = true;
  for (const nest::Wait& wait : space_.costs.waits) {
    // Where a tensor lies from the start nothing is filled.
    if (!skeleton_.keep.kept[wait.level][wait.tensor] ||
        skeleton_.keep.keepers(wait.tensor)[0] == wait.level)
      continue;
    const Crossing crossing{wait.tensor, 0, wait.level};
    const Spreads first(kLoopsALevel * wait.level, Spread::kFirst);
    form_.waits_.push_back({wait.cycles, written(crossing, first, Side::kFirstBelow)});
  }
  tiles_ = false;
}

FormBuilder::Sum FormBuilder::charged(const nest::Charge& charge, bool of_one) const {
  const Counted& counted = counted_.at(charge.level).at(charge.tensor);
  switch (charge.flow) {
    case nest::Flow::kReads:
      return of_one ? counted.first_reads : counted.reads;
    case nest::Flow::kFills:
      return of_one ? counted.first_fills : counted.fills;
    case nest::Flow::kUpdates:
      return of_one ? counted.first_updates : counted.updates;
    case nest::Flow::kRowWords:
      return counted.row_words;
    case nest::Flow::kReductions:
      return counted.reductions;
    case nest::Flow::kTurns:
      return counted.first_turns;
  }
  ADDAX_UNREACHABLE("an unknown flow");
}

Form::Linear FormBuilder::linear(const Sum& sum) {
  Form::Linear result;
  result.constant = sum.constant;
  for (const auto& [flow, each] : sum.flows) {
    if (each == 0.0) continue;
    Asked& asked = asked_[flow];
    if (!asked.used) {
      asked.used = form_.flows_.size();
      form_.flows_.push_back(written(asked.crossing, asked.spreads, asked.side));
      Origin& origin = form_.flows_.back().origin;
      origin.tensor = asked.crossing.tensor;
      origin.parent = asked.crossing.parent;
      origin.child = asked.crossing.child;
      origin.computed = origin.child == levels_;
      for (const Spread spread : asked.spreads) {
        origin.together.push_back(spread == Spread::kTogether);
        origin.of_first = origin.of_first || spread == Spread::kFirst;
      }
      origin.plain = !origin.of_first;
      for (const nest::Index& index : problem_.tensors[origin.tensor].indices)
        origin.plain = origin.plain && index.terms.size() == 1 && index.shared == 1;
    }
    Form::Flow& used = form_.flows_[*asked.used];
    (each > 0.0 ? used.from_below : used.from_above) = true;
    result.flows.push_back({*asked.used, each});
  }
  return result;
}

void FormBuilder::costs() {
  const nest::Costs& costs = space_.costs;
  Sum energy;
  energy.constant = costs.fixed_pj;
  for (const nest::Charge& charge : costs.energy_pj)
    energy.add(charged(charge, false), charge.each);
  form_.energy_ = linear(energy);
  form_.a_cycle_pj_ = costs.a_cycle_pj;
  form_.overlap_power_ = costs.overlap_power;
  Form::Linear compute;
  compute.a_step = costs.cycles_a_step;
  form_.resources_.push_back(compute);
  for (const nest::Resource& resource : costs.resources) {
    Sum busy;
    for (const nest::Charge& charge : resource.charges)
      busy.add(charged(charge, resource.of_one_instance), charge.each);
    form_.resources_.push_back(linear(busy));
    form_.resources_.back().a_step = resource.a_step;
    form_.resources_.back().ahead = resource.ahead;
  }
  for (std::size_t level = 0; level < levels_; ++level) {
    const nest::Level& storage = space_.hierarchy.levels[level];
    Sum reads;
    Sum writes;
    for (const Counted& tensor : counted_[level]) {
      reads.add(tensor.first_reads, 1.0);
      writes.add(tensor.first_fills, 1.0).add(tensor.first_updates, 1.0);
    }
    if (storage.read_words_a_cycle)
      form_.resources_.push_back(linear(Sum().add(reads, 1.0 / *storage.read_words_a_cycle)));
    if (storage.write_words_a_cycle)
      form_.resources_.push_back(linear(Sum().add(writes, 1.0 / *storage.write_words_a_cycle)));
  }
}

}  // namespace addax::search
