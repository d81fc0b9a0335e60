// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/dataflow.h"

#include <algorithm>
#include <numeric>

#include "models/arith/lut.h"
#include "models/quantity/check.h"

namespace addax::mapping {

using arith::Arithmetic;
using quantity::ceil_div;
using quantity::Cycles;
using workload::ArithmeticCounts;
using workload::FormatKind;
using workload::IntegerMode;
using workload::ScalePlacement;

void ArrayAccesses::add(const ArrayAccesses& other, std::uint64_t times) {
  const auto more = [times](std::uint64_t& sum, std::uint64_t count) {
    sum = quantity::checked_add(sum, quantity::checked_mul(count, times));
  };
  more(activation_reads, other.activation_reads);
  more(activation_writes, other.activation_writes);
  more(weight_reads, other.weight_reads);
  more(weight_writes, other.weight_writes);
  more(psum_reads, other.psum_reads);
  more(psum_writes, other.psum_writes);
  more(neighbour_bits, other.neighbour_bits);
  more(lut_reads, other.lut_reads);
  more(lut_writes, other.lut_writes);
}

Dataflow::Dataflow(const arch::Architecture& architecture, std::size_t group, const Kernel& kernel,
                   RowUse rows)
    : group_(architecture.groups.at(group)),
      rows_(architecture.rows),
      columns_(group_.columns),
      buffer_width_(architecture.buffer.width_bits),
      network_latency_(std::max(architecture.networks.activation.latency_cycles,
                                architecture.networks.weight.latency_cycles)),
      output_latency_(architecture.networks.output.latency_cycles),
      weight_network_width_(architecture.networks.weight.width_bits),
      kernel_(kernel),
      row_use_(rows) {
  ADDAX_CHECK(!has_table() || group_.datapath.lut, group_.name);
  one_scaling_ = make_scaling();
}

std::uint64_t Dataflow::words(std::uint64_t bits) const { return ceil_div(bits, buffer_width_); }

Arithmetic Dataflow::sum() const {
  switch (kernel_.format.kind) {
    case FormatKind::kW8a8:
      return Arithmetic::kInt32Add;
    case FormatKind::kFp16:
    case FormatKind::kInt:
    case FormatKind::kMsfp:
      return workload::accumulate_products(kernel_.widths);
    default:
      return workload::accumulate(kernel_.widths);
  }
}

Cycles Dataflow::drain_cycles() const {
  const bool chained = has_table() || row_use_ == RowUse::kReduction;
  return Cycles(network_latency_ + group_.datapath.latency_cycles() + (chained ? rows_ - 1 : 0) +
                output_latency_);
}

std::uint64_t Dataflow::reduction_step() const {
  if (has_table()) return rows_ * kernel_.how.key_bits;
  if (row_use_ == RowUse::kOutput) return unit_of_reduction();
  return rows_ * unit_of_reduction();
}

std::uint64_t Dataflow::unit_of_reduction() const {
  return kernel_.format.kind == FormatKind::kMsfp ? kernel_.format.box : 1;
}

std::uint64_t Dataflow::output_lanes() const {
  if (has_table()) return group_.datapath.lut->readers;
  return row_use_ == RowUse::kOutput ? rows_ * columns_ : columns_;
}

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
  const std::uint64_t sums = std::max<std::uint64_t>(group_.psum_scratchpad.words, 1);
  const std::uint64_t activations = std::max<std::uint64_t>(group_.activation_scratchpad.words, 1);
  // Weights that serve many tokens are loaded into one half of the scratchpad while the other
  // works.
  const std::uint64_t weights = std::max<std::uint64_t>(
      group_.weight_scratchpad.bits() / kernel_.tiles.code_bits_a_weight() / (m > 1 ? 2 : 1), 1);

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

Cycles Dataflow::rate_limited(const ArithmeticCounts& a_pe) const {
  std::uint64_t longest = 0;
  for (std::size_t a = 0; a < a_pe.operations.size(); ++a) {
    if (a_pe.operations[a] == 0) continue;
    const auto rate = group_.datapath.rate(static_cast<Arithmetic>(a));
    ADDAX_CHECK(rate.operations > 0, arith::name(static_cast<Arithmetic>(a)));
    longest = std::max(
        longest, ceil_div(quantity::checked_mul(a_pe.operations[a], rate.cycles), rate.operations));
  }
  return Cycles(longest);
}

// Tables that are single are read only when they are built; double ones are built beside the reads.
Cycles Dataflow::pe_cycles(const PeWork& pe) const {
  std::uint64_t wave = std::max(rate_limited(pe.busiest).value(), pe.port_reads);
  if (pe.builds) {
    const arch::Lut& lut = *group_.datapath.lut;
    const std::uint64_t building = lut.build_cycles().value();
    wave = lut.copies > 1 ? std::max(wave, building) : wave + building;
  }
  return Cycles(quantity::checked_mul(pe.waves, wave));
}

PassWork Dataflow::work(const PassPosition& position, bool activation_streams) const {
  PassWork work = has_table() ? table_work(position) : multiply_work(position);
  const std::uint64_t activation_words = words(work.activation_bits);
  (activation_streams ? work.stream_reads : work.resident_reads) += activation_words;
  work.stream_reads += words(work.weight_bits);
  work.resident_reads += words(work.psum_bits);
  work.resident_writes += words(work.output_bits);
  return work;
}

// Tables are stationary: every PE holds the table of one key (and, where scales are applied before,
// of one plane) while the keys of all outputs of the pass stream by. Sums run down a column and
// return to the buffer after each.
PassWork Dataflow::table_work(const PassPosition& position) const {
  const arch::Lut& lut = *group_.datapath.lut;
  const std::uint64_t m = extent(position.extents, Role::kToken);
  const std::uint64_t n = extent(position.extents, Role::kOutput);
  const std::uint64_t k = extent(position.extents, Role::kReduction);
  const std::uint64_t planes = kernel_.format.planes;
  const bool before = kernel_.how.scale_placement == ScalePlacement::kBeforeTable;
  const std::uint64_t keys = ceil_div(k, kernel_.how.key_bits);
  const std::uint64_t tables = keys * (before ? planes : 1);
  const std::uint64_t queries_a_table = n * (before ? 1 : planes);
  const std::uint64_t wave_count = ceil_div(tables, pes());
  const std::uint64_t columns_visited = ceil_div(tables, rows_);
  const bool builds =
      m > 1 || wave_count > 1 || position.changed[static_cast<std::size_t>(Operand::kActivation)];

  PassWork work;
  work.pe.waves = quantity::checked_mul(m, wave_count);
  work.pe.busiest[sum()] = queries_a_table;
  work.pe.port_reads = ceil_div(n, lut.readers) * (before ? 1 : planes);
  work.pe.builds = builds;
  work.array_cycles = pe_cycles(work.pe);
  work.fill_cycles =
      Cycles(network_latency_ + (builds && lut.copies > 1 ? lut.build_cycles().value() : 0));

  const std::uint64_t queries = quantity::checked_mul(m, tables, queries_a_table);
  work.arithmetic[sum()] = queries;
  work.arithmetic.lut_queries = queries;
  if (builds) {
    work.arithmetic.lut_tables = m * tables;
    work.activation_bits = work.activation_row_bits = m * k * kernel_.widths.activation_bits;
    work.accesses.activation_writes = m * k * (before ? planes : 1);
    work.accesses.activation_reads = work.accesses.activation_writes;
    work.accesses.lut_writes = m * tables * lut.entries();
    if (before) work.arithmetic.add(scaling_of_plane(), m * k * planes);
  }
  work.weight_bits = m * n * k * planes;
  const std::uint64_t sums_in = m * n * (columns_visited - (position.first_reduction ? 1 : 0));
  const std::uint64_t sums_out = m * n * columns_visited;
  count_sums(work, position, sums_in, sums_out);
  work.accesses.lut_reads = queries;
  work.accesses.weight_writes = ceil_div(work.weight_bits, group_.weight_scratchpad.width_bits);
  work.accesses.weight_reads = work.accesses.weight_writes;
  work.accesses.psum_writes = work.accesses.psum_reads = sums_in + sums_out;
  const bool scale_spans_keys = !before && kernel_.tiles.inputs_a_scale() > kernel_.how.key_bits;
  work.accesses.neighbour_bits = m * n * (tables - columns_visited) *
                                 (scale_spans_keys ? planes : 1) * kernel_.widths.accumulator_bits;
  work.segment_outputs = before ? 0 : m * n;
  return work;
}

void Dataflow::count_sums(PassWork& work, const PassPosition& position, std::uint64_t sums_in,
                          std::uint64_t sums_out) const {
  const std::uint64_t complete =
      position.last_reduction
          ? extent(position.extents, Role::kToken) * extent(position.extents, Role::kOutput)
          : 0;
  const std::uint64_t final_sums = std::min(complete, sums_out);
  work.psum_bits = sums_in * kernel_.widths.accumulator_bits;
  work.output_bits =
      (sums_out - final_sums) * kernel_.widths.accumulator_bits + final_sums * output_bits();
}

std::uint32_t Dataflow::output_bits() const {
  return std::min<std::uint32_t>(16, kernel_.widths.accumulator_bits);
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
  work.accesses.weight_writes = ceil_div(work.weight_bits, group_.weight_scratchpad.width_bits);
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

std::uint64_t Dataflow::segments(std::uint64_t offset, const Extents& extents) const {
  const std::uint64_t k = extent(extents, Role::kReduction);
  const std::uint64_t scale = kernel_.tiles.inputs_a_scale();
  if (scale == 0 || kernel_.how.scale_placement == ScalePlacement::kBeforeTable) return 0;
  switch (kernel_.format.kind) {
    case FormatKind::kW8a8:
      return offset + k == kernel_.reduction ? 1 : 0;
    case FormatKind::kInt:
      if (kernel_.how.integer_mode == IntegerMode::kDequantisedTiles) return 0;
      break;
    default:
      break;
  }
  const std::uint64_t starts = group_starts(offset, k, scale);
  if (kernel_.format.kind == FormatKind::kMsfp) return starts;
  const auto cut_by = [&](std::uint64_t step) {
    return starts + group_starts(offset, k, step) - group_starts(offset, k, std::lcm(step, scale));
  };
  if (has_table()) return cut_by(reduction_step());
  // One scale for all of K and one sum: it is applied to the complete sum.
  if (scale >= kernel_.reduction && !workload::is_binary_coded(kernel_.format)) return starts;
  const Waves w = waves(extents);
  const bool spread = row_use_ == RowUse::kReduction;
  if (w.sums_stay) {
    // Where sums leave after the pass, a group that the pass cuts in two is scaled on both sides.
    const std::uint64_t cut = w.output_waves > 1 && offset % scale != 0 ? 1 : 0;
    return (starts + cut) * (spread ? w.rows_used : 1);
  }
  return cut_by(w.reduction_a_pe * (spread ? rows_ : 1));
}

ArithmeticCounts Dataflow::scaling_of_plane() const {
  ArithmeticCounts one;
  if (kernel_.format.scale_terms > 0) {
    one[Arithmetic::kExponentAdd] = kernel_.format.scale_terms;
    one[Arithmetic::kFp16Add] = kernel_.format.scale_terms - 1;
  } else {
    one[Arithmetic::kFp16Multiply] = 1;
  }
  return one;
}

ArithmeticCounts Dataflow::make_scaling() const {
  ArithmeticCounts one;
  switch (kernel_.format.kind) {
    case FormatKind::kFp16:
      break;
    case FormatKind::kW8a8:
      one[Arithmetic::kFp16Multiply] = 2;
      break;
    case FormatKind::kInt:
    case FormatKind::kTernary: {
      const std::uint64_t products =
          kernel_.format.kind == FormatKind::kTernary && kernel_.format.gamma ? 2 : 1;
      one[Arithmetic::kFp16Multiply] = products;
      one[workload::accumulate_products(kernel_.widths)] = products;
      break;
    }
    case FormatKind::kMsfp:
      one[Arithmetic::kExponentAdd] = 1;
      one[workload::accumulate_products(kernel_.widths)] = 1;
      break;
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      one.add(scaling_of_plane(), kernel_.format.planes);
      break;
  }
  return one;
}

ArithmeticCounts Dataflow::scaling(std::uint64_t scalings) const {
  ArithmeticCounts all;
  all.add(one_scaling_, scalings);
  return all;
}

Cycles Dataflow::scaling_cycles(std::uint64_t scalings) const {
  return rate_limited(scaling(ceil_div(scalings, pes())));
}

}  // namespace addax::mapping
