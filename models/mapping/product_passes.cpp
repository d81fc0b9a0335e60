// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <tuple>

#include "models/mapping/passes.h"
#include "models/quantity/check.h"

namespace addax::mapping {

using quantity::ceil_div;
using quantity::checked_add;
using quantity::checked_mul;
using quantity::Cycles;

namespace {

/// Passes with equal work are recognised by what the work depends on.
struct WorkKey {
  Extents extents;
  std::array<bool, kOperandCount> changed;
  bool first_reduction, last_reduction, output_leaves;
  std::uint64_t begun_reduction;
  friend bool operator==(const WorkKey& a, const WorkKey& b) {
    return a.extents == b.extents && a.changed == b.changed &&
           a.first_reduction == b.first_reduction && a.last_reduction == b.last_reduction &&
           a.output_leaves == b.output_leaves && a.begun_reduction == b.begun_reduction;
  }
};

WorkKey key_of(const PassPosition& p) {
  return {p.extents,        p.changed,       p.first_reduction,
          p.last_reduction, p.output_leaves, p.begun_reduction};
}

constexpr auto kActivation = static_cast<std::size_t>(Operand::kActivation);
constexpr auto kWeight = static_cast<std::size_t>(Operand::kWeight);
constexpr auto kOutput = static_cast<std::size_t>(Operand::kOutput);

std::uint64_t sum_bits(const ProductPlan& plan, const Extents& held) {
  return checked_mul(elements(Operand::kOutput, held),
                     plan.dataflow.kernel().widths.accumulator_bits);
}

class ProductSource final : public PassSource {
 public:
  explicit ProductSource(const ProductPlan& plan)
      : plan_(plan), walk_(plan.problem, plan.nest), width_(plan.dataflow.buffer_width()) {}

  bool next(Pass& pass) override {
    if (!walk_.next()) return false;
    const PassPosition& at = walk_.position();
    pass = Pass{};
    find_work(at, pass);
    if (at.fetched[kWeight]) load_weights(pass);
    if (at.fetched[kActivation] && !plan_.placement.input_on_chip) load_activations(pass);
    if (!plan_.placement.output_on_chip) move_outputs(at, pass);
    pass.scalings = pass.work->segment_outputs *
                    plan_.dataflow.segments(walk_.offset(Role::kReduction),
                                            extent(at.extents, Role::kReduction), pass.work->cuts);
    pass.scaling = &plan_.dataflow.one_scaling();
    return true;
  }

 private:
  void find_work(const PassPosition& at, Pass& pass) {
    const WorkKey key = key_of(at);
    std::size_t index = latest_;
    if (keys_.empty() || !(keys_[latest_] == key)) {
      index = static_cast<std::size_t>(std::find(keys_.begin(), keys_.end(), key) - keys_.begin());
      if (index == keys_.size()) {
        keys_.push_back(key);
        works_.push_back(plan_.dataflow.work(at, plan_.activation_streams));
      }
      latest_ = index;
    }
    pass.work = &works_[index];
  }

  // The loops below a hold are at their start when a tile is fetched: it begins where the pass does.
  void load_weights(Pass& pass) const {
    const WeightTiles& tiles = plan_.dataflow.kernel().tiles;
    const Extents held = walk_.held_extents(Operand::kWeight);
    const std::uint64_t outputs = extent(held, Role::kOutput);
    const std::uint64_t inputs = extent(held, Role::kReduction);
    const std::uint64_t input_offset = walk_.offset(Role::kReduction);
    const std::uint64_t codes =
        extent(held, Role::kBatch) * tiles.code_bits(input_offset, inputs, outputs);
    pass.scale_bits = extent(held, Role::kBatch) *
                      tiles.scale_bits(input_offset, inputs, walk_.offset(Role::kOutput), outputs);
    pass.scale_words = ceil_div(pass.scale_bits, width_);
    pass.stream_load_bits = codes + pass.scale_bits;
    pass.stream_load_words = ceil_div(codes, width_) + pass.scale_words;
  }

  void move_outputs(const PassPosition& at, Pass& pass) const {
    const std::uint64_t held = sum_bits(plan_, walk_.held_extents(Operand::kOutput));
    if (at.fetched[kOutput] && !at.first_reduction) {
      pass.resident_load_bits += held;
      pass.resident_load_words += ceil_div(held, width_);
      pass.loads_results = true;
    }
    if (at.last_reduction) {
      pass.store_bits = elements(Operand::kOutput, at.extents) * plan_.dataflow.output_bits();
    } else if (at.held_output_leaves) {
      pass.store_bits = held;
    }
    pass.store_words = ceil_div(pass.store_bits, width_);
  }

  void load_activations(Pass& pass) const {
    const std::uint64_t bits =
        elements(Operand::kActivation, walk_.held_extents(Operand::kActivation)) *
        kStoredActivationBits;
    const std::uint64_t load_words = ceil_div(bits, width_);
    if (plan_.activation_streams) {
      pass.stream_load_bits += bits;
      pass.stream_load_words += load_words;
    } else {
      pass.resident_load_bits = bits;
      pass.resident_load_words = load_words;
    }
  }

