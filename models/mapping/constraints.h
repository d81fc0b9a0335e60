// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "models/mapping/lowering.h"

namespace addax::mapping {

inline constexpr std::size_t kLoweredLevels = kUnitLevel + 1;

/// What a user asks of a mapping beyond what the design asks: a dataflow, or single loops. One rule
/// a LoweredLevel; dimensions are ArrayDimension, tensors LoweredTensor. Tiles of k are in inputs,
/// and rounded up to whole units (keys, boxes, packed trits). A tensor that is to be stationary in
/// a level that does not keep it is so in the next level inside that does.
struct Constraints {
  std::string name;
  std::array<search::LevelRule, kLoweredLevels> levels;
};

/// weight-stationary, output-stationary, input-stationary, lut-stationary, row-stationary,
/// no-local-reuse. What each asks: docs/physics/dataflows.md.
const std::vector<std::string>& dataflow_names();
std::optional<Constraints> named_dataflow(const std::string& name);

/// Words for levels, dimensions and tensors, in the order of their enumerations: dram, resident,
/// stream, pe, unit; m, n, k, q; inputs, weights, outputs, scales.
const std::vector<std::string>& level_words();
const std::vector<std::string>& dimension_words();
const std::vector<std::string>& tensor_words();

/// Adds the constraints to the rules of a lowering's space. Returns what of them this way cannot
/// follow, in words; a way with such contradictions has no mapping.
std::vector<std::string> constrain(Lowering& lowering, const Constraints& constraints);

}  // namespace addax::mapping
