// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/dataflow.h"

#include <algorithm>
#include <numeric>

#include "models/mapping/segments.h"
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
                   const ArrayMapping& mapping)
    : group_(architecture.groups.at(group)),
      shape_(array_shape(architecture, group, kernel)),
      buffer_width_(architecture.buffer.width_bits),
      network_latency_(std::max(architecture.networks.activation.latency_cycles,
                                architecture.networks.weight.latency_cycles)),
      output_latency_(architecture.networks.output.latency_cycles),
      networks_(architecture.networks),
      kernel_(kernel),
      mapping_(mapping) {
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
  const bool chained = std::any_of(mapping_.y.begin(), mapping_.y.end(),
                                   [](const nest::Loop& l) { return l.dimension == kUnits; });
  return Cycles(network_latency_ + group_.datapath.latency_cycles() +
                (chained ? shape_.rows - 1 : 0) + output_latency_);
}

std::uint64_t Dataflow::held_weight_bits() const {
  return kernel_.format.kind == FormatKind::kInt ? 16 : kernel_.tiles.code_bits_a_weight();
}

ArrayExtents Dataflow::array_extents(const Extents& e) const {
  const std::uint64_t k = extent(e, Role::kReduction);
  return {extent(e, Role::kToken), extent(e, Role::kOutput),
          has_table() ? ceil_div(k, kernel_.how.key_bits) : k,
          has_table() ? kernel_.format.planes : 1};
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

// Words are used in the order in which they come, each as often as any other.
Cycles Dataflow::held_cycles(const PassWork& work, bool activation_streams) const {
  const std::uint64_t all = work.array_cycles.value();
  const auto lasts = [all](std::uint64_t held_bits, std::uint64_t words, std::uint32_t word_bits) {
    const std::uint64_t bits = quantity::checked_mul(words, word_bits);
    return bits <= held_bits ? all : quantity::checked_mul(all, held_bits) / bits;
  };
  std::uint64_t cycles =
      lasts(group_.weight_scratchpad.bits(), work.weights_a_pe,
            static_cast<std::uint32_t>(has_table() ? kernel_.how.key_bits : held_weight_bits()));
  if (activation_streams)
    cycles = std::min(cycles, lasts(group_.activation_scratchpad.bits(), work.activations_a_pe,
                                    kernel_.widths.activation_bits));
  return Cycles(cycles);
}

// A tile of k inputs is used for its last output in k cycles, and the next tile's first output takes as
// many. Into the room beside a tile the next one's words come before; each of the others when one
// has been used for the last time, over a network that has taken `each` cycles a word for all PEs.
Cycles Dataflow::stall_cycles(const PassWork& work, const ArrayExtents& tile,
                              std::uint64_t tiles) const {
  const std::uint64_t words = tile[kUnits];
  const std::uint64_t held = group_.activation_scratchpad.bits() / kernel_.widths.activation_bits;
  if (tile[kTokens] > 1 || tiles < 2 || held >= 2 * words) return Cycles(0);
  const double each = static_cast<double>(work.activation_bits) / networks_.activation.width_bits /
                      static_cast<double>(work.activations_a_pe);
  const double waits =
      static_cast<double>(2 * words - held) * each - static_cast<double>(2 * words - 1);
  return Cycles(waits <= 0.0 ? 0
                             : static_cast<std::uint64_t>(waits * static_cast<double>(tiles - 1)));
}

PassWork Dataflow::work(const PassPosition& position, bool activation_streams) const {
  PassWork work = count(position);
  // A word wider than its scratchpad takes several accesses.
  const std::uint64_t an_activation =
      ceil_div(kernel_.widths.activation_bits, group_.activation_scratchpad.width_bits);
  const std::uint64_t a_sum =
      ceil_div(kernel_.widths.accumulator_bits, group_.psum_scratchpad.width_bits);
  work.accesses.activation_reads *= an_activation;
  work.accesses.activation_writes *= an_activation;
  work.accesses.psum_reads *= a_sum;
  work.accesses.psum_writes *= a_sum;
  const std::uint64_t activation_words = words(work.activation_bits);
  (activation_streams ? work.stream_reads : work.resident_reads) += activation_words;
  work.stream_reads += words(work.weight_bits);
  work.resident_reads += words(work.psum_bits);
  work.resident_writes += words(work.output_bits);
  work.cut_step = cut_step(position.extents);
  work.held_cycles = held_cycles(work, activation_streams);
  work.cycles = std::max({work.array_cycles,
                          Cycles(ceil_div(work.activation_bits, networks_.activation.width_bits)),
                          Cycles(ceil_div(work.weight_bits, networks_.weight.width_bits)),
                          Cycles(ceil_div(work.psum_bits, networks_.psum.width_bits)),
                          Cycles(ceil_div(work.output_bits, networks_.output.width_bits))});
  return work;
}

std::uint32_t Dataflow::output_bits() const {
  return std::min<std::uint32_t>(16, kernel_.widths.accumulator_bits);
}

std::uint64_t Dataflow::segments(std::uint64_t offset, const Extents& extents) const {
  return segments(offset, extent(extents, Role::kReduction), cut_step(extents));
}

std::uint64_t Dataflow::segments(std::uint64_t offset, std::uint64_t inputs,
                                 std::uint64_t cut_step) const {
  const std::uint64_t scale = kernel_.tiles.inputs_a_scale();
  if (scale == 0 || kernel_.how.scale_placement == ScalePlacement::kBeforeTable) return 0;
  if (kernel_.format.kind == FormatKind::kW8a8) return offset + inputs == kernel_.reduction ? 1 : 0;
  if (kernel_.format.kind == FormatKind::kInt &&
      kernel_.how.integer_mode == IntegerMode::kDequantisedTiles)
    return 0;
  const std::uint64_t starts = group_starts(offset, inputs, scale);
  if (cut_step == 0) return starts;
  const std::uint64_t pieces = ceil_div(inputs, cut_step);
  return starts + pieces - common_starts({offset, cut_step, pieces}, scale);
}

std::uint64_t Dataflow::cut_step(const Extents& extents) const {
  // One scale for all of K and one sum: it is applied to the complete sum.
  const bool to_complete_sums = !has_table() &&
                                kernel_.tiles.inputs_a_scale() >= kernel_.reduction &&
                                !workload::is_binary_coded(kernel_.format);
  if (kernel_.format.kind == FormatKind::kMsfp || to_complete_sums) return 0;
  const ArrayExtents e = array_extents(extents);
  const ArrayExtents joint = joint_tile(mapping_, e);
  const std::uint64_t rows = spread_over(mapping_.y, kUnits, joint[kUnits]);
  // A table holds one key: sums leave a column with the keys of its rows.
  const bool kept = keeps_sums(extents);
  if (has_table() && !kept) return rows * kernel_.how.key_bits;
  const bool leaves = sums_leave_each_wave(e);
  const bool held = !leaves && joint[kUnits] < e[kUnits] && one_sum_a_unit(e);
  if (!mapping_.keeps_sums && !kept && !held) return joint[kUnits];
  // Sums that stay, be it in the unit: each row takes a stretch of neighbouring inputs of the pass, or
  // of the wave where other outputs come between.
  if (leaves) return ceil_div(joint[kUnits], rows);
  const std::uint64_t unit = has_table() ? kernel_.how.key_bits : 1;
  return ceil_div(e[kUnits], rows) * unit;
}

bool Dataflow::sums_leave_each_wave(const ArrayExtents& e) const {
  bool reduces = false;
  for (const nest::Loop& loop : mapping_.waves) {
    if (loop.tile >= e[loop.dimension]) continue;
    if (loop.dimension == kUnits)
      reduces = true;
    else if (reduces && loop.dimension != kPlanes)
      return true;
  }
  return false;
}

bool Dataflow::one_sum_a_unit(const ArrayExtents& e) const {
  const ArrayExtents tile = pe_tile(mapping_, e);
  return tile[kTokens] == 1 && tile[kOutputs] == 1;
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

Cycles Dataflow::scaling_cycles(std::uint64_t scalings, const ArithmeticCounts& beside) const {
  ArithmeticCounts of_one_pe = beside;
  of_one_pe.add(one_scaling_, ceil_div(scalings, pes()));
  return rate_limited(of_one_pe);
}

}  // namespace addax::mapping
