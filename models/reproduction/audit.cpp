// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/audit.h"

#include <algorithm>
#include <map>

#include "models/quantity/check.h"
#include "models/reproduction/audit_layer.h"

namespace addax::reproduction {

using action::Component;
using action::Verb;

namespace {

constexpr double kJoule = 1e12;  // pJ

/// A layer that the published accounting leaves out, as it was simulated.
struct OtherLayer {
  double dynamic_j = 0.0;
  double fixed_watts = 0.0;
  double compute_s = 0.0;  ///< bound of array and vector unit
  double bound_s = 0.0;    ///< the largest bound of all resources
};

double& part(AuditEnergy& energy, const action::Action& action) {
  if (action.verb == Verb::kPowered || action.verb == Verb::kClocked) return energy.fixed;
  switch (action.component) {
    case Component::kDram:
      return energy.dram;
    case Component::kBuffer:
      return energy.buffer;
    case Component::kActivationNetwork:
    case Component::kWeightNetwork:
    case Component::kPsumNetwork:
    case Component::kOutputNetwork:
    case Component::kNeighbourLink:
      return energy.network;
    case Component::kActivationScratchpad:
    case Component::kWeightScratchpad:
    case Component::kPsumScratchpad:
      return energy.registers;
    case Component::kLut:
      return energy.tables;
    case Component::kArray:
    case Component::kVectorUnit:
      return energy.arithmetic;
  }
  ADDAX_UNREACHABLE("component");
}

AuditEnergy spent_j(const action::ActionCounts& counts, const cost::PriceList& prices) {
  AuditEnergy energy;
  for (const auto& [action, count] : counts.all())
    part(energy, action) += prices.of(action).energy.value() * static_cast<double>(count) / kJoule;
  return energy;
}

void add(AuditEnergy& sum, const AuditEnergy& energy, double times) {
  for (double AuditEnergy::*each : AuditEnergy::kParts) sum.*each += energy.*each * times;
}

class DesignAudit {
 public:
  DesignAudit(const published::Shape& shape, const published::Scheme& scheme,
              const SimulatedDesign& design)
      : design_(design), prices_(design), elementwise_(published::elementwise_layers(shape)) {
    read_simulated_layers();
    read_published_layers(shape, scheme);
  }

  DesignCost after(Assumption now) const {
    if (now == Assumption::kSimulated) return simulated_;
    DesignCost sum;
    const bool real = reached(now, Assumption::kShapes);
    for (const AuditLayer& layer : real ? real_layers_ : published_layers_) {
      Tally tally;
      account(tally, layer, design_.architecture, prices_, now);
      if (reached(now, Assumption::kTime)) wait(tally, layer);
      finish(sum, tally, layer.count);
    }
    if (reached(now, Assumption::kOtherOperations)) {
      for (const OtherLayer& other : others_) add_other(sum, other, now);
    } else {
      for (const published::ElementwiseLayer& layer : elementwise_) {
        Tally tally;
        account(tally, layer, prices_, now);
        finish(sum, tally, layer.count);
      }
    }
    if (now == Assumption::kPublished) as_printed(sum);
    return sum;
  }

 private:
  double seconds(quantity::Cycles cycles) const {
    return static_cast<double>(cycles.value()) / design_.architecture.clock.value();
  }

  using Place = std::pair<std::string, std::string>;  // block, operation
  std::map<Place, const workload::Linear*> linears() const {
    std::map<Place, const workload::Linear*> all;
    for (const workload::Phase& phase : design_.trace.phases)
      for (const workload::Block& block : phase.blocks)
        for (const workload::Operation& operation : block.operations)
          if (const auto* linear = std::get_if<workload::Linear>(&operation.work)) {
            ADDAX_CHECK(linear->tokens == 1, "the audit is of one token");
            all[{block.name, operation.name}] = linear;
          }
    return all;
  }