  ProductPlan plan_;
  NestWalk walk_;
  std::uint32_t width_;
  std::vector<WorkKey> keys_;
  std::deque<PassWork> works_;
  std::size_t latest_ = 0;
};

/// The loops that select an operand's tile in the buffer, alone. Their iterations in which the
/// operand changes are the tiles that it has, one after another.
LoopNest loops_above(const LoopNest& nest, std::size_t hold) {
  LoopNest outer = nest;
  outer.loops.resize(hold);
  outer.hold = {hold, hold, hold};
  return outer;
}

/// How many tiles the loops cut the tokens into.
std::uint64_t token_tiles(const Problem& problem, const LoopNest& nest) {
  std::uint64_t tiles = 0;
  for (const TileKind& kind : tile_kinds_along(problem, nest, Role::kToken)) tiles += kind.count;
  return tiles;
}

/// What a tile along one dimension contributes to the bits of a tile of weights: those are products
/// over the dimensions.
struct WeightPart {
  std::uint64_t codes = 0, scales = 0;
  std::size_t stepped = 0;  ///< Tile::stepped
  friend bool operator<(const WeightPart& a, const WeightPart& b) {
    return std::tie(a.stepped, a.codes, a.scales) < std::tie(b.stepped, b.codes, b.scales);
  }
};

/// The different parts along a role, and how often each occurs. `alike`: tiles of one extent are,
/// wherever they lie.
using WeightParts = std::map<WeightPart, std::uint64_t>;
template <class PartOf>
WeightParts parts_along(const Problem& problem, const LoopNest& nest, Role role, bool alike,
                        const PartOf& part_of) {
  WeightParts parts;
  const auto add = [&](const Tile& tile, std::uint64_t count) {
    WeightPart part = part_of(tile);
    part.stepped = tile.stepped;
    parts[part] += count;
  };
  if (alike) {
    for (const TileKind& kind : tile_kinds_along(problem, nest, role)) add(kind.first, kind.count);
  } else {
    for (const Tile& tile : tiles_along(problem, nest, role)) add(tile, 1);
  }
  return parts;
}

// A tile of weights is fetched again for every tile of tokens that a loop outside the innermost loop
// over weights makes: loops over tokens further in find the same weights in their half.
void add_weight_loads(const ProductPlan& plan, LayerTotals& sum) {
  const WeightTiles& tiles = plan.dataflow.kernel().tiles;
  const std::uint64_t width = plan.dataflow.buffer_width();
  const LoopNest outer = loops_above(plan.nest, plan.nest.hold[kWeight]);
  const auto parts = [&](Role role, bool alike, const auto& part_of) {
    return parts_along(plan.problem, outer, role, alike, part_of);
  };
  const bool scaled = tiles.inputs_a_scale() > 0;
  const WeightParts matrices = parts(Role::kBatch, true, [](const Tile& b) {
    return WeightPart{b.extent, b.extent};
  });
  const WeightParts outputs =
      parts(Role::kOutput, !scaled || tiles.outputs_a_scale() == 1, [&tiles](const Tile& n) {
        return WeightPart{n.extent, tiles.scale_bits(0, 1, n.offset, n.extent)};
      });
  const WeightParts inputs = parts(Role::kReduction, !scaled, [&tiles](const Tile& k) {
    return WeightPart{tiles.code_bits(k.offset, k.extent, 1),
                      tiles.scale_starts(k.offset, k.extent)};
  });
  std::vector<std::uint64_t> sweeps;
  for (std::size_t l = 0; l <= outer.loops.size(); ++l)
    sweeps.push_back(token_tiles(plan.problem, loops_above(outer, l)));
  const auto more = [](std::uint64_t& total, std::uint64_t count, std::uint64_t times) {
    total = checked_add(total, checked_mul(count, times));
  };
  for (const auto& [b, b_count] : matrices)
    for (const auto& [n, n_count] : outputs)
      for (const auto& [k, k_count] : inputs) {
        const std::uint64_t times = checked_mul(
            b_count, n_count, k_count, sweeps[std::max({b.stepped, n.stepped, k.stepped})]);
        const std::uint64_t codes = checked_mul(b.codes, n.codes, k.codes);
        const std::uint64_t scales = checked_mul(b.scales, n.scales, k.scales);
        const std::uint64_t scale_words = ceil_div(scales, width);
        more(sum.dram_read_bits, checked_add(codes, scales), times);
        more(sum.stream_writes, ceil_div(codes, width) + scale_words, times);
        more(sum.weight_bits, scales, times);
        more(sum.weight_row_bits, scales, times);
        more(sum.stream_reads, scale_words, times);
      }
}

void add_activation_loads(const ProductPlan& plan, LayerTotals& sum) {
  const LoopNest outer = loops_above(plan.nest, plan.nest.hold[kActivation]);
  for (const PassClass& c : pass_classes(plan.problem, outer)) {
    if (!c.position.changed[kActivation]) continue;
    const std::uint64_t bits =
        elements(Operand::kActivation, c.position.extents) * kStoredActivationBits;
    sum.dram_read_bits = checked_add(sum.dram_read_bits, checked_mul(bits, c.count));
    (plan.activation_streams ? sum.stream_writes : sum.resident_writes) +=
        ceil_div(bits, plan.dataflow.buffer_width()) * c.count;
  }
}

/// Incomplete sums that leave, and come back.
void add_spilt_sums(const ProductPlan& plan, LayerTotals& sum) {
  const std::uint64_t width = plan.dataflow.buffer_width();
  const LoopNest outer = loops_above(plan.nest, plan.nest.hold[kOutput]);
  for (const PassClass& c : pass_classes(plan.problem, outer)) {
    const std::uint64_t bits = sum_bits(plan, c.position.extents);
    if (c.position.changed[kOutput] && !c.position.first_reduction) {
      sum.dram_read_bits = checked_add(sum.dram_read_bits, checked_mul(bits, c.count));
      sum.resident_writes += ceil_div(bits, width) * c.count;
    }
    if (c.position.output_leaves && !c.position.last_reduction) {
      sum.dram_write_bits = checked_add(sum.dram_write_bits, checked_mul(bits, c.count));
      sum.resident_reads += ceil_div(bits, width) * c.count;
    }
  }
}

}  // namespace

std::unique_ptr<PassSource> product_passes(const ProductPlan& plan) {
  return std::make_unique<ProductSource>(plan);
}

namespace {

/// Many classes differ in what is fetched alone: they share their work.
void add_works(const ProductPlan& plan, const std::vector<PassClass>& classes, LayerTotals& sum) {
  std::vector<WorkKey> keys;
  std::vector<PassClass> works;
  for (const PassClass& c : classes) {
    const WorkKey key = key_of(c.position);
    const auto known = std::find(keys.begin(), keys.end(), key);
    if (known != keys.end()) {
      std::uint64_t& count = works[static_cast<std::size_t>(known - keys.begin())].count;
      count = checked_add(count, c.count);
      continue;
    }
    keys.push_back(key);
    works.push_back(c);
  }
  for (const PassClass& c : works)
    sum.add(plan.dataflow.work(c.position, plan.activation_streams), plan.share, c.count);
}

/// Scalings of the whole layer: for each kind of output tile, its outputs times the segments of all
/// tiles of the reduction.
std::uint64_t all_scalings(const ProductPlan& plan, const std::vector<PassClass>& classes) {
  if (plan.dataflow.kernel().tiles.inputs_a_scale() == 0) return 0;
  const std::vector<Tile> inputs = tiles_along(plan.problem, plan.nest, Role::kReduction);
  // (tokens, outputs) -> passes of the first reduction tile: one for each sweep over the reduction.
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> sweeps;
  for (const PassClass& c : classes)
    if (c.position.first_reduction)
      sweeps[{extent(c.position.extents, Role::kToken),
              extent(c.position.extents, Role::kOutput)}] += c.count;
  std::uint64_t all = 0;
  for (const auto& [tile, count] : sweeps) {
    std::uint64_t segments = 0;
    for (const Tile& k : inputs)
      segments += plan.dataflow.segments(k.offset, {1, tile.first, tile.second, k.extent});
    all = checked_add(all, checked_mul(tile.first, tile.second, count, segments));
  }
  return all;
}

}  // namespace

Cycles pass_cycles(const ProductPlan& plan) {
  LayerTotals sum;
  add_works(plan, pass_classes(plan.problem, plan.nest), sum);
  return sum.pass_cycles;
}

LayerTotals product_totals(const ProductPlan& plan) {
  const std::vector<PassClass> classes = pass_classes(plan.problem, plan.nest);
  const Dataflow& dataflow = plan.dataflow;
  LayerTotals sum;
  add_works(plan, classes, sum);
  for (const PassClass& c : classes) {
    sum.passes += c.count;
    if (c.position.last_reduction && !plan.placement.output_on_chip) {
      const std::uint64_t bits =
          elements(Operand::kOutput, c.position.extents) * dataflow.output_bits();
      sum.dram_write_bits += bits * c.count;
      sum.resident_reads += ceil_div(bits, dataflow.buffer_width()) * c.count;
    }
  }
  const std::uint64_t scalings = all_scalings(plan, classes);
  if (scalings > 0) sum.array_arithmetic.add(dataflow.scaling(scalings));
  add_weight_loads(plan, sum);
  if (!plan.placement.input_on_chip) add_activation_loads(plan, sum);
  if (!plan.placement.output_on_chip) add_spilt_sums(plan, sum);
  return sum;
}

}  // namespace addax::mapping
