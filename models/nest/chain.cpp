// SPDX-License-Identifier: Apache-2.0
#include "models/nest/chain.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "models/quantity/quantity.h"

namespace addax::nest {
namespace {

using quantity::ceil_div;
using quantity::checked_add;
using quantity::checked_mul;

constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

// The largest extent of the first instance at `cut` with which each temporal loop from there on
// runs once.
std::uint64_t threshold(const Chain& chain, std::size_t cut) {
  std::uint64_t spread = kAny;
  std::uint64_t most = kAny;
  for (std::size_t i = cut; i < chain.count; ++i) {
    const std::uint64_t tile = chain.links[i].tile;
    if (!chain.links[i].temporal)
      spread = std::min(spread, tile);
    else if (tile < spread)
      most = std::min(most, tile);
  }
  return most;
}

// What is cut at a link: of the instance that is summed, and of the first instance in the same
// step. `phase` is where the part begins, modulo the neighbours that share an element.
struct Part {
  std::uint64_t first = 0, extent = 0, phase = 0;
};

class Summation {
 public:
  Summation(const Chain& chain, std::size_t cut, const Measure& measure)
      : chain_(chain), cut_(cut), most_(threshold(chain, cut)), measure_(measure) {
    for (std::size_t i = chain.count; i > 0 && chain.links[i - 1].visit != Visit::kFirst; --i)
      every_ = i - 1;
    if (most_ != kAny) every_ = std::max(every_, cut_ + 1);
  }

  Sums from(std::size_t at, const Part& part) const {
    if (at == cut_ && part.first > most_) return {};
    if (at == chain_.count) return leaf(part);
    const Link& link = chain_.links[at];
    if (link.visit == Visit::kWhole) return from(at + 1, part);
    if (link.visit == Visit::kFirst)
      return from(at + 1,
                  {std::min(part.first, link.tile), std::min(part.extent, link.tile), part.phase});
    const std::uint64_t before = (part.extent - 1) / link.tile * link.tile;
    const std::uint64_t last = part.extent - before;
    if (last == link.tile) return full(at, part.phase, part.extent / link.tile);
    // In the step of its last body the first instance may still have more to do.
    const std::uint64_t first =
        std::min(link.tile, link.temporal ? part.first - before : part.first);
    Sums total = from(at + 1, {first, last, phase_after(part.phase, before)});
    if (before > 0) add(total, full(at, part.phase, before / link.tile), 1);
    return total;
  }

 private:
  std::uint64_t phase_after(std::uint64_t phase, std::uint64_t points) const {
    return measure_.shared == 1 ? 0 : (phase + points % measure_.shared) % measure_.shared;
  }

  std::uint64_t words(std::uint64_t phase, std::uint64_t extent) const {
    if (measure_.shared == 1) return extent;
    return ceil_div(checked_add(phase, extent), measure_.shared) - ceil_div(phase, measure_.shared);
  }

  Sums leaf(const Part& part) const {
    return {1, words(part.phase, part.extent), std::min(part.extent, measure_.cap)};
  }

  static void add(Sums& total, const Sums& more, std::uint64_t times) {
    total.tiles = checked_add(total.tiles, checked_mul(more.tiles, times));
    total.words = checked_add(total.words, checked_mul(more.words, times));
    total.capped = checked_add(total.capped, checked_mul(more.capped, times));
  }

  // Bodies that are not cut short differ in their phase alone, which comes back after a period. Of
  // bodies that are visited as a whole, the words are those of all their points.
  Sums full(std::size_t at, std::uint64_t phase, std::uint64_t bodies) const {
    const std::uint64_t tile = chain_.links[at].tile;
    Sums total;
    if (at + 1 >= every_ || measure_.shared == 1) {
      add(total, from(at + 1, {tile, tile, phase}), bodies);
      if (measure_.shared > 1) total.words = words(phase, checked_mul(tile, bodies));
      return total;
    }
    const std::uint64_t start = phase;
    for (std::uint64_t body = 0; body < bodies; ++body) {
      add(total, from(at + 1, {tile, tile, phase}), 1);
      phase = phase_after(phase, tile);
      if (phase != start) continue;
      const std::uint64_t period = body + 1;
      if (bodies / period == 1) continue;
      Sums repeated;
      add(repeated, total, bodies / period);
      const std::uint64_t rest = bodies % period;
      if (rest > 0) add(repeated, full(at, start, rest), 1);
      return repeated;
    }
    return total;
  }