  void read_simulated_layers() {
    const auto linear_of = linears();
    simulated_.latency_s = seconds(design_.activity.cycles);
    for (const result::LayerActivity& activity : design_.activity.layers) {
      AuditEnergy energy = spent_j(activity.actions, prices_.list());
      const double latency_s = seconds(activity.cycles);
      const double fixed_watts = latency_s > 0.0 ? energy.fixed / latency_s : 0.0;
      const auto linear = linear_of.find({activity.block, activity.name});
      if (linear != linear_of.end()) {
        real_layers_.push_back(audit_layer(*linear->second, activity, fixed_watts));
      } else {
        others_.push_back(other_layer(activity, energy.total() - energy.fixed, fixed_watts));
        AuditEnergy whole;
        whole.other = energy.total() - energy.fixed;
        whole.fixed = energy.fixed;
        energy = whole;
      }
      add(simulated_.energy, energy, 1.0);
    }
    ADDAX_CHECK(!real_layers_.empty(), "a model has linear layers");
  }

  AuditLayer audit_layer(const workload::Linear& linear, const result::LayerActivity& activity,
                         double fixed_watts) const {
    AuditLayer layer;
    layer.inputs = linear.inputs;
    layer.outputs = linear.outputs;
    layer.count = quantity::checked_mul(activity.repeat, linear.copies);
    layer.format = linear.weights;
    layer.fixed_watts = fixed_watts;
    const std::vector<arch::ColumnGroup>& groups = design_.architecture.groups;
    while (layer.group < groups.size() && groups[layer.group].name != activity.group) ++layer.group;
    ADDAX_CHECK(layer.group < groups.size(), "a linear layer is computed by a column group");
    return layer;
  }

  OtherLayer other_layer(const result::LayerActivity& activity, double dynamic_j,
                         double fixed_watts) const {
    const auto busy = [&](result::Resource resource) {
      return seconds(activity.busy[static_cast<std::size_t>(resource)]);
    };
    OtherLayer other;
    other.dynamic_j = dynamic_j;
    other.fixed_watts = fixed_watts;
    other.compute_s =
        std::max(busy(result::Resource::kCompute), busy(result::Resource::kVectorUnit));
    other.bound_s = seconds(*std::max_element(activity.busy.begin(), activity.busy.end()));
    return other;
  }

  // Shapes are the paper's; formats and column groups those of the simulated layers.
  void read_published_layers(const published::Shape& shape, const published::Scheme& scheme) {
    const AuditLayer* quantised = &real_layers_.front();
    const AuditLayer* plain = &real_layers_.front();
    for (const AuditLayer& layer : real_layers_)
      (layer.format.kind == workload::FormatKind::kFp16 ? plain : quantised) = &layer;
    ADDAX_CHECK(workload::code_bits_a_weight(quantised->format) == scheme.bits,
                "the design that was simulated has the scheme's bits");
    for (const published::LinearLayer& linear : published::linear_layers(shape)) {
      AuditLayer layer = linear.quantised ? *quantised : *plain;
      layer.inputs = linear.inputs;
      layer.outputs = linear.outputs;
      layer.count = linear.count;
      published_layers_.push_back(layer);
    }
  }

  // The array waits for DRAM; tables are held, and everything is powered, meanwhile.
  void wait(Tally& tally, const AuditLayer& layer) const {
    const arch::Architecture& a = design_.architecture;
    const double bandwidth = a.dram.peak_bandwidth.value() * a.dram_availability();
    const double latency_s = std::max(tally.time_s, tally.dram_bits / bandwidth);
    if (workload::is_binary_coded(layer.format))
      tally.energy.tables +=
          prices_.hold(layer.group) * (latency_s - tally.time_s) * a.clock.value();
    tally.energy.fixed += layer.fixed_watts * latency_s * kJoule;
    tally.time_s = latency_s;
  }

  static void finish(DesignCost& sum, const Tally& tally, std::uint64_t count) {
    const auto times = static_cast<double>(count);
    add(sum.energy, tally.energy, times / kJoule);
    sum.latency_s += tally.time_s * times;
  }

