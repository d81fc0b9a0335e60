// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/lowering_costs.h"

#include <algorithm>
#include <optional>

#include "models/arith/lut.h"
#include "models/mapping/segments.h"
#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::mapping {

using arith::Arithmetic;
using nest::Flow;
using quantity::ceil_div;
using workload::ArithmeticCounts;
using workload::FormatKind;

namespace {

// Passes of a layer differ: with array and DRAM busy alike it takes 7 % longer than either, as
// simulated layers do, with one of them 0.8 times as busy 1 %.
constexpr double kOverlapPower = 10.0;

double number(std::uint64_t count) { return static_cast<double>(count); }

class LoweredCosts {
 public:
  explicit LoweredCosts(const LoweredDesign& design)
      : arch_(design.context.architecture),
        group_(arch_.groups.at(design.context.group)),
        price_(design.context.prices),
        placement_(design.context.placement),
        product_(design.product),
        lowering_(design.lowering),
        kernel_(design.lowering.kernel),
        shape_(design.shape),
        with_memory_(design.with_memory),
        spills_(design.spills),
        dataflow_(arch_, design.context.group, kernel_, {}),
        unit_(number(lowering_.unit)),
        source_(lowering_.activation_streams ? kStreamLevel : kResidentLevel) {}

  nest::Costs make() {
    costs_.cycles_a_step = 0.0;
    costs_.a_cycle_pj = price_.cycle;
    if (with_memory_) memory();
    activations();
    weights();
    sums();
    arithmetic();
    if (has_table()) tables();
    for (nest::Resource* resource : {&dram_, &activation_net_, &weight_net_, &psum_net_,
                                     &output_net_, &resident_port_, &stream_port_})
      if (!resource->charges.empty()) costs_.resources.push_back(std::move(*resource));
    for_all_copies();
    return std::move(costs_);
  }

 private:
  bool has_table() const { return shape_.readers > 0; }
  bool has_scales() const { return kernel_.tiles.inputs_a_scale() > 0; }
  double activation_bits() const { return unit_ * kernel_.widths.activation_bits; }
  double stored_bits() const { return unit_ * kStoredActivationBits; }
  double code_bits() const {
    return number(kernel_.tiles.code_bits(0, lowering_.unit, 1)) /
           (has_table() ? kernel_.format.planes : 1);
  }
  double scale_bits() const { return number(kernel_.tiles.scale_bits(0, lowering_.unit, 0, 1)); }
  double sum_bits() const { return kernel_.widths.accumulator_bits; }
  double outputs() const { return number(product_.tokens) * number(product_.outputs); }
  double macs() const {
    return outputs() * number(ceil_div(product_.inputs, lowering_.unit)) * unit_;
  }
  double accesses(double bits) const { return bits / arch_.buffer.width_bits; }
  static double accesses(double bits, const arch::Scratchpad& pad) {
    return number(ceil_div(static_cast<std::uint64_t>(bits), pad.width_bits));
  }

  void energy(std::size_t level, std::size_t tensor, Flow flow, double each) {
    if (each != 0.0) costs_.energy_pj.push_back({level, tensor, flow, each});
  }
  static void time(nest::Resource& resource, std::size_t level, std::size_t tensor, Flow flow,
                   double cycles) {
    resource.charges.push_back({level, tensor, flow, cycles});
  }

  // DRAM and the half of the buffer that faces it.
  void memory() {
    const double bits_a_cycle = arch_.dram_bits_per_cycle() * arch_.dram_availability();
    dram_.ahead = true;
    costs_.overlap_power = kOverlapPower;
    const auto load = [&](std::size_t level, std::size_t tensor, double bits) {
      energy(level, tensor, Flow::kFills,
             bits * price_.dram_read_bit + accesses(bits) * price_.buffer.write);
      time(dram_, level, tensor, Flow::kFills, bits / bits_a_cycle);
      if (level == kResidentLevel)
        time(resident_port_, level, tensor, Flow::kFills,
             accesses(bits) / lowering_.share.resident_banks);
    };
    // A half is asked for when the pass that used it ends, and waits for its first data.
    costs_.waits.push_back(
        {kStreamLevel, kLoweredWeights, arch_.dram.latency.value() * 1e-9 * arch_.clock.value()});
    // What is resident has no second half: when it changes, the first pass with it waits for its
    // weights.
    const auto half = lowering_.space.hierarchy.levels[kStreamLevel].capacity_bits;
    if (half && source_ == kResidentLevel && !placement_.input_on_chip)
      costs_.waits.push_back({kResidentLevel, kLoweredInputs, number(*half) / bits_a_cycle});
    if (!placement_.input_on_chip) load(source_, kLoweredInputs, stored_bits());
    load(kStreamLevel, kLoweredWeights, code_bits());
    if (has_scales()) load(kStreamLevel, kLoweredScales, scale_bits());
    if (placement_.output_on_chip) return;
    load(kResidentLevel, kLoweredOutputs, sum_bits());  // sums that were spilt
    const double store = price_.dram_write_bit + price_.buffer.read / arch_.buffer.width_bits;
    // Complete sums are stored narrower than those that are spilt.
    const double complete = dataflow_.output_bits();
    const double bits = spills_ ? sum_bits() : complete;
    energy(kDramLevel, kLoweredOutputs, Flow::kUpdates, bits * store);
    time(dram_, kDramLevel, kLoweredOutputs, Flow::kUpdates, bits / bits_a_cycle);
    time(resident_port_, kDramLevel, kLoweredOutputs, Flow::kUpdates,
         accesses(bits) / lowering_.share.resident_banks);
    costs_.fixed_pj -= outputs() * (bits - complete) * store;
  }

