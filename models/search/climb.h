// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "models/search/chains.h"
#include "models/search/goal.h"
#include "models/search/tried.h"

namespace addax::search {

inline constexpr std::size_t kMostDimensions = 16;

/// A point of the space: orders that name every dimension, and a chain of tiles a dimension.
struct Point {
  std::vector<std::vector<std::size_t>> orders;
  std::vector<Tiles> tiles;
};

/// A point to climb from, and what it ranks.
struct Start {
  double rank = 0.0;
  Point point;
};

/// The cost expressions of one space and keep choice by orders: climbs meet the same ones again.
class Forms {
 public:
  Forms(const Space& space, const KeepChoice& keep) : space_(space), keep_(keep) {}
  const Form& of(const std::vector<std::vector<std::size_t>>& orders);

 private:
  const Space& space_;
  const KeepChoice& keep_;
  std::map<std::vector<std::vector<std::size_t>>, std::unique_ptr<Form>> known_;
};

/// Steepest ascent from a point of one space and keep choice, for a first mapping to beat. A step
/// sets one tile and pulls those outside and inside of it along, or moves a factor from one loop of a
/// dimension to another; where that breaks a limit, the same tile of one other dimension shrinks
/// until it fits. Where none helps, part of an axis goes from one dimension to another, or a level
/// takes another order.
class Climb {
 public:
  Climb(const Space& space, std::size_t space_number, const KeepChoice& keep, const Goal& goal);

  /// Simple points to climb from, the most promising first: one temporal loop a dimension, those over
  /// one dimension inside the others, with one dimension spread over x and one or two over y. Of each
  /// choice of those the best.
  std::vector<Start> starts();
  /// The space's seeds, the most promising first.
  std::vector<Start> seeds();
  /// A mapping as a start, if it is one of the space.
  std::optional<Start> start_of(const nest::Mapping& mapping);
  /// Climbs until no step helps or so many nodes are spent; returns what the summit ranks. `simply`:
  /// without the steps that change two dimensions at once.
  double climb(Point& point, std::uint64_t most_nodes, bool simply = false);
  /// Some random steps away, which fit whatever they cost.
  void kick(Point& point, std::mt19937_64& random) const;
  /// Whether the last climb ended where no step helps.
  bool converged() const { return converged_; }
  /// Nodes that were evaluated since it was last asked.
  std::uint64_t take_nodes() { return std::exchange(nodes_, 0); }
  Found found(const Point& point) const;
  /// Whether the point is one of the space.
  bool legal(const Point& point) const;

 private:
  // A point with what its components are worth; `best` is what is moved to next.
  struct State {
    explicit State(const Form& known) : form(&known) {}
    const Form* form;
    const Point* point = nullptr;
    std::vector<Tiles> tiles;
    std::vector<Tiles> valued;  // tiles that the values are of
    std::vector<std::vector<double>> values;
    Box box;
    double best_rank = 0.0;
    std::vector<Tiles> best;
  };
  void pin(std::size_t dimension);
  Skeleton skeleton(const Point& point) const;
  bool tiles_legal(std::size_t dimension, const Tiles& tiles) const;
  bool fits(const std::vector<Tiles>& tiles) const { return fits(tiles, 0, tiles[0]); }
  // With other tiles of one dimension.
  bool fits(const std::vector<Tiles>& tiles, std::size_t changed, const Tiles& to) const;
  bool comes_once(const Point& point, const std::vector<Tiles>& tiles) const;
  static constexpr double kSmoothings[] = {0.1, 0.0};
  Tiles pulled(std::size_t dimension, const Tiles& tiles, std::size_t loop,
               std::uint64_t tile) const;
  Tiles rounded(std::size_t dimension, Tiles tiles) const;
  // Which dimension is spread over x and over y (and, so many times, another over y as well), and in
  // which level each one's temporal loop is.
  struct Simple {
    std::size_t x = 0, y = 0, other_y = 0;
    std::uint64_t other_times = 1;
    std::vector<std::size_t> levels;
  };
  std::vector<Simple> simples(bool all_spread) const;
  std::vector<Simple> shared_y(const Simple& one) const;
  std::vector<Tiles> spread_tiles(const Simple& simple) const;
  Tiles spread_tiles(const Simple& simple, std::size_t dimension) const;
  Tiles met(std::size_t dimension, Tiles tiles) const;
  std::vector<std::size_t> full_order(std::size_t level, std::size_t innermost) const;
  std::vector<std::vector<std::size_t>> full_orders(std::size_t innermost) const;
  std::vector<std::vector<Tiles>> fitted(const std::vector<Tiles>& tiles) const;
  std::optional<Tiles> shrunk(const std::vector<Tiles>& tiles, std::size_t other,
                              std::size_t loop) const;
  double score(State& state) const;
  State start(Point& point);
  void weigh(State& state);
  void weigh_moved(State& state, std::size_t dimension, const Tiles& moved, std::size_t loop);
  Tiles shifted(std::size_t dimension, const Tiles& tiles, std::size_t from, std::size_t to,
                std::uint64_t factor) const;
  bool improve(State& state, std::size_t dimension);
  bool take_best(State& state, double before) const;
  bool exchange(State& state);
  double ascend(Point& point, std::uint64_t most_nodes);
  std::vector<Tiles> tiles_of(const nest::Mapping& mapping) const;
  std::vector<std::size_t> order_of(const nest::Mapping& mapping, std::size_t level) const;
  bool reorder(Point& point, double& rank, std::uint64_t most_nodes);

  const Space& space_;
  std::size_t space_number_;
  const KeepChoice& keep_;
  const Goal& goal_;
  Forms forms_;
  Capacities capacities_;
  std::vector<std::vector<std::uint64_t>> allowed_;  // tiles of each dimension
  std::vector<Tiles> most_;                          // how often each of its loops may run
  // Of each dimension the levels whose extent must be a multiple, and of what: with place and value.
  using Asked = std::vector<std::pair<std::size_t, std::uint64_t>>;
  std::vector<Asked> multiples_;
  std::vector<Asked> held_tiles_;     // of each dimension the levels whose extent is ruled
  std::vector<Asked> bounds_;         // of each dimension the loops whose number of runs is ruled
  Tried tried_;                       // tiles of one dimension, beside the same of the others
  std::vector<std::size_t> limited_;  // levels of which something is asked
  bool pinned_ = false;               // a rule asks for extents or numbers of runs
  double smoothing_ = 0.0;  // what a busy resource adds to the rank, though another is busier
  bool exchanges_ = true;
  bool converged_ = false;
  std::uint64_t nodes_ = 0;
};

}  // namespace addax::search
