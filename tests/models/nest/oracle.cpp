// SPDX-License-Identifier: Apache-2.0
#include "tests/models/nest/oracle.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace addax::tests {
namespace {

using Indices = std::vector<std::uint64_t>;  // one a loop, or those of some loops
using Words = std::set<std::vector<std::uint64_t>>;

enum class Axis { kTime, kY, kX };

struct Executed {
  nest::Loop loop;
  std::size_t level;
  Axis axis;
};

struct Range {
  std::uint64_t begin, end;
};

// Words of one tensor between one level that keeps it and the next (or the compute units).
struct Link {
  Link(std::size_t of, std::size_t from, std::size_t to) : tensor(of), parent(from), child(to) {}

  std::size_t tensor, parent, child;
  std::optional<Indices> selected;  // the tile, as of the step before
  std::uint64_t below = 0, above = 0, rows = 0, first_below = 0, first_above = 0;
  std::map<Indices, Words> held;     // by each instance, at any time
  std::vector<std::uint64_t> turns;  // steps of each tile of the first instance
};

class Walk {
 public:
  Walk(const nest::Problem& problem, const nest::Hierarchy& hierarchy, const nest::Mapping& mapping)
      : problem_(problem), hierarchy_(hierarchy), mapping_(mapping) {
    for (std::size_t level = 0; level < mapping.levels.size(); ++level) {
      begins_.push_back(loops_.size());
      for (const nest::Loop& loop : mapping.levels[level].temporal)
        loops_.push_back({loop, level, Axis::kTime});
      for (const nest::Loop& loop : mapping.levels[level].y)
        loops_.push_back({loop, level, Axis::kY});
      for (const nest::Loop& loop : mapping.levels[level].x)
        loops_.push_back({loop, level, Axis::kX});
    }
    begins_.push_back(loops_.size());
    for (std::size_t tensor = 0; tensor < problem.tensors.size(); ++tensor) {
      std::optional<std::size_t> parent;
      for (std::size_t level = 0; level < mapping.levels.size(); ++level) {
        if (!mapping.levels[level].keep[tensor]) continue;
        if (parent) links_.emplace_back(tensor, *parent, level);
        parent = level;
      }
      links_.emplace_back(tensor, *parent, mapping.levels.size());
    }
    instances_.resize(mapping.levels.size());
    Indices indices(loops_.size(), 0);
    step_time(0, indices);
  }

  nest::Counts counts(nest::CountRules rules);

 private:
  // The part of each dimension that the first `loops` loops leave at these indices; none: no work.
  std::optional<std::vector<Range>> part(const Indices& indices, std::size_t loops) const {
    std::vector<Range> ranges;
    for (const nest::Dimension& dimension : problem_.dimensions)
      ranges.push_back({0, dimension.size});
    for (std::size_t i = 0; i < loops; ++i) {
      Range& range = ranges[loops_[i].loop.dimension];
      range.begin += indices[i] * loops_[i].loop.tile;
      if (range.begin >= range.end) return std::nullopt;
      range.end = std::min(range.end, range.begin + loops_[i].loop.tile);
    }
    return ranges;
  }
  bool works(const Indices& indices) const { return part(indices, loops_.size()).has_value(); }

  // Every step that the first instance of everything works in.
  void step_time(std::size_t at, Indices& indices) {
    if (at == loops_.size()) {
      ++steps_;
      for (Link& link : links_) step(link, indices);
      each_instance(0, loops_.size(), indices, [&](const Indices& unit) {
        ++macs_;
        for (std::size_t level = 0; level < instances_.size(); ++level)
          instances_[level].insert(spatial(unit, begins_[level]));
      });
      return;
    }
    if (loops_[at].axis != Axis::kTime) return step_time(at + 1, indices);
    for (indices[at] = 0; part(indices, at + 1); ++indices[at]) step_time(at + 1, indices);
    indices[at] = 0;
  }

