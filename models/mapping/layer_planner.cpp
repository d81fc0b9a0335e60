// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/layer_planner.h"

#include <algorithm>

#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"

namespace addax::mapping {

using arith::Arithmetic;
using quantity::ceil_div;
using quantity::checked_mul;
using quantity::Impossible;
using workload::ArithmeticCounts;
using workload::FormatKind;
using workload::VectorFunction;

namespace {

/// Times that a vector function passes its input through the unit, and a row's length in elements.
std::uint64_t sweeps(VectorFunction function) {
  switch (function) {
    case VectorFunction::kLayerNorm:
    case VectorFunction::kSoftmax:
      return 3;
    case VectorFunction::kRmsNorm:
    case VectorFunction::kQuantize:
      return 2;
    default:
      return 1;
  }
}

/// Counts of a whole divided by how many equal things make it up.
ArithmeticCounts per(const ArithmeticCounts& all, std::uint64_t count) {
  ArithmeticCounts one;
  for (std::size_t a = 0; a < all.operations.size(); ++a) {
    ADDAX_CHECK(all.operations[a] % count == 0, "vector operations on scores are alike");
    one.operations[a] = all.operations[a] / count;
  }
  return one;
}

/// Passes of a vector operation whose operands stream through a half.
std::uint64_t chunks_of(const VectorPlan& plan, std::uint64_t half_bits) {
  const std::uint64_t chunks =
      std::max<std::uint64_t>(1, ceil_div(std::max(plan.load_bits, plan.store_bits), half_bits));
  if (chunks > kMostPasses)
    throw Impossible({"size", std::to_string(chunks) + " passes",
                      "at most " + std::to_string(kMostPasses) + " passes in a layer"});
  return chunks;
}

}  // namespace

std::size_t LayerPlanner::group_for(const workload::WeightFormat& format) const {
  std::optional<std::size_t> best;
  double best_rate = 0.0;
  std::string lacking;
  for (std::size_t g = 0; g < architecture_.groups.size(); ++g) {
    const arch::ColumnGroup& group = architecture_.groups[g];
    const std::string missing = missing_operation(group.datapath, format, widths_);
    if (!missing.empty()) {
      lacking += (lacking.empty() ? "" : ", ") + group.name + " lacks " + missing;
      continue;
    }
    const double rate = peak_macs_a_cycle(group.datapath, format, widths_) * group.columns;
    if (!best || rate > best_rate) {
      best = g;
      best_rate = rate;
    }
  }
  if (!best)
    throw Impossible(
        {"weights", workload::name(format.kind),
         "a format that a column group of " + architecture_.name + " runs (" + lacking + ")"});
  return *best;
}

ProductTask LayerPlanner::task(const workload::Linear& linear) const {
  const std::size_t group = group_for(linear.weights);
  Kernel kernel{linear.weights, widths_, realise(architecture_.groups[group].datapath, linear),
                WeightTiles(linear.weights, linear.inputs, linear.outputs), linear.inputs};
  // Formats that multiply by FP16 weights take FP16 activations, whatever the trace says.
  const FormatKind kind = linear.weights.kind;
  if (kind == FormatKind::kFp16 || kind == FormatKind::kInt || kind == FormatKind::kMsfp)
    kernel.widths.activation_bits = kStoredActivationBits;
  return {group, {linear.copies, linear.tokens, linear.outputs, linear.inputs}, kernel};
}

PlannedLayer LayerPlanner::planned(const workload::Linear& linear, const ProductPlan& plan) const {
  PlannedLayer layer;
  layer.plan = plan;
  layer.format = workload::describe(linear.weights);
  layer.macs = workload::macs(linear);
  layer.group = plan.group;
  layer.array_arithmetic = workload::arithmetic(linear, widths_, plan.dataflow.kernel().how);
  if (linear.weights.kind == FormatKind::kTernary)
    layer.skipped_adds = checked_mul(linear.tokens, workload::zero_weights(linear));
  return layer;
}

PlannedLayer LayerPlanner::linear(const workload::Linear& linear, const Placement& placement,
                                  const std::vector<search::Hint>& hints) const {
  const ProductTask task = this->task(linear);
  MappedProduct mapped =
      map_product({architecture_, task.group, placement, policy_.of(architecture_, task.group)},
                  task.product, task.kernel, policy_, hints);
  PlannedLayer layer = planned(linear, mapped.plan);
  layer.leaders = std::move(mapped.leaders);
  return layer;
}

PlannedLayer LayerPlanner::attention(const workload::AttentionShape& shape,
                                     const std::vector<workload::Elementwise>& steps,
                                     const Placement& placement) const {
  const std::size_t group = group_for({});
  AttentionPlan plan = map_attention(
      {architecture_, group, placement, policy_.of(architecture_, group)}, shape, widths_, policy_);
  const std::uint64_t rows = checked_mul(shape.batch, shape.heads, shape.new_tokens);
  const std::uint64_t scores =
      checked_mul(shape.batch, shape.heads, workload::attended_pairs(shape));
  PlannedLayer layer;
  // A softmax of n scores takes a fixed count a score, and a row has one add less and one
  // reciprocal.
  layer.vector_arithmetic = workload::arithmetic(workload::Softmax{shape});
  ArithmeticCounts a_score = layer.vector_arithmetic;
  a_score[Arithmetic::kFp32Add] += rows;
  a_score[Arithmetic::kFp32Reciprocal] = 0;
  plan.score_reads = sweeps(VectorFunction::kSoftmax);
  plan.score_writes = 2;
  for (const workload::Elementwise& step : steps) {
    a_score.add(workload::arithmetic(step));
    layer.vector_arithmetic.add(workload::arithmetic(step));
    ++plan.score_reads;
    ++plan.score_writes;
  }
  plan.lane_cycles_a_score = lane_cycles(architecture_.vector_unit, per(a_score, scores));
  ArithmeticCounts a_row;
  a_row[Arithmetic::kFp32Reciprocal] = 1;
  plan.lane_cycles_a_row = lane_cycles(architecture_.vector_unit, a_row);
  layer.plan = plan;
  layer.group = group;
  layer.array_arithmetic = workload::arithmetic(workload::Scores{shape}, widths_);
  layer.array_arithmetic.add(workload::arithmetic(workload::Context{shape}, widths_));
  layer.macs = quantity::checked_add(workload::macs(workload::Scores{shape}),
                                     workload::macs(workload::Context{shape}));
  return layer;
}

VectorPlan LayerPlanner::vector_plan(const Placement& placement) const {
  VectorPlan plan;
  plan.lanes = architecture_.vector_unit.lanes;
  plan.buffer_width = architecture_.buffer.width_bits;
  const auto taken = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(ceil_div(placement.resident_bits, architecture_.buffer.bank_bits()),
                              architecture_.buffer.banks - 2));
  plan.share.half_banks = std::min(std::max(architecture_.buffer.banks / 4, 1U),
                                   (architecture_.buffer.banks - taken) / 2);
  plan.share.resident_banks = architecture_.buffer.banks - 2 * plan.share.half_banks;
  return plan;
}

