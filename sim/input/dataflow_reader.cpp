// SPDX-License-Identifier: Apache-2.0
#include "sim/input/dataflow_reader.h"

#include <algorithm>
#include <filesystem>

namespace addax::input {
namespace {

using mapping::Constraints;
using Indices = std::vector<std::size_t>;
using Words = std::vector<std::string>;

constexpr std::uint64_t kMostExtent = std::uint64_t{1} << 40U;

std::size_t index_of(const Value& value, const Words& words) {
  const std::string word = value.word(words);
  return static_cast<std::size_t>(std::find(words.begin(), words.end(), word) - words.begin());
}

/// A list of different words, as indices.
Indices indices(const Value& list, const Words& words) {
  Indices all;
  for (const Value& each : list.list()) {
    const std::size_t index = index_of(each, words);
    if (std::find(all.begin(), all.end(), index) != all.end()) each.fail("each word once");
    all.push_back(index);
  }
  return all;
}

std::map<std::size_t, std::uint64_t> numbers(const Value& map) {
  const Words& words = mapping::dimension_words();
  map.allow_only({words.begin(), words.end()});
  std::map<std::size_t, std::uint64_t> all;
  for (const auto& [word, value] : map.entries())
    all[static_cast<std::size_t>(std::find(words.begin(), words.end(), word) - words.begin())] =
        value.integer(1, kMostExtent);
  return all;
}

void keep(const Value& level, const char* key, bool kept, std::map<std::size_t, bool>& rule) {
  const auto list = level.find(key);
  if (!list) return;
  for (const std::size_t tensor : indices(*list, mapping::tensor_words()))
    if (!rule.emplace(tensor, kept).second)
      list->fail("tensors that keep does not name: " + mapping::tensor_words()[tensor] +
                 " cannot be both");
}

search::LevelRule level_rule(const Value& level) {
  level.allow_only({"temporal", "y", "x", "innermost", "tiles", "y_bounds", "x_bounds", "keep",
                    "bypass", "stationary"});
  const Words& dimensions = mapping::dimension_words();
  search::LevelRule rule;
  const auto loops = [&](const char* key, std::optional<Indices>& into) {
    if (const auto list = level.find(key)) into = indices(*list, dimensions);
  };
  loops("temporal", rule.temporal);
  loops("y", rule.y);
  loops("x", rule.x);
  if (const auto list = level.find("innermost")) rule.innermost = indices(*list, dimensions);
  const auto extents = [&](const char* key, std::map<std::size_t, std::uint64_t>& into) {
    if (const auto map = level.find(key)) into = numbers(*map);
  };
  extents("tiles", rule.tiles);
  extents("y_bounds", rule.y_bounds);
  extents("x_bounds", rule.x_bounds);
  keep(level, "keep", true, rule.keep);
  keep(level, "bypass", false, rule.keep);
  if (const auto list = level.find("stationary"))
    rule.stationary = indices(*list, mapping::tensor_words());
  return rule;
}

}  // namespace

Constraints read_dataflow(const Document& document) {
  const Value root = document.root();
  root.allow_only({"addax", "name", "description", "levels"});
  root.at("addax").word({"dataflow/1"});
  Constraints constraints;
  constraints.name = root.at("name").text();
  if (constraints.name.empty()) root.at("name").fail("text that is not empty");
  if (const auto text = root.find("description")) text->text();
  const Value levels = root.at("levels");
  const Words& words = mapping::level_words();
  levels.allow_only({words.begin(), words.end()});
  for (std::size_t level = 0; level < words.size(); ++level)
    if (const auto given = levels.find(words[level]))
      constraints.levels.at(level) = level_rule(*given);
  if (const auto dram = levels.find(words[mapping::kDramLevel]))
    if (const auto tiles = dram->find("tiles"))
      tiles->fail("nothing: dram holds the whole of every dimension");
  return constraints;
}

Constraints resolve_dataflow(const std::string& name_or_path, std::string* bytes_for_hash) {
  if (bytes_for_hash != nullptr) bytes_for_hash->clear();
  if (const auto named = mapping::named_dataflow(name_or_path)) return *named;
  const std::string suffix = std::filesystem::path(name_or_path).extension().string();
  const bool path = name_or_path.find('/') != std::string::npos || suffix == ".yaml" ||
                    suffix == ".yml" || suffix == ".json";
  if (path) {
    const Document document = Document::read(name_or_path);
    if (bytes_for_hash != nullptr) *bytes_for_hash = document.bytes();
    return read_dataflow(document);
  }
  std::string list;
  for (const std::string& name : mapping::dataflow_names()) list += name + ", ";
  const auto near = nearest(name_or_path, mapping::dataflow_names());
  throw ConfigError("--dataflow: found '" + name_or_path + "'; allowed: " + list +
                    "or the path of a .yaml file" +
                    (near ? "; did you mean '" + *near + "'?" : ""));
}

}  // namespace addax::input