  // All instances below the first `loops` loops that have work at the temporal indices.
  void each_instance(std::size_t at, std::size_t loops, Indices& indices,
                     const std::function<void(const Indices&)>& visit) const {
    if (at == loops) {
      if (works(indices)) visit(indices);
      return;
    }
    if (loops_[at].axis == Axis::kTime) return each_instance(at + 1, loops, indices, visit);
    for (indices[at] = 0; part(indices, at + 1); ++indices[at])
      each_instance(at + 1, loops, indices, visit);
    indices[at] = 0;
  }

  Indices spatial(const Indices& indices, std::size_t loops) const {
    Indices instance;
    for (std::size_t i = 0; i < loops; ++i)
      if (loops_[i].axis != Axis::kTime) instance.push_back(indices[i]);
    return instance;
  }

  Words touched(std::size_t tensor, const std::vector<Range>& ranges) const {
    Words words = {{}};
    for (const nest::Index& index : problem_.tensors[tensor].indices) {
      std::set<std::uint64_t> values = {0};
      for (const nest::Term& term : index.terms) {
        std::set<std::uint64_t> sums;
        const Range range = ranges[term.dimension];
        for (const std::uint64_t value : values)
          for (std::uint64_t i = range.begin; i < range.end; ++i)
            if (i % index.shared == 0) sums.insert(value + term.stride * i / index.shared);
        values = sums;
      }
      Words longer;
      for (const std::vector<std::uint64_t>& word : words)
        for (const std::uint64_t value : values) {
          std::vector<std::uint64_t> more = word;
          more.push_back(value);
          longer.insert(more);
        }
      words = longer;
    }
    return words;
  }

  bool served_together(const Link& link, const Executed& loop) const {
    if (loop.level < link.parent) return false;
    const nest::Level& level = hierarchy_.levels[loop.level];
    if (link.tensor != problem_.output) return level.multicasts;
    return loop.axis == Axis::kX ? level.reduces_x : level.reduces_y;
  }

  void step(Link& link, Indices& indices) {
    const std::size_t loops = begins_[link.child];
    Indices tile;
    for (std::size_t i = 0; i < loops; ++i)
      if (loops_[i].axis == Axis::kTime && problem_.indexes(link.tensor, loops_[i].loop.dimension))
        tile.push_back(indices[i]);
    const bool computes = link.child == mapping_.levels.size();
    if (computes || link.selected != tile) link.turns.push_back(0);
    ++link.turns.back();
    if (!computes && link.selected == tile) return;
    link.selected = tile;

    std::map<Indices, Words> served, rows;
    each_instance(0, loops, indices, [&](const Indices& instance) {
      const Words words = touched(link.tensor, *part(instance, loops));
      const Indices place = spatial(instance, loops);
      const bool first = std::all_of(place.begin(), place.end(), [](auto i) { return i == 0; });
      link.below += words.size();
      if (first) link.first_below += words.size();
      link.held[place].insert(words.begin(), words.end());
      Indices server, row;
      for (std::size_t i = 0; i < loops; ++i) {
        if (loops_[i].axis == Axis::kTime) continue;
        const bool alone = !served_together(link, loops_[i]);
        server.push_back(alone ? instance[i] : 0);
        row.push_back(alone || loops_[i].axis == Axis::kY ? instance[i] : 0);
      }
      served[server].insert(words.begin(), words.end());
      rows[row].insert(words.begin(), words.end());
    });
    for (const auto& [server, words] : served) {
      link.above += words.size();
      if (of_first_parent(link, server)) link.first_above += words.size();
    }
    for (const auto& [row, words] : rows) link.rows += words.size();
  }

  bool of_first_parent(const Link& link, const Indices& server) const {
    const std::size_t outside = spatial(Indices(loops_.size(), 0), begins_[link.parent]).size();
    return std::all_of(server.begin(), server.begin() + static_cast<std::ptrdiff_t>(outside),
                       [](auto i) { return i == 0; });
  }

