// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/nest.h"

#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include "models/mapping/weight_tiles.h"
#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "tests/catch.h"
#include "tests/seed.h"

using namespace addax::mapping;

namespace {

constexpr std::uint32_t kSeed = 41;
constexpr int kCases = 800;

struct RandomNest {
  Problem problem;
  LoopNest nest;
};

/// Up to five small dimensions, among them a second reduction as a convolution has; none, one or two
/// loops over each, in any order; tiles that need not divide.
class RandomNests {
 public:
  explicit RandomNests(std::uint32_t seed) : random_(addax::tests::printed(seed)) {}

  RandomNest next() {
    RandomNest made;
    made.problem = matrix_product(upto(3), upto(6), upto(13), upto(13));
    if (upto(3) == 1) made.problem.dimensions.push_back({"r", Role::kReduction, upto(4)});
    std::vector<std::size_t> order;
    for (std::size_t d = 0; d < made.problem.dimensions.size(); ++d)
      order.insert(order.end(), upto(3) - 1, d);
    std::shuffle(order.begin(), order.end(), random_);
    std::vector<std::uint64_t> above;
    for (const Dimension& dimension : made.problem.dimensions) above.push_back(dimension.size);
    for (const std::size_t d : order) {
      above[d] = upto(above[d]);
      made.nest.loops.push_back({d, above[d]});
    }
    for (std::size_t& hold : made.nest.hold) hold = upto(made.nest.loops.size() + 1) - 1;
    return made;
  }

 private:
  std::uint64_t upto(std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(1, most)(random_);
  }
  std::mt19937 random_;
};

/// The tiles of all dimensions at one point of the loops.
using Box = std::vector<Tile>;

struct BrutePass {
  std::vector<Box> at_level;  ///< boxes after 0, 1, ... loops; the last is the pass
};

std::vector<BrutePass> enumerate(const RandomNest& made) {
  std::vector<BrutePass> passes;
  std::vector<Box> boxes(1);
  for (const Dimension& d : made.problem.dimensions) boxes[0].push_back({0, d.size});
  const std::function<void(std::size_t)> descend = [&](std::size_t level) {
    if (level == made.nest.loops.size()) {
      passes.push_back({boxes});
      return;
    }
    const Loop& loop = made.nest.loops[level];
    const Tile whole = boxes.back()[loop.dimension];
    for (std::uint64_t at = whole.offset; at < whole.offset + whole.extent; at += loop.tile) {
      boxes.push_back(boxes.back());
      boxes.back()[loop.dimension] = {at, std::min(loop.tile, whole.offset + whole.extent - at)};
      descend(level + 1);
      boxes.pop_back();
    }
  };
  descend(0);
  return passes;
}

using TileKey = std::vector<std::uint64_t>;

/// Which part of an operand a box covers.
TileKey part(const Problem& problem, const Box& box, Operand operand) {
  TileKey key;
  for (std::size_t d = 0; d < box.size(); ++d)
    if (Problem::indexes(operand, problem.dimensions[d].role)) {
      key.push_back(box[d].offset);
      key.push_back(box[d].extent);
    }
  return key;
}

Extents extents_of(const Problem& problem, const Box& box) {
  Extents extents{1, 1, 1, 1};
  for (std::size_t d = 0; d < box.size(); ++d)
    extents[static_cast<std::size_t>(problem.dimensions[d].role)] *= box[d].extent;
  return extents;
}

/// What a pass is, from the enumeration alone: tiles compared with the neighbours', sums counted.
std::vector<PassPosition> positions(const RandomNest& made, const std::vector<BrutePass>& passes) {
  std::map<TileKey, std::uint64_t> accumulated;
  std::uint64_t reduction = 1;
  for (const Dimension& d : made.problem.dimensions)
    if (d.role == Role::kReduction) reduction *= d.size;
  std::vector<PassPosition> all;
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const Box& box = passes[i].at_level.back();
    PassPosition p;
    p.extents = extents_of(made.problem, box);
    for (std::size_t o = 0; o < kOperandCount; ++o) {
      const auto operand = static_cast<Operand>(o);
      const std::size_t hold = made.nest.hold[o];
      p.changed[o] = i == 0 || part(made.problem, box, operand) !=
                                   part(made.problem, passes[i - 1].at_level.back(), operand);
      p.fetched[o] = i == 0 || part(made.problem, passes[i].at_level[hold], operand) !=
                                   part(made.problem, passes[i - 1].at_level[hold], operand);
    }
    const TileKey outputs = part(made.problem, box, Operand::kOutput);
    p.output_leaves =
        i + 1 == passes.size() ||
        outputs != part(made.problem, passes[i + 1].at_level.back(), Operand::kOutput);
    const Box& held = passes[i].at_level[made.nest.hold[2]];
    p.held_output_leaves =
        i + 1 == passes.size() ||
        part(made.problem, held, Operand::kOutput) !=
            part(made.problem, passes[i + 1].at_level[made.nest.hold[2]], Operand::kOutput);
    std::uint64_t& sums = accumulated[outputs];
    p.first_reduction = sums == 0;
    sums += extent(p.extents, Role::kReduction);
    p.last_reduction = sums == reduction;
    const std::uint64_t own = extent(p.extents, Role::kReduction);
    p.begun_reduction =
        p.changed[static_cast<std::size_t>(Operand::kOutput)] ? own : all.back().begun_reduction;
    REQUIRE(own <= p.begun_reduction);
    all.push_back(p);
  }
  return all;
}

