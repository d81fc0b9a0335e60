// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/coarsen.h"

#include <optional>

#include "models/quantity/quantity.h"

namespace addax::mapping {

using quantity::ceil_div;

namespace {

constexpr double kRounding = 1e-12;

class Coarsener {
 public:
  Coarsener(const search::Space& space, nest::Mapping mapping)
      : space_(space), mapping_(std::move(mapping)), cost_(cost_of(mapping_)) {}

  nest::Mapping run() {
    while (absorb_innermost()) {
    }
    return std::move(mapping_);
  }

 private:
  nest::Cost cost_of(const nest::Mapping& mapping) const {
    return nest::evaluate(space_.hierarchy, space_.costs,
                          nest::count(space_.problem, space_.hierarchy, mapping));
  }

  std::vector<nest::Loop>* innermost_passes() {
    for (const LoweredLevel level : {kResidentLevel, kDramLevel})
      if (!mapping_.levels[level].temporal.empty()) return &mapping_.levels[level].temporal;
    return nullptr;
  }

  /// Extent that the innermost loop over passes goes through.
  std::uint64_t enclosing(std::size_t dimension) const {
    std::vector<std::uint64_t> extents = {space_.problem.dimensions[dimension].size};
    for (const LoweredLevel level : {kDramLevel, kResidentLevel})
      for (const nest::Loop& loop : mapping_.levels[level].temporal)
        if (loop.dimension == dimension) extents.push_back(loop.tile);
    return extents[extents.size() - 2];
  }

  /// Makes the innermost loop over passes a wave, as a whole or in part. True where it is gone.
  bool absorb_innermost() {
    const std::vector<nest::Loop>* loops = innermost_passes();
    if (loops == nullptr) return false;
    const nest::Loop loop = loops->back();
    const std::uint64_t all = enclosing(loop.dimension);
    if (loop.tile >= all) return drop();
    const std::uint64_t trips = ceil_div(all, loop.tile);
    // Fewer passes hold more: the fewest that fit are found by halving.
    std::uint64_t low = 1, high = trips;  // high fits: it is the mapping as it is
    while (low < high) {
      const std::uint64_t middle = (low + high) / 2;
      if (try_passes(loop, all, middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    if (high == trips) return false;
    mapping_ = *try_passes(loop, all, high);
    cost_ = cost_of(mapping_);
    return high == 1;
  }

  bool drop() {
    innermost_passes()->pop_back();
    return true;
  }

  std::optional<nest::Mapping> try_passes(const nest::Loop& loop, std::uint64_t all,
                                          std::uint64_t passes) {
    nest::Mapping tried = mapping_;
    std::vector<nest::Loop>& loops = tried.levels[kResidentLevel].temporal.empty()
                                         ? tried.levels[kDramLevel].temporal
                                         : tried.levels[kResidentLevel].temporal;
    const std::uint64_t tile = ceil_div(ceil_div(all, loop.tile), passes) * loop.tile;
    loops.back().tile = tile;
    if (tile >= all) loops.pop_back();
    std::vector<nest::Loop>& waves = tried.levels[kStreamLevel].temporal;
    waves.insert(waves.begin(), loop);
    if (!nest::faults(space_.problem, space_.hierarchy, tried).empty()) return std::nullopt;
    const nest::Cost cost = cost_of(tried);
    if (cost.energy_pj > cost_.energy_pj * (1.0 + kRounding) ||
        cost.cycles > cost_.cycles * (1.0 + kRounding))
      return std::nullopt;
    return tried;
  }

  const search::Space& space_;
  nest::Mapping mapping_;
  nest::Cost cost_;
};

}  // namespace

nest::Mapping coarsened(const Lowering& lowering, nest::Mapping mapping) {
  return Coarsener(lowering.space, std::move(mapping)).run();
}

}  // namespace addax::mapping
