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
  return Cycles(
      std::max({quantity::checked_mul(pe.waves, wave), pe.scaled_cycles, pe.least_cycles}));
}

// Whether PEs keep sums while other waves, or passes, reduce into them.
bool Dataflow::sums_stay(const Extents& extents) const {
  const ArrayExtents e = array_extents(extents);
  const std::uint64_t joint = joint_tile(mapping_, e)[kUnits];
  if (!sums_leave_each_wave(e) && joint < e[kUnits] && one_sum_a_unit(e)) return true;
  if (!has_table()) return mapping_.keeps_sums || keeps_sums(extents);
  return joint < ceil_div(kernel_.reduction, kernel_.how.key_bits) && keeps_sums(extents);
}

std::uint64_t Dataflow::latency_of(Arithmetic what) const {
  for (const arch::Unit& unit : group_.datapath.units)
    if (unit.executes == what) return unit.latency_cycles;
  return 0;
}

std::uint64_t Dataflow::latency_of_scaling() const {
  const ArithmeticCounts one = scaling_of_plane();
  std::uint64_t cycles = latency_of(sum());
  for (std::size_t a = 0; a < one.operations.size(); ++a)
    if (one.operations[a] > 0) cycles += latency_of(static_cast<Arithmetic>(a));
  return cycles;
}

// Sums go down a column, in each row through an adder, and where a segment ends in a row that did not
// begin it through its scaling; then to the buffer, and back to the next column or wave.
Dataflow::Chain Dataflow::chain(const ArrayExtents& e) const {
  const ArrayExtents joint = joint_tile(mapping_, e);
  Chain chain;
  chain.rows = spread_over(mapping_.y, kUnits, joint[kUnits]);
  const std::uint64_t planes = spread_over(mapping_.x, kPlanes, joint[kPlanes]);
  chain.columns = spread_over(mapping_.x, kUnits, ceil_div(joint[kUnits], chain.rows)) * planes;
  const std::uint64_t adding = latency_of(sum());
  chain.trip =
      chain.rows * adding + networks_.output.latency_cycles + networks_.psum.latency_cycles;
  if (!scales_sums() || scales_complete_sums() || kernel_.format.kind == FormatKind::kW8a8 ||
      kernel_.format.kind == FormatKind::kMsfp)
    return chain;
  const std::uint64_t scale = segment_units();
  const std::uint64_t of_one = pe_tile(mapping_, e)[kUnits];
  for (std::uint64_t row = 1; row < chain.rows; ++row) {
    const std::uint64_t begin = row * of_one;
    const bool ends = row + 1 == chain.rows || (begin + of_one) / scale > begin / scale;
    if (begin % scale > 0 && ends) chain.trip += latency_of_scaling();
  }
  return chain;
}

std::uint64_t Dataflow::segment_units() const {
  return ceil_div(kernel_.tiles.inputs_a_scale(), has_table() ? kernel_.how.key_bits : 1);
}