  // Copies run one after another and share nothing.
  void for_all_copies() {
    const double copies = number(product_.copies);
    costs_.fixed_pj *= copies;
    for (nest::Charge& charge : costs_.energy_pj) charge.each *= copies;
    for (nest::Wait& wait : costs_.waits) wait.cycles *= copies;
    for (nest::Resource& resource : costs_.resources) {
      resource.a_step *= copies;
      for (nest::Charge& charge : resource.charges) charge.each *= copies;
    }
  }

  /// Buffer to array: reads of a port, over a network's trunk and its row buses.
  struct Way {
    std::size_t level, tensor;
    std::optional<std::size_t> receiver;  ///< level whose row words are delivered
    double bits;
    nest::Resource& port;
    double banks;
    nest::Resource& net;
    const arch::Network& network;
    const Prices::Network& price;
  };
  void send(const Way& way) {
    energy(way.level, way.tensor, Flow::kReads,
           way.bits * way.price.transfer_bit +
               (with_memory_ ? accesses(way.bits) * price_.buffer.read : 0.0));
    if (way.receiver)
      energy(*way.receiver, way.tensor, Flow::kRowWords, way.bits * way.price.deliver_bit);
    time(way.net, way.level, way.tensor, Flow::kReads, way.bits / way.network.width_bits);
    if (with_memory_)
      time(way.port, way.level, way.tensor, Flow::kReads, accesses(way.bits) / way.banks);
  }

  void activations() {
    const bool streams = lowering_.activation_streams;
    send({source_, kLoweredInputs, kPeLevel, activation_bits(),
          streams ? stream_port_ : resident_port_,
          number(streams ? lowering_.share.half_banks : lowering_.share.resident_banks),
          activation_net_, arch_.networks.activation, price_.activation});
    const double an_input =
        unit_ * accesses(kernel_.widths.activation_bits, group_.activation_scratchpad);
    energy(kPeLevel, kLoweredInputs, Flow::kFills, an_input * price_.activation_pad.write);
    if (!has_table()) costs_.fixed_pj += macs() / unit_ * an_input * price_.activation_pad.read;
  }

  void weights() {
    const double row_bits = code_bits();
    nest::Resource& port = stream_port_;
    std::optional<std::size_t> receiver;
    if (!has_table()) receiver = kPeLevel;
    send({kStreamLevel, kLoweredWeights, receiver, row_bits, port,
          number(lowering_.share.half_banks), weight_net_, arch_.networks.weight, price_.weight});
    if (has_scales()) {
      // Scales go to the array once, with the tile that holds the first of their weights.
      const double bits = scale_bits();
      energy(kStreamLevel, kLoweredScales, Flow::kFills,
             bits * (price_.weight.transfer_bit + price_.weight.deliver_bit) +
                 (with_memory_ ? accesses(bits) * price_.buffer.read : 0.0));
      time(weight_net_, kStreamLevel, kLoweredScales, Flow::kFills,
           bits / arch_.networks.weight.width_bits);
    }
    const Prices::Memory& pad = price_.weight_pad;
    const double width = group_.weight_scratchpad.width_bits;
    if (has_table()) {
      // Each key passes the scratchpad of each table that it queries.
      energy(kStreamLevel, kLoweredWeights, Flow::kReads, row_bits * price_.weight.deliver_bit);
      costs_.fixed_pj += macs() * kernel_.format.planes / width * (pad.read + pad.write);
      return;
    }
    const double held =
        kernel_.format.kind == FormatKind::kInt ? 16 : kernel_.tiles.code_bits_a_weight();
    energy(kPeLevel, kLoweredWeights, Flow::kFills, unit_ * held / width * pad.write);
    costs_.fixed_pj += macs() * held / width * pad.read;
  }

