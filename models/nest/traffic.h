// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/nest/chain.h"
#include "models/nest/mapping.h"

namespace addax::nest {

enum class Axis { kTime, kY, kX };

/// A loop of a mapping that runs more than once.
struct FlatLoop {
  std::size_t dimension = 0;
  std::uint64_t tile = 1;
  std::size_t level = 0;  ///< whose loop it is
  Axis axis = Axis::kTime;
  std::uint64_t bodies = 1;  ///< over a whole tile of the loop outside
};

/// How the instances that a spatial loop spreads over are counted.
enum class Spread {
  kEach,      ///< each for itself
  kFirst,     ///< the first alone
  kTogether,  ///< words that several need, or add to, in the same step once
};

/// Which iterations of temporal loops that do not index the tensor count.
enum class Repeats {
  kFetched,  ///< those that bring another tile, and so the words once more
  kAll,
  kNone,
};

/// Words of a tensor that cross a boundary, in closed form (docs/physics/counts.md).
class Traffic {
 public:
  Traffic(const Problem& problem, const Mapping& mapping);

  /// What is asked for. `spreads`: one a loop; of temporal loops it says nothing.
  struct Question {
    std::size_t tensor = 0;
    std::size_t above = 0;  ///< loops above the boundary
    const std::vector<Spread>& spreads;
    Repeats repeats = Repeats::kFetched;
    bool tiles = false;  ///< how many tiles they come in, rather than the words
  };
  std::uint64_t words(const Question& question);
  /// Of the first instance, whose tiles are of one word: over all that it is filled with, the larger
  /// of `least` and the steps until the next comes. At most one of the dimensions that do not index
  /// the tensor may loop above the boundary.
  std::uint64_t turns(const Question& question, std::uint64_t least);

  /// The nest, outermost loop first.
  const std::vector<FlatLoop>& loops() const { return loops_; }
  /// Number of loops above an instance of a level, or, with the number of levels, a compute unit.
  std::size_t above(std::size_t level) const { return above_[level]; }
  /// Temporal iterations of the first compute unit.
  std::uint64_t steps() { return bodies(loops_.size(), true); }
  /// Instances of a level that take part.
  std::uint64_t instances(std::size_t level) { return bodies(above_[level], false); }

 private:
  struct Cut {
    Chain chain;
    std::size_t link = 0;  ///< the first from the cut on
  };
  void add(std::size_t level, Axis axis, const std::vector<Loop>& loops);
  bool indexes(std::size_t tensor, std::size_t dimension) const;
  Cut chain(const Question& question, std::size_t dimension, std::size_t cut, bool sum_of_two,
            std::vector<Link>& links) const;
  // Of temporal loops in the first instance, or instances in the first step.
  std::uint64_t bodies(std::size_t above, bool temporal);
  std::uint64_t repeats(const Question& question, std::size_t counted);
  std::uint64_t turn(const Question& question, std::size_t counted, std::uint64_t least);
  // Over all that is fetched, `times(counted)` for each element: it repeats with loops before that.
  template <class Times>
  std::uint64_t fetched(const Question& question, const Times& times);
  std::uint64_t perfect_elements(const Question& question, std::size_t dimension) const;
  std::uint64_t elements(const Question& question, std::size_t cut);
  std::uint64_t index_elements(const Question& question, const Index& index, std::size_t cut);
  bool always_steps(const Question& question, std::size_t cut) const;

  const Problem& problem_;
  std::vector<FlatLoop> loops_;
  std::vector<std::size_t> above_;
  std::vector<std::uint64_t> tiles_;  ///< what is left of each dimension below the loops
  std::vector<bool> perfect_;         ///< whether no body of the dimension is a smaller one
  std::vector<bool> indexes_;         ///< tensor by dimension
  std::vector<Link> links_, more_links_;
};

}  // namespace addax::nest
