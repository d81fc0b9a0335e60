// SPDX-License-Identifier: Apache-2.0
#include "models/arith/lut.h"
#include "models/mapping/lowering_terms.h"
#include "models/mapping/segments.h"

// What works in PEs: units of arithmetic, and tables.
namespace addax::mapping {

using arith::Arithmetic;
using nest::Flow;
using quantity::ceil_div;
using workload::ArithmeticCounts;
using workload::FormatKind;

namespace {

class LoweredUnits : LoweredTerms {
 public:
  LoweredUnits(const LoweredDesign& design, nest::Costs& costs) : LoweredTerms(design, costs) {}

  void add() {
    arithmetic();
    if (has_table()) tables();
  }

 private:
  double energy_of(const ArithmeticCounts& counts) const {
    double sum = 0.0;
    for (std::size_t a = 0; a < counts.operations.size(); ++a)
      sum += number(counts.operations[a]) * price_.operation[a];
    return sum;
  }

  /// Arithmetic of one MAC (or query), of a weight that enters a PE, of an input that enters one.
  struct Operations {
    ArithmeticCounts a_mac, a_weight, an_input;
  };
  Operations operations() const {
    Operations ops;
    const Arithmetic adds = dataflow_.sum();
    switch (kernel_.format.kind) {
      case FormatKind::kFp16:
        ops.a_mac[Arithmetic::kFp16Multiply] = 1;
        break;
      case FormatKind::kInt:
        ops.a_mac[Arithmetic::kFp16Multiply] = 1;
        ops.a_weight[Arithmetic::kInt8Add] = ops.a_weight[Arithmetic::kFp16Convert] = 1;
        if (kernel_.how.integer_mode == workload::IntegerMode::kDequantisedTiles)
          ops.a_weight[Arithmetic::kFp16Multiply] = 1;
        break;
      case FormatKind::kW8a8:
        ops.a_mac[Arithmetic::kInt8Multiply] = 1;
        break;
      case FormatKind::kTernary:
        if (kernel_.format.gamma) ops.an_input[adds] = 1;
        break;
      case FormatKind::kMsfp:
        ops.a_mac[Arithmetic::kInt8Multiply] = ops.a_mac[Arithmetic::kInt16Add] = 1;
        ops.an_input[Arithmetic::kFp16Convert] = 1;
        return ops;
      default:
        if (!has_table()) ops.a_mac[adds] = kernel_.format.planes - 1;
        break;
    }
    ops.a_mac[adds] += 1;
    return ops;
  }

  double cycles_a(Arithmetic arithmetic) const {
    const auto rate = group_.datapath.rate(arithmetic);
    return rate.operations == 0 ? 0.0 : number(rate.cycles) / number(rate.operations);
  }

  /// Share of a scaling that falls on each step, if every PE does its part: all scale groups of a
  /// row over the steps of the row.
  double scalings_a_step() const {
    if (!scales_after()) return 0.0;
    return scalings_a_unit() * (has_table() ? number(shape_.readers) / kernel_.format.planes : 1.0);
  }
  double scalings_a_unit() const {
    return groups() / number(ceil_div(product_.inputs, lowering_.unit));
  }
  bool scales_after() const {
    return has_scales() && !shape_.table_a_plane &&
           (kernel_.format.kind != FormatKind::kInt ||
            kernel_.how.integer_mode == workload::IntegerMode::kAfterGroup);
  }
  double groups() const {
    return number(ceil_div(product_.inputs, kernel_.tiles.inputs_a_scale()));
  }

  void arithmetic() {
    const Operations ops = operations();
    const double queries = has_table() ? macs() / unit_ * kernel_.format.planes : macs();
    costs_.fixed_pj += queries * energy_of(ops.a_mac) - skipped_pj();
    energy(kPeLevel, kLoweredWeights, Flow::kFills, unit_ * energy_of(ops.a_weight));
    energy(source_, kLoweredInputs, Flow::kReads, unit_ * energy_of(ops.an_input));
    scaling();
    const double kept =
        group_.datapath.skips_zeros_in_time && kernel_.format.kind == FormatKind::kTernary
            ? 1.0 - kernel_.format.zero_fraction
            : 1.0;
    const double macs_a_step = has_table() ? number(shape_.readers) : unit_ * kept;
    for (std::size_t a = 0; a < ops.a_mac.operations.size(); ++a) {
      const double cycles = cycles_a(static_cast<Arithmetic>(a));
      nest::Resource units{arith::name(static_cast<Arithmetic>(a)), 0.0, {}, true};
      units.a_step = cycles * (macs_a_step * number(ops.a_mac.operations[a]) +
                               scalings_a_step() * number(dataflow_.one_scaling().operations[a]));
      if (ops.a_weight.operations[a] > 0)
        time(units, kPeLevel, kLoweredWeights, Flow::kFills,
             cycles * unit_ * number(ops.a_weight.operations[a]));
      if (ops.an_input.operations[a] > 0)
        time(units, kPeLevel, kLoweredInputs, Flow::kFills,
             cycles * unit_ * number(ops.an_input.operations[a]));
      time_of_cuts(units, cycles * number(dataflow_.one_scaling().operations[a]));
      if (static_cast<Arithmetic>(a) == dataflow_.sum()) time_of_joins(units, cycles);
      if (units.a_step == 0.0 && units.charges.empty()) continue;
      // While its single table is built a PE has next to nothing to add or to scale.
      if (has_table() && group_.datapath.lut->copies == 1) time_to_build(units);
      costs_.resources.push_back(units);
    }
  }

