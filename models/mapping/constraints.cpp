// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/constraints.h"

#include <algorithm>
#include <map>

#include "models/quantity/quantity.h"

namespace addax::mapping {

using quantity::ceil_div;
using search::LevelRule;

namespace {

using Levels = std::array<LevelRule, kLoweredLevels>;
using Dimensions = std::vector<std::size_t>;

Levels stationary(std::size_t tensor) {
  Levels levels;
  levels[kPeLevel].stationary = {tensor};
  return levels;
}

// A sum is added up in one place: nothing of k is spread over PEs.
Levels output_stationary() {
  Levels levels = stationary(kLoweredOutputs);
  levels[kStreamLevel].y = levels[kStreamLevel].x = Dimensions{kTokens, kOutputs};
  return levels;
}

Levels row_stationary() {
  Levels levels;
  LevelRule& array = levels[kStreamLevel];
  array.y = Dimensions{kUnits};
  array.x = Dimensions{kTokens, kOutputs};
  array.innermost = {kTokens};
  return levels;
}

Levels no_local_reuse() {
  Levels levels;
  levels[kPeLevel].tiles = {{kTokens, 1}, {kOutputs, 1}, {kUnits, 1}};
  levels[kPeLevel].keep = {{kLoweredWeights, true}, {kLoweredOutputs, false}};
  for (const std::size_t level : {kDramLevel, kResidentLevel, kStreamLevel})
    levels.at(level).innermost = {kUnits};
  return levels;
}

std::string of_level(std::size_t level) { return level_words()[level] + ": "; }

/// Adds the rule of one level to what a way asks of it.
class Merger {
 public:
  Merger(Lowering& lowering, std::size_t level)
      : space_(lowering.space),
        level_(level),
        unit_(lowering.unit),
        inputs_(lowering.product.inputs),
        rule_(lowering.space.rules.at(level)) {}

  std::vector<std::string> merge(const LevelRule& asked) {
    intersect(rule_.temporal, asked.temporal);
    intersect(rule_.y, asked.y);
    intersect(rule_.x, asked.x);
    if (!asked.innermost.empty()) rule_.innermost = asked.innermost;
    tiles(asked.tiles);
    const nest::Level& storage = space_.hierarchy.levels[level_];
    bounds(asked.y_bounds, {"y", rule_.y, storage.fan_out_y}, rule_.y_bounds);
    bounds(asked.x_bounds, {"x", rule_.x, storage.fan_out_x}, rule_.x_bounds);
    for (const auto& [tensor, kept] : asked.keep) keep(tensor, kept);
    for (const std::size_t tensor : asked.stationary) stay(tensor);
    return std::move(contradictions_);
  }

 private:
  static void intersect(std::optional<Dimensions>& own, const std::optional<Dimensions>& asked) {
    if (!asked) return;
    if (!own) {
      own = asked;
      return;
    }
    const auto refused = [&](std::size_t dimension) {
      return std::find(asked->begin(), asked->end(), dimension) == asked->end();
    };
    own->erase(std::remove_if(own->begin(), own->end(), refused), own->end());
  }

  void contradict(const std::string& text) { contradictions_.push_back(of_level(level_) + text); }

  void tiles(const std::map<std::size_t, std::uint64_t>& asked) {
    for (const auto& [dimension, extent] : asked) {
      const std::uint64_t unit = dimension == kUnits ? unit_ : 1;
      const std::uint64_t tile = ceil_div(extent, unit);
      const std::uint64_t size = space_.problem.dimensions[dimension].size;
      if (tile > size)
        contradict("a tile of " + std::to_string(extent) + " of " + dimension_words()[dimension] +
                   ", which has " + std::to_string(dimension == kUnits ? inputs_ : size));
      rule_.tiles[dimension] = tile;
    }
  }

  struct Mesh {
    const char* name;
    const std::optional<Dimensions>& allowed;
    std::uint64_t instances;
  };
  void bounds(const std::map<std::size_t, std::uint64_t>& asked, const Mesh& mesh,
              std::map<std::size_t, std::uint64_t>& own) {
    std::uint64_t together = 1;
    for (const auto& [dimension, runs] : asked) {
      own[dimension] = runs;
      if (runs == 1) continue;
      const std::string& word = dimension_words()[dimension];
      if (mesh.allowed &&
          std::find(mesh.allowed->begin(), mesh.allowed->end(), dimension) == mesh.allowed->end())
        contradict(word + " does not run over " + mesh.name);
      if (runs > mesh.instances / together)
        return contradict("loops over " + std::string(mesh.name) + " spread over " +
                          (together > 1 ? std::to_string(together) + " x " : "") +
                          std::to_string(runs) + " instances; there are " +
                          std::to_string(mesh.instances));
      together *= runs;
    }
  }

  void keep(std::size_t tensor, bool kept) {
    if (tensor >= space_.problem.tensors.size()) return;
    const nest::Keep may = space_.hierarchy.levels[level_].tensors[tensor].keep;
    if (may == (kept ? nest::Keep::kNever : nest::Keep::kMust))
      contradict((kept ? "it never keeps the " : "it always keeps the ") + tensor_words()[tensor]);
    rule_.keep[tensor] = kept;
  }

  void stay(std::size_t tensor) {
    if (tensor >= space_.problem.tensors.size()) return;
    for (std::size_t level = level_; level < space_.hierarchy.levels.size(); ++level) {
      if (space_.hierarchy.levels[level].tensors[tensor].keep == nest::Keep::kNever) continue;
      space_.rules[level].stationary.push_back(tensor);
      return;
    }
    contradict("neither it nor a level inside it keeps the " + tensor_words()[tensor]);
  }

  search::Space& space_;
  std::size_t level_;
  std::uint64_t unit_, inputs_;
  LevelRule& rule_;
  std::vector<std::string> contradictions_;
};

}  // namespace

const std::vector<std::string>& dataflow_names() {
  static const std::vector<std::string> names = {"weight-stationary", "output-stationary",
                                                 "input-stationary",  "lut-stationary",
                                                 "row-stationary",    "no-local-reuse"};
  return names;
}

std::optional<Constraints> named_dataflow(const std::string& name) {
  if (name == "weight-stationary") return Constraints{name, stationary(kLoweredWeights)};
  if (name == "output-stationary") return Constraints{name, output_stationary()};
  if (name == "input-stationary" || name == "lut-stationary")
    return Constraints{name, stationary(kLoweredInputs)};
  if (name == "row-stationary") return Constraints{name, row_stationary()};
  if (name == "no-local-reuse") return Constraints{name, no_local_reuse()};
  return std::nullopt;
}

const std::vector<std::string>& level_words() {
  static const std::vector<std::string> words = {"dram", "resident", "stream", "pe", "unit"};
  return words;
}

const std::vector<std::string>& dimension_words() {
  static const std::vector<std::string> words = {"m", "n", "k", "q"};
  return words;
}

const std::vector<std::string>& tensor_words() {
  static const std::vector<std::string> words = {"inputs", "weights", "outputs", "scales"};
  return words;
}

std::vector<std::string> constrain(Lowering& lowering, const Constraints& constraints) {
  std::vector<std::string> contradictions;
  for (std::size_t level = 0; level < kLoweredLevels; ++level)
    for (std::string& each : Merger(lowering, level).merge(constraints.levels.at(level)))
      contradictions.push_back(std::move(each));
  return contradictions;
}

}  // namespace addax::mapping
