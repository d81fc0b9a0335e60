// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>

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
  unsigned flags;
  friend bool operator==(const WorkKey& a, const WorkKey& b) {
    return a.flags == b.flags && a.extents == b.extents;
  }
};

WorkKey key_of(const PassPosition& p) {
  const unsigned flags = (p.changed[0] ? 1U : 0U) | (p.changed[2] ? 2U : 0U) |
                         (p.first_reduction ? 4U : 0U) | (p.last_reduction ? 8U : 0U) |
                         (p.output_leaves ? 16U : 0U) | (p.changed[1] ? 32U : 0U);
  return {p.extents, flags};
}

constexpr auto kActivation = static_cast<std::size_t>(Operand::kActivation);
constexpr auto kWeight = static_cast<std::size_t>(Operand::kWeight);

class ProductSource final : public PassSource {
 public:
  explicit ProductSource(const ProductPlan& plan)
      : plan_(plan), walk_(plan.problem, plan.nest), width_(plan.dataflow.buffer_width()) {}

  bool next(Pass& pass) override {
    if (!walk_.next()) return false;
    const PassPosition& at = walk_.position();
    const WeightTiles& tiles = plan_.dataflow.kernel().tiles;
    pass = Pass{};
    find_work(at, pass);
    const std::uint64_t outputs = extent(at.extents, Role::kOutput);
    const std::uint64_t inputs = extent(at.extents, Role::kReduction);
    const std::uint64_t input_offset = walk_.offset(Role::kReduction);
    if (at.fetched[kWeight]) {
      const std::uint64_t codes = tiles.code_bits(input_offset, inputs, outputs);
      pass.scale_bits =
          tiles.scale_bits(input_offset, inputs, walk_.offset(Role::kOutput), outputs);
      pass.scale_words = ceil_div(pass.scale_bits, width_);
      pass.stream_load_bits = codes + pass.scale_bits;
      pass.stream_load_words = ceil_div(codes, width_) + pass.scale_words;
    }
    if (at.fetched[kActivation] && !plan_.placement.input_on_chip) load_activations(pass);
    if (at.last_reduction && !plan_.placement.output_on_chip) {
      pass.store_bits = elements(Operand::kOutput, at.extents) * plan_.dataflow.output_bits();
      pass.store_words = ceil_div(pass.store_bits, width_);
    }
    pass.scalings = pass.work->segment_outputs * plan_.dataflow.segments(input_offset, at.extents);
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

std::uint64_t size_of(const Problem& problem, Role role) {
  std::uint64_t size = 1;
  for (const Dimension& dimension : problem.dimensions)
    if (dimension.role == role) size *= dimension.size;
  return size;
}

/// Sums over all scale tiles of one sweep over the weights: bits, buffer words.
std::pair<std::uint64_t, std::uint64_t> scale_sums(const ProductPlan& plan) {
  const WeightTiles& tiles = plan.dataflow.kernel().tiles;
  if (tiles.inputs_a_scale() == 0) return {0, 0};
  const std::uint64_t width = plan.dataflow.buffer_width();
  // A tile of scales holds starts(n) x starts(k) of them: count how often each number of starts
  // occurs.
  std::map<std::uint64_t, std::uint64_t> by_row;
  for (const Tile& n : tiles_along(plan.problem, plan.nest, Role::kOutput))
    ++by_row[tiles.scale_bits(0, 1, n.offset, n.extent)];
  std::map<std::uint64_t, std::uint64_t> by_column;
  for (const Tile& k : tiles_along(plan.problem, plan.nest, Role::kReduction))
    ++by_column[tiles.scale_starts(k.offset, k.extent)];
  std::uint64_t bits = 0, words = 0;
  for (const auto& [row_bits, rows] : by_row)
    for (const auto& [starts, columns] : by_column) {
      bits += row_bits * starts * rows * columns;
      words += ceil_div(row_bits * starts, width) * rows * columns;
    }
  return {bits, words};
}

}  // namespace

std::unique_ptr<PassSource> product_passes(const ProductPlan& plan) {
  return std::make_unique<ProductSource>(plan);
}

namespace {

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

LayerTotals product_totals(const ProductPlan& plan) {
  const std::vector<PassClass> classes = pass_classes(plan.problem, plan.nest);
  const Dataflow& dataflow = plan.dataflow;
  const std::uint64_t width = dataflow.buffer_width();
  const std::uint64_t matrix =
      checked_mul(size_of(plan.problem, Role::kOutput), size_of(plan.problem, Role::kReduction));
  LayerTotals sum;
  std::uint64_t weights_fetched = 0;
  workload::ArithmeticCounts busiest;
  for (const PassClass& c : classes) {
    const PassWork work = dataflow.work(c.position, plan.activation_streams);
    sum.add(work, c.count);
    busiest.add(work.pe.busiest, checked_mul(work.pe.waves, c.count));
    sum.passes += c.count;
    if (c.position.fetched[kWeight]) {
      weights_fetched += checked_mul(elements(Operand::kWeight, c.position.extents), c.count);
      const std::uint64_t codes =
          dataflow.kernel().tiles.code_bits(0, extent(c.position.extents, Role::kReduction),
                                            extent(c.position.extents, Role::kOutput));
      sum.dram_read_bits = checked_add(sum.dram_read_bits, checked_mul(codes, c.count));
      sum.stream_writes += ceil_div(codes, width) * c.count;
    }
    if (c.position.last_reduction && !plan.placement.output_on_chip) {
      const std::uint64_t bits =
          elements(Operand::kOutput, c.position.extents) * dataflow.output_bits();
      sum.dram_write_bits += bits * c.count;
      sum.resident_reads += ceil_div(bits, width) * c.count;
    }
  }
  const std::uint64_t sweeps = weights_fetched / matrix;
  const auto [scale_bits, scale_words] = scale_sums(plan);
  sum.dram_read_bits = checked_add(sum.dram_read_bits, checked_mul(scale_bits, sweeps));
  sum.weight_bits += scale_bits * sweeps;
  sum.weight_row_bits += scale_bits * sweeps;
  sum.stream_writes += scale_words * sweeps;
  sum.stream_reads += scale_words * sweeps;
  const std::uint64_t scalings = all_scalings(plan, classes);
  if (scalings > 0) {
    sum.array_arithmetic.add(dataflow.scaling(scalings));
    sum.array_cycles = std::max(sum.array_cycles, dataflow.scaling_cycles(scalings, busiest));
  }
  if (!plan.placement.input_on_chip) add_activation_loads(plan, sum);
  return sum;
}

void add_activation_loads(const ProductPlan& plan, LayerTotals& sum) {
  // The nest of loops above the held tile alone visits each held tile once.
  LoopNest outer = plan.nest;
  const std::size_t hold = plan.nest.hold[kActivation];
  outer.loops.resize(hold);
  outer.hold = {hold, hold, hold};
  for (const PassClass& c : pass_classes(plan.problem, outer)) {
    if (!c.position.changed[kActivation]) continue;
    const std::uint64_t bits =
        elements(Operand::kActivation, c.position.extents) * kStoredActivationBits;
    sum.dram_read_bits = checked_add(sum.dram_read_bits, checked_mul(bits, c.count));
    (plan.activation_streams ? sum.stream_writes : sum.resident_writes) +=
        ceil_div(bits, plan.dataflow.buffer_width()) * c.count;
  }
}

}  // namespace addax::mapping
