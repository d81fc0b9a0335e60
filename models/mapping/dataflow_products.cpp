// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/mapping/dataflow.h"

namespace addax::mapping {

using arith::Arithmetic;
using quantity::ceil_div;
using quantity::Cycles;
using workload::ArithmeticCounts;
using workload::FormatKind;
using workload::IntegerMode;

Dataflow::Waves Dataflow::waves(const Extents& e) const {
  const std::uint64_t m = extent(e, Role::kToken);
  const std::uint64_t n = extent(e, Role::kOutput);
  const std::uint64_t k = extent(e, Role::kReduction);
  const std::uint64_t unit = unit_of_reduction();
  Waves w{};
  if (row_use_ == RowUse::kReduction) {
    w.reduction = ceil_div(ceil_div(k, unit), rows_) * unit;
    w.outputs = ceil_div(n, columns_);
    w.rows_used = std::min(rows_, ceil_div(k, unit));
    w.columns_used = std::min(columns_, n);
  } else {
    w.reduction = k;
    w.outputs = ceil_div(n, rows_ * columns_);
    w.rows_used = std::min(rows_, ceil_div(n, columns_));
    w.columns_used = std::min(columns_, n);
  }
  const std::uint64_t sums =
      std::max<std::uint64_t>(group_.psum_scratchpad.bits() / kernel_.widths.accumulator_bits, 1);
  const std::uint64_t activations = std::max<std::uint64_t>(
      group_.activation_scratchpad.bits() / kernel_.widths.activation_bits, 1);
  // Weights that serve many tokens are loaded into one half of the scratchpad while the other
  // works.
  const std::uint64_t weights = std::max<std::uint64_t>(
      group_.weight_scratchpad.bits() / held_weight_bits() / (m > 1 ? 2 : 1), 1);

  const auto shape = [&](std::uint64_t outputs_a_pe, bool stay) {
    Waves v = w;
    v.sums_stay = stay;
    v.outputs_a_pe = std::min(outputs_a_pe, weights);
    v.reduction_a_pe =
        std::min({w.reduction, activations, std::max<std::uint64_t>(weights / v.outputs_a_pe, 1)});
    v.output_waves = ceil_div(w.outputs, v.outputs_a_pe);
    v.reduction_waves = ceil_div(w.reduction, v.reduction_a_pe);
    return v;
  };
  const auto traffic = [&](const Waves& v) {
    const std::uint64_t sums_moved = v.sums_stay ? 2 : 2 * v.reduction_waves;
    return v.output_waves * m * k * kernel_.widths.activation_bits +
           sums_moved * m * n * kernel_.widths.accumulator_bits;
  };
  const std::uint64_t reach = std::min(w.reduction, activations);
  const Waves travel =
      shape(std::min(w.outputs, std::max<std::uint64_t>(weights / reach, 1)), false);
  if (m > sums) return travel;
  const Waves stay = shape(std::min(w.outputs, sums / m), true);
  return traffic(stay) <= traffic(travel) ? stay : travel;
}

bool Dataflow::keeps_sums(const Extents& extents) const {
  if (has_table()) return false;
  const Waves w = waves(extents);
  return w.sums_stay && w.output_waves == 1;
}

PassWork Dataflow::multiply_work(const PassPosition& position) const {
  const Extents& e = position.extents;
  const std::uint64_t m = extent(e, Role::kToken);
  const std::uint64_t n = extent(e, Role::kOutput);
  const std::uint64_t k = extent(e, Role::kReduction);
  const Waves w = waves(e);
  PassWork work;
  count_multiply(work, e, w);
  work.activation_bits =
      quantity::checked_mul(w.output_waves, m, k, kernel_.widths.activation_bits);
  work.activation_row_bits = work.activation_bits * (row_use_ == RowUse::kOutput ? w.rows_used : 1);
  work.weight_bits = kernel_.tiles.code_bits(0, k, n);
  const std::uint64_t lanes = w.rows_used * w.columns_used;
  work.accesses.activation_writes =
      w.output_waves * m * k * (row_use_ == RowUse::kOutput ? std::min(lanes, n) : w.columns_used);
  work.accesses.activation_reads = quantity::checked_mul(m, n, k);
  work.accesses.weight_writes = ceil_div(quantity::checked_mul(n, k, held_weight_bits()),
                                         group_.weight_scratchpad.width_bits);
  work.accesses.weight_reads = m * work.accesses.weight_writes;

  const std::uint64_t chain = row_use_ == RowUse::kReduction ? w.rows_used : 1;
  const bool kept = w.sums_stay && w.output_waves == 1;
  const bool arrives = !position.first_reduction &&
                       (!kept || position.changed[static_cast<std::size_t>(Operand::kOutput)]);
  const bool leaves = !kept || position.output_leaves;
  if (w.sums_stay) {
    const std::uint64_t updates = m * n * w.reduction_waves * chain;
    const bool fresh = !kept || position.first_reduction ||
                       position.changed[static_cast<std::size_t>(Operand::kOutput)];
    work.accesses.psum_writes = updates;
    work.accesses.psum_reads = updates - (fresh ? m * n * chain : 0) + (leaves ? m * n * chain : 0);
    count_sums(work, position, arrives ? m * n : 0, leaves ? m * n : 0);
    if (leaves) {
      // Each row has summed for itself: the chain adds the rows up.
      work.arithmetic[sum()] += m * n * (chain - 1);
      work.accesses.neighbour_bits = m * n * (chain - 1) * kernel_.widths.accumulator_bits;
    }
  } else {
    const std::uint64_t out = m * n * w.reduction_waves;
    const std::uint64_t in = out - (position.first_reduction ? m * n : 0);
    count_sums(work, position, in, out);
    work.accesses.psum_writes = work.accesses.psum_reads = in + out;
    work.accesses.neighbour_bits = out * (chain - 1) * kernel_.widths.accumulator_bits;
  }
  work.segment_outputs = m * n;
  std::uint64_t fill = network_latency_;
  if (m > 1) {
    const std::uint64_t first_weights =
        std::min(k, w.reduction_a_pe * (row_use_ == RowUse::kReduction ? rows_ : 1)) *
        std::min(n, w.outputs_a_pe * output_lanes());
    fill += ceil_div(first_weights * kernel_.tiles.code_bits_a_weight(), weight_network_width_);
  }
  work.fill_cycles = Cycles(fill);
  return work;
}

// Arithmetic of a pass on units that multiply (or add) one weight and one activation at a time.
void Dataflow::count_multiply(PassWork& work, const Extents& e, const Waves& w) const {
  const std::uint64_t m = extent(e, Role::kToken);
  const std::uint64_t weights =
      quantity::checked_mul(extent(e, Role::kOutput), extent(e, Role::kReduction));
  const std::uint64_t macs = quantity::checked_mul(m, weights);
  const std::uint64_t weights_a_pe = w.reduction * w.outputs;
  const std::uint64_t macs_a_pe = quantity::checked_mul(m, weights_a_pe);
  const Arithmetic adds = sum();
  ArithmeticCounts a_pe;
  const auto count = [&](Arithmetic a, std::uint64_t all, std::uint64_t of_one) {
    work.arithmetic[a] += all;
    a_pe[a] += of_one;
  };
  switch (kernel_.format.kind) {
    case FormatKind::kFp16:
      count(Arithmetic::kFp16Multiply, macs, macs_a_pe);
      count(adds, macs, macs_a_pe);
      break;
    case FormatKind::kInt:
      count(Arithmetic::kInt8Add, weights, weights_a_pe);
      count(Arithmetic::kFp16Convert, weights, weights_a_pe);
      if (kernel_.how.integer_mode == IntegerMode::kDequantisedTiles)
        count(Arithmetic::kFp16Multiply, weights, weights_a_pe);
      count(Arithmetic::kFp16Multiply, macs, macs_a_pe);
      count(adds, macs, macs_a_pe);
      break;
    case FormatKind::kW8a8:
      count(Arithmetic::kInt8Multiply, macs, macs_a_pe);
      count(adds, macs, macs_a_pe);
      break;
    case FormatKind::kTernary: {
      const bool skips = group_.datapath.skips_zeros_in_time;
      const double kept = 1.0 - (skips ? kernel_.format.zero_fraction : 0.0);
      count(adds, macs, static_cast<std::uint64_t>(static_cast<double>(macs_a_pe) * kept));
      if (kernel_.format.gamma)
        count(adds, w.output_waves * m * extent(e, Role::kReduction),
              w.output_waves * m * w.reduction);
      break;
    }
    case FormatKind::kMsfp:
      count(Arithmetic::kFp16Convert, w.output_waves * m * extent(e, Role::kReduction),
            w.output_waves * m * w.reduction);
      count(Arithmetic::kInt8Multiply, macs, macs_a_pe);
      count(Arithmetic::kInt16Add, macs, macs_a_pe);
      break;
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      count(adds, macs * kernel_.format.planes, macs_a_pe * kernel_.format.planes);
      break;
  }
  work.pe.waves = 1;
  work.pe.busiest = a_pe;
  work.array_cycles = pe_cycles(work.pe);
}

}  // namespace addax::mapping
