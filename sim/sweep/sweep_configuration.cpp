// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "sim/sweep/sweep.h"

namespace addax::sweep {
namespace {

using Json = nlohmann::ordered_json;

/// A number where it would be read back as the same text.
Json value_json(const std::string& text) {
  const Cell cell = cell_of(text);
  return text == "null" || text_of(cell) == text ? json_of(cell) : Json(text);
}

/// A word, or a map of what is below a root.
Json base_json(const Point& base) {
  Json roots = Json::object();
  for (const auto& [key, text] : base) {
    const std::size_t dot = key.find('.');
    Json& root = roots[key.substr(0, dot)];
    if (dot == std::string::npos) {
      root = Json::object({{"file", text}});
    } else {
      root[key.substr(dot + 1)] = value_json(text);
    }
  }
  for (Json& root : roots)
    if (root.size() == 1 && root.contains("file")) root = Json(root["file"]);
  return roots;
}

Json key_json(const Axis& axis, std::size_t key) {
  Json values = Json::array();
  for (const std::vector<std::string>& level : axis.levels)
    values.push_back(value_json(level[key]));
  return {{"key", axis.keys[key]}, {"values", values}};
}

Json axes_json(const std::vector<Axis>& axes) {
  Json list = Json::array();
  for (const Axis& axis : axes) {
    if (axis.keys.size() == 1) {
      list.push_back(key_json(axis, 0));
      continue;
    }
    Json linked = Json::array();
    for (std::size_t key = 0; key < axis.keys.size(); ++key) linked.push_back(key_json(axis, key));
    list.push_back(Json::object({{"linked", linked}}));
  }
  return list;
}

Json equal_json(const Equal& equal) {
  Json json = {{"quantity", name(equal.quantity)}, {"tolerance", equal.tolerance}};
  if (equal.reference) json["reference"] = *equal.reference;
  if (!equal.free.empty()) json["free"] = axes_json(equal.free);
  return json;
}

Json sample_json(const Sample& sample) {
  if (sample.method == Method::kFull) return Json::object({{"method", "full"}});
  return {{"method", sample.method == Method::kRandom ? "random" : "latin-hypercube"},
          {"points", sample.points},
          {"seed", sample.seed}};
}

}  // namespace

Json configuration_json(const Sweep& sweep) {
  Json where = Json::array();
  for (const Expression& expression : sweep.where) where.push_back(expression.text());
  Json json = {{"addax", "sweep/1"},
               {"name", sweep.name},
               {"description", sweep.description},
               {"base", base_json(sweep.base)},
               {"axes", axes_json(sweep.axes)},
               {"where", where}};
  if (sweep.equal) json["equal"] = equal_json(*sweep.equal);
  json["sample"] = sample_json(sweep.sample);
  return json;
}

}  // namespace addax::sweep