// A PE passes one sum on in a cycle, or as many as its table has readers. Sums that do not stay go down
// the column, to the buffer and back before the next wave that reduces into them can leave. Keys of two
// waves are on their way at once: the first column waits with the third until the last has had the first.
void Dataflow::count_columns(PassWork& work, const PassPosition& position) const {
  const ArrayExtents e = array_extents(position.extents);
  const ArrayExtents points = busiest_pe(mapping_, e);
  const ArrayExtents tile = pe_tile(mapping_, e);
  const std::uint64_t lanes = std::max<std::uint64_t>(shape_.readers, 1);
  const std::uint64_t outputs = quantity::checked_mul(points[kTokens], points[kOutputs]);
  // Waves of loops outside the innermost over the reduction: each goes round by itself.
  std::uint64_t rounds = 1, waves = 1;
  ArrayExtents left = e;
  for (const nest::Loop& loop : mapping_.waves) {
    if (loop.tile >= left[loop.dimension]) continue;
    waves = quantity::checked_mul(waves, ceil_div(left[loop.dimension], loop.tile));
    left[loop.dimension] = loop.tile;
    if (loop.dimension == kUnits || loop.dimension == kPlanes) rounds = waves;
  }
  const std::uint64_t wave = work.array_cycles.value() / waves;
  const std::uint64_t reading = std::max(rate_limited(work.pe.busiest).value(), work.pe.port_reads);
  // Nothing is built beside the reads of the last.
  const bool doubled = work.pe.builds && group_.datapath.lut->copies > 1;
  const std::uint64_t last = doubled ? std::min(wave, reading) : wave;
  const Chain columns = chain(e);
  // Sums of a column wait in its scratchpads for those of the columns before; as many as find room there do
  // not hold it up.
  const std::uint64_t held = quantity::checked_mul(group_.psum_scratchpad.words, wave) /
                             quantity::checked_mul(tile[kTokens], tile[kOutputs]);
  const std::uint64_t lag = columns.skew() - std::min(columns.skew(), held);
  work.skew_cycles = Cycles(columns.skew());
  work.lag_cycles = Cycles(lag);
  if (sums_stay(position.extents)) {
    work.pe.least_cycles = position.output_leaves ? ceil_div(outputs, lanes) : 0;
    return;
  }
  const std::uint64_t reductions =
      quantity::checked_mul(waves_and_rows(mapping_, kUnits, e[kUnits]).waves,
                            waves_and_rows(mapping_, kPlanes, e[kPlanes]).waves);
  work.pe.least_cycles =
      std::max({ceil_div(quantity::checked_mul(outputs, reductions), lanes),
                quantity::checked_mul(rounds - 1, columns.columns * columns.trip) + last,
                has_table() && waves > 2 ? quantity::checked_mul(waves, wave + lag) / 2 : 0});
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

namespace {

/// Tiles of activations, one token each, in turn: the words of the next one come as soon as there is room, first
/// beside the tile in use, then where its words have been used for the last time.
struct TileStream {
  double held = 0.0;       ///< words of the scratchpad
  double a_word = 0.0;     ///< cycles of the network for a word of all PEs
  double latency = 0.0;    ///< of the network, less what waits in front of the units
  double a_product = 0.0;  ///< cycles
  double outputs = 0.0;    ///< for which each word is used
  // Of the tile in use; before it, the one before had been used up.
  double words = 0.0, sent = 0.0, freed = 0.0, last_output = 0.0, end = 0.0;

  void next(double tile) {
    const double early = std::min(std::max(held - words, 0.0), tile);
    const double all_early = std::max(sent, freed) + early * a_word;
    sent = tile > early ? std::max(all_early, last_output) + (tile - early) * a_word : all_early;
    const double first_output = std::max(end + tile * a_product, sent + latency + a_product);
    freed = end;
    words = tile;
    end = first_output + (outputs - 1.0) * tile * a_product;
    last_output = outputs > 1.0 ? end - tile * a_product : freed;
  }
};

}  // namespace

void Dataflow::count_stalls(PassWork& work, const Extents& extents, std::uint64_t tiles) const {
  const ArrayExtents e = array_extents(extents);
  const ArrayExtents points = busiest_pe(mapping_, e);
  const ArrayExtents tile = pe_tile(mapping_, e);
  if (tile[kTokens] > 1) return;
  const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
  TileStream stream;
  stream.held = number(group_.activation_scratchpad.bits() / kernel_.widths.activation_bits);
  if (stream.held >= 2.0 * number(tile[kUnits])) return;
  const double products = number(points[kTokens] * points[kOutputs] * points[kUnits]);
  stream.outputs = products / number(work.activations_a_pe);
  stream.a_word = number(work.activation_bits) / number(networks_.activation.width_bits) /
                  number(work.activations_a_pe);
  stream.a_product = number(work.array_cycles.value()) / products;
  // What a PE takes from its scratchpads in a cycle, it adds in that cycle or a few later ones.
  const double taken =
      std::max(stream.a_product * number(group_.datapath.rate(sum()).operations), 1.0);
  const double a_tile = stream.a_product * stream.outputs * number(tile[kUnits]);
  stream.latency = networks_.activation.latency_cycles -
                   std::min<double>(arch::kOperandQueue, a_tile * (1.0 - 1.0 / taken));
  const std::uint64_t of_reduction = waves_and_rows(mapping_, kUnits, e[kUnits]).waves;
  const double last = number(points[kUnits] - (of_reduction - 1) * tile[kUnits]);
  double stalls = 0.0;
  // The first sweep over the reduction begins with nothing; in the third all go on as they do later.
  for (int sweep = 0; sweep < 3; ++sweep) {
    const double begin = stream.end;
    for (std::uint64_t i = 0; i + 1 < of_reduction; ++i) stream.next(number(tile[kUnits]));
    stream.next(last);
    stalls = stream.end - begin - number(points[kUnits]) * stream.outputs * stream.a_product;
  }
  if (stalls <= 0.0) return;
  const double each = stalls / number(of_reduction);
  work.stall_cycles = Cycles(static_cast<std::uint64_t>(each * number(tiles - 1)));
  work.refill_cycles = Cycles(static_cast<std::uint64_t>(each));
}

// Results that leave at the end of a pass wait in the PEs for a place in the write queue. Those that leave
// all the time fill the scratchpads, and PEs wait with them.
Cycles PassWork::blocked_cycles(std::uint64_t waiting) const {
  const std::uint64_t room = results_held - std::min(results_held, waiting);
  if (results_a_pe <= room) return Cycles(0);
  return Cycles(quantity::checked_mul(results_cycles.value(), results_a_pe - room) / results_a_pe);
}

void Dataflow::count_results(PassWork& work, const PassPosition& position) const {
  const ArrayExtents points = busiest_pe(mapping_, array_extents(position.extents));
  work.results_a_pe = quantity::checked_mul(points[kTokens], points[kOutputs]);
  work.results_held = sums_held();
  work.results_cycles = work.leaving_cycles.value() > 0 ? work.leaving_cycles : work.array_cycles;
}

// Those of a PE in its scratchpad, in the units behind it and in the two registers of each lane to the network.
std::uint64_t Dataflow::sums_held() const {
  constexpr std::uint64_t kRegisters = 2;
  std::uint64_t units = latency_of(sum()) - 1;
  if (scales_sums() && !scales_complete_sums()) units += latency_of_scaling();
  return group_.psum_scratchpad.words +
         std::max<std::uint64_t>(shape_.readers, 1) * (kRegisters + units);
}

// Those of the last sums that wait in the PEs for the output network when their pass has ended.
Cycles Dataflow::waiting_cycles(const PassWork& work, const PassPosition& position) const {
  const ArrayExtents e = array_extents(position.extents);
  const ArrayExtents points = busiest_pe(mapping_, e);
  const std::uint64_t sent = quantity::checked_mul(
      points[kTokens], points[kOutputs],
      sums_stay(position.extents) ? 1 : waves_and_rows(mapping_, kUnits, e[kUnits]).waves);
  const std::uint64_t cycles = ceil_div(work.output_bits, networks_.output.width_bits);
  const std::uint64_t held = std::min(sums_held(), sent);
  return Cycles(quantity::checked_mul(cycles, held) / sent);
}

// PEs hold sums that come back for the next wave before they work on it.
Cycles Dataflow::return_lead_cycles(const PassWork& work, const PassPosition& position) const {
  if (work.own_returns || work.returnless_cycles.value() > 0) return Cycles(0);
  const ArrayExtents e = array_extents(position.extents);
  const ArrayExtents points = busiest_pe(mapping_, e);
  const ArrayExtents tile = pe_tile(mapping_, e);
  const std::uint64_t returned = quantity::checked_mul(
      points[kTokens], points[kOutputs],
      sums_stay(position.extents) ? 1 : waves_and_rows(mapping_, kUnits, e[kUnits]).waves);
  const std::uint64_t held =
      std::min<std::uint64_t>(group_.psum_scratchpad.words, tile[kTokens] * tile[kOutputs]);
  const std::uint64_t cycles = ceil_div(work.psum_bits, networks_.psum.width_bits);
  return Cycles(quantity::checked_mul(cycles, std::min(held, returned)) / returned);
}

// Sums of one tile that stays in the PEs through several waves leave in the last of them.
Cycles Dataflow::leaving_cycles(const PassWork& work, const PassPosition& position) const {
  const ArrayExtents e = array_extents(position.extents);
  const ArrayExtents points = busiest_pe(mapping_, e);
  const ArrayExtents tile = pe_tile(mapping_, e);
  if (points[kTokens] * points[kOutputs] > tile[kTokens] * tile[kOutputs] ||
      !sums_stay(position.extents))
    return Cycles(0);
  const std::uint64_t of_last = points[kUnits] % tile[kUnits];
  return Cycles(
      quantity::checked_mul(work.array_cycles.value(), of_last > 0 ? of_last : tile[kUnits]) /
      points[kUnits]);
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
  work.sum_reads = words(work.psum_bits);
  work.resident_reads += work.sum_reads;
  work.resident_writes += words(work.output_bits);
  work.cuts = cuts(position.extents);
  work.held_cycles = held_cycles(work, activation_streams);
  work.activations_stream = activation_streams;
  work.waiting_cycles = waiting_cycles(work, position);
  work.return_lead_cycles = return_lead_cycles(work, position);
  if (position.output_leaves) work.leaving_cycles = leaving_cycles(work, position);
  if (position.output_leaves) count_results(work, position);
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
  return tile[kTokens] == 1 && tile[kOutputs] <= std::max<std::uint64_t>(shape_.readers, 1);
}

}  // namespace addax::mapping