std::vector<std::uint64_t> key_of(const PassPosition& p) {
  std::vector<std::uint64_t> key(p.extents.begin(), p.extents.end());
  key.insert(key.end(), p.changed.begin(), p.changed.end());
  key.insert(key.end(), p.fetched.begin(), p.fetched.end());
  key.insert(key.end(), {p.first_reduction, p.last_reduction, p.output_leaves, p.held_output_leaves,
                         p.begun_reduction});
  return key;
}

std::string text(const RandomNest& made) {
  std::string out = "seed " + std::to_string(kSeed) + ":";
  for (const Dimension& d : made.problem.dimensions)
    out += " " + d.name + "=" + std::to_string(d.size);
  for (const Loop& loop : made.nest.loops)
    out +=
        " for " + made.problem.dimensions[loop.dimension].name + " of " + std::to_string(loop.tile);
  for (const std::size_t hold : made.nest.hold) out += " hold " + std::to_string(hold);
  return out;
}

}  // namespace

TEST_CASE("walking a nest visits the passes that brute force enumerates, on random nests") {
  RandomNests nests(kSeed);
  for (int i = 0; i < kCases; ++i) {
    const RandomNest made = nests.next();
    INFO(text(made));
    const std::vector<BrutePass> passes = enumerate(made);
    const std::vector<PassPosition> expected = positions(made, passes);
    NestWalk walk(made.problem, made.nest);
    for (std::size_t p = 0; p < passes.size(); ++p) {
      INFO("pass " << p);
      REQUIRE(walk.next());
      REQUIRE(key_of(walk.position()) == key_of(expected[p]));
      const Box& box = passes[p].at_level.back();
      REQUIRE(walk.offset(Role::kBatch) == box[0].offset);
      REQUIRE(walk.offset(Role::kToken) == box[1].offset);
      REQUIRE(walk.offset(Role::kOutput) == box[2].offset);
      for (std::size_t o = 0; o < kOperandCount; ++o)
        REQUIRE(walk.held_extents(static_cast<Operand>(o)) ==
                extents_of(made.problem, passes[p].at_level[made.nest.hold[o]]));
    }
    REQUIRE_FALSE(walk.next());
  }
}

TEST_CASE("the classes of a nest, in closed form, are the walk's histogram, on random nests") {
  RandomNests nests(kSeed + 1);
  for (int i = 0; i < kCases; ++i) {
    const RandomNest made = nests.next();
    INFO(text(made));
    std::map<std::vector<std::uint64_t>, std::uint64_t> walked, classes;
    NestWalk walk(made.problem, made.nest);
    while (walk.next()) ++walked[key_of(walk.position())];
    for (const PassClass& c : pass_classes(made.problem, made.nest))
      classes[key_of(c.position)] += c.count;
    REQUIRE(walked == classes);
  }
}

TEST_CASE("the kinds of tiles along a dimension are the histogram of its tiles, on random nests") {
  RandomNests nests(kSeed + 2);
  for (int i = 0; i < kCases; ++i) {
    const RandomNest made = nests.next();
    INFO(text(made));
    for (const Role role : {Role::kBatch, Role::kToken, Role::kOutput, Role::kReduction}) {
      std::map<std::pair<std::uint64_t, std::size_t>, std::uint64_t> listed, kinds;
      for (const Tile& tile : tiles_along(made.problem, made.nest, role))
        ++listed[{tile.extent, tile.stepped}];
      for (const TileKind& kind : tile_kinds_along(made.problem, made.nest, role))
        kinds[{kind.first.extent, kind.first.stepped}] += kind.count;
      REQUIRE(kinds == listed);
    }
  }
}

