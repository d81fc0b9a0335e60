// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "tests/models/mapping/example.h"
#include "tests/sim/engine/random_designs.h"

namespace addax::tests {

using workload::FormatKind;

mapping::BufferShare RandomDesigns::share(const arch::Architecture& a) {
  const auto half = static_cast<std::uint32_t>(pick(1, (a.buffer.banks - 1) / 2));
  return {half, a.buffer.banks - 2 * half};
}

mapping::LoopNest RandomDesigns::nest(const mapping::Problem& problem,
                                      std::uint64_t reduction_step) {
  std::vector<std::size_t> order;
  std::vector<std::uint64_t> tile;
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    order.insert(order.end(), pick(d == 0 ? 1 : 0, 2), d);
    tile.push_back(problem.dimensions[d].size);
  }
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[pick(0, i - 1)]);
  const bool aligned = pick(0, 1) == 1;
  mapping::LoopNest nest;
  for (std::size_t l = 0; l < order.size(); ++l) {
    const std::size_t d = order[l];
    // A pass works on one matrix: the innermost loop over the batch takes one at a time.
    const bool last = std::find(order.begin() + l + 1, order.end(), d) == order.end();
    const bool steps = aligned && problem.dimensions[d].role == mapping::Role::kReduction &&
                       tile[d] > reduction_step;
    const std::uint64_t step = steps ? reduction_step : 1;
    tile[d] = d == 0 && last ? 1 : step * pick(1, tile[d] / step);
    nest.loops.push_back({d, tile[d]});
  }
  for (std::size_t& hold : nest.hold) hold = pick(0, nest.loops.size());
  return nest;
}

mapping::ProductPlan RandomDesigns::product_plan(const arch::Architecture& a) {
  const workload::WeightFormat format = this->format();
  mapping::Kernel kernel{format, widths(), {}, mapping::WeightTiles(16), 0};
  const bool multiplies = format.kind == FormatKind::kFp16 || format.kind == FormatKind::kInt ||
                          format.kind == FormatKind::kMsfp;
  if (multiplies) kernel.widths.activation_bits = mapping::kStoredActivationBits;
  std::size_t group = a.groups.size() - 1;
  if (!mapping::missing_operation(a.groups[group].datapath, format, kernel.widths).empty())
    group = 0;
  const std::uint64_t b = pick(1, 3), m = pick(1, 7), n = pick(1, 24), k = pick(1, 60);
  kernel.how =
      mapping::realise(a.groups[group].datapath, {m, k, n, b, workload::LinearRole::kMlp, format});
  if (format.kind == FormatKind::kInt)
    kernel.how.integer_mode =
        one_of({workload::IntegerMode::kAfterGroup, workload::IntegerMode::kDequantisedTiles});
  kernel.tiles = mapping::WeightTiles(format, k, n);
  kernel.reduction = k;
  const mapping::ArrayExtents largest =
      mapping::Dataflow(a, group, kernel, {}).array_extents({1, m, n, k});
  const mapping::Dataflow dataflow(
      a, group, kernel,
      mapping::example::any_array(
          a, kernel, largest, [this](std::uint64_t most) { return pick(1, most); }, group));
  const mapping::Problem problem = mapping::matrix_product(b, m, n, k);
  const std::uint64_t box = format.kind == FormatKind::kMsfp ? format.box : 1;
  const std::uint64_t step =
      kernel.how.key_bits > 0 ? kernel.how.key_bits : std::lcm(box, kernel.tiles.packed_inputs());
  mapping::ProductPlan plan{problem, nest(problem, step), dataflow, group, share(a), {}, false};
  plan.activation_streams = pick(0, 1) == 1;
  plan.placement.input_on_chip = !plan.activation_streams && pick(0, 2) == 0;
  plan.placement.output_on_chip = pick(0, 3) == 0;
  return plan;
}

mapping::AttentionPlan RandomDesigns::attention_plan(const arch::Architecture& a) {
  const workload::AttentionShape shape = attention_shape();
  mapping::Kernel scores{{}, this->widths(), {}, mapping::WeightTiles(16), shape.head_dim};
  scores.widths.accumulator_bits = 32;
  scores.widths.activation_bits = mapping::kStoredActivationBits;
  scores.tiles = mapping::WeightTiles(scores.widths.kv_bits);
  mapping::Kernel values = scores;
  values.reduction = workload::attended_keys(shape);
  const auto spread = [&](const mapping::Kernel& kernel, const mapping::ArrayExtents& largest) {
    return mapping::Dataflow(a, 0, kernel,
                             mapping::example::any_array(
                                 a, kernel, largest, [this](auto most) { return pick(1, most); }));
  };
  const std::uint64_t sharing = shape.heads / shape.kv_heads;
  std::uint64_t heads_together = 0;
  do {
    heads_together = pick(1, sharing);
  } while (sharing % heads_together != 0);
  const std::uint64_t query_block = pick(1, shape.new_tokens);
  const std::uint64_t key_tile = pick(1, values.reduction);
  const std::uint64_t rows = query_block * heads_together;
  mapping::AttentionPlan plan{shape,
                              spread(scores, {rows, key_tile, shape.head_dim, 1}),
                              spread(values, {rows, shape.head_dim, key_tile, 1}),
                              0,
                              share(a),
                              {}};
  plan.heads_together = heads_together;
  plan.query_block = query_block;
  plan.key_tile = key_tile;
  plan.blocks_in_flight = pick(1, 2);
  plan.spills = pick(0, 1) == 1;
  plan.placement.input_on_chip = pick(0, 1) == 1;
  plan.placement.second_on_chip = pick(0, 1) == 1;
  plan.placement.output_on_chip = pick(0, 1) == 1;
  plan.kv_bits = scores.widths.kv_bits;
  plan.activation_bits = mapping::kStoredActivationBits;
  plan.buffer_width = a.buffer.width_bits;
  plan.lanes = a.vector_unit.lanes;
  plan.lane_cycles_a_score = pick(0, 9);
  plan.lane_cycles_a_row = pick(0, 9);
  plan.score_reads = pick(1, 4);
  plan.score_writes = pick(1, 3);
  return plan;
}

mapping::VectorPlan RandomDesigns::vector_plan(const arch::Architecture& a) {
  const auto some = [this](std::uint64_t most) { return pick(0, 2) == 0 ? 0 : pick(1, most); };
  mapping::VectorPlan plan;
  plan.load_bits = some(20000);
  plan.store_bits = some(20000);
  plan.read_bits = some(20000);
  plan.write_bits = some(20000);
  plan.lane_cycles = some(5000);
  plan.lanes = a.vector_unit.lanes;
  plan.chunks = pick(1, 12);
  plan.buffer_width = a.buffer.width_bits;
  plan.share = share(a);
  return plan;
}

}  // namespace addax::tests
