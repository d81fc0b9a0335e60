// SPDX-License-Identifier: Apache-2.0
#include "models/nest/mapping.h"

#include <algorithm>
#include <utility>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::nest {
namespace {

using quantity::ceil_div;
using quantity::checked_add;
using quantity::checked_mul;

std::string number(std::uint64_t value) { return std::to_string(value); }

std::vector<std::uint64_t> sizes(const Problem& problem) {
  std::vector<std::uint64_t> extents;
  extents.reserve(problem.dimensions.size());
  for (const Dimension& dimension : problem.dimensions) extents.push_back(dimension.size);
  return extents;
}

void cut(const std::vector<Loop>& loops, std::vector<std::uint64_t>& extents) {
  for (const Loop& loop : loops) extents[loop.dimension] = loop.tile;
}

// What an instance of a level covers of each dimension.
std::vector<std::uint64_t> tile(const Problem& problem, const Mapping& mapping, std::size_t level) {
  std::vector<std::uint64_t> extents = sizes(problem);
  for (std::size_t above = 0; above < level; ++above) {
    cut(mapping.levels[above].temporal, extents);
    cut(mapping.levels[above].y, extents);
    cut(mapping.levels[above].x, extents);
  }
  return extents;
}

class Inspection {
 public:
  Inspection(const Problem& problem, const Hierarchy& hierarchy, const Mapping& mapping)
      : problem_(problem), hierarchy_(hierarchy), mapping_(mapping), extents_(sizes(problem)) {
    const std::size_t levels = hierarchy.levels.size();
    ADDAX_CHECK(levels > 0 && mapping.levels.size() == levels, "one LevelLoops a level");
    for (std::size_t level = 0; level < levels; ++level) {
      ADDAX_CHECK(mapping.levels[level].keep.size() == problem.tensors.size(), "one keep a tensor");
      loops(level, "a temporal loop", mapping.levels[level].temporal);
      spatial(level, "y", mapping.levels[level].y, hierarchy.levels[level].fan_out_y);
      spatial(level, "x", mapping.levels[level].x, hierarchy.levels[level].fan_out_x);
    }
    for (std::size_t d = 0; d < extents_.size(); ++d)
      if (extents_[d] > 1)
        report(levels - 1, problem.dimensions[d].name + ": " + number(extents_[d]) +
                               " points are left below the innermost loop; allowed: 1");
    keeping();
    // Tiles mean something only where the loops do.
    if (faults_.empty())
      for (std::size_t level = 0; level < levels; ++level) capacities(level);
  }

  std::vector<Fault> faults() { return std::move(faults_); }

 private:
  void report(std::size_t level, const std::string& text) {
    faults_.push_back({level, hierarchy_.levels[level].name + ": " + text});
  }

  // Returns how often the loops run together.
  std::uint64_t loops(std::size_t level, const std::string& kind, const std::vector<Loop>& loops) {
    std::uint64_t bodies = 1;
    for (const Loop& loop : loops) {
      std::uint64_t& extent = extents_.at(loop.dimension);
      if (loop.tile == 0 || loop.tile > extent) {
        report(level, kind + " over " + problem_.dimensions[loop.dimension].name +
                          " has tiles of " + number(loop.tile) + "; allowed: 1 to " +
                          number(extent) + ", which is what it cuts");
        continue;
      }
      bodies = checked_mul(bodies, ceil_div(extent, loop.tile));
      extent = loop.tile;
    }
    return bodies;
  }

  void spatial(std::size_t level, const std::string& axis, const std::vector<Loop>& given,
               std::uint64_t fan_out) {
    const std::uint64_t bodies = loops(level, "a loop over " + axis + ",", given);
    if (bodies <= fan_out) return;
    std::string names;
    for (const Loop& loop : given)
      names += (names.empty() ? "" : ", ") + problem_.dimensions[loop.dimension].name;
    report(level, "loops over " + axis + " (" + names + ") spread over " + number(bodies) +
                      " instances, " + number(bodies - fan_out) + " more than the fan-out of " +
                      number(fan_out));
  }

  void keeping() {
    for (std::size_t tensor = 0; tensor < problem_.tensors.size(); ++tensor) {
      const std::string& name = problem_.tensors[tensor].name;
      bool kept_somewhere = false;
      for (std::size_t level = 0; level < hierarchy_.levels.size(); ++level) {
        const Keep keep = hierarchy_.levels[level].tensors.at(tensor).keep;
        const bool kept = mapping_.levels[level].keep[tensor];
        if (kept && keep == Keep::kNever) report(level, name + " is kept, but may not be");
        if (!kept && keep == Keep::kMust) report(level, name + " is not kept, but must be");
        kept_somewhere = kept_somewhere || kept;
      }
      if (!kept_somewhere) report(0, name + " is kept here and below by no level; allowed: one");
    }
  }