  /// Of additions of zero weights, which PEs skip.
  double skipped_pj() const {
    if (kernel_.format.kind != FormatKind::kTernary) return 0.0;
    ArithmeticCounts adds;
    adds[workload::accumulate(kernel_.widths)] = 1;
    return number(product_.tokens) *
           number(workload::zero_weights(kernel_.format, product_.inputs, product_.outputs)) *
           energy_of(adds);
  }

  // A group is scaled once, and once more wherever the array's own sums cut it: where sums travel,
  // whenever they leave the array; where they stay, in each row of a column that adds them up.
  void scaling() {
    if (!scales_after()) return;
    const double one = energy_of(dataflow_.one_scaling());
    costs_.fixed_pj += outputs() * groups() * one;
    if (cuts_a_sum() == 0.0) return;
    energy(kResidentLevel, kLoweredOutputs, Flow::kUpdates, cuts_a_sum() * one);
    if (lowering_.keeps_sums)
      energy(kPeLevel, kLoweredOutputs, Flow::kReductions, cuts_a_sum() * one);
  }

  /// The same in time. Where sums stay all PEs share the work. Where they travel, the last PE of R that share
  /// K scales what leaves the array, of tables one sum a key, be it because a group ends there or because the
  /// sum leaves: one of R PEs for each update, and updates and reductions are R times as many as updates.
  void time_of_cuts(nest::Resource& units, double cycles_a_scaling) const {
    if (!scales_after()) return;
    const bool a_key = has_table() && !lowering_.keeps_sums;
    time_of_sums(units, (a_key ? 1.0 - scalings_a_unit() : cuts_a_sum()) * cycles_a_scaling);
  }
  /// For each update and each reduction, with all PEs at work.
  void time_of_sums(nest::Resource& units, double cycles) const {
    if (cycles <= 0.0) return;
    const double each = cycles / number(shape_.rows * shape_.columns);
    const std::size_t sender = lowering_.keeps_sums ? kPeLevel : kUnitLevel;
    time(units, kResidentLevel, kLoweredOutputs, Flow::kUpdates, each);
    time(units, sender, kLoweredOutputs, Flow::kReductions, each);
  }

  /// Sums of planes have as many terms as adds; but where PEs share a scale group, the first has nothing to
  /// add to, and the last adds what it scaled as well. Where none share, too much by that.
  void time_of_joins(nest::Resource& units, double cycles_an_add) const {
    if (!scales_after() || lowering_.keeps_sums || shape_.rows < 2 || scalings_a_unit() >= 1.0 ||
        !workload::is_binary_coded(kernel_.format))
      return;
    time_of_sums(units, cycles_an_add * kernel_.format.planes);
  }

  /// Scalings beyond a layer's own for each sum that leaves the array, or is joined with another.
  double cuts_a_sum() const {
    const std::uint64_t scale = kernel_.tiles.inputs_a_scale();
    const bool to_complete_sums =
        kernel_.format.kind == FormatKind::kW8a8 || kernel_.format.kind == FormatKind::kMsfp ||
        (!has_table() && scale >= product_.inputs && !workload::is_binary_coded(kernel_.format));
    if (!scales_after() || to_complete_sums) return 0.0;
    const std::uint64_t step = (lowering_.keeps_sums ? 1 : shape_.rows) * lowering_.unit;
    const std::uint64_t pieces = ceil_div(product_.inputs, step);
    return 1.0 - number(common_starts({0, step, pieces}, scale)) / number(pieces);
  }

  void tables() {
    const arch::Lut& lut = *group_.datapath.lut;
    const double an_input =
        unit_ * accesses(kernel_.widths.activation_bits, group_.activation_scratchpad);
    double build =
        an_input * price_.activation_pad.read + number(lut.entries()) * price_.table.write +
        number(arith::lut_generator_adds(lut.key_bits)) * price_.of(Arithmetic::kFp16Add);
    if (shape_.table_a_plane) build += unit_ * energy_of(dataflow_.scaling_of_plane());
    energy(kPeLevel, kLoweredInputs, Flow::kFills, build);
    costs_.fixed_pj += macs() / unit_ * kernel_.format.planes * price_.table.read;
    // A single table is built or read; of two, one is built while the other is read.
    nest::Resource reading{"tables", lut.copies > 1 ? 0.0 : 1.0, {}, true};
    if (lut.copies > 1)
      time(reading, kPeLevel, kLoweredInputs, Flow::kTurns, 1.0);
    else
      time_to_build(reading);
    costs_.resources.push_back(reading);
  }
  void time_to_build(nest::Resource& resource) const {
    time(resource, kPeLevel, kLoweredInputs, Flow::kFills,
         number(group_.datapath.lut->build_cycles().value()));
  }
};

}  // namespace

void add_units(const LoweredDesign& design, nest::Costs& costs) {
  LoweredUnits(design, costs).add();
}

}  // namespace addax::mapping
