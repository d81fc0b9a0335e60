// SPDX-License-Identifier: Apache-2.0
#include "sim/app/map_layers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "models/mapping/planner.h"
#include "models/quantity/check.h"
#include "sim/input/document_node.h"
#include "sim/input/trace_request.h"

namespace addax::app {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 18U;

[[noreturn]] void refuse_layer(const std::string& text) {
  throw input::ConfigError(
      "--layer: found '" + input::printable(text) +
      "'; allowed: tokens x inputs x outputs, as 1x4096x11008, each from 1 to " +
      std::to_string(kMost));
}

std::array<std::uint64_t, 3> parse_sizes(const std::string& text) {
  std::array<std::uint64_t, 3> sizes{};
  const char* at = text.data();
  const char* end = at + text.size();
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (i > 0 && (at == end || *at++ != 'x')) refuse_layer(text);
    const auto parsed = std::from_chars(at, end, sizes.at(i));
    if (parsed.ec != std::errc() || sizes.at(i) == 0 || sizes.at(i) > kMost) refuse_layer(text);
    at = parsed.ptr;
  }
  if (at != end) refuse_layer(text);
  return sizes;
}

const workload::Operation& operation_of(const workload::Block& block, const std::string& name) {
  const auto found =
      std::find_if(block.operations.begin(), block.operations.end(),
                   [&](const workload::Operation& each) { return each.name == name; });
  ADDAX_CHECK(found != block.operations.end(), "a layer without its operation");
  return *found;
}

struct Names {
  std::string operation, block, phase;
  std::string full() const { return phase + "/" + block + "/" + operation; }
  bool called(const std::string& name) const {
    return name.empty() || name == operation || name == block + "/" + operation || name == full();
  }
};

[[noreturn]] void refuse_name(const std::string& name, const Words& operations) {
  if (operations.empty())
    throw input::ConfigError(
        "--trace: found a trace without products of weights; allowed: a trace with a linear layer");
  refuse("--layer", "'" + name + "'", operations);
}

}  // namespace

WantedLayer layer_of_words(const CommandLine& line) {
  const std::string text = line.required("layer", "tokens x inputs x outputs, as 1x4096x11008");
  const auto [m, k, n] = parse_sizes(text);
  WantedLayer wanted;
  wanted.names = {text};
  wanted.linear.tokens = m;
  wanted.linear.inputs = k;
  wanted.linear.outputs = n;
  wanted.linear.weights = input::parse_weights(line.find("weights").value_or("fp16"), "");
  try {
    workload::macs(wanted.linear);
  } catch (const quantity::CountOverflow&) {
    refuse_layer(text);
  }
  return wanted;
}

std::vector<WantedLayer> layers_of_trace(const workload::Trace& trace,
                                         const arch::Architecture& architecture,
                                         const std::string& name) {
  mapping::Planner planner(architecture, trace.widths);
  std::vector<WantedLayer> wanted;
  std::map<const mapping::PlannedLayer*, std::size_t> known;
  Words operations;
  for (std::size_t p = 0; p < trace.phases.size(); ++p) {
    const workload::Phase& phase = trace.phases[p];
    std::vector<mapping::LayerOfPhase> layers;
    try {
      layers = planner.plan(phase);
    } catch (const quantity::Impossible& impossible) {
      quantity::Diagnosis diagnosis = impossible.diagnosis();
      diagnosis.path = "phases[" + std::to_string(p) + "]." + diagnosis.path;
      throw quantity::Impossible(diagnosis);
    }
    for (const mapping::LayerOfPhase& place : layers) {
      const auto* plan = std::get_if<mapping::ProductPlan>(&place.layer->plan);
      if (plan == nullptr) continue;
      const workload::Block& block = phase.blocks[place.block];
      const Names names{place.name, block.name, phase.name};
      if (std::find(operations.begin(), operations.end(), place.name) == operations.end())
        operations.push_back(place.name);
      if (!names.called(name)) continue;
      const auto [entry, added] = known.emplace(place.layer.get(), wanted.size());
      if (added)
        wanted.push_back({{},
                          std::get<workload::Linear>(operation_of(block, place.name).work),
                          plan->placement});
      wanted[entry->second].names.push_back(names.full());
    }
  }
  if (wanted.empty()) refuse_name(name, operations);
  return wanted;
}

}  // namespace addax::app
