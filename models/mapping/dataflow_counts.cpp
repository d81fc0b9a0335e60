// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/mapping/dataflow.h"
#include "models/quantity/check.h"

namespace addax::mapping {

using arith::Arithmetic;
using quantity::ceil_div;
using quantity::checked_mul;
using quantity::Cycles;
using workload::ArithmeticCounts;
using workload::FormatKind;
using workload::IntegerMode;
using workload::ScalePlacement;

namespace {

bool changed(const PassPosition& position, Operand operand) {
  return position.changed[static_cast<std::size_t>(operand)];
}

bool over(const ArrayNest& nest, const std::vector<nest::Loop>& loops, ArrayTensor tensor) {
  return std::any_of(loops.begin(), loops.end(), [&](const nest::Loop& loop) {
    return nest.problem.indexes(tensor, loop.dimension);
  });
}

/// Whether the array holds one tile of a tensor during the whole pass.
bool one_tile(const ArrayNest& nest, ArrayTensor tensor) {
  return !over(nest, nest.mapping.levels[kArrayBuffer].temporal, tensor);
}

/// What elements of (x, k) or (n, k) are in inputs, where a word is a key of `mu` inputs and the last
/// key of a row may be shorter. Whole sweeps over the keys are exact.
std::uint64_t inputs_of(std::uint64_t words, std::uint64_t mu, std::uint64_t k) {
  const std::uint64_t keys = ceil_div(k, mu);
  return checked_mul(words, mu) - words / keys * (keys * mu - k);
}

}  // namespace

ArrayShape array_shape(const arch::Architecture& architecture, std::size_t group,
                       const Kernel& kernel) {
  const arch::ColumnGroup& columns = architecture.groups.at(group);
  ArrayShape shape;
  shape.rows = architecture.rows;
  shape.columns = columns.columns;
  if (kernel.how.key_bits > 0) {
    ADDAX_CHECK(columns.datapath.lut, columns.name);
    shape.readers = columns.datapath.lut->readers;
    shape.table_a_plane = kernel.how.scale_placement == ScalePlacement::kBeforeTable;
  }
  return shape;
}

PassWork Dataflow::count(const PassPosition& position) const {
  const ArrayNest nest = array_nest(shape_, mapping_, array_extents(position.extents));
  const nest::Counts counts = nest::count(nest.problem, nest.hierarchy, nest.mapping);
  PassWork work;
  count_activations(work, position, nest, counts);
  count_weights(work, position, nest, counts);
  count_sums(work, position, nest, counts);
  if (has_table()) {
    count_queries(work, position.extents, counts);
  } else {
    count_products(work, position.extents, counts);
  }
  const Scaled scalings = scaled(work.pe, position);
  work.pe.scaled_cycles = static_cast<std::uint64_t>(scalings.cycles);
  work.array_cycles = pe_cycles(work.pe);
  count_columns(work, position);
  work.array_cycles = pe_cycles(work.pe);
  const auto alone = static_cast<std::uint64_t>(scalings.alone);
  work.behind_cycles = Cycles(alone - std::min(alone, work.array_cycles.value()));
  if (!has_table() && work.activation_bits > 0)
    count_stalls(work, position.extents, counts.levels[kArrayPe].busiest[kArrayActivations].tiles);
  if (work.pe.builds) count_building(work);
  return work;
}

// Of double tables the first is built before it is read, and nothing is built beside the reads of the last:
// in passes that follow each other these two meet. A single table is not read while it is built: keys come
// then, and sums leave, only as far as scratchpads reach.
void Dataflow::count_building(PassWork& work) const {
  const arch::Lut& lut = *group_.datapath.lut;
  const std::uint64_t build = lut.build_cycles().value();
  const PeWork& pe = work.pe;
  const std::uint64_t reading = std::max(rate_limited(pe.busiest).value(), pe.port_reads);
  work.first_query_cycles = work.fill_cycles + Cycles(build);
  const std::uint64_t keys = ceil_div(work.weights_a_pe, pe.waves);
  const std::uint64_t held_keys = group_.weight_scratchpad.bits() / kernel_.how.key_bits;
  work.lead_cycles =
      Cycles(checked_mul(ceil_div(work.weight_bits, networks_.weight.width_bits), held_keys) /
             work.weights_a_pe);
  if (lut.copies > 1) {
    const std::uint64_t side_by_side = checked_mul(pe.waves, std::max(reading, build));
    const std::uint64_t others = std::max(pe.scaled_cycles, pe.least_cycles);
    const std::uint64_t alone =
        build + std::max(side_by_side - std::max(reading, build) + reading, others);
    work.fill_cycles += Cycles(alone - std::max(side_by_side, others));
    return;
  }
  const std::uint64_t all = checked_mul(pe.waves, build);
  const auto without = [&](std::uint64_t bits, std::uint32_t width, std::uint64_t held,
                           std::uint64_t of_a_wave) {
    const std::uint64_t cycles = ceil_div(bits, width);
    const std::uint64_t early = held >= of_a_wave ? cycles : checked_mul(cycles, held) / of_a_wave;
    return Cycles(all - std::min(all, early));
  };
  work.keyless_cycles = without(work.weight_bits, networks_.weight.width_bits, held_keys, keys);
  const std::uint64_t sums = ceil_div(keys, kernel_.format.planes);
  work.sumless_cycles = without(work.output_bits, networks_.output.width_bits, sums_held(), sums);
  work.returnless_cycles =
      without(work.psum_bits, networks_.psum.width_bits, group_.psum_scratchpad.words, sums);
  if (work.own_returns) work.returnless_cycles = std::max(work.returnless_cycles, Cycles(build));
}

// A tile that the pass before left in the PEs is not sent again.
void Dataflow::count_activations(PassWork& work, const PassPosition& position,
                                 const ArrayNest& nest, const nest::Counts& counts) const {
  const bool sent = changed(position, Operand::kActivation) || !one_tile(nest, kArrayActivations);
  const std::uint64_t k = extent(position.extents, Role::kReduction);
  const nest::TensorCounts& held = counts.levels[kArrayPe].tensors[kArrayActivations];
  work.accesses.activation_reads = held.reads;
  if (has_table()) work.accesses.activation_reads = 0;
  if (!sent) return;
  const std::uint64_t mu = has_table() ? kernel_.how.key_bits : 1;
  const std::uint64_t bits = kernel_.widths.activation_bits;
  const std::uint64_t read = counts.levels[kArrayBuffer].tensors[kArrayActivations].reads;
  work.activation_bits = checked_mul(inputs_of(read, mu, k), bits);
  work.activation_row_bits = checked_mul(inputs_of(held.row_words, mu, k), bits);
  work.accesses.activation_writes = inputs_of(held.fills, mu, k);
  if (!has_table()) return;
  work.pe.builds = true;
  work.arithmetic.lut_tables = held.fills;
  work.accesses.activation_reads = work.accesses.activation_writes;
  work.accesses.lut_writes = checked_mul(held.fills, group_.datapath.lut->entries());
  if (shape_.table_a_plane)
    work.arithmetic.add(scaling_of_plane(), work.accesses.activation_writes);
}

void Dataflow::count_weights(PassWork& work, const PassPosition& position, const ArrayNest& nest,
                             const nest::Counts& counts) const {
  const std::uint64_t n = extent(position.extents, Role::kOutput);
  const std::uint64_t k = extent(position.extents, Role::kReduction);
  const std::uint64_t read = counts.levels[kArrayBuffer].tensors[kArrayWeights].reads;
  const std::uint64_t pad_width = group_.weight_scratchpad.width_bits;
  if (has_table()) {
    // Keys are read as they come: none stays.
    const std::uint64_t mu = kernel_.how.key_bits;
    work.weight_bits = inputs_of(read, mu, k);
    // Each wave's keys go to the rows of its tokens.
    const auto [waves, rows] =
        waves_and_rows(mapping_, kTokens, extent(position.extents, Role::kToken));
    work.weight_row_bits = checked_mul(work.weight_bits / waves, rows);
    work.accesses.weight_writes = ceil_div(inputs_of(counts.macs, mu, k), pad_width);
    work.accesses.weight_reads = work.accesses.weight_writes;
    return;
  }
  const nest::TensorCounts& held = counts.levels[kArrayPe].tensors[kArrayWeights];
  work.accesses.weight_reads = ceil_div(checked_mul(held.reads, held_weight_bits()), pad_width);
  if (!changed(position, Operand::kWeight) && one_tile(nest, kArrayWeights)) return;
  const auto code_bits = [&](std::uint64_t words) {
    const std::uint64_t sweeps = words / (n * k);
    return checked_mul(sweeps, kernel_.tiles.code_bits(0, k, n)) +
           (words - sweeps * n * k) * kernel_.tiles.code_bits_a_weight();
  };
  work.weight_bits = code_bits(read);
  work.weight_row_bits = code_bits(held.row_words);
  work.accesses.weight_writes = ceil_div(checked_mul(held.fills, held_weight_bits()), pad_width);
}

// Tables stand still while the keys of all their outputs and planes stream by.
void Dataflow::count_queries(PassWork& work, const Extents& extents,
                             const nest::Counts& counts) const {
  work.arithmetic[sum()] += counts.macs;
  work.arithmetic.lut_queries = counts.macs;
  work.accesses.lut_reads = counts.macs;
  const ArrayExtents busiest = busiest_pe(mapping_, array_extents(extents));
  const std::uint64_t queries =
      checked_mul(busiest[kTokens], busiest[kOutputs], busiest[kUnits], busiest[kPlanes]);
  work.pe.waves = work.pe.builds ? counts.levels[kArrayPe].busiest[kArrayActivations].fills : 1;
  work.pe.busiest[sum()] = ceil_div(queries, work.pe.waves);
  work.pe.port_reads = ceil_div(counts.steps, work.pe.waves);
  work.weights_a_pe = queries;
  work.activations_a_pe =
      work.pe.builds ? checked_mul(work.pe.waves, kernel_.how.key_bits) : std::uint64_t{0};
  if (!work.pe.builds) {
    work.fill_cycles = Cycles(network_latency_);
    return;
  }
  // The first wave's tables are begun when their inputs have come.
  const ArrayExtents joint = joint_tile(mapping_, array_extents(extents));
  const std::uint64_t tables = checked_mul(
      joint[kTokens], joint[kUnits], shape_.table_a_plane ? joint[kPlanes] : std::uint64_t{1});
  const std::uint64_t inputs = std::min(checked_mul(tables, kernel_.how.key_bits),
                                        work.activation_bits / kernel_.widths.activation_bits);
  work.fill_cycles = Cycles(network_latency_ + ceil_div(inputs * kernel_.widths.activation_bits,
                                                        networks_.activation.width_bits));
}

// Units that multiply (or add) one weight and one activation at a time.
void Dataflow::count_products(PassWork& work, const Extents& extents,
                              const nest::Counts& counts) const {
  const ArrayExtents all = array_extents(extents);
  const ArrayExtents points = busiest_pe(mapping_, all);
  const std::uint64_t macs_a_pe = checked_mul(points[kTokens], points[kOutputs], points[kUnits]);
  const nest::LevelCounts& pe = counts.levels[kArrayPe];
  const bool sent = work.weight_bits > 0;
  const std::uint64_t weights = sent ? pe.tensors[kArrayWeights].fills : 0;
  const std::uint64_t weights_a_pe = sent ? pe.busiest[kArrayWeights].fills : 0;
  const bool fed = work.activation_bits > 0;
  const std::uint64_t inputs =
      fed ? counts.levels[kArrayBuffer].tensors[kArrayActivations].reads : 0;
  const std::uint64_t inputs_a_pe = fed ? pe.busiest[kArrayActivations].fills : 0;
  const Arithmetic adds = sum();
  ArithmeticCounts a_pe;
  const auto count = [&](Arithmetic a, std::uint64_t total, std::uint64_t of_one) {
    work.arithmetic[a] += total;
    a_pe[a] += of_one;
  };
  switch (kernel_.format.kind) {
    case FormatKind::kFp16:
      count(Arithmetic::kFp16Multiply, counts.macs, macs_a_pe);
      count(adds, counts.macs, macs_a_pe);
      break;
    case FormatKind::kInt:
      count(Arithmetic::kInt8Add, weights, weights_a_pe);
      count(Arithmetic::kFp16Convert, weights, weights_a_pe);
      if (kernel_.how.integer_mode == IntegerMode::kDequantisedTiles)
        count(Arithmetic::kFp16Multiply, weights, weights_a_pe);
      count(Arithmetic::kFp16Multiply, counts.macs, macs_a_pe);
      count(adds, counts.macs, macs_a_pe);
      break;
    case FormatKind::kW8a8:
      count(Arithmetic::kInt8Multiply, counts.macs, macs_a_pe);
      count(adds, counts.macs, macs_a_pe);
      break;
    case FormatKind::kTernary: {
      const bool skips = group_.datapath.skips_zeros_in_time;
      const double kept = 1.0 - (skips ? kernel_.format.zero_fraction : 0.0);
      count(adds, counts.macs, static_cast<std::uint64_t>(static_cast<double>(macs_a_pe) * kept));
      if (kernel_.format.gamma) count(adds, inputs, inputs_a_pe);
      break;
    }
    case FormatKind::kMsfp:
      count(Arithmetic::kFp16Convert, inputs, inputs_a_pe);
      count(Arithmetic::kInt8Multiply, counts.macs, macs_a_pe);
      count(Arithmetic::kInt16Add, counts.macs, macs_a_pe);
      break;
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      count(adds, checked_mul(counts.macs, kernel_.format.planes),
            checked_mul(macs_a_pe, kernel_.format.planes));
      break;
  }
  work.weights_a_pe = weights_a_pe;
  work.activations_a_pe = inputs_a_pe;
  const double cycles_a_product = static_cast<double>(rate_limited(a_pe).value()) /
                                  static_cast<double>(std::max<std::uint64_t>(macs_a_pe, 1));
  const ArrayExtents tile = pe_tile(mapping_, all);
  work.pe.waves = 1;
  work.pe.busiest = a_pe;
  const ArrayExtents joint = joint_tile(mapping_, all);
  const auto beyond = [](std::uint64_t arriving, std::uint64_t computing) {
    return arriving - std::min(arriving, computing);
  };
  std::uint64_t fill = 0;
  if (fed) {
    // The first output is computed with its inputs as they come.
    const std::uint64_t first_inputs = joint[kTokens] * joint[kUnits];
    fill = beyond(
        ceil_div(first_inputs * kernel_.widths.activation_bits, networks_.activation.width_bits),
        static_cast<std::uint64_t>(static_cast<double>(tile[kUnits]) * cycles_a_product));
  }
  if (all[kTokens] > 1) {
    const std::uint64_t first_weights = joint[kOutputs] * joint[kUnits];
    const std::uint64_t arriving =
        ceil_div(first_weights * kernel_.tiles.code_bits_a_weight(), networks_.weight.width_bits);
    // The first token is computed with them as they come.
    const auto computing = static_cast<std::uint64_t>(
        static_cast<double>(tile[kOutputs] * tile[kUnits]) * cycles_a_product);
    fill = std::max(fill, beyond(arriving, computing));
  }
  work.fill_cycles = Cycles(network_latency_ + fill);
}

}  // namespace addax::mapping