TEST_CASE("a dimension tiled twice: 12 in tiles of 8 of 3 is 3, 3, 2, 3, 1") {
  const Problem problem = matrix_product(1, 1, 12, 1);
  LoopNest nest;
  nest.loops = {{2, 8}, {2, 3}};
  nest.hold = {2, 2, 2};
  std::vector<std::uint64_t> outputs, offsets;
  NestWalk walk(problem, nest);
  while (walk.next()) {
    outputs.push_back(extent(walk.position().extents, Role::kOutput));
    offsets.push_back(walk.offset(Role::kOutput));
  }
  CHECK(outputs == std::vector<std::uint64_t>{3, 3, 2, 3, 1});
  CHECK(offsets == std::vector<std::uint64_t>{0, 3, 6, 8, 11});
  const std::vector<Tile> tiles = tiles_along(problem, nest, Role::kOutput);
  REQUIRE(tiles.size() == 5);
  CHECK(tiles[3].offset == 8);
  CHECK(tiles[4].extent == 1);
  for (const Tile& tile : tiles) CHECK(tile.stepped == 2);
}

TEST_CASE(
    "a tile says how far down a loop steps on the way to it: not into a remainder of one tile") {
  // 10 in tiles of 8 of 4, tokens between: 0 to 8 in two steps of the inner loop, 8 to 10 in one.
  const Problem problem = matrix_product(1, 3, 10, 1);
  LoopNest nest;
  nest.loops = {{2, 8}, {1, 1}, {2, 4}};
  const std::vector<Tile> tiles = tiles_along(problem, nest, Role::kOutput);
  REQUIRE(tiles.size() == 3);
  CHECK(tiles[0].stepped == 3);
  CHECK(tiles[1].stepped == 3);
  CHECK(tiles[2].offset == 8);
  CHECK(tiles[2].stepped == 1);
  nest.loops = {{2, 10}};
  CHECK(tiles_along(problem, nest, Role::kOutput)[0].stepped == 0);
}

TEST_CASE("a tensor's tile stays while only loops at its hold or further in step") {
  // for n (2 tiles) for k (3 tiles): x is held for all of K from hold 1 on, once; from hold 2 it is
  // fetched for every pass; weights always change.
  const Problem problem = matrix_product(1, 1, 2, 3);
  LoopNest nest;
  nest.loops = {{2, 1}, {3, 1}};
  const auto fetches = [&](std::size_t hold) {
    nest.hold = {hold, 2, 1};
    std::uint64_t count = 0;
    NestWalk walk(problem, nest);
    while (walk.next()) count += walk.position().fetched[0] ? 1 : 0;
    return count;
  };
  CHECK(fetches(0) == 1);
  CHECK(fetches(1) == 1);
  CHECK(fetches(2) == 6);
}

TEST_CASE("a nest says its trips and tiles in one line, and leaves out loops that run once") {
  const Problem problem = matrix_product(1, 5, 10, 7);
  LoopNest nest;
  nest.loops = {{0, 1}, {1, 2}, {2, 10}, {3, 3}, {2, 4}};
  CHECK(trip_counts(problem, nest) == std::vector<std::uint64_t>{1, 3, 1, 3, 3});
  CHECK(describe(problem, nest) == "for m x3 of 2 for k x3 of 3 for n x3 of 4");
  nest.loops = {};
  CHECK(describe(problem, nest) == "one pass");
}

TEST_CASE("operands cover the dimensions that index them") {
  const Extents e{2, 3, 5, 7};
  CHECK(elements(Operand::kActivation, e) == 2 * 3 * 7);
  CHECK(elements(Operand::kWeight, e) == 2 * 5 * 7);
  CHECK(elements(Operand::kOutput, e) == 2 * 3 * 5);
}

TEST_CASE("a nest with a tile of nothing, or larger than the one around it, is a defect") {
  const Problem problem = matrix_product(1, 1, 8, 1);
  LoopNest nest;
  nest.loops = {{2, 2}, {2, 4}};
  CHECK_THROWS_AS(check(problem, nest), addax::quantity::Defect);
  nest.loops = {{2, 0}};
  CHECK_THROWS_AS(check(problem, nest), addax::quantity::Defect);
  nest.loops = {{2, 2}};
  nest.hold = {2, 0, 0};
  CHECK_THROWS_AS(check(problem, nest), addax::quantity::Defect);
}

TEST_CASE("starts of groups add up to the groups over any partition") {
  std::mt19937 random(kSeed);
  const auto upto = [&](std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(1, most)(random);
  };
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t size = upto(200), group = upto(60);
    std::uint64_t sum = 0, at = 0;
    while (at < size) {
      const std::uint64_t step = std::min(upto(50), size - at);
      sum += group_starts(at, step, group);
      at += step;
    }
    INFO("seed " << kSeed << " size " << size << " group " << group);
    REQUIRE(sum == addax::quantity::ceil_div(size, group));
  }
  CHECK(group_starts(4, 4, 4) == 1);
  CHECK(group_starts(5, 3, 4) == 0);
  CHECK(group_starts(5, 4, 4) == 1);
}