  const nest::Problem& problem_;
  const nest::Hierarchy& hierarchy_;
  const nest::Mapping& mapping_;
  std::vector<Executed> loops_;
  std::vector<std::size_t> begins_;  // loops above each level, and above the compute units
  std::vector<Link> links_;
  std::vector<std::set<Indices>> instances_;
  std::uint64_t steps_ = 0, macs_ = 0;
};

std::uint64_t divided(std::uint64_t words, std::optional<double> words_a_cycle) {
  if (!words_a_cycle) return 0;
  return static_cast<std::uint64_t>(std::ceil(static_cast<double>(words) / *words_a_cycle));
}

nest::Counts Walk::counts(nest::CountRules rules) {
  nest::Counts counts;
  counts.macs = macs_;
  counts.steps = counts.cycles = steps_;
  for (std::size_t level = 0; level < mapping_.levels.size(); ++level) {
    nest::LevelCounts of;
    of.tensors.resize(problem_.tensors.size());
    of.busiest.resize(problem_.tensors.size());
    of.kept = mapping_.levels[level].keep;
    of.instances = instances_[level].size();
    counts.levels.push_back(of);
  }
  for (const Link& link : links_) {  // outermost first
    nest::TensorCounts& parent = counts.levels[link.parent].tensors[link.tensor];
    nest::InstanceCounts& busiest = counts.levels[link.parent].busiest[link.tensor];
    const bool computes = link.child == mapping_.levels.size();
    nest::TensorCounts unkept;
    nest::InstanceCounts unkept_busiest;
    nest::TensorCounts& child = computes ? unkept : counts.levels[link.child].tensors[link.tensor];
    nest::InstanceCounts& busiest_child =
        computes ? unkept_busiest : counts.levels[link.child].busiest[link.tensor];
    child.row_words = link.rows;
    if (link.tensor != problem_.output) {
      parent.reads = link.above;
      busiest.reads = link.first_above;
      child.fills = link.below;
      busiest_child.fills = link.first_below;
      if (computes) continue;
      const std::uint64_t least =
          hierarchy_.levels[link.child].tensors[link.tensor].preparation_steps;
      for (const std::uint64_t steps : link.turns)
        if (least > 0) busiest_child.turns += std::max(least, steps);
      continue;
    }
    // How many words began at the parent with a fresh sum.
    std::uint64_t fresh = 0;
    std::uint64_t first_fresh = 0;
    bool outermost = true;
    for (const Link& above : links_)
      if (above.tensor == link.tensor && above.child == link.parent) {
        outermost = false;
        fresh = above.below - parent.fills;
        first_fresh = above.held.at(Indices(above.held.begin()->first.size(), 0)).size();
      }
    if (outermost) fresh = first_fresh = problem_.elements(link.tensor);
    parent.updates = link.above;
    parent.reads = link.above - fresh;
    busiest.updates = link.first_above;
    busiest.reads = link.first_above - first_fresh;
    child.reductions = link.below - link.above;
    child.fills = parent.reads;
    if (rules == nest::CountRules::kTimeloop) {
      child.fills = link.below;
      for (const auto& [instance, words] : link.held) child.fills -= words.size();
    }
    busiest_child.fills =
        link.first_below - link.held.at(Indices(link.held.begin()->first.size(), 0)).size();
  }
  for (std::size_t level = 0; level < counts.levels.size(); ++level) {
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    for (const nest::InstanceCounts& of : counts.levels[level].busiest) {
      reads += of.reads;
      writes += of.fills + of.updates;
    }
    counts.cycles =
        std::max({counts.cycles, divided(reads, hierarchy_.levels[level].read_words_a_cycle),
                  divided(writes, hierarchy_.levels[level].write_words_a_cycle)});
  }
  return counts;
}

}  // namespace

nest::Counts walk(const nest::Problem& problem, const nest::Hierarchy& hierarchy,
                  const nest::Mapping& mapping, nest::CountRules rules) {
  return Walk(problem, hierarchy, mapping).counts(rules);
}

}  // namespace addax::tests
