// SPDX-License-Identifier: Apache-2.0
#include "models/search/refusal.h"

#include <algorithm>
#include <limits>
#include <map>

#include "models/search/chains.h"

namespace addax::search {
namespace {

class Inquiry {
 public:
  void ask(const Space& space) {
    space_ = &space;
    const std::vector<KeepChoice> choices = keep_choices(space);
    if (choices.empty()) keeps();
    for (const KeepChoice& keep : choices)
      for (std::size_t level = 0; level < space.hierarchy.levels.size(); ++level)
        capacities(keep, level);
    for (std::size_t d = 0; d < space.problem.dimensions.size(); ++d) loops(d);
  }

  Refusal answer() {
    Refusal refusal;
    for (const auto& [constraint, excluded] : excluded_)
      if (excluded > 0) refusal.reasons.push_back({constraint, excluded});
    std::stable_sort(
        refusal.reasons.begin(), refusal.reasons.end(),
        [](const Refusal::Reason& a, const Refusal::Reason& b) { return a.excluded > b.excluded; });
    refusal.nearest =
        nearest_.empty() ? "each constraint can be met alone, but not all together" : nearest_;
    return refusal;
  }

 private:
  // A level that must keep what a rule or the hierarchy forbids to keep.
  void keeps() {
    const std::size_t tensors = space_->problem.tensors.size();
    for (std::size_t tensor = 0; tensor < tensors; ++tensor) {
      Space one = *space_;
      for (std::size_t level = 0; level < one.hierarchy.levels.size(); ++level)
        for (std::size_t other = 0; other < tensors; ++other)
          if (other != tensor) {
            one.hierarchy.levels[level].tensors[other].keep = nest::Keep::kMay;
            if (!one.rules.empty()) one.rules[level].keep.erase(other);
          }
      if (!keep_choices(one).empty()) continue;
      const std::string name = space_->problem.tensors[tensor].name;
      excluded_[name + ": kept where it must be and nowhere where it may not"] +=
          std::uint64_t{1} << std::min<std::size_t>(one.hierarchy.levels.size(), 63);
      note(0, name + " would have to be kept, or not kept, as the levels allow");
    }
  }

  std::vector<std::uint64_t> tiles(std::size_t level, std::size_t dimension) const {
    if (!space_->rules.empty()) {
      const auto pinned = space_->rules[level].tiles.find(dimension);
      if (pinned != space_->rules[level].tiles.end()) return {pinned->second};
    }
    if (level == 0) return {space_->problem.dimensions[dimension].size};
    return allowed_tiles(*space_, dimension);
  }

  void capacities(const KeepChoice& keep, std::size_t level) {
    const nest::Level& storage = space_->hierarchy.levels[level];
    std::vector<std::size_t> all;
    for (std::size_t tensor = 0; tensor < keep.kept[level].size(); ++tensor) {
      if (!keep.kept[level][tensor]) continue;
      all.push_back(tensor);
      if (storage.tensors[tensor].capacity_bits)
        capacity(level, {tensor}, *storage.tensors[tensor].capacity_bits);
    }
    if (storage.capacity_bits && !all.empty()) capacity(level, all, *storage.capacity_bits);
  }

  std::uint64_t bits(std::size_t level, const std::vector<std::size_t>& tensors,
                     const std::vector<std::uint64_t>& extents) const {
    std::uint64_t total = 0;
    for (const std::size_t tensor : tensors)
      total += space_->problem.words(tensor, extents) *
               space_->hierarchy.levels[level].tensors[tensor].word_bits;
    return total;
  }

  void capacity(std::size_t level, const std::vector<std::size_t>& tensors,
                std::uint64_t capacity) {
    std::string names;
    std::string widths;
    for (const std::size_t tensor : tensors) {
      names += (names.empty() ? "" : ", ") + space_->problem.tensors[tensor].name;
      widths += (widths.empty() ? "" : ", ") +
                std::to_string(space_->hierarchy.levels[level].tensors[tensor].word_bits);
    }
    const std::string& place = space_->hierarchy.levels[level].name;
    std::vector<std::vector<std::uint64_t>> choices;
    std::vector<std::uint64_t> extents;
    for (std::size_t d = 0; d < space_->problem.dimensions.size(); ++d) {
      const bool asked = std::any_of(tensors.begin(), tensors.end(), [&](std::size_t tensor) {
        return space_->problem.indexes(tensor, d);
      });
      choices.push_back(asked ? tiles(level, d) : std::vector<std::uint64_t>{1});
      extents.push_back(choices.back().front());
    }
    const std::uint64_t least = bits(level, tensors, extents);
    if (least > capacity)
      note(least - capacity, place + ": " + names + " of " + widths + " bits take " +
                                 std::to_string(least) + " bits, " +
                                 std::to_string(least - capacity) + " more than there are");
    excluded_[place + ": " + names + " within " + std::to_string(capacity) + " bits"] +=
        too_large(level, tensors, capacity, choices, extents, 0);
  }

  // Tiles rise: once one is too large, so are those after it.
  std::uint64_t too_large(std::size_t level, const std::vector<std::size_t>& tensors,
                          std::uint64_t capacity,
                          const std::vector<std::vector<std::uint64_t>>& choices,
                          std::vector<std::uint64_t>& extents, std::size_t d) const {
    std::uint64_t all = 1;
    for (std::size_t rest = d; rest < choices.size(); ++rest) all *= choices[rest].size();
    for (std::size_t rest = d; rest < choices.size(); ++rest) extents[rest] = choices[rest].front();
    if (bits(level, tensors, extents) > capacity) return all;
    if (d == choices.size()) return 0;
    std::uint64_t excluded = 0;
    for (const std::uint64_t tile : choices[d]) {
      extents[d] = tile;
      excluded += too_large(level, tensors, capacity, choices, extents, d + 1);
    }
    return excluded;
  }

  // Loops of one dimension that nothing but the rules and the fan-outs limits.
  void loops(std::size_t dimension) {
    const std::string& name = space_->problem.dimensions[dimension].name;
    if (chain_count(*space_, dimension) > 0.0) return;
    Space free = *space_;
    free.rules.clear();
    excluded_[name + ": loops and tiles that the rules ask for"] +=
        allowed_tiles(free, dimension).size();
    note(0, name + ": no tiles of the form ceil(" +
                std::to_string(space_->problem.dimensions[dimension].size) +
                " / n) meet what the rules pin");
  }

  void note(std::uint64_t off, const std::string& text) {
    if (!nearest_.empty() && off >= least_off_) return;
    nearest_ = text;
    least_off_ = off;
  }

  const Space* space_ = nullptr;
  std::map<std::string, std::uint64_t> excluded_;
  std::string nearest_;
  std::uint64_t least_off_ = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace

Refusal refusal(const std::vector<Space>& spaces) {
  Inquiry inquiry;
  for (const Space& space : spaces) inquiry.ask(space);
  return inquiry.answer();
}

}  // namespace addax::search
