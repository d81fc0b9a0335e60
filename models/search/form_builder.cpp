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
