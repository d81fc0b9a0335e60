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

namespace {
double number(std::uint64_t count) { return static_cast<double>(count); }
}  // namespace

std::vector<Dataflow::Piece> Dataflow::pieces_of_wave(const ScaledPass& pass, std::uint64_t offset,
                                                      std::uint64_t wave) const {
  const std::uint64_t scale = segment_units();
  const std::uint64_t first = wave * pass.step;
  const std::uint64_t beyond = std::min(first + pass.step, pass.units);
  std::vector<Piece> pieces;
  for (std::uint64_t begin = first; begin < beyond; begin += pass.units_a_pe) {
    const std::uint64_t end = std::min(begin + pass.units_a_pe, beyond);
    const std::uint64_t row = pieces.size() % pass.rows;
    const bool last = pass.stays ? end == pass.units : row + 1 == pass.rows || end == beyond;
    Piece piece;
    piece.units = end - begin;
    if (pass.complete) {
      piece.ends = last && beyond == pass.units ? 1 : 0;
    } else if (kernel_.format.kind == FormatKind::kMsfp) {
      piece.ends = ceil_div(piece.units, scale);
    } else {
      const std::uint64_t open = (offset + end) % scale;
      piece.ends = (offset + end) / scale - (offset + begin) / scale;
      if (last && open > 0) ++piece.ends;
      const bool inside = (offset + begin) % scale > 0;
      piece.joins = !pass.stays && row > 0 && inside;
      piece.starts = group_starts(offset + begin, piece.units, scale);
      // Where a sum goes on in the PE from the wave before, its segment may.
      if (inside && !(pass.stays && offset + begin > 0)) ++piece.starts;
    }
    pieces.push_back(piece);
  }
  return pieces;
}

// Waves that begin at the same place of a scale group are cut alike: all but the first and the last, where a wave
// is a whole number of groups.
std::vector<std::vector<Dataflow::Piece>> Dataflow::pieces_of_waves(const ScaledPass& pass,
                                                                    std::uint64_t offset) const {
  const bool alike = pass.step % segment_units() == 0;
  std::vector<std::vector<Piece>> all;
  all.reserve(pass.waves);
  for (std::uint64_t wave = 0; wave < pass.waves; ++wave)
    all.push_back(alike && wave > 1 && wave + 1 < pass.waves ? all.back()
                                                             : pieces_of_wave(pass, offset, wave));
  return all;
}

// The PE that ends a segment scales it; the last row, complete sums.
Dataflow::ScaledPass Dataflow::scaled_pass(const PeWork& pe, const PassPosition& position) const {
  const ArrayExtents e = array_extents(position.extents);
  const ArrayExtents points = busiest_pe(mapping_, e);
  const ArrayExtents joint = joint_tile(mapping_, e);
  ScaledPass pass;
  pass.complete = scales_complete_sums() || kernel_.format.kind == FormatKind::kW8a8;
  pass.stays = !pass.complete && sums_stay(position.extents);
  pass.rows = spread_over(mapping_.y, kUnits, joint[kUnits]);
  pass.units_a_pe = pe_tile(mapping_, e)[kUnits];
  // PEs whose sums stay take stretches: the first, from 0 on, stands for all.
  pass.step = pass.stays ? pass.units_a_pe : joint[kUnits];
  pass.units = pass.stays ? points[kUnits] : e[kUnits];
  pass.units_of_busiest = points[kUnits];
  pass.waves = waves_and_rows(mapping_, kUnits, e[kUnits]).waves;
  // A table has a wave for itself for each token.
  pass.times = std::max<std::uint64_t>(pe.waves / pass.waves, 1);
  // Loops around that over the reduction go through all of it each time.
  for (const nest::Loop& loop : mapping_.waves) {
    if (has_table() || loop.dimension == kUnits) break;
    if (loop.tile < e[loop.dimension]) pass.times *= ceil_div(e[loop.dimension], loop.tile);
  }
  pass.outputs = number(checked_mul(points[kTokens], points[kOutputs])) / number(pass.times);
  return pass;
}

// A sum of planes needs no add for its first term: where a segment lies in several PEs, the first has fewer adds
// than terms, the last more.
std::vector<Dataflow::Kind> Dataflow::scaled_kinds(const PeWork& pe, const ScaledPass& pass) const {
  std::vector<Kind> kinds;
  for (std::size_t a = 0; a < one_scaling_.operations.size(); ++a) {
    const std::uint64_t products = checked_mul(pe.busiest.operations[a], pe.waves);
    const std::uint64_t scaling = one_scaling_.operations[a];
    if (products + scaling == 0) continue;
    const auto what = static_cast<Arithmetic>(a);
    const auto rate = group_.datapath.rate(what);
    Kind kind;
    kind.rate = number(rate.operations) / number(rate.cycles);
    kind.a_unit = number(products) / number(pass.units_of_busiest * pass.times);
    kind.an_end = number(scaling) * pass.outputs;
    if (workload::is_binary_coded(kernel_.format) && what == sum()) {
      // The first term of a segment takes no add, its sum takes one more for the total.
      kind.a_join = pass.outputs * kernel_.format.planes;
      kind.a_start = -kind.a_join;
      kind.an_end += kind.a_join;
    }
    kind.may_wait = arch::kOperandQueue + number(scaling) / kind.rate;
    kinds.push_back(kind);
  }
  return kinds;
}

