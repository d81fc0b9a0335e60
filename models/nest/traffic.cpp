// SPDX-License-Identifier: Apache-2.0
#include "models/nest/traffic.h"

#include <algorithm>
#include <optional>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::nest {
namespace {

using quantity::checked_add;
using quantity::checked_mul;

// Whether the tiles that are taken together make one interval.
bool contiguous(const Chain& chain) {
  bool whole = false;
  for (std::size_t i = 0; i < chain.count; ++i) {
    if (whole && chain.links[i].visit == Visit::kEach) return false;
    whole = whole || chain.links[i].visit == Visit::kWhole;
  }
  return true;
}

}  // namespace

Traffic::Traffic(const Problem& problem, const Mapping& mapping)
    : problem_(problem), perfect_(problem.dimensions.size(), true) {
  tiles_.reserve(problem.dimensions.size());
  for (const Dimension& dimension : problem.dimensions) tiles_.push_back(dimension.size);
  above_.reserve(mapping.levels.size() + 1);
  for (std::size_t level = 0; level < mapping.levels.size(); ++level) {
    above_.push_back(loops_.size());
    add(level, Axis::kTime, mapping.levels[level].temporal);
    add(level, Axis::kY, mapping.levels[level].y);
    add(level, Axis::kX, mapping.levels[level].x);
  }
  above_.push_back(loops_.size());
  indexes_.resize(problem.tensors.size() * problem.dimensions.size(), false);
  for (std::size_t tensor = 0; tensor < problem.tensors.size(); ++tensor)
    for (const Index& index : problem.tensors[tensor].indices)
      for (const Term& term : index.terms)
        indexes_[tensor * problem.dimensions.size() + term.dimension] = true;
}

void Traffic::add(std::size_t level, Axis axis, const std::vector<Loop>& loops) {
  for (const Loop& loop : loops) {
    std::uint64_t& extent = tiles_[loop.dimension];
    if (loop.tile == extent) continue;
    if (extent % loop.tile != 0) perfect_[loop.dimension] = false;
    loops_.push_back(
        {loop.dimension, loop.tile, level, axis, quantity::ceil_div(extent, loop.tile)});
    extent = loop.tile;
  }
}

bool Traffic::indexes(std::size_t tensor, std::size_t dimension) const {
  return indexes_[tensor * perfect_.size() + dimension];
}

// `cut`: the loop from which on a part has to run once.
Traffic::Cut Traffic::chain(const Question& question, std::size_t dimension, std::size_t cut,
                            bool sum_of_two, std::vector<Link>& links) const {
  Cut result;
  links.clear();
  for (std::size_t i = 0; i < question.above; ++i) {
    const FlatLoop& loop = loops_[i];
    if (loop.dimension != dimension) continue;
    if (i < cut) ++result.link;
    Visit visit = Visit::kEach;
    if (loop.axis != Axis::kTime) {
      if (question.spreads[i] == Spread::kFirst) visit = Visit::kFirst;
      // Without a halo the tiles of neighbours have no word in common.
      if (question.spreads[i] == Spread::kTogether && sum_of_two) visit = Visit::kWhole;
    }
    links.push_back({loop.tile, loop.axis == Axis::kTime, visit});
  }
  result.chain = {problem_.dimensions[dimension].size, links.data(), links.size()};
  return result;
}

// How often words cross: iterations of loops that do not index the tensor, of temporal ones those
// before `counted`.
std::uint64_t Traffic::repeats(const Question& question, std::size_t counted) {
  const auto each = [&](std::size_t i) {
    return loops_[i].axis == Axis::kTime ? i < counted : question.spreads[i] == Spread::kEach;
  };
  std::uint64_t total = 1;
  for (std::size_t i = 0; i < question.above; ++i)
    if (perfect_[loops_[i].dimension] && !indexes(question.tensor, loops_[i].dimension) && each(i))
      total = checked_mul(total, loops_[i].bodies);
  for (std::size_t dimension = 0; dimension < perfect_.size(); ++dimension) {
    if (perfect_[dimension] || indexes(question.tensor, dimension)) continue;
    links_.clear();
    for (std::size_t i = 0; i < question.above; ++i)
      if (loops_[i].dimension == dimension)
        links_.push_back({loops_[i].tile, loops_[i].axis == Axis::kTime,
                          each(i) ? Visit::kEach : Visit::kFirst});
    total = checked_mul(total,
                        tiles({problem_.dimensions[dimension].size, links_.data(), links_.size()}));
  }
  return total;
}

// The words of all tiles of an index of one term, where no tile is a smaller one.
std::uint64_t Traffic::perfect_elements(const Question& question, std::size_t dimension) const {
  std::uint64_t total = problem_.dimensions[dimension].size;
  if (question.tiles) {
    total = 1;
    for (std::size_t i = 0; i < question.above; ++i)
      if (loops_[i].dimension == dimension &&
          (loops_[i].axis == Axis::kTime || question.spreads[i] != Spread::kFirst))
        total = checked_mul(total, loops_[i].bodies);
    return total;
  }
  for (std::size_t i = 0; i < question.above; ++i)
    if (loops_[i].dimension == dimension && loops_[i].axis != Axis::kTime &&
        question.spreads[i] == Spread::kFirst)
      total /= loops_[i].bodies;
  return total;
}