PlannedLayer LayerPlanner::elementwise(const workload::Elementwise& work,
                                       const Placement& placement) const {
  VectorPlan plan = vector_plan(placement);
  const std::uint64_t half = plan.share.half_banks * architecture_.buffer.bank_bits();
  const std::uint64_t element = kStoredActivationBits;
  const std::uint64_t first = checked_mul(workload::elements_read(work, 0), element);
  const bool two = placement.inputs > 1;
  const std::uint64_t second = two ? checked_mul(workload::elements_read(work, 1), element) : 0;
  const std::uint64_t written = checked_mul(workload::elements_written(work), element);
  const std::uint64_t parameters = checked_mul(work.parameter_elements, element);
  const std::uint64_t rounds = sweeps(work.function);
  // A row that does not fit a half is fetched again for every sweep over it.
  const std::uint64_t fetches = work.width * element > half ? rounds : 1;
  plan.load_bits = parameters + (placement.input_on_chip ? 0 : checked_mul(first, fetches)) +
                   (placement.second_on_chip ? 0 : second);
  plan.store_bits = placement.output_on_chip ? 0 : written;
  plan.read_bits = checked_mul(first, rounds) + second + parameters;
  plan.write_bits = written;
  const ArithmeticCounts counts = workload::arithmetic(work);
  plan.lane_cycles = lane_cycles(architecture_.vector_unit, counts);
  plan.chunks = chunks_of(plan, half);
  PlannedLayer layer;
  layer.plan = plan;
  layer.vector_arithmetic = counts;
  return layer;
}

PlannedLayer LayerPlanner::transfer(const workload::Transfer& work,
                                    const Placement& placement) const {
  VectorPlan plan = vector_plan(placement);
  const std::uint64_t half = plan.share.half_banks * architecture_.buffer.bank_bits();
  const std::uint64_t bits = checked_mul(work.elements, work.element_bits);
  if (work.direction == workload::TransferDirection::kFromDram) {
    plan.load_bits = bits;
    if (!placement.output_on_chip)
      plan.store_bits = checked_mul(work.elements, kStoredActivationBits);
  } else if (placement.input_on_chip) {
    plan.store_bits = bits;
  } else if (work.element_bits != kStoredActivationBits) {
    plan.load_bits = checked_mul(work.elements, kStoredActivationBits);
    plan.store_bits = bits;
  }  // else: the tensor was spilt to where the cache lies
  plan.chunks = chunks_of(plan, half);
  PlannedLayer layer;
  layer.plan = plan;
  return layer;
}

}  // namespace addax::mapping
