// SPDX-License-Identifier: Apache-2.0
#include "sim/report/configuration.h"

namespace addax::report {
namespace {

using Words = std::vector<std::string>;

Json words_of(const std::vector<std::size_t>& indices, const Words& words) {
  Json list = Json::array();
  for (const std::size_t index : indices) list.push_back(words.at(index));
  return list;
}

Json numbers(const std::map<std::size_t, std::uint64_t>& map) {
  Json object = Json::object();
  for (const auto& [dimension, number] : map)
    object[mapping::dimension_words().at(dimension)] = number;
  return object;
}

Json level_json(const search::LevelRule& rule) {
  const Words& dimensions = mapping::dimension_words();
  const Words& tensors = mapping::tensor_words();
  Json object = Json::object();
  if (rule.temporal) object["temporal"] = words_of(*rule.temporal, dimensions);
  if (rule.y) object["y"] = words_of(*rule.y, dimensions);
  if (rule.x) object["x"] = words_of(*rule.x, dimensions);
  if (!rule.innermost.empty()) object["innermost"] = words_of(rule.innermost, dimensions);
  if (!rule.tiles.empty()) object["tiles"] = numbers(rule.tiles);
  if (!rule.y_bounds.empty()) object["y_bounds"] = numbers(rule.y_bounds);
  if (!rule.x_bounds.empty()) object["x_bounds"] = numbers(rule.x_bounds);
  for (const auto& [tensor, kept] : rule.keep)
    object[kept ? "keep" : "bypass"].push_back(tensors.at(tensor));
  if (!rule.stationary.empty()) object["stationary"] = words_of(rule.stationary, tensors);
  return object;
}

}  // namespace

Json configuration_json(const mapping::Constraints& constraints) {
  Json levels = Json::object();
  for (std::size_t level = 0; level < constraints.levels.size(); ++level) {
    Json rule = level_json(constraints.levels.at(level));
    if (!rule.empty()) levels[mapping::level_words().at(level)] = std::move(rule);
  }
  return {{"addax", "dataflow/1"}, {"name", constraints.name}, {"levels", std::move(levels)}};
}

}  // namespace addax::report