std::uint64_t Traffic::index_elements(const Question& question, const Index& index,
                                      std::size_t cut) {
  const bool sum_of_two = index.terms.size() == 2;
  const std::size_t dimension = index.terms[0].dimension;
  // Such a dimension steps everywhere or nowhere: a cut leaves all of it or nothing.
  if (!sum_of_two && (index.shared == 1 || question.tiles) && perfect_[dimension])
    return perfect_elements(question, dimension);
  const Cut outer = chain(question, dimension, cut, sum_of_two, links_);
  if (!sum_of_two && question.tiles) return sums(outer.chain, outer.link, {}).tiles;
  if (!sum_of_two) return sums(outer.chain, outer.link, {index.shared, 1}).words;
  const Cut inner = chain(question, index.terms[1].dimension, cut, true, more_links_);
  if (question.tiles)
    return checked_mul(sums(outer.chain, outer.link, {}).tiles,
                       sums(inner.chain, inner.link, {}).tiles);
  const std::uint64_t stride = index.terms[0].stride;
  if (!contiguous(outer.chain) || !contiguous(inner.chain))
    return united(outer.chain, outer.link, inner.chain, inner.link, stride);
  // A box of t x u points has (t - 1) min(stride, u) + u elements.
  const Sums a = sums(outer.chain, outer.link, {});
  const Sums b = sums(inner.chain, inner.link, {1, stride});
  return checked_add(checked_mul(a.words, b.capped), checked_mul(a.tiles, b.words - b.capped));
}

std::uint64_t Traffic::elements(const Question& question, std::size_t cut) {
  std::uint64_t total = 1;
  for (const Index& index : problem_.tensors[question.tensor].indices) {
    total = checked_mul(total, index_elements(question, index, cut));
    if (total == 0) return 0;
  }
  return total;
}

// Whether a loop from `cut` on steps an index of the tensor wherever it runs.
bool Traffic::always_steps(const Question& question, std::size_t cut) const {
  for (std::size_t i = cut; i < question.above; ++i)
    if (loops_[i].axis == Axis::kTime && perfect_[loops_[i].dimension] &&
        indexes(question.tensor, loops_[i].dimension))
      return true;
  return false;
}

// What all turns of one element take, which comes once for each iteration of the loops before
// `counted`.
std::uint64_t Traffic::turn(const Question& question, std::size_t counted, std::uint64_t least) {
  std::uint64_t others = 1;
  std::optional<std::size_t> dimension;  // with which it comes again
  std::size_t cut = 0;
  for (std::size_t d = 0; d < perfect_.size(); ++d) {
    if (indexes(question.tensor, d)) continue;
    std::vector<Link>& links = dimension ? more_links_ : links_;
    links.clear();
    std::size_t before = 0;
    bool again = false;
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      if (loops_[i].dimension != d) continue;
      const bool temporal = loops_[i].axis == Axis::kTime;
      links.push_back({loops_[i].tile, temporal, temporal ? Visit::kEach : Visit::kFirst});
      if (i >= counted) continue;
      before = links.size();
      again = again || temporal;
    }
    if (!again) {
      others =
          checked_mul(others, tiles({problem_.dimensions[d].size, links.data(), links.size()}));
      continue;
    }
    ADDAX_CHECK(!dimension, "words come again with one dimension only");
    cut = before;
    dimension = d;
  }
  if (!dimension) return std::max(least, others);
  return turns_of({problem_.dimensions[*dimension].size, links_.data(), links_.size()}, cut, least,
                  others);
}

std::uint64_t Traffic::turns(const Question& question, std::uint64_t least) {
  return fetched(question, [&](std::size_t counted) { return turn(question, counted, least); });
}

std::uint64_t Traffic::words(const Question& question) {
  if (question.repeats != Repeats::kFetched)
    return checked_mul(repeats(question, question.repeats == Repeats::kAll ? question.above : 0),
                       elements(question, question.above));
  return fetched(question, [&](std::size_t counted) { return repeats(question, counted); });
}

template <class Times>
std::uint64_t Traffic::fetched(const Question& question, const Times& times) {
  const std::size_t above = question.above;
  std::uint64_t total = 0;
  std::uint64_t covered = 0;  // elements that repeat no oftener than `counted` says
  std::size_t counted = 0;
  bool repeated = false;
  const auto add = [&](std::uint64_t until) {
    if (until > covered) total = checked_add(total, checked_mul(times(counted), until - covered));
    covered = until;
  };
  for (std::size_t i = 0; i < above; ++i) {
    if (loops_[i].axis != Axis::kTime) continue;
    if (!indexes(question.tensor, loops_[i].dimension)) {
      repeated = true;
    } else if (repeated) {
      repeated = false;
      if (!always_steps(question, i)) add(elements(question, i));
      counted = i;
    }
  }
  add(elements(question, above));
  return total;
}

std::uint64_t Traffic::bodies(std::size_t above, bool temporal) {
  std::uint64_t total = 1;
  for (std::size_t i = 0; i < above; ++i)
    if (perfect_[loops_[i].dimension] && (loops_[i].axis == Axis::kTime) == temporal)
      total = checked_mul(total, loops_[i].bodies);
  for (std::size_t dimension = 0; dimension < perfect_.size(); ++dimension) {
    if (perfect_[dimension]) continue;
    links_.clear();
    for (std::size_t i = 0; i < above; ++i) {
      const bool time = loops_[i].axis == Axis::kTime;
      if (loops_[i].dimension == dimension)
        links_.push_back({loops_[i].tile, time, time == temporal ? Visit::kEach : Visit::kFirst});
    }
    total = checked_mul(total,
                        tiles({problem_.dimensions[dimension].size, links_.data(), links_.size()}));
  }
  return total;
}

}  // namespace addax::nest
