// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container/static_vector.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "models/search/form.h"

namespace addax::search {

/// Writes the counts of a skeleton's mappings (nest::count) and their costs as a Form.
class FormBuilder {
 public:
  FormBuilder(const Space& space, const Skeleton& skeleton, Form& form);
  void build();

 private:
  // Who is counted at a crossing; as in nest::count.
  enum class Side { kBelow, kAbove, kRows, kFirstBelow, kFirstAbove, kFirstOnce, kFirstTurns };
  enum class Spread { kEach, kFirst, kTogether };
  using Spreads = boost::container::static_vector<Spread, kMostLoops>;
  struct Crossing {
    std::size_t tensor = 0, parent = 0, child = 0;
  };
  // A place in the nest: before a loop of the order of a level.
  struct Place {
    std::size_t level = 0, rank = 0;
  };
  struct Sum {
    double constant = 0.0;
    std::vector<std::pair<std::size_t, double>> flows;  // by rising number
    Sum& add(const Sum& other, double times);
  };
  // What nest::TensorCounts and InstanceCounts hold.
  struct Counted {
    Sum reads, fills, updates, row_words, reductions;
    Sum first_reads, first_fills, first_updates, first_turns;
  };

  void inputs(std::size_t tensor);
  void outputs();
  Sum flow(const Crossing& crossing, Side side);
  Form::Flow written(const Crossing& crossing, const Spreads& spreads, Side side);
  Spread spread(const Crossing& crossing, Side side, std::size_t level, bool x) const;
  std::vector<Form::Factor> repeats(const Crossing& crossing, const Spreads& spreads,
                                    const Place& counted, bool all);
  std::vector<Form::Factor> turns(const Crossing& crossing, const Place& counted);
  bool stays_below(std::size_t dimension, std::size_t level) const;
  Form::Elements elements(const Crossing& crossing, const Spreads& spreads, const Place* cut);
  Form::Pair pair(const nest::Index& index, const Crossing& crossing, const Spreads& spreads,
                  const Place* cut);
  Component blank(std::size_t dimension, std::size_t child) const;
  bool runs(std::size_t level, std::size_t dimension) const;
  bool before(std::size_t level, std::size_t dimension, const Place& place) const;
  std::size_t cut_loop(std::size_t dimension, std::size_t child, const Place& place) const;
  Form::Factor factor(std::size_t dimension, const Component& component, bool more_is_better);
  void steps();
  void waits();
  void costs();
  Sum charged(const nest::Charge& charge, bool of_one) const;
  Form::Linear linear(const Sum& sum);

  const Space& space_;
  const nest::Problem& problem_;
  const Skeleton& skeleton_;
  Form& form_;
  std::size_t levels_;
  std::vector<std::vector<Counted>> counted_;
  bool tiles_ = false;  // elements are counted in tiles
  struct Asked {
    Crossing crossing;
    Spreads spreads;
    Side side;
    std::optional<std::size_t> used;  // the form's
  };
  std::vector<Asked> asked_;  // flows, of which those that cost something are written
};

}  // namespace addax::search
