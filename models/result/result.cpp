// SPDX-License-Identifier: Apache-2.0
#include "models/result/result.h"

#include <utility>

namespace addax::result {

const char* name(Resource resource) {
  switch (resource) {
    case Resource::kDram:
      return "dram";
    case Resource::kBuffer:
      return "buffer";
    case Resource::kNetwork:
      return "network";
    case Resource::kCompute:
      return "compute";
    case Resource::kVectorUnit:
      break;
  }
  return "vector_unit";
}

const char* name(Equalisation equalisation) {
  switch (equalisation) {
    case Equalisation::kIsoArea:
      return "iso-area";
    case Equalisation::kIsoThroughput:
      return "iso-throughput";
    case Equalisation::kIsoPe:
      break;
  }
  return "iso-pe";
}

double Retention::builds_a_table() const {
  return static_cast<double>(built) / static_cast<double>(distinct);
}

double Retention::outputs_a_build() const {
  return static_cast<double>(queries) / planes / static_cast<double>(built);
}

double Retention::tiles_a_build() const {
  return static_cast<double>(output_tiles) / builds_a_table();
}

namespace {

quantity::Seconds duration(quantity::Cycles cycles, quantity::Hertz clock) {
  return quantity::Seconds(static_cast<double>(cycles.value()) / clock.value());
}

}  // namespace

DesignResult evaluate(Activity activity, const arch::Architecture& architecture,
                      const std::string& trace_name, const cost::CostTable& table) {
  DesignResult result;
  result.architecture = architecture.name;
  result.trace = trace_name;
  result.cost_table = table.name;
  result.rows = architecture.rows;
  result.columns = architecture.columns();
  result.area = cost::area(table, architecture);
  result.notes = std::move(activity.notes);
  result.notes.insert(result.notes.end(), result.area.notes.begin(), result.area.notes.end());

  Totals& totals = result.totals;
  totals.area = result.area.total;
  totals.cycles = activity.cycles;
  totals.latency = duration(activity.cycles, architecture.clock);

  const cost::PriceList prices(table, architecture);
  result.layers.reserve(activity.layers.size());
  for (LayerActivity& layer : activity.layers) {
    cost::EnergyReport energy = cost::energy(layer.actions, prices);
    for (const auto& [component, part] : energy.by_component)
      result.energy_by_component[component].add(part);
    result.energy_by_operation[layer.kind].add(energy.total);
    result.energy_of_tables.add(energy.tables);
    totals.energy.add(energy.total);
    totals.macs = quantity::checked_add(totals.macs, layer.macs);
    totals.dram_bits = quantity::checked_add(
        totals.dram_bits, quantity::checked_add(layer.dram_read_bits, layer.dram_write_bits));
    result.actions.add(layer.actions);
    // Priced, they are in the sums; of a long generation they would take most of the memory.
    layer.actions = {};
    const quantity::Seconds latency = duration(layer.cycles, architecture.clock);
    result.layers.push_back({std::move(layer), latency, std::move(energy)});
  }
  return result;
}

Ratios ratios(const Totals& design, const Totals& baseline) {
  const double energy = design.energy.value / baseline.energy.value;
  const double latency = design.latency / baseline.latency;
  return {energy, latency, design.area.value / baseline.area.value, energy * latency};
}

}  // namespace addax::result
