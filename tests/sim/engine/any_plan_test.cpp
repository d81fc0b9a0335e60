// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>

#include "sim/engine/bounds.h"
#include "sim/engine/kernel.h"
#include "sim/hw/chip.h"
#include "tests/models/mapping/example.h"
#include "tests/sim/engine/random_designs.h"

using namespace addax;
using mapping::Operand;
using quantity::ceil_div;

namespace {

constexpr std::uint32_t kSeed = 20261231;
constexpr int kProducts = 8000, kAttentions = 2000, kVectors = 2000;

/// What `cycle` did is what `analytic` says, action by action, and it took no less time than any
/// bound.
void require_agreement(const arch::Architecture& architecture, const mapping::LayerPlan& plan) {
  const mapping::LayerTotals closed = mapping::totals(plan);
  const engine::Kernel kernel;
  hw::Chip chip("chip", architecture);
  const hw::LayerRun run = chip.run(plan);
  mapping::example::require_closed_form(closed, run.totals);
  for (const mapping::LayerTotals& totals : {closed, run.totals})
    for (const quantity::Cycles bound : engine::bounds(architecture, plan, totals))
      REQUIRE(run.cycles >= bound);
}

std::string text(int i, const mapping::LayerPlan& plan) {
  return "case " + std::to_string(i) + ": " + mapping::describe(plan);
}

std::string text(int i, const mapping::ProductPlan& plan) {
  std::string all = text(i, mapping::LayerPlan(plan));
  all += ", " + workload::describe(plan.dataflow.kernel().format) + "; loops";
  for (const mapping::Loop& loop : plan.nest.loops)
    all += " " + plan.problem.dimensions[loop.dimension].name + ":" + std::to_string(loop.tile);
  for (const std::size_t hold : plan.nest.hold) all += " hold " + std::to_string(hold);
  for (const mapping::Dimension& d : plan.problem.dimensions)
    all += " " + d.name + "=" + std::to_string(d.size);
  return all;
}

/// DRAM traffic and words written to the streaming halves, of passes that are enumerated and
/// compared with their neighbours.
class Enumeration {
 public:
  explicit Enumeration(const mapping::ProductPlan& plan) : plan_(plan) {
    Boxes whole(1);
    for (const mapping::Dimension& d : plan.problem.dimensions) whole[0].push_back({0, d.size});
    descend(whole);
    for (std::size_t o = 0; o < mapping::kOperandCount; ++o)
      if (held_[o]) leave(static_cast<Operand>(o));
  }
  std::uint64_t read = 0, written = 0, streamed_words = 0;
  std::uint64_t spilt = 0;

 private:
  using Box = std::vector<mapping::Tile>;
  using Boxes = std::vector<Box>;  ///< after 0, 1, ... loops
  static constexpr std::size_t kB = 0, kM = 1, kN = 2, kK = 3;

  void descend(Boxes& boxes) {
    const std::size_t level = boxes.size() - 1;
    if (level == plan_.nest.loops.size()) return pass(boxes);
    const mapping::Loop& loop = plan_.nest.loops[level];
    const mapping::Tile whole = boxes.back()[loop.dimension];
    for (std::uint64_t done = 0; done < whole.extent; done += loop.tile) {
      boxes.push_back(boxes.back());
      boxes.back()[loop.dimension] = {whole.offset + done,
                                      std::min(loop.tile, whole.extent - done)};
      descend(boxes);
      boxes.pop_back();
    }
  }

  /// The part of an operand that a box covers: without the dimension that does not index it.
  static Box part(Operand operand, Box box) {
    constexpr std::size_t kOther[] = {kN, kM, kK};
    box[kOther[static_cast<std::size_t>(operand)]] = {0, 1};
    return box;
  }
  static bool same(const Box& a, const Box& b) {
    return std::equal(a.begin(), a.end(), b.begin(),
                      [](const mapping::Tile& x, const mapping::Tile& y) {
                        return x.offset == y.offset && x.extent == y.extent;
                      });
  }
  static std::uint64_t size(const Box& box) {
    std::uint64_t all = 1;
    for (const mapping::Tile& tile : box) all *= tile.extent;
    return all;
  }
  std::uint64_t width() const { return plan_.dataflow.buffer_width(); }

  void pass(const Boxes& boxes) {
    for (std::size_t o = 0; o < mapping::kOperandCount; ++o) {
      const auto operand = static_cast<Operand>(o);
      const Box& box = boxes[plan_.nest.hold[o]];
      if (held_[o] && same(*held_[o], part(operand, box))) continue;
      if (held_[o]) leave(operand);
      held_[o] = part(operand, box);
      come(operand, box);
    }
    // Inputs summed into each single output.
    const Box& box = boxes.back();
    std::uint64_t complete = 0;
    each_output(box, [&](std::uint64_t& sums) {
      sums += box[kK].extent;
      complete += sums == plan_.problem.dimensions[kK].size ? 1 : 0;
    });
    if (!plan_.placement.output_on_chip) written += complete * plan_.dataflow.output_bits();
  }

