// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/mapping/dataflow.h"

namespace addax::mapping {

using quantity::ceil_div;
using quantity::Cycles;
using workload::ScalePlacement;

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

}  // namespace addax::mapping
