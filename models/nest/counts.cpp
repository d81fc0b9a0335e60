// SPDX-License-Identifier: Apache-2.0
#include "models/nest/counts.h"

#include <algorithm>
#include <cmath>

#include "models/nest/traffic.h"
#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::nest {
namespace {

using quantity::checked_add;

std::uint64_t minus(std::uint64_t a, std::uint64_t b) {
  ADDAX_CHECK(a >= b, "more words come back than have been sent");
  return a - b;
}

// Words that cross from a keeper of a tensor to the next below it, or for outputs to it.
struct Crossing {
  std::uint64_t below = 0;        // all instances below, each its own words
  std::uint64_t above = 0;        // as the level above serves, or takes, them
  std::uint64_t rows = 0;         // once a row of the meshes between
  std::uint64_t first_below = 0;  // of the first instance below
  std::uint64_t first_above = 0;  // of the first instance above
};

class Counter {
 public:
  Counter(const Problem& problem, const Hierarchy& hierarchy, const Mapping& mapping,
          CountRules rules)
      : problem_(problem),
        hierarchy_(hierarchy),
        mapping_(mapping),
        rules_(rules),
        traffic_(problem, mapping),
        each_(traffic_.loops().size(), Spread::kEach),
        first_(traffic_.loops().size(), Spread::kFirst),
        spreads_(traffic_.loops().size(), Spread::kEach) {}

  Counts count();

 private:
  void inputs(std::size_t tensor);
  void outputs();
  void cycles();
  std::uint64_t turns(std::size_t tensor, std::size_t level, std::uint64_t fills);
  Crossing crossing(std::size_t tensor, std::size_t parent, std::size_t child);
  std::uint64_t crossing_above(const Traffic::Question& plain, std::size_t parent, Spread outside,
                               bool rows, std::uint64_t unspread);
  std::vector<std::size_t> keepers(std::size_t tensor) const;
  TensorCounts& at(std::size_t level, std::size_t tensor) {
    return counts_.levels[level].tensors[tensor];
  }
  InstanceCounts& first(std::size_t level, std::size_t tensor) {
    return counts_.levels[level].busiest[tensor];
  }

  const Problem& problem_;
  const Hierarchy& hierarchy_;
  const Mapping& mapping_;
  CountRules rules_;
  Traffic traffic_;
  std::vector<Spread> each_, first_, spreads_;
  Counts counts_;
};

std::vector<std::size_t> Counter::keepers(std::size_t tensor) const {
  std::vector<std::size_t> levels;
  for (std::size_t level = 0; level < mapping_.levels.size(); ++level)
    if (mapping_.levels[level].keep[tensor]) levels.push_back(level);
  ADDAX_CHECK(!levels.empty(), problem_.tensors[tensor].name + " is kept nowhere");
  return levels;
}

// `unspread`: the answer where no loop is counted in another way than by `plain`.
std::uint64_t Counter::crossing_above(const Traffic::Question& plain, std::size_t parent,
                                      Spread outside, bool rows, std::uint64_t unspread) {
  const bool output = plain.tensor == problem_.output;
  bool same = true;
  for (std::size_t i = 0; i < plain.above; ++i) {
    const FlatLoop& loop = traffic_.loops()[i];
    if (loop.axis == Axis::kTime) continue;
    const Level& level = hierarchy_.levels[loop.level];
    const bool reduces = loop.axis == Axis::kX ? level.reduces_x : level.reduces_y;
    const bool together = output ? reduces : level.multicasts;
    spreads_[i] = Spread::kEach;
    if (loop.level < parent)
      spreads_[i] = outside;
    else if (together && !(rows && loop.axis == Axis::kY))
      spreads_[i] = Spread::kTogether;
    same = same && spreads_[i] == plain.spreads[i];
  }
  return same ? unspread : traffic_.words({plain.tensor, plain.above, spreads_, plain.repeats});
}

// The compute units, which keep nothing, are the child after the last level.
Crossing Counter::crossing(std::size_t tensor, std::size_t parent, std::size_t child) {
  const bool computed = child == mapping_.levels.size();
  const Traffic::Question each{tensor, traffic_.above(child), each_,
                               computed ? Repeats::kAll : Repeats::kFetched};
  Crossing result;
  result.below = traffic_.words(each);
  result.above = crossing_above(each, parent, Spread::kEach, false, result.below);
  result.rows = computed ? 0 : crossing_above(each, parent, Spread::kEach, true, result.below);
  if (traffic_.instances(child) == 1) {
    result.first_below = result.first_above = result.below;
    return result;
  }
  const Traffic::Question first{tensor, each.above, first_, each.repeats};
  result.first_below = traffic_.words(first);
  result.first_above = crossing_above(first, parent, Spread::kFirst, false, result.first_below);
  return result;
}

std::uint64_t Counter::turns(std::size_t tensor, std::size_t level, std::uint64_t fills) {
  const Storage& storage = hierarchy_.levels[level].tensors[tensor];
  ADDAX_CHECK(storage.capacity_bits == storage.word_bits, "words are prepared one by one");
  ADDAX_CHECK(fills == first(level, tensor).tiles, "each word is a tile");
  return traffic_.turns({tensor, traffic_.above(level), first_}, storage.preparation_steps);
}

void Counter::inputs(std::size_t tensor) {
  const std::vector<std::size_t> levels = keepers(tensor);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const bool innermost = i + 1 == levels.size();
    const std::size_t child = innermost ? mapping_.levels.size() : levels[i + 1];
    const Crossing crossed = crossing(tensor, levels[i], child);
    at(levels[i], tensor).reads = crossed.above;
    first(levels[i], tensor).reads = crossed.first_above;
    if (innermost) continue;
    at(child, tensor).fills = crossed.below;
    at(child, tensor).row_words = crossed.rows;
    first(child, tensor).fills = crossed.first_below;
    first(child, tensor).tiles =
        traffic_.words({tensor, traffic_.above(child), first_, Repeats::kFetched, true});
    if (hierarchy_.levels[child].tensors[tensor].preparation_steps > 0)
      first(child, tensor).turns = turns(tensor, child, crossed.first_below);
  }
}

