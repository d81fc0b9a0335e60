// SPDX-License-Identifier: Apache-2.0
#include "tests/models/search/brute_force.h"

#include <algorithm>
#include <set>

namespace addax::tests {
namespace {

using nest::Loop;
using nest::Mapping;

// One dimension's tiles after the temporal loop, y and x of each level.
using Chain = std::vector<std::uint64_t>;

std::uint64_t times(std::uint64_t extent, std::uint64_t tile) { return (extent + tile - 1) / tile; }

template <class T>
bool in(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

class Enumeration {
 public:
  Enumeration(const search::Space& space,
              const std::function<void(const Mapping&, const nest::Cost&)>& visit)
      : space_(space), visit_(visit), levels_(space.hierarchy.levels.size()) {}

  bool small(std::uint64_t most) {
    double all = 1.0;
    for (std::size_t d = 0; d < space_.problem.dimensions.size(); ++d) {
      std::set<std::uint64_t> tiles;
      for (std::uint64_t n = 1; n <= space_.problem.dimensions[d].size; ++n)
        tiles.insert(times(space_.problem.dimensions[d].size, n));
      for (const search::LevelRule& ruled : space_.rules)
        if (ruled.multiples.count(d))
          for (std::uint64_t n = 1; n <= space_.problem.dimensions[d].size; ++n) {
            const std::uint64_t of = ruled.multiples.at(d);
            const std::uint64_t tile = times(space_.problem.dimensions[d].size, n);
            tiles.insert(std::min(space_.problem.dimensions[d].size, times(tile, of) * of));
          }
      std::vector<Chain> chains;
      Chain chain;
      extend(d, tiles, chain, chains);
      chains_.push_back(chains);
      all *= static_cast<double>(chains.size());
    }
    keeps({});
    all *= static_cast<double>(keeps_.size());
    return all <= static_cast<double>(most);
  }

  std::uint64_t run() {
    std::vector<const Chain*> chosen(chains_.size());
    combine(0, chosen);
    return count_;
  }

 private:
  const search::LevelRule* rule(std::size_t level) const {
    return space_.rules.empty() ? nullptr : &space_.rules[level];
  }

  bool loop_allowed(std::size_t d, std::size_t loop, std::uint64_t runs, std::uint64_t tile) const {
    const search::LevelRule* ruled = rule(loop / 3);
    const nest::Level& level = space_.hierarchy.levels[loop / 3];
    if (loop % 3 == 1 && runs > level.fan_out_y) return false;
    if (loop % 3 == 2 && runs > level.fan_out_x) return false;
    if (ruled != nullptr) {
      const auto& allowed = loop % 3 == 0 ? ruled->temporal : loop % 3 == 1 ? ruled->y : ruled->x;
      if (runs > 1 && allowed && !in(*allowed, d)) return false;
      const auto& bounds = loop % 3 == 1 ? ruled->y_bounds : ruled->x_bounds;
      if (loop % 3 != 0 && bounds.count(d) && bounds.at(d) != runs) return false;
    }
    if (loop % 3 == 2 && loop / 3 + 1 < levels_) {
      const search::LevelRule* below = rule(loop / 3 + 1);
      if (below != nullptr && below->tiles.count(d) && below->tiles.at(d) != tile) return false;
      if (below != nullptr && below->multiples.count(d) && tile % below->multiples.at(d) != 0 &&
          tile != space_.problem.dimensions[d].size)
        return false;
    }
    return true;
  }

  void extend(std::size_t d, const std::set<std::uint64_t>& tiles, Chain& chain,
              std::vector<Chain>& all) {
    const std::uint64_t extent = chain.empty() ? space_.problem.dimensions[d].size : chain.back();
    if (chain.empty() && rule(0) != nullptr && rule(0)->tiles.count(d) &&
        rule(0)->tiles.at(d) != extent)
      return;
    if (chain.size() == 3 * levels_) {
      if (extent == 1) all.push_back(chain);
      return;
    }
    for (const std::uint64_t tile : tiles) {
      if (tile > extent || !loop_allowed(d, chain.size(), times(extent, tile), tile)) continue;
      chain.push_back(tile);
      extend(d, tiles, chain, all);
      chain.pop_back();
    }
  }

  void keeps(std::vector<bool> kept) {
    const std::size_t tensors = space_.problem.tensors.size();
    if (kept.size() == levels_ * tensors) {
      keeps_.push_back(kept);
      return;
    }
    const std::size_t level = kept.size() / tensors;
    const std::size_t tensor = kept.size() % tensors;
    for (const bool keep : {false, true}) {
      if (rule(level) != nullptr && rule(level)->keep.count(tensor) &&
          rule(level)->keep.at(tensor) != keep)
        continue;
      const nest::Keep asked = space_.hierarchy.levels[level].tensors[tensor].keep;
      if (asked == (keep ? nest::Keep::kNever : nest::Keep::kMust)) continue;
      kept.push_back(keep);
      keeps(kept);
      kept.pop_back();
    }
  }

  void combine(std::size_t d, std::vector<const Chain*>& chosen) {
    if (d == chains_.size()) {
      for (const std::vector<bool>& kept : keeps_) order(chosen, kept);
      return;
    }
    for (const Chain& chain : chains_[d]) {
      chosen[d] = &chain;
      combine(d + 1, chosen);
    }
  }

  void order(const std::vector<const Chain*>& chosen, const std::vector<bool>& kept) {
    Mapping mapping;
    mapping.levels.resize(levels_);
    const std::size_t tensors = space_.problem.tensors.size();
    for (std::size_t level = 0; level < levels_; ++level) {
      for (std::size_t tensor = 0; tensor < tensors; ++tensor)
        mapping.levels[level].keep.push_back(kept[level * tensors + tensor]);
      for (std::size_t d = 0; d < chosen.size(); ++d)
        for (std::size_t kind = 0; kind < 3; ++kind) {
          const std::size_t loop = 3 * level + kind;
          const std::uint64_t extent =
              loop == 0 ? space_.problem.dimensions[d].size : (*chosen[d])[loop - 1];
          if ((*chosen[d])[loop] == extent) continue;
          nest::LevelLoops& loops = mapping.levels[level];
          (kind == 0   ? loops.temporal
           : kind == 1 ? loops.y
                       : loops.x)
              .push_back({d, (*chosen[d])[loop]});
        }
    }
    if (nest::faults(space_.problem, space_.hierarchy, mapping).empty()) permute(0, mapping);
  }

  void permute(std::size_t level, Mapping& mapping) {
    if (level == levels_) {
      if (!ruled(mapping)) return;
      ++count_;
      const nest::Counts counts = nest::count(space_.problem, space_.hierarchy, mapping);
      visit_(mapping, nest::evaluate(space_.hierarchy, space_.costs, counts));
      return;
    }
    std::vector<Loop>& loops = mapping.levels[level].temporal;
    const auto before = [](const Loop& a, const Loop& b) { return a.dimension < b.dimension; };
    std::sort(loops.begin(), loops.end(), before);
    do {
      const std::vector<Loop> kept = loops;
      permute(level + 1, mapping);
      loops = kept;
    } while (std::next_permutation(loops.begin(), loops.end(), before));
  }

  bool ruled(const Mapping& mapping) const {
    for (std::size_t level = 0; level < space_.rules.size(); ++level) {
      const search::LevelRule& asked = space_.rules[level];
      std::vector<std::size_t> found;
      bool inner = false;
      for (const Loop& loop : mapping.levels[level].temporal) {
        if (in(asked.innermost, loop.dimension)) {
          inner = true;
          found.push_back(loop.dimension);
        } else if (inner) {
          return false;
        }
      }
      std::vector<std::size_t> wanted;
      for (const std::size_t d : asked.innermost)
        if (in(found, d)) wanted.push_back(d);
      if (found != wanted) return false;
      for (const std::size_t tensor : asked.stationary)
        if (mapping.levels[level].keep[tensor] && comes_back(mapping, level, tensor)) return false;
    }
    return true;
  }

  bool comes_back(const Mapping& mapping, std::size_t level, std::size_t tensor) const {
    bool repeated = false;
    for (std::size_t above = 0; above < level; ++above)
      for (const Loop& loop : mapping.levels[above].temporal) {
        if (!space_.problem.indexes(tensor, loop.dimension))
          repeated = true;
        else if (repeated)
          return true;
      }
    return false;
  }

  const search::Space& space_;
  const std::function<void(const Mapping&, const nest::Cost&)>& visit_;
  std::size_t levels_;
  std::vector<std::vector<Chain>> chains_;
  std::vector<std::vector<bool>> keeps_;
  std::uint64_t count_ = 0;
};

}  // namespace

std::optional<std::uint64_t> every_mapping(
    const search::Space& space, std::uint64_t most,
    const std::function<void(const Mapping&, const nest::Cost&)>& visit) {
  Enumeration enumeration(space, visit);
  if (!enumeration.small(most)) return std::nullopt;
  return enumeration.run();
}

}  // namespace addax::tests
