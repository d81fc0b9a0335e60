// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "models/mapping/dataflow.h"
#include "models/quantity/check.h"

// Where segments of the reduction end, who scales them, and what it costs.
namespace addax::mapping {

using arith::Arithmetic;
using quantity::ceil_div;
using quantity::checked_mul;
using quantity::Cycles;
using workload::ArithmeticCounts;
using workload::FormatKind;
using workload::IntegerMode;
using workload::ScalePlacement;

std::uint64_t Dataflow::segments(std::uint64_t offset, const Extents& extents) const {
  return segments(offset, extent(extents, Role::kReduction), cuts(extents));
}

std::uint64_t Dataflow::segments(std::uint64_t offset, std::uint64_t inputs,
                                 const std::vector<Progression>& cuts) const {
  if (!scales_sums()) return 0;
  if (kernel_.format.kind == FormatKind::kW8a8) return offset + inputs == kernel_.reduction ? 1 : 0;
  const std::uint64_t scale = kernel_.tiles.inputs_a_scale();
  std::uint64_t starts = group_starts(offset, inputs, scale);
  for (const Progression& cut : cuts)
    starts += cut.count - common_starts({offset + cut.offset, cut.step, cut.count}, scale);
  return starts;
}

bool Dataflow::scales_sums() const {
  return kernel_.tiles.inputs_a_scale() > 0 &&
         kernel_.how.scale_placement != ScalePlacement::kBeforeTable &&
         !(kernel_.format.kind == FormatKind::kInt &&
           kernel_.how.integer_mode == IntegerMode::kDequantisedTiles);
}

// One scale for all of K and one sum: it is applied to the complete sum.
bool Dataflow::scales_complete_sums() const {
  return !has_table() && kernel_.tiles.inputs_a_scale() >= kernel_.reduction &&
         !workload::is_binary_coded(kernel_.format);
}

std::vector<Progression> Dataflow::cuts(const Extents& extents) const {
  if (kernel_.format.kind == FormatKind::kMsfp || scales_complete_sums()) return {};
  const ArrayExtents e = array_extents(extents);
  const std::uint64_t joint = joint_tile(mapping_, e)[kUnits];
  const bool leaves = sums_leave_each_wave(e);
  // Sums that stay, be it in the unit: each PE of those that share K takes a stretch of neighbouring
  // inputs of the pass, or of the wave where other outputs come between.
  const bool held = !leaves && joint < e[kUnits] && one_sum_a_unit(e);
  const bool kept = keeps_sums(extents);
  const std::uint64_t unit = has_table() ? kernel_.how.key_bits : 1;
  std::uint64_t step = joint;
  if (has_table()) {
    // A PE has one key. Where no others are to come, sums leave a column with the keys of its rows.
    if (!held && !(kept && joint < ceil_div(kernel_.reduction, unit)))
      return columns_of_keys(e[kUnits], joint);
    step = ceil_div(e[kUnits], joint);
  } else if (mapping_.keeps_sums || kept || held) {
    const bool one_wave = leaves || joint == e[kUnits];
    step = one_wave ? pe_tile(mapping_, e)[kUnits]
                    : ceil_div(e[kUnits], spread_over(mapping_.y, kUnits, joint));
  }
  const std::uint64_t inputs = extent(extents, Role::kReduction);
  return {{0, step * unit, ceil_div(inputs, step * unit)}};
}

// The keys of a wave lie over rows and columns: the first columns have a key in each row in use, the
// others one less.
std::vector<Progression> Dataflow::columns_of_keys(std::uint64_t keys, std::uint64_t joint) const {
  const std::uint64_t mu = kernel_.how.key_bits;
  const std::uint64_t columns = ceil_div(joint, spread_over(mapping_.y, kUnits, joint));
  std::vector<Progression> cuts;
  std::uint64_t first = 0;
  if (joint % columns == 0) {
    first = keys / joint * joint;
    if (first > 0) cuts.push_back({0, joint / columns * mu, keys / joint * columns});
  }
  for (; first < keys; first += joint) {
    const std::uint64_t wave = std::min(joint, keys - first);
    const std::uint64_t rows = ceil_div(wave, columns);
    const std::uint64_t full = wave - (rows - 1) * columns;
    cuts.push_back({first * mu, rows * mu, full});
    if (rows > 1 && full < columns)
      cuts.push_back({(first + full * rows) * mu, (rows - 1) * mu, columns - full});
  }
  return cuts;
}

// The PE that ends a segment scales it; the last row, complete sums. A sum of planes needs no add for its
// first term: where a segment lies in several PEs, the first has fewer adds than terms, the last more.
// PEs wait for each other in each wave, so each has a busiest one.
void Dataflow::add_scalings(PassWork& work, const PassPosition& position) const {
  if (!scales_sums()) return;
  const ArrayExtents e = array_extents(position.extents);
  const ArrayExtents points = busiest_pe(mapping_, e);
  const ArrayExtents joint = joint_tile(mapping_, e);
  const std::uint64_t waves = waves_and_rows(mapping_, kUnits, e[kUnits]).waves;
  // Tables are waves of their own for each token.
  const std::uint64_t times = std::max<std::uint64_t>(work.pe.waves / waves, 1);
  const std::uint64_t outputs = ceil_div(checked_mul(points[kTokens], points[kOutputs]), times);
  const std::uint64_t rows = spread_over(mapping_.y, kUnits, joint[kUnits]);
  const bool complete = scales_complete_sums() || kernel_.format.kind == FormatKind::kW8a8;
  const bool boxes = kernel_.format.kind == FormatKind::kMsfp;
  const bool stays = !complete && sums_stay(position.extents);
  const std::uint64_t of_one = pe_tile(mapping_, e)[kUnits];
  const std::uint64_t scale = segment_units();
  // PEs whose sums stay take stretches, the first that from 0 on.
  const std::uint64_t step = stays ? of_one : joint[kUnits];
  const std::uint64_t all = stays ? points[kUnits] : e[kUnits];
  struct Operation {
    double rate, products, scaling, joining;
    double ahead;  ///< cycles of it that may wait
    double done = 0.0;
  };
  std::vector<Operation> operations;
  const double kept_back =
      stays ? 0.0 : static_cast<double>(group_.psum_scratchpad.words) / static_cast<double>(outputs);
  for (std::size_t a = 0; a < one_scaling_.operations.size(); ++a) {
    const std::uint64_t products = checked_mul(work.pe.busiest.operations[a], work.pe.waves);
    if (products + one_scaling_.operations[a] == 0) continue;
    const auto rate = group_.datapath.rate(static_cast<Arithmetic>(a));
    const double a_cycle =
        static_cast<double>(rate.operations) / static_cast<double>(rate.cycles);
    const bool joined =
        workload::is_binary_coded(kernel_.format) && static_cast<Arithmetic>(a) == sum();
    const auto of_one = static_cast<double>(one_scaling_.operations[a]);
    operations.push_back({a_cycle,
                          static_cast<double>(products) / static_cast<double>(points[kUnits] * times),
                          of_one * static_cast<double>(outputs),
                          joined ? static_cast<double>(outputs * kernel_.format.planes) : 0.0,
                          arch::kOperandQueue + of_one / a_cycle});
  }
  const double building =
      work.pe.builds ? static_cast<double>(group_.datapath.lut->build_cycles().value()) : 0.0;
  const bool one_table = work.pe.builds && group_.datapath.lut->copies == 1;
  // Where the pass lies among the scale groups: the mean of some places.
  constexpr std::uint64_t kPlaces = 4;
  const std::uint64_t in_all = ceil_div(kernel_.reduction, has_table() ? kernel_.how.key_bits : 1);
  const bool moves = !complete && !boxes && e[kUnits] % scale > 0;
  const std::uint64_t places = moves ? std::min(kPlaces, ceil_div(in_all, e[kUnits])) : 1;
  double cycles_of_all = 0.0;
  for (std::uint64_t place = 0; place < places; ++place) {
  const std::uint64_t offset = place * e[kUnits];
  double front = 0.0;
  for (Operation& one : operations) one.done = 0.0;
  for (std::uint64_t wave = 0; wave < waves; ++wave) {
    const std::uint64_t first = wave * step;
    const std::uint64_t beyond = std::min(first + step, all);
    double ends = 0.0, units = 0.0;
    bool joins = false;
    std::uint64_t pe = 0;
    const double begun = front + (one_table ? building : 0.0);
    front = has_table() ? begun + static_cast<double>(work.pe.port_reads) : front;
    std::vector<Operation> after = operations;
    for (std::uint64_t begin = first; begin < beyond; begin += of_one, ++pe) {
      const std::uint64_t end = std::min(begin + of_one, beyond);
      const bool last = stays ? end == all : pe % rows + 1 == rows || end == beyond;
      if (complete) {
        ends = last && beyond == all && position.last_reduction ? 1.0 : 0.0;
      } else if (boxes) {
        ends = static_cast<double>(ceil_div(end - begin, scale));
      } else {
        ends = static_cast<double>((offset + end) / scale - (offset + begin) / scale +
                                   (last && (offset + end) % scale > 0 ? 1 : 0));
        joins = ends > 0.0 && !stays && pe % rows > 0 && (offset + begin) % scale > 0;
      }
      units = static_cast<double>(end - begin);
      for (std::size_t i = 0; i < operations.size(); ++i) {
        const Operation& one = operations[i];
        const double cycles = (one.products * units + one.scaling * ends +
                               (joins ? one.joining : 0.0)) / one.rate;
        after[i].done = std::max(after[i].done, std::max(one.done, begun) + cycles);
        front = std::max(front, after[i].done - one.ahead - kept_back * cycles);
      }
    }
    operations = after;
  }
  for (const Operation& one : operations) front = std::max(front, one.done);
  cycles_of_all += front;
  }
  work.pe.wave_cycles = static_cast<std::uint64_t>(
      std::ceil(cycles_of_all * static_cast<double>(times) / static_cast<double>(places)));
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

}  // namespace addax::mapping