// A level's `fresh` words are those that begin a sum there: the rest of the words whose tiles begin
// are filled with what has been added up before.
void Counter::outputs() {
  const std::size_t tensor = problem_.output;
  const std::vector<std::size_t> levels = keepers(tensor);
  std::uint64_t fresh = problem_.elements(tensor);
  std::uint64_t first_fresh =
      traffic_.words({tensor, traffic_.above(levels[0]), first_, Repeats::kNone});
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const bool innermost = i + 1 == levels.size();
    const std::size_t child = innermost ? mapping_.levels.size() : levels[i + 1];
    const Crossing crossed = crossing(tensor, levels[i], child);
    TensorCounts& parent = at(levels[i], tensor);
    parent.updates = crossed.above;
    parent.reads = minus(parent.updates, fresh);
    InstanceCounts& first_parent = first(levels[i], tensor);
    first_parent.updates = crossed.first_above;
    first_parent.reads = minus(first_parent.updates, first_fresh);
    if (innermost) continue;
    const std::size_t above = traffic_.above(child);
    TensorCounts& below = at(child, tensor);
    below.row_words = crossed.rows;
    below.reductions = minus(crossed.below, crossed.above);
    below.fills =
        rules_ == CountRules::kAddax
            ? parent.reads
            : minus(crossed.below, traffic_.words({tensor, above, each_, Repeats::kNone}));
    fresh = minus(crossed.below, below.fills);
    // Of instances that are reduced together the first is the one that is filled.
    first_fresh = traffic_.words({tensor, above, first_, Repeats::kNone});
    first(child, tensor).fills = minus(crossed.first_below, first_fresh);
  }
}

std::uint64_t moving(std::uint64_t words, double words_a_cycle) {
  // Whole numbers of words a cycle are divided exactly, however many words there are.
  if (words_a_cycle == std::floor(words_a_cycle) && words_a_cycle < 0x1p63)
    return quantity::ceil_div(words, static_cast<std::uint64_t>(words_a_cycle));
  const double cycles = std::ceil(static_cast<double>(words) / words_a_cycle);
  if (!(cycles < 0x1p64)) throw quantity::CountOverflow();
  return static_cast<std::uint64_t>(cycles);
}

void Counter::cycles() {
  counts_.cycles = counts_.steps;
  for (std::size_t level = 0; level < counts_.levels.size(); ++level) {
    const Level& storage = hierarchy_.levels[level];
    if (!storage.read_words_a_cycle && !storage.write_words_a_cycle) continue;
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    for (const InstanceCounts& tensor : counts_.levels[level].busiest) {
      reads = checked_add(reads, tensor.reads);
      writes = checked_add(writes, checked_add(tensor.fills, tensor.updates));
    }
    if (storage.read_words_a_cycle)
      counts_.cycles = std::max(counts_.cycles, moving(reads, *storage.read_words_a_cycle));
    if (storage.write_words_a_cycle)
      counts_.cycles = std::max(counts_.cycles, moving(writes, *storage.write_words_a_cycle));
  }
}

Counts Counter::count() {
  counts_.macs = problem_.macs();
  counts_.steps = traffic_.steps();
  counts_.levels.resize(mapping_.levels.size());
  for (std::size_t level = 0; level < mapping_.levels.size(); ++level) {
    counts_.levels[level].tensors.resize(problem_.tensors.size());
    counts_.levels[level].busiest.resize(problem_.tensors.size());
    counts_.levels[level].kept = mapping_.levels[level].keep;
    counts_.levels[level].instances = traffic_.instances(level);
  }
  for (std::size_t tensor = 0; tensor < problem_.tensors.size(); ++tensor)
    if (tensor != problem_.output) inputs(tensor);
  outputs();
  cycles();
  return std::move(counts_);
}

}  // namespace

Counts count(const Problem& problem, const Hierarchy& hierarchy, const Mapping& mapping,
             CountRules rules) {
  ADDAX_CHECK(hierarchy.levels.size() == mapping.levels.size(), "one LevelLoops a level");
  return Counter(problem, hierarchy, mapping, rules).count();
}

}  // namespace addax::nest