  static void add_other(DesignCost& sum, const OtherLayer& other, Assumption now) {
    const bool timed = reached(now, Assumption::kTime);
    const double latency_s = timed ? other.bound_s : other.compute_s;
    sum.energy.other += other.dynamic_j;
    if (timed) sum.energy.fixed += other.fixed_watts * latency_s;
    sum.latency_s += latency_s;
  }

  // mJ were printed as J, and s as ms.
  static void as_printed(DesignCost& cost) {
    for (double AuditEnergy::*each : AuditEnergy::kParts) cost.energy.*each *= 1e3;
    cost.latency_s *= 1e-3;
  }

  SimulatedDesign design_;
  AuditPrices prices_;
  std::vector<published::ElementwiseLayer> elementwise_;
  std::vector<AuditLayer> published_layers_, real_layers_;
  std::vector<OtherLayer> others_;
  DesignCost simulated_;
};

}  // namespace

double AuditEnergy::total() const {
  double sum = 0.0;
  for (double AuditEnergy::*each : kParts) sum += this->*each;
  return sum;
}

const std::vector<AuditStep>& audit_steps() {
  using A = Assumption;
  static const std::vector<AuditStep> steps = {
      {A::kPublished, "published", "As published",
       "the paper's accounting, in the units it prints"},
      {A::kUnits, "units", "Units", "printed J are mJ, and ms are s: pJ times operations say so"},
      {A::kArithmeticCosts, "arithmetic_costs", "Arithmetic constants",
       "a shift costs what Table 1 of the paper prints, not the 0.15 pJ its energies were computed "
       "with"},
      {A::kOperandWidths, "operand_widths", "Operand widths of OPTQ",
       "activations and sums of the same-bits baseline have 16 bits, and its array the size of the "
       "others'"},
      {A::kSums, "sums", "No separate Add",
       "a sum is formed where a product or a lookup comes out; its traffic is that of the layer's "
       "outputs"},
      {A::kKeys, "keys", "Keys of every plane",
       "8 bits are fetched for each key and plane, not 10 for each key"},
      {A::kScales, "scales", "Scales as shared, k terms",
       "scales are fetched and applied as often as they are shared, each of k exponent adds and "
       "k-1 adds; groups of the same-bits baseline likewise"},
      {A::kTables, "tables", "Tables as hardware",
       "one table a PE, kept for all rows and planes: its building, holding and reading cost what "
       "the design's table costs"},
      {A::kSilicon, "silicon", "Equal silicon",
       "arrays as large as they were simulated; the head runs on the multipliers that the design "
       "has beside its tables"},
      {A::kAccumulators, "accumulators", "32-bit sums", "sums are added and moved in 32 bits"},
      {A::kShapes, "shapes", "The model's own shapes",
       "grouped-query heads, and projections of a narrower embedding"},
      {A::kMemoryCosts, "memory_costs", "Memory technology",
       "DRAM, buffer, wires and scratchpads cost what the cost table gives for each design, and "
       "weights pass the buffer: another technology, not an error"},
      {A::kOtherOperations, "other_operations", "Attention, norms, cache",
       "all that is not a linear layer, at the stated context"},
      {A::kTime, "time", "Bandwidth, leakage, background",
       "a layer takes the longer of array and DRAM time; leakage, clocks and DRAM background count "
       "for that time"},
      {A::kSimulated, "simulated", "Simulated",
       "the published tilings give way to mapped and simulated layers; what changes is the "
       "residual"}};
  return steps;
}

std::vector<DesignCost> audit(const published::Shape& shape, const published::Scheme& scheme,
                              const SimulatedDesign& design) {
  const DesignAudit accounting(shape, scheme, design);
  std::vector<DesignCost> costs;
  for (const AuditStep& step : audit_steps()) costs.push_back(accounting.after(step.assumption));
  return costs;
}

}  // namespace addax::reproduction