// Tokens, and passes, follow each other: what the third round adds, all others do.
Dataflow::Scaled Dataflow::scaled_rounds(const PeWork& pe, const ScaledPass& pass,
                                         std::vector<Kind> kinds, std::uint64_t offset) const {
  // Sums that leave wait in the scratchpad.
  const double waiting = pass.stays ? 0.0 : number(group_.psum_scratchpad.words) / pass.outputs;
  // As many products begin in a cycle as there are adders.
  const Arithmetic adds = kernel_.format.kind == FormatKind::kMsfp ? Arithmetic::kInt16Add : sum();
  const double kept =
      group_.datapath.skips_zeros_in_time ? 1.0 - kernel_.format.zero_fraction : 1.0;
  const double a_unit = kept * pass.outputs / number(group_.datapath.rate(adds).operations);
  const double building = pe.builds && group_.datapath.lut->copies == 1
                              ? number(group_.datapath.lut->build_cycles().value())
                              : 0.0;
  const std::vector<std::vector<Piece>> waves = pieces_of_waves(pass, offset);
  for (Kind& kind : kinds) kind.done.assign(waves.front().size(), 0.0);
  constexpr int kRounds = 3;
  Scaled all;
  double products = 0.0;  // cycle in which those of the waves so far have begun
  double round = 0.0;
  for (int i = 0; i < kRounds; ++i) {
    const double begin = products;
    for (Kind& kind : kinds) kind.begin = kind.all_done();
    for (const std::vector<Piece>& pieces : waves) {
      const double begun = products + building;
      products =
          begun + (has_table() ? number(pe.port_reads) : a_unit * number(pieces.front().units));
      for (Kind& kind : kinds) {
        for (std::size_t place = 0; place < pieces.size(); ++place) {
          const double taken = kind.taken(pieces[place]);
          kind.done[place] = std::max(kind.done[place], begun) + taken;
          products = std::max(products, kind.done[place] - kind.may_wait - waiting * taken);
        }
      }
    }
    round = products - begin;
    for (const Kind& kind : kinds) round = std::max(round, kind.all_done() - kind.begin);
    if (i > 0) continue;
    all.alone = products;
    for (const Kind& kind : kinds) all.alone = std::max(all.alone, kind.all_done());
  }
  all.cycles = round * number(pass.times);
  all.alone += round * number(pass.times - 1);
  return all;
}

// Where passes end within scale groups, the mean of the first few; where the last one is shorter, its own.
Dataflow::Scaled Dataflow::scaled(const PeWork& pe, const PassPosition& position) const {
  if (!scales_sums()) return {};
  const ScaledPass pass = scaled_pass(pe, position);
  if (pass.complete && !position.last_reduction) return {};
  const std::vector<Kind> kinds = scaled_kinds(pe, pass);
  constexpr std::uint64_t kPlaces = 4;
  const std::uint64_t units = array_extents(position.extents)[kUnits];
  const std::uint64_t all =
      ceil_div(kernel_.reduction, has_table() ? kernel_.how.key_bits : std::uint32_t{1});
  if (position.last_reduction && !position.first_reduction && position.begun_reduction > units)
    return scaled_rounds(pe, pass, kinds, all - units).mean_of(1);
  const std::uint64_t places =
      units % segment_units() == 0 ? 1 : std::min(kPlaces, std::max<std::uint64_t>(all / units, 1));
  Scaled sum;
  for (std::uint64_t place = 0; place < places; ++place) {
    const Scaled one = scaled_rounds(pe, pass, kinds, place * units);
    sum.cycles += one.cycles;
    sum.alone += one.alone;
  }
  return sum.mean_of(places);
}

double Dataflow::Kind::all_done() const { return *std::max_element(done.begin(), done.end()); }

double Dataflow::Kind::taken(const Piece& piece) const {
  return (a_unit * number(piece.units) + a_start * number(piece.starts) +
          an_end * number(piece.ends) + (piece.joins ? a_join : 0.0)) /
         rate;
}

Dataflow::Scaled Dataflow::Scaled::mean_of(std::uint64_t places) const {
  return {std::ceil(cycles / number(places)), std::ceil(alone / number(places))};
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