  const Chain& chain_;
  std::size_t cut_;
  std::uint64_t most_;
  const Measure& measure_;
  std::size_t every_ = chain_.count;  // from this link on nothing is left out
};

struct Turn {
  std::uint64_t least = 0, each = 1;
};

std::uint64_t turns_from(const Chain& chain, std::size_t at, std::uint64_t extent, std::size_t cut,
                         const Turn& turn) {
  if (at == cut) {
    const Chain inner{extent, chain.links + at, chain.count - at};
    return std::max(turn.least, checked_mul(turn.each, tiles(inner)));
  }
  const Link& link = chain.links[at];
  if (link.visit != Visit::kEach)
    return turns_from(chain, at + 1, std::min(extent, link.tile), cut, turn);
  const std::uint64_t full = extent / link.tile;
  std::uint64_t total = 0;
  if (full > 0) total = checked_mul(full, turns_from(chain, at + 1, link.tile, cut, turn));
  if (extent > full * link.tile)
    total = checked_add(total, turns_from(chain, at + 1, extent - full * link.tile, cut, turn));
  return total;
}

struct Interval {
  std::uint64_t begin = 0, extent = 0;
  friend bool operator<(const Interval& a, const Interval& b) {
    return std::pair(a.begin, a.extent) < std::pair(b.begin, b.extent);
  }
  friend bool operator==(const Interval& a, const Interval& b) {
    return a.begin == b.begin && a.extent == b.extent;
  }
};
using Intervals = std::vector<Interval>;

// Lists, for each choice of bodies of kEach, the tiles that are taken together.
class Listing {
 public:
  Listing(const Chain& chain, std::size_t cut)
      : chain_(chain), cut_(cut), most_(threshold(chain, cut)) {
    from(0, chain.size, {{0, chain.size}});
    std::sort(choices_.begin(), choices_.end());
  }
  const std::vector<Intervals>& choices() const { return choices_; }

 private:
  static Interval body(const Interval& whole, std::uint64_t tile, std::uint64_t number) {
    return {whole.begin + number * tile, std::min(tile, whole.extent - number * tile)};
  }

  void from(std::size_t at, std::uint64_t first, const Intervals& parts) {
    if (at == cut_ && first > most_) return;
    if (at == chain_.count) return keep(parts);
    const Link& link = chain_.links[at];
    const std::uint64_t tile = link.tile;
    Intervals inner;
    if (link.visit == Visit::kEach) {
      for (std::uint64_t number = 0;; ++number) {
        inner.clear();
        for (const Interval& part : parts)
          if (number < ceil_div(part.extent, tile)) inner.push_back(body(part, tile, number));
        if (inner.empty()) return;
        from(at + 1, std::min(tile, link.temporal ? first - number * tile : first), inner);
      }
    }
    for (const Interval& part : parts) {
      const std::uint64_t bodies = link.visit == Visit::kFirst ? 1 : ceil_div(part.extent, tile);
      for (std::uint64_t number = 0; number < bodies; ++number)
        inner.push_back(body(part, tile, number));
    }
    from(at + 1, std::min(tile, first), inner);
  }

  // Where the tiles begin does not matter: words are counted, not named.
  void keep(Intervals parts) {
    std::sort(parts.begin(), parts.end());
    const std::uint64_t origin = parts.front().begin;
    for (Interval& part : parts) part.begin -= origin;
    choices_.push_back(std::move(parts));
  }

  const Chain& chain_;
  std::size_t cut_;
  std::uint64_t most_;
  std::vector<Intervals> choices_;
};

std::uint64_t covered(Intervals parts) {
  std::sort(parts.begin(), parts.end());
  std::uint64_t words = 0;
  std::uint64_t end = 0;
  for (const Interval& part : parts) {
    const std::uint64_t part_end = part.begin + part.extent;
    if (part_end > end) words += part_end - std::max(part.begin, end);
    end = std::max(end, part_end);
  }
  return words;
}

std::uint64_t values(const Intervals& strided, const Intervals& unit, std::uint64_t stride) {
  Intervals parts;
  for (const Interval& outer : strided)
    for (std::uint64_t point = outer.begin; point < outer.begin + outer.extent; ++point)
      for (const Interval& inner : unit)
        parts.push_back({checked_add(checked_mul(stride, point), inner.begin), inner.extent});
  return covered(std::move(parts));
}

}  // namespace

Sums sums(const Chain& chain, std::size_t cut, const Measure& measure) {
  return Summation(chain, cut, measure).from(0, {chain.size, chain.size, 0});
}

std::uint64_t tiles(const Chain& chain) { return sums(chain, chain.count, {}).tiles; }

std::uint64_t turns_of(const Chain& chain, std::size_t cut, std::uint64_t least,
                       std::uint64_t each) {
  return turns_from(chain, 0, chain.size, cut, {least, each});
}

std::uint64_t united(const Chain& strided, std::size_t strided_cut, const Chain& unit,
                     std::size_t unit_cut, std::uint64_t stride) {
  const Listing outer(strided, strided_cut);
  const Listing inner(unit, unit_cut);
  std::uint64_t total = 0;
  for (std::size_t a = 0, a_end = 0; a < outer.choices().size(); a = a_end) {
    while (a_end < outer.choices().size() && outer.choices()[a_end] == outer.choices()[a]) ++a_end;
    for (std::size_t b = 0, b_end = 0; b < inner.choices().size(); b = b_end) {
      while (b_end < inner.choices().size() && inner.choices()[b_end] == inner.choices()[b])
        ++b_end;
      const std::uint64_t words = values(outer.choices()[a], inner.choices()[b], stride);
      total = checked_add(total, checked_mul(words, (a_end - a) * (b_end - b)));
    }
  }
  return total;
}

}  // namespace addax::nest