  template <class Visit>
  void each_output(const Box& box, const Visit& visit) {
    const auto end = [](const mapping::Tile& tile) { return tile.offset + tile.extent; };
    for (std::uint64_t b = box[kB].offset; b < end(box[kB]); ++b)
      for (std::uint64_t m = box[kM].offset; m < end(box[kM]); ++m)
        for (std::uint64_t n = box[kN].offset; n < end(box[kN]); ++n) visit(sums_[{b, m, n}]);
  }

  void come(Operand operand, const Box& box) {
    switch (operand) {
      case Operand::kActivation:
        if (plan_.placement.input_on_chip) return;
        read += size(part(operand, box)) * 16;
        if (plan_.activation_streams)
          streamed_words += ceil_div(size(part(operand, box)) * 16, width());
        return;
      case Operand::kWeight: {
        const mapping::WeightTiles& tiles = plan_.dataflow.kernel().tiles;
        const std::uint64_t codes =
            box[kB].extent * tiles.code_bits(box[kK].offset, box[kK].extent, box[kN].extent);
        const std::uint64_t scales =
            box[kB].extent *
            tiles.scale_bits(box[kK].offset, box[kK].extent, box[kN].offset, box[kN].extent);
        read += codes + scales;
        streamed_words += ceil_div(codes, width()) + ceil_div(scales, width());
        return;
      }
      case Operand::kOutput:
        read += incomplete_bits(*held_[static_cast<std::size_t>(operand)]);
    }
  }

  void leave(Operand operand) {
    if (operand != Operand::kOutput) return;
    const std::uint64_t bits = incomplete_bits(*held_[static_cast<std::size_t>(operand)]);
    written += bits;
    spilt += bits > 0 ? 1 : 0;
  }

  /// Bits of the sums in a tile that are begun and not complete.
  std::uint64_t incomplete_bits(const Box& box) {
    if (plan_.placement.output_on_chip) return 0;
    std::uint64_t incomplete = 0;
    each_output(box, [&](const std::uint64_t& sums) {
      incomplete += sums > 0 && sums < plan_.problem.dimensions[kK].size ? 1 : 0;
    });
    return incomplete * plan_.dataflow.kernel().widths.accumulator_bits;
  }

  const mapping::ProductPlan& plan_;
  std::array<std::optional<Box>, mapping::kOperandCount> held_;
  std::map<std::array<std::uint64_t, 3>, std::uint64_t> sums_;
};

}  // namespace

TEST_CASE(
    "cycle does what analytic says, in no less time than each part needs, on any nest, tiling and "
    "hold") {
  tests::RandomDesigns designs(kSeed);
  for (int i = 0; i < kProducts; ++i) {
    const arch::Architecture architecture = designs.architecture();
    const mapping::ProductPlan plan = designs.product_plan(architecture);
    INFO(text(i, plan));
    require_agreement(architecture, plan);
  }
}

TEST_CASE("DRAM carries what an enumeration of a nest's tiles fetches and spills, on any nest") {
  tests::RandomDesigns designs(kSeed + 1);
  int spilling = 0;
  for (int i = 0; i < kProducts; ++i) {
    const mapping::ProductPlan plan = designs.product_plan(designs.architecture());
    INFO(text(i, plan));
    const Enumeration expected(plan);
    const mapping::LayerTotals sum = mapping::totals(plan);
    REQUIRE(sum.dram_read_bits == expected.read);
    REQUIRE(sum.dram_write_bits == expected.written);
    REQUIRE(sum.stream_writes == expected.streamed_words);
    spilling += expected.spilt > 0 ? 1 : 0;
  }
  CHECK(spilling > kProducts / 20);
}

TEST_CASE(
    "cycle does what analytic says, in no less time than each part needs, for attention in any "
    "blocks") {
  tests::RandomDesigns designs(kSeed + 2);
  for (int i = 0; i < kAttentions; ++i) {
    const arch::Architecture architecture = designs.architecture();
    const mapping::AttentionPlan plan = designs.attention_plan(architecture);
    INFO(text(i, mapping::LayerPlan(plan)));
    require_agreement(architecture, plan);
  }
}

TEST_CASE(
    "cycle does what analytic says, in no less time than each part needs, for any vector "
    "operation") {
  tests::RandomDesigns designs(kSeed + 3);
  for (int i = 0; i < kVectors; ++i) {
    const arch::Architecture architecture = designs.architecture();
    const mapping::VectorPlan plan = designs.vector_plan(architecture);
    INFO(text(i, mapping::LayerPlan(plan)));
    require_agreement(architecture, plan);
  }
}
