// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/mapping/dataflow.h"

// Where partial sums go in a pass: scratchpads, links, networks.
namespace addax::mapping {

using quantity::ceil_div;
using quantity::checked_mul;

namespace {

bool over_sums(const nest::LevelLoops& level) {
  return std::any_of(level.temporal.begin(), level.temporal.end(), [](const nest::Loop& loop) {
    return loop.dimension == kTokens || loop.dimension == kOutputs;
  });
}

/// Whether no other sums come between two waves: those of a tile stay in the scratchpads, or the
/// only one of each unit in its register.
bool one_tile_of_sums(const nest::Mapping& loops) {
  const nest::LevelLoops& pe = loops.levels[kArrayPe];
  return !over_sums(loops.levels[kArrayBuffer]) && (pe.keep[kArraySums] || !over_sums(pe));
}

}  // namespace

bool Dataflow::keeps_sums(const Extents& extents) const {
  return one_tile_of_sums(array_loops(shape_, mapping_, array_extents(extents)));
}

// Whether PEs that share K take stretches of it, wave by wave, and end their segments themselves.
bool Dataflow::stretches(const Extents& extents) const {
  const ArrayExtents e = array_extents(extents);
  const ArrayExtents joint = joint_tile(mapping_, e);
  return joint[kUnits] < e[kUnits] && joint[kPlanes] == pe_tile(mapping_, e)[kPlanes] &&
         (mapping_.keeps_sums || one_sum_a_unit(e)) && !sums_leave_each_wave(e) && scales_sums() &&
         !cuts(extents).empty();
}

// Outputs of waves in which no unit has more than one: its sum stays in its register.
std::uint64_t Dataflow::outputs_in_units(const ArrayExtents& e) const {
  const ArrayExtents tile = pe_tile(mapping_, e);
  const std::uint64_t units = std::max<std::uint64_t>(shape_.readers, 1);
  std::uint64_t sum = 0;
  for (const auto& [tokens, times] : waves_along(mapping_, kTokens, e[kTokens]))
    for (const auto& [outputs, count] : waves_along(mapping_, kOutputs, e[kOutputs]))
      if (std::min(tokens, tile[kTokens]) == 1 && std::min(outputs, tile[kOutputs]) <= units)
        sum += checked_mul(checked_mul(tokens, times), checked_mul(outputs, count));
  return sum;
}

// The nest deals out each wave of K anew; stretches are of the whole pass, the last ones shorter.
Dataflow::Sums Dataflow::sums_of(const Extents& extents, const nest::Counts& counts) const {
  const nest::TensorCounts& buffer = counts.levels[kArrayBuffer].tensors[kArraySums];
  const nest::TensorCounts& sender =
      counts.levels[mapping_.keeps_sums ? kArrayPe : kArrayUnit].tensors[kArraySums];
  Sums sums{buffer.updates, buffer.reads, sender.reductions, sender.updates};
  if (!stretches(extents)) return sums;
  const ArrayExtents e = array_extents(extents);
  const std::uint64_t joint = joint_tile(mapping_, e)[kUnits];
  const std::uint64_t a_wave = pe_tile(mapping_, e)[kUnits];
  const std::uint64_t each = ceil_div(e[kUnits], ceil_div(joint, a_wave));
  const std::uint64_t pes = ceil_div(e[kUnits], each);
  const std::uint64_t columns = ceil_div(pes, spread_over(mapping_.y, kUnits, joint));
  const std::uint64_t waves =
      (pes - 1) * ceil_div(each, a_wave) + ceil_div(e[kUnits] - (pes - 1) * each, a_wave);
  const std::uint64_t outputs = checked_mul(e[kTokens], e[kOutputs]);
  const std::uint64_t single = outputs_in_units(e);
  return {outputs * columns, outputs * (columns - 1), outputs * (pes - columns),
          checked_mul(single, pes) + checked_mul(outputs - single, waves)};
}

// Those of the first pass that reduced into these outputs.
Dataflow::Sums Dataflow::begun_sums(const PassPosition& position, const Sums& own) const {
  if (position.begun_reduction <= extent(position.extents, Role::kReduction)) return own;
  Extents begun = position.extents;
  begun[static_cast<std::size_t>(Role::kReduction)] = position.begun_reduction;
  const ArrayNest nest = array_nest(shape_, mapping_, array_extents(begun));
  return sums_of(begun, nest::count(nest.problem, nest.hierarchy, nest.mapping));
}

void Dataflow::count_sums(PassWork& work, const PassPosition& position, const ArrayNest& nest,
                          const nest::Counts& counts) const {
  const std::uint64_t outputs =
      extent(position.extents, Role::kToken) * extent(position.extents, Role::kOutput);
  const Sums own = sums_of(position.extents, counts);
  // Sums of one tile stay from pass to pass; the nest counts a pass by itself.
  const bool kept = one_tile_of_sums(nest.mapping);
  const bool were_there = kept && !position.changed[static_cast<std::size_t>(Operand::kOutput)];
  const Sums before = were_there ? begun_sums(position, own) : Sums();
  // PEs that work no more in a smaller last pass let go of their sums with the others.
  Sums leaving;
  if (!kept || position.output_leaves) leaving = before.of_pes() > own.of_pes() ? before : own;
  // Columns that share the reduction add to what others of them have left in the buffer.
  const std::uint64_t in = leaving.returns + (position.first_reduction || were_there ? 0 : outputs);
  const std::uint64_t out = leaving.to_buffer;
  if (!mapping_.keeps_sums) {
    work.accesses.psum_writes = work.accesses.psum_reads = in + out;
  } else if (kept && !over_sums(nest.mapping.levels[kArrayPe])) {
    // The only one of a unit stays in its register.
    work.accesses.psum_writes = work.accesses.psum_reads = in + leaving.of_pes();
  } else {
    work.accesses.psum_writes = in + own.turns;
    const std::uint64_t begin = own.of_pes() - std::min(own.of_pes(), before.of_pes());
    work.accesses.psum_reads = in + own.turns - begin + leaving.of_pes();
  }
  work.accesses.neighbour_bits =
      checked_mul(leaving.to_neighbours, kernel_.sums_by_plane() ? kernel_.format.planes : 1,
                  kernel_.widths.accumulator_bits);
  const std::uint64_t complete = position.last_reduction ? std::min(outputs, out) : 0;
  work.own_returns = position.first_reduction || were_there;
  work.psum_bits = in * kernel_.widths.accumulator_bits;
  work.output_bits = (out - complete) * kernel_.widths.accumulator_bits + complete * output_bits();
  work.segment_outputs = shape_.table_a_plane ? 0 : outputs;
}

}  // namespace addax::mapping
