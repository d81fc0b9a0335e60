// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/prices.h"

#include "sim/engine/actions.h"

namespace addax::engine {

using action::Action;
using action::Component;
using action::Verb;

namespace {

double pj(const cost::PriceList& list, const Action& action) {
  return list.of(action).energy.value();
}

mapping::Prices::Memory memory(const cost::PriceList& list, Component component,
                               std::uint32_t width, std::uint32_t group) {
  if (width == 0) return {};
  return {pj(list, {component, Verb::kRead, width, group}),
          pj(list, {component, Verb::kWrite, width, group})};
}

mapping::Prices::Network network(const cost::PriceList& list, Component component) {
  return {pj(list, {component, Verb::kTransfer}), pj(list, {component, Verb::kDeliver})};
}

mapping::Prices::Memory pad(const cost::PriceList& list, Component component,
                            const arch::Scratchpad& scratchpad, std::uint32_t group) {
  return scratchpad.bits() == 0 ? mapping::Prices::Memory{}
                                : memory(list, component, scratchpad.width_bits, group);
}

mapping::Prices prices_of(const arch::Architecture& a, const cost::PriceList& list,
                          std::uint32_t group) {
  const arch::ColumnGroup& columns = a.groups[group];
  mapping::Prices p;
  p.dram_read_bit = pj(list, {Component::kDram, Verb::kRead});
  p.dram_write_bit = pj(list, {Component::kDram, Verb::kWrite});
  p.buffer = memory(list, Component::kBuffer, a.buffer.width_bits, 0);
  p.activation_pad =
      pad(list, Component::kActivationScratchpad, columns.activation_scratchpad, group);
  p.weight_pad = pad(list, Component::kWeightScratchpad, columns.weight_scratchpad, group);
  p.psum_pad = pad(list, Component::kPsumScratchpad, columns.psum_scratchpad, group);
  p.activation = network(list, Component::kActivationNetwork);
  p.weight = network(list, Component::kWeightNetwork);
  p.psum = network(list, Component::kPsumNetwork);
  p.output = network(list, Component::kOutputNetwork);
  p.neighbour_bit = pj(list, {Component::kNeighbourLink, Verb::kTransfer, 1, group});
  for (const arch::Unit& unit : columns.datapath.units)
    p.operation[static_cast<std::size_t>(unit.executes)] =
        pj(list, {Component::kArray, Verb::kCompute, 1, group, unit.executes});
  if (columns.datapath.lut) {
    p.table = memory(list, Component::kLut, columns.datapath.lut->entry_bits, group);
    p.operation[static_cast<std::size_t>(arith::Arithmetic::kFp16Add)] =
        pj(list, {Component::kLut, Verb::kCompute, 1, group, arith::Arithmetic::kFp16Add});
  }
  // A cycle in which the group works and nothing else happens.
  const action::ActionCounts idle = cycle_actions(a, group);
  for (const auto& [action, count] : idle.all())
    p.cycle += pj(list, action) * static_cast<double>(count);
  return p;
}

}  // namespace

std::vector<mapping::Prices> prices(const arch::Architecture& architecture,
                                    const cost::PriceList& list) {
  std::vector<mapping::Prices> all;
  for (std::uint32_t g = 0; g < architecture.groups.size(); ++g)
    all.push_back(prices_of(architecture, list, g));
  return all;
}

}  // namespace addax::engine
