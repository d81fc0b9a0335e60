// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace addax::mapping {

/// What a dimension means to the arithmetic. A matrix product has one dimension a role; other loop
/// nests may have several.
enum class Role { kBatch, kToken, kOutput, kReduction };
inline constexpr std::size_t kRoleCount = 4;

/// The tensors of a layer: x, W (or keys, values) and y.
enum class Operand { kActivation, kWeight, kOutput };
inline constexpr std::size_t kOperandCount = 3;

struct Dimension {
  std::string name;
  Role role{};
  std::uint64_t size = 1;
};

/// The iteration space of a layer: every point is one multiply-accumulate.
struct Problem {
  std::vector<Dimension> dimensions;
  /// Whether moving along a dimension changes the element of the tensor.
  static bool indexes(Operand operand, Role role);
};

/// B independent products y[b,m,n] = sum_k W[b,n,k] x[b,m,k].
Problem matrix_product(std::uint64_t batch, std::uint64_t tokens, std::uint64_t outputs,
                       std::uint64_t reduction);

/// A temporal loop: its body covers `tile` of the dimension; a loop runs ceil(extent / tile) times.
struct Loop {
  std::size_t dimension = 0;
  std::uint64_t tile = 1;
};

/// The temporal loops above the array, outermost first. One iteration of the innermost is one pass.
/// A tensor's tile in the buffer is replaced when a loop at a position below `hold` of the tensor
/// steps: hold = 0 keeps the whole tensor, hold = loops.size() keeps what one pass needs.
struct LoopNest {
  std::vector<Loop> loops;
  std::array<std::size_t, kOperandCount> hold{};
};

/// Throws Defect if a tile is zero or larger than the tile of the same dimension further out.
void check(const Problem& problem, const LoopNest& nest);

/// Where a tile begins, how much it covers, and how many loops of the nest lead down to the innermost
/// one that runs more than once on the way to it (0: none does).
struct Tile {
  std::uint64_t offset = 0, extent = 0;
  std::size_t stepped = 0;
};
/// The innermost tiles along the one dimension of a role, in order.
std::vector<Tile> tiles_along(const Problem& problem, const LoopNest& nest, Role role);

/// Those tiles by extent and steps, in closed form; offsets are of the first of each kind.
struct TileKind {
  Tile first;
  std::uint64_t count = 0;
};
std::vector<TileKind> tile_kinds_along(const Problem& problem, const LoopNest& nest, Role role);

/// Extent of each role, the product over its dimensions.
using Extents = std::array<std::uint64_t, kRoleCount>;
inline std::uint64_t extent(const Extents& extents, Role role) {
  return extents[static_cast<std::size_t>(role)];
}

/// Elements of an operand's tile.
std::uint64_t elements(Operand operand, const Extents& extents);

/// How often each loop runs.
std::vector<std::uint64_t> trip_counts(const Problem& problem, const LoopNest& nest);

/// "for m in 0..4 (tile 128) for n in ...", in one line.
std::string describe(const Problem& problem, const LoopNest& nest);

/// One pass of a nest, as the loops that lead to it say.
struct PassPosition {
  Extents extents{};                          ///< of this pass
  std::array<bool, kOperandCount> changed{};  ///< the pass's tile differs from the pass before
  std::array<bool, kOperandCount> fetched{};  ///< the buffer's tile is replaced before this pass
  bool first_reduction = false;               ///< nothing was accumulated before into these outputs
  bool last_reduction = false;                ///< these outputs are complete after this pass
  bool output_leaves = false;       ///< the next pass works on other outputs, or there is none
  bool held_output_leaves = false;  ///< the buffer's tile of outputs is replaced after this pass
  /// Extent of the reduction in the first of the passes, one after another up to this, that reduce into the
  /// same outputs: the others have no more of it.
  std::uint64_t begun_reduction = 0;
};

/// Passes that are alike, and how many there are.
struct PassClass {
  PassPosition position;
  std::uint64_t count = 0;
};

/// Walks a nest pass by pass, in order.
class NestWalk {
 public:
  NestWalk(const Problem& problem, const LoopNest& nest);
  /// Moves to the next pass (the first, on the first call). False when there is none.
  bool next();
  const PassPosition& position() const { return position_; }
  /// Offset of the pass's tile along a role. One dimension a role only.
  std::uint64_t offset(Role role) const;
  /// Extents of what the buffer holds of an operand at this pass.
  Extents held_extents(Operand operand) const;

 private:
  friend std::vector<PassClass> pass_classes(const Problem& problem, const LoopNest& nest);
  struct Level {
    std::size_t dimension;
    std::uint64_t tile;
    bool tiled_further_out;  ///< its trip count depends on an outer loop over the same dimension
    std::uint64_t trips, index;
    unsigned indexed,
        held;  ///< operands it indexes; those among them whose buffer tile it replaces
  };
  std::uint64_t dimension_offset(std::size_t dimension, std::size_t levels) const;
  std::uint64_t dimension_extent(std::size_t dimension, std::size_t levels) const;
  std::uint64_t trips_at(std::size_t level) const;
  void locate();
  std::uint64_t begun_reduction() const;
  void enumerate(std::size_t level, std::uint64_t count, std::vector<PassClass>& classes);
  std::vector<Dimension> dimensions_;
  std::vector<Level> levels_;
  std::array<std::size_t, kOperandCount> hold_;
  PassPosition position_;
  bool started_ = false;
};

/// The different passes of a nest and how often each occurs, in closed form: no walk.
std::vector<PassClass> pass_classes(const Problem& problem, const LoopNest& nest);

}  // namespace addax::mapping
