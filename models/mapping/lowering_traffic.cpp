// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "models/mapping/lowering_terms.h"

// What moves words: DRAM, the parts of the buffer, networks, scratchpads.
namespace addax::mapping {

using nest::Flow;
using workload::FormatKind;

namespace {

// Passes of a layer differ: with array and DRAM busy alike it takes 7 % longer than either, as
// simulated layers do, with one of them 0.8 times as busy 1 %.
constexpr double kOverlapPower = 10.0;

class LoweredTraffic : LoweredTerms {
 public:
  LoweredTraffic(const LoweredDesign& design, nest::Costs& costs) : LoweredTerms(design, costs) {}

  void add() {
    if (with_memory_) memory();
    activations();
    weights();
    sums();
    for (nest::Resource* resource : {&dram_, &activation_net_, &weight_net_, &psum_net_,
                                     &output_net_, &resident_port_, &stream_port_})
      if (!resource->charges.empty()) costs_.resources.push_back(std::move(*resource));
  }

 private:
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
    double reduction =
        bits * price_.neighbour_bit * (kernel_.sums_by_plane() ? kernel_.format.planes : 1);
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

  nest::Resource dram_{"DRAM", 0.0, {}, false},
      activation_net_{"activation network", 0.0, {}, false},
      weight_net_{"weight network", 0.0, {}, false}, psum_net_{"psum network", 0.0, {}, false},
      output_net_{"output network", 0.0, {}, false},
      resident_port_{"resident banks", 0.0, {}, false},
      stream_port_{"streaming half", 0.0, {}, false};
};

}  // namespace

void add_traffic(const LoweredDesign& design, nest::Costs& costs) {
  LoweredTraffic(design, costs).add();
}

}  // namespace addax::mapping
