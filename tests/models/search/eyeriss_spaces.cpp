// SPDX-License-Identifier: Apache-2.0
#include "tests/models/search/eyeriss_spaces.h"

#include <string>

namespace addax::tests {
namespace {

using nest::Flow;
using nest::Keep;

enum Tensor : std::size_t { kInputs, kWeights, kOutputs };
enum LevelOf : std::size_t { kDram, kResident, kStream, kElement };

constexpr std::uint64_t kBitsAKibibyte = 8 * 1024;

nest::Storage stored(Keep keep, std::uint32_t word_bits) {
  nest::Storage storage;
  storage.keep = keep;
  storage.word_bits = word_bits;
  return storage;
}

struct Split {
  std::uint64_t resident_kibibytes, stream_kibibytes;
  bool inputs_resident;
};

std::vector<Split> splits() {
  std::vector<Split> all;
  for (const std::uint64_t resident : {27u, 54u, 64u, 81u})
    for (const bool inputs : {true, false}) all.push_back({resident, 108 - resident, inputs});
  return all;
}

std::string name(const Split& split) {
  return std::to_string(split.resident_kibibytes) + " KiB resident, Inputs " +
         (split.inputs_resident ? "resident" : "streaming");
}

void charge(std::vector<nest::Charge>& to, std::size_t level, std::size_t tensor,
            std::initializer_list<Flow> flows, double each) {
  for (const Flow flow : flows) to.push_back({level, tensor, flow, each});
}

constexpr double kDramPj = 8.0, kBufferPj = 10.0 / 64.0, kNetworkPj = 0.1;  // a bit

struct Widths {
  double inputs, weights, outputs;  // bits of a word
};

// DRAM, buffers and networks down to a level of the array.
nest::Costs outer_costs(const Split& split, const Widths& bits, std::size_t array_outputs) {
  nest::Costs costs;
  auto& energy = costs.energy_pj;
  const std::size_t home = split.inputs_resident ? kResident : kStream;
  charge(energy, kDram, kInputs, {Flow::kReads}, kDramPj * bits.inputs);
  charge(energy, kDram, kWeights, {Flow::kReads}, kDramPj * bits.weights);
  charge(energy, kDram, kOutputs, {Flow::kReads, Flow::kUpdates}, kDramPj * bits.outputs);
  charge(energy, home, kInputs, {Flow::kReads, Flow::kFills}, kBufferPj * bits.inputs);
  charge(energy, kStream, kWeights, {Flow::kReads, Flow::kFills}, kBufferPj * bits.weights);
  charge(energy, kResident, kOutputs, {Flow::kReads, Flow::kUpdates, Flow::kFills},
         kBufferPj * bits.outputs);
  charge(energy, kElement, kInputs, {Flow::kRowWords}, kNetworkPj * bits.inputs);
  if (array_outputs == kElement) {
    charge(energy, kElement, kWeights, {Flow::kRowWords}, kNetworkPj * bits.weights);
    charge(energy, kElement, kOutputs, {Flow::kRowWords, Flow::kReductions},
           kNetworkPj * bits.outputs);
  }
  nest::Resource dram{"DRAM", 0.0, {}, false};
  charge(dram.charges, kDram, kInputs, {Flow::kReads}, bits.inputs / 768);
  charge(dram.charges, kDram, kWeights, {Flow::kReads}, bits.weights / 768);
  charge(dram.charges, kDram, kOutputs, {Flow::kReads, Flow::kUpdates}, bits.outputs / 768);
  nest::Resource inputs{"activation network", 0.0, {}, false};
  charge(inputs.charges, home, kInputs, {Flow::kReads}, bits.inputs / 256);
  nest::Resource weights{"weight network", 0.0, {}, false};
  charge(weights.charges, kStream, kWeights, {Flow::kReads}, bits.weights / 1024);
  nest::Resource sums{"partial sums in", 0.0, {}, false};
  charge(sums.charges, kResident, kOutputs, {Flow::kReads}, bits.outputs / 512);
  nest::Resource outputs{"outputs", 0.0, {}, false};
  charge(outputs.charges, kResident, kOutputs, {Flow::kUpdates}, bits.outputs / 512);
  nest::Resource resident{"resident banks", 0.0, {}, false};
  charge(resident.charges, kResident, kOutputs, {Flow::kReads, Flow::kUpdates, Flow::kFills},
         bits.outputs / 1024);
  nest::Resource stream{"streaming banks", 0.0, {}, false};
  charge(stream.charges, kStream, kWeights, {Flow::kReads, Flow::kFills}, bits.weights / 1024);
  nest::Resource& with_inputs = split.inputs_resident ? resident : stream;
  charge(with_inputs.charges, home, kInputs, {Flow::kReads, Flow::kFills}, bits.inputs / 1024);
  costs.resources = {dram, inputs, weights, sums, outputs, resident, stream};
  costs.a_cycle_pj = 100.0;
  return costs;
}

nest::Hierarchy outer_levels(const Split& split, std::uint32_t weight_bits) {
  const auto home = [](bool here) { return here ? Keep::kMust : Keep::kNever; };
  nest::Level dram;
  dram.name = "DRAM";
  dram.tensors = {stored(Keep::kMust, 16), stored(Keep::kMust, weight_bits),
                  stored(Keep::kMust, 32)};
  nest::Level resident;
  resident.name = "resident";
  resident.tensors = {stored(home(split.inputs_resident), 16), stored(Keep::kNever, weight_bits),
                      stored(Keep::kMust, 32)};
  resident.capacity_bits = split.resident_kibibytes * kBitsAKibibyte;
  nest::Level stream;
  stream.name = "stream";
  stream.tensors = {stored(home(!split.inputs_resident), 16), stored(Keep::kMust, weight_bits),
                    stored(Keep::kNever, 32)};
  stream.capacity_bits = split.stream_kibibytes * kBitsAKibibyte;
  stream.fan_out_y = 12;
  return {{dram, resident, stream}};
}

}  // namespace

std::vector<Gemm> gemms() {
  std::vector<Gemm> all;
  for (const std::uint64_t m : {1u, 128u})
    for (const auto& [k, n] : std::initializer_list<std::pair<std::uint64_t, std::uint64_t>>{
             {768, 768}, {768, 3072}, {4096, 11008}, {9216, 36864}})
      all.push_back({m, k, n});
  return all;
}

std::vector<search::Space> eyeriss_products(const Gemm& shape) {
  std::vector<search::Space> spaces;
  for (const Split& split : splits()) {
    search::Space space;
    space.name = name(split);
    space.problem = nest::matrix_product(shape.m, shape.k, shape.n);
    space.hierarchy = outer_levels(split, 16);
    nest::Level& stream = space.hierarchy.levels[kStream];
    stream.fan_out_x = 14;
    stream.reduces_x = false;
    nest::Level element;
    element.name = "PE";
    element.tensors = {stored(Keep::kMust, 16), stored(Keep::kMust, 16), stored(Keep::kMust, 32)};
    element.tensors[kInputs].capacity_bits = 12 * 16;
    element.tensors[kWeights].capacity_bits = (shape.m > 1 ? 112 : 224) * 16;
    element.tensors[kOutputs].capacity_bits = 24 * 32;
    space.hierarchy.levels.push_back(element);
    space.costs = outer_costs(split, {16, 16, 32}, kElement);
    auto& energy = space.costs.energy_pj;
    charge(energy, kElement, kInputs, {Flow::kReads, Flow::kFills}, 0.3);
    charge(energy, kElement, kWeights, {Flow::kReads, Flow::kFills}, 1.0);
    charge(energy, kElement, kOutputs, {Flow::kReads, Flow::kFills, Flow::kUpdates}, 0.5);
    space.costs.fixed_pj = 2.0 * static_cast<double>(space.problem.macs());
    spaces.push_back(space);
  }
  return spaces;
}

std::vector<search::Space> eyeriss_tables(const Gemm& shape) {
  constexpr std::uint64_t kKey = 4, kPlanes = 3;
  std::vector<search::Space> spaces;
  for (const Split& split : splits()) {
    search::Space space;
    space.name = name(split);
    space.problem = nest::matrix_product(shape.m, shape.k / kKey, shape.n);
    space.problem.dimensions.push_back({"Q", kPlanes});
    space.problem.tensors[kWeights].indices.push_back({{{3, 1}}, 1});
    space.hierarchy = outer_levels(split, kKey);
    for (nest::Level& level : space.hierarchy.levels) level.tensors[kInputs].word_bits = 16 * kKey;
    nest::Level table;
    table.name = "table";
    table.tensors = {stored(Keep::kMust, 256), stored(Keep::kNever, kKey),
                     stored(Keep::kNever, 32)};
    table.tensors[kInputs].capacity_bits = 256;
    table.fan_out_x = 32;
    space.hierarchy.levels.push_back(table);
    space.costs = outer_costs(split, {16 * kKey, kKey, 32}, kResident);
    auto& energy = space.costs.energy_pj;
    charge(energy, kElement, kInputs, {Flow::kFills}, 8.0);
    charge(energy, kElement, kInputs, {Flow::kReads}, 0.6);
    space.costs.resources.push_back(
        {"table building", 0.0, {{kElement, kInputs, Flow::kFills, 8.0}}, true});
    space.costs.fixed_pj = 0.2 * static_cast<double>(space.problem.macs());
    space.rules.resize(4);
    for (search::LevelRule& rule : space.rules) {
      rule.temporal = std::vector<std::size_t>{0, 1, 2};
      rule.y = std::vector<std::size_t>{0, 1, 2};
    }
    space.rules[kElement].temporal = std::vector<std::size_t>{0, 1, 2, 3};
    space.rules[kElement].x = std::vector<std::size_t>{2};
    space.rules[kElement].innermost = {3};
    spaces.push_back(space);
  }
  return spaces;
}

}  // namespace addax::tests