  void sums() {
    const double bits = sum_bits();
    const double buffer_banks = lowering_.share.resident_banks;
    const auto move = [&](Flow flow, double access, const Prices::Network& price,
                          nest::Resource& net, const arch::Network& network) {
      energy(kResidentLevel, kLoweredOutputs, flow,
             bits * (price.transfer_bit + price.deliver_bit) +
                 (with_memory_ ? accesses(bits) * access : 0.0));
      time(net, kResidentLevel, kLoweredOutputs, flow, bits / network.width_bits);
      if (with_memory_)
        time(resident_port_, kResidentLevel, kLoweredOutputs, flow, accesses(bits) / buffer_banks);
    };
    move(Flow::kUpdates, price_.buffer.write, price_.output, output_net_, arch_.networks.output);
    move(Flow::kReads, price_.buffer.read, price_.psum, psum_net_, arch_.networks.psum);
    costs_.fixed_pj -= outputs() * (bits - dataflow_.output_bits()) *
                       (price_.output.transfer_bit + price_.output.deliver_bit +
                        (with_memory_ ? price_.buffer.write / arch_.buffer.width_bits : 0.0));
    const double a_sum = accesses(bits, group_.psum_scratchpad);
    const Prices::Memory& pad = price_.psum_pad;
    const std::size_t sender = lowering_.keeps_sums ? kPeLevel : kUnitLevel;
    double reduction = bits * price_.neighbour_bit * (by_plane() ? kernel_.format.planes : 1);
    if (lowering_.keeps_sums) {
      energy(kPeLevel, kLoweredOutputs, Flow::kUpdates, a_sum * pad.write);
      energy(kPeLevel, kLoweredOutputs, Flow::kFills, a_sum * pad.write);
      energy(kPeLevel, kLoweredOutputs, Flow::kReads, a_sum * pad.read);
      // Leaving takes a read in every PE that has a sum.
      energy(kResidentLevel, kLoweredOutputs, Flow::kUpdates, a_sum * pad.read);
      reduction += a_sum * pad.read;
    } else {
      for (const Flow flow : {Flow::kUpdates, Flow::kReads})
        energy(kResidentLevel, kLoweredOutputs, flow, a_sum * (pad.read + pad.write));
    }
    energy(sender, kLoweredOutputs, Flow::kReductions, reduction);
  }

  /// Whether the sums of planes run down a column by themselves.
  bool by_plane() const {
    return has_table() && !shape_.table_a_plane &&
           kernel_.tiles.inputs_a_scale() > kernel_.how.key_bits;
  }

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
    const double steps_a_row = number(ceil_div(product_.inputs, lowering_.unit)) *
                               (has_table() ? kernel_.format.planes : 1);
    return groups() / steps_a_row * (has_table() ? number(shape_.readers) : 1.0);
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
      add_cuts(units, cycles * number(dataflow_.one_scaling().operations[a]));
      if (units.a_step > 0.0 || !units.charges.empty()) costs_.resources.push_back(units);
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

  /// The same in time: all PEs share the work.
  void add_cuts(nest::Resource& units, double cycles_a_scaling) const {
    const double cycles = cuts_a_sum() * cycles_a_scaling / number(shape_.rows * shape_.columns);
    if (cycles == 0.0) return;
    time(units, kResidentLevel, kLoweredOutputs, Flow::kUpdates, cycles);
    if (lowering_.keeps_sums) time(units, kPeLevel, kLoweredOutputs, Flow::kReductions, cycles);
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
      time(reading, kPeLevel, kLoweredInputs, Flow::kFills, number(lut.build_cycles().value()));
    costs_.resources.push_back(reading);
  }

  const arch::Architecture& arch_;
  const arch::ColumnGroup& group_;
  const Prices& price_;
  const Placement& placement_;
  const Product& product_;
  const Lowering& lowering_;
  const Kernel& kernel_;
  const ArrayShape& shape_;
  bool with_memory_;
  bool spills_;
  Dataflow dataflow_;
  double unit_;
  std::size_t source_;  ///< level that activations come from
  nest::Costs costs_;
  nest::Resource dram_{"DRAM", 0.0, {}, false},
      activation_net_{"activation network", 0.0, {}, false},
      weight_net_{"weight network", 0.0, {}, false}, psum_net_{"psum network", 0.0, {}, false},
      output_net_{"output network", 0.0, {}, false},
      resident_port_{"resident banks", 0.0, {}, false},
      stream_port_{"streaming half", 0.0, {}, false};
};

}  // namespace

nest::Costs lowered_costs(const LoweredDesign& design) { return LoweredCosts(design).make(); }

}  // namespace addax::mapping