  void capacities(std::size_t level) {
    const Level& storage = hierarchy_.levels[level];
    const std::vector<std::uint64_t> extents = tile(problem_, mapping_, level);
    std::uint64_t all_bits = 0;
    std::uint32_t widest = 0;
    std::string names;
    for (std::size_t tensor = 0; tensor < problem_.tensors.size(); ++tensor) {
      if (!mapping_.levels[level].keep[tensor]) continue;
      const Storage& stored = storage.tensors[tensor];
      const std::uint64_t words = problem_.words(tensor, extents);
      const std::uint64_t bits = checked_mul(words, stored.word_bits);
      const std::string& name = problem_.tensors[tensor].name;
      if (stored.capacity_bits)
        capacity(level,
                 name + " holds " + number(words) + " words of " + number(stored.word_bits) +
                     " bits, " + number(bits) + " bits, ",
                 {bits, *stored.capacity_bits, stored.word_bits});
      all_bits = checked_add(all_bits, bits);
      widest = std::max(widest, stored.word_bits);
      names += (names.empty() ? "" : ", ") + name + " " + number(words);
    }
    if (storage.capacity_bits)
      capacity(level, "words of " + names + ", together " + number(all_bits) + " bits, ",
               {all_bits, *storage.capacity_bits, widest});
  }

  struct Room {
    std::uint64_t bits = 0, capacity = 0;
    std::uint32_t word_bits = 1;  // of the widest word that is kept
  };

  void capacity(std::size_t level, const std::string& held, const Room& room) {
    if (room.bits <= room.capacity) return;
    const std::uint64_t excess = room.bits - room.capacity;
    report(level, held + number(excess) + " bits (" + number(ceil_div(excess, room.word_bits)) +
                      " words) more than the capacity of " + number(room.capacity) + " bits");
  }

  const Problem& problem_;
  const Hierarchy& hierarchy_;
  const Mapping& mapping_;
  std::vector<std::uint64_t> extents_;
  std::vector<Fault> faults_;
};

class Description {
 public:
  Description(const Problem& problem, const Hierarchy& hierarchy, const Mapping& mapping)
      : problem_(problem), extents_(sizes(problem)) {
    for (std::size_t level = 0; level < hierarchy.levels.size(); ++level) {
      const LevelLoops& loops = mapping.levels.at(level);
      std::string kept;
      for (std::size_t tensor = 0; tensor < problem.tensors.size(); ++tensor)
        if (loops.keep.at(tensor))
          kept += (kept.empty() ? "" : ", ") + problem.tensors[tensor].name;
      line(hierarchy.levels[level].name + ": " + (kept.empty() ? "nothing" : kept));
      add("for ", loops.temporal);
      add("spatial y: ", loops.y);
      add("spatial x: ", loops.x);
    }
  }

  std::vector<std::string> lines() { return std::move(lines_); }

 private:
  void line(const std::string& text) { lines_.push_back(std::string(2 * depth_, ' ') + text); }

  void add(const std::string& kind, const std::vector<Loop>& loops) {
    for (const Loop& loop : loops) {
      std::uint64_t& extent = extents_.at(loop.dimension);
      if (loop.tile == extent) continue;
      ++depth_;
      line(kind + problem_.dimensions[loop.dimension].name + " in 0.." +
           number(ceil_div(extent, loop.tile)) + " (tile " + number(loop.tile) +
           (extent % loop.tile == 0 ? "" : ", last " + number(extent % loop.tile)) + ")");
      extent = loop.tile;
    }
  }

  const Problem& problem_;
  std::vector<std::uint64_t> extents_;
  std::vector<std::string> lines_;
  std::size_t depth_ = 0;
};

}  // namespace

std::vector<Fault> located_faults(const Problem& problem, const Hierarchy& hierarchy,
                                  const Mapping& mapping) {
  return Inspection(problem, hierarchy, mapping).faults();
}

std::vector<std::string> faults(const Problem& problem, const Hierarchy& hierarchy,
                                const Mapping& mapping) {
  std::vector<std::string> texts;
  for (Fault& fault : located_faults(problem, hierarchy, mapping))
    texts.push_back(std::move(fault.text));
  return texts;
}

std::uint64_t tile_words(const Problem& problem, const Mapping& mapping, std::size_t level,
                         std::size_t tensor) {
  return problem.words(tensor, tile(problem, mapping, level));
}

std::vector<std::string> describe(const Problem& problem, const Hierarchy& hierarchy,
                                  const Mapping& mapping) {
  return Description(problem, hierarchy, mapping).lines();
}

}  // namespace addax::nest
