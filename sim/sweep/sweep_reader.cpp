// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "sim/input/config_path.h"
#include "sim/input/document.h"
#include "sim/sweep/sweep.h"

namespace addax::sweep {
namespace {

using input::Value;

constexpr std::uint64_t kMostLevels = 1'000'000;
constexpr double kLargest = 1e18;

// A root, or a path that begins with one.
std::string key_of(const Value& value) {
  const std::string key = value.text();
  const std::string root = key.substr(0, key.find('.'));
  if (std::find(std::begin(kRoots), std::end(kRoots), root) == std::end(kRoots) ||
      key.back() == '.' || key.find("..") != std::string::npos)
    value.fail("arch, trace, tech or run, and a path below it, as arch.rows");
  return key;
}

Range range_of(const Value& value) {
  value.allow_only({"from", "to", "spacing", "step", "points"});
  Range range;
  range.from = value.at("from").number(-kLargest, kLargest);
  range.to = value.at("to").number(range.from, kLargest);
  if (const auto spacing = value.find("spacing")) {
    const std::string word = spacing->word({"linear", "doubling", "logarithmic"});
    if (word == "doubling") range.spacing = Spacing::kDoubling;
    if (word == "logarithmic") range.spacing = Spacing::kLogarithmic;
  }
  if (range.spacing != Spacing::kLinear && !(range.from > 0.0))
    value.at("from").fail("more than 0, where values are not linear");
  const auto step = value.find("step"), points = value.find("points");
  if (range.spacing == Spacing::kDoubling && points) points->fail("none where values double");
  if (range.spacing != Spacing::kLinear && step) step->fail("none but where values are linear");
  if (range.spacing != Spacing::kDoubling && !step == !points)
    value.fail(range.spacing == Spacing::kLinear ? "step or points, one of them" : "points");
  if (step) {
    range.step = step->number(1e-18, kLargest);
    if ((range.to - range.from) / range.step >= static_cast<double>(kMostLevels))
      step->fail("at most " + std::to_string(kMostLevels) + " values");
  }
  if (points) range.points = points->integer(2, kMostLevels);
  return range;
}

/// One key of an axis: its values in order.
std::vector<std::string> values_of(const Value& value) {
  const auto list = value.find("values"), range = value.find("range");
  if (!list == !range) value.fail("values or range, one of them");
  if (range) return values(range_of(*range));
  std::vector<std::string> texts;
  std::set<std::string> seen;
  for (const Value& each : list->list()) {
    texts.push_back(each.text());
    if (!seen.insert(texts.back()).second) each.fail("each value once");
  }
  if (texts.empty()) list->fail("one value or more");
  return texts;
}

// One key with values, or several that are linked.
Axis axis_of(const Value& value) {
  value.allow_only({"key", "values", "range", "linked"});
  std::vector<Value> parts = {value};
  if (const auto linked = value.find("linked")) {
    value.allow_only({"linked"});
    parts = linked->list();
    if (parts.size() < 2) linked->fail("two keys or more, each with values");
  }
  Axis axis;
  for (const Value& part : parts) {
    part.allow_only({"key", "values", "range"});
    axis.keys.push_back(key_of(part.at("key")));
    const std::vector<std::string> texts = values_of(part);
    if (axis.levels.empty()) axis.levels.resize(texts.size());
    if (axis.levels.size() != texts.size())
      part.fail(std::to_string(axis.levels.size()) + " values, as of the keys it is linked with (found " +
                std::to_string(texts.size()) + ")");
    for (std::size_t i = 0; i < texts.size(); ++i) axis.levels[i].push_back(texts[i]);
  }
  return axis;
}

void read_axes(const Value& value, Sweep& sweep) {
  std::set<std::string> seen;
  double points = 1.0;
  for (const Value& each : value.list()) {
    sweep.axes.push_back(axis_of(each));
    for (const std::string& key : sweep.axes.back().keys)
      if (!seen.insert(key).second) each.fail("each key on one axis (found " + key + " on two)");
    points *= static_cast<double>(sweep.axes.back().levels.size());
  }
  // What a root stands for must be known before what lies below it is set.
  if (sweep.axes.empty()) value.fail("one axis or more");
  const double most = static_cast<double>(kMostPoints);
  if (points > (sweep.sample.method == Method::kFull ? most : 1e18))
    value.fail("at most " + std::to_string(kMostPoints) +
               " points, or a sample of them (found " + std::to_string(points) + ")");
}

void read_filters(const Value& value, Sweep& sweep) {
  for (const Value& each : value.list()) try {
      sweep.filters.emplace_back(each.text());
    } catch (const FilterError& error) {
      each.fail(std::string("an expression over keys, as arch.rows <= 16: ") + error.what());
    }
}

Sample sample_of(const Value& value) {
  value.allow_only({"method", "points", "seed"});
  Sample sample;
  const std::string word = value.at("method").word({"full", "random", "latin-hypercube"});
  if (word == "full") {
    value.allow_only({"method"});
    return sample;
  }
  sample.method = word == "random" ? Method::kRandom : Method::kLatinHypercube;
  sample.points = value.at("points").integer(1, kMostPoints);
  if (const auto seed = value.find("seed"))
    sample.seed = seed->integer(0, std::uint64_t{1} << 62U);
  return sample;
}

void read_base(const Value& value, Sweep& sweep) {
  value.allow_only({"arch", "trace", "tech", "run"});
  sweep.base = {{"tech", "physical-45nm"}};
  for (const auto& [key, each] : value.entries()) {
    if (key != "run") {
      sweep.base[key] = each.text();
      continue;
    }
    for (const auto& [option, word] : each.entries()) sweep.base["run." + option] = word.text();
  }
}

bool on_an_axis(const Sweep& sweep, const std::string& key) {
  for (const Axis& axis : sweep.axes)
    if (std::find(axis.keys.begin(), axis.keys.end(), key) != axis.keys.end()) return true;
  return false;
}

}  // namespace

Sweep read_sweep(const std::string& path_or_name, std::string* bytes_for_hash) {
  const input::Document document =
      input::Document::read(input::config_path("sweep", path_or_name));
  if (bytes_for_hash != nullptr) *bytes_for_hash = document.bytes();
  const Value root = document.root();
  root.allow_only({"addax", "name", "description", "base", "axes", "where", "sample"});
  root.at("addax").word({"sweep/1"});
  Sweep sweep;
  sweep.name = root.at("name").text();
  if (const auto text = root.find("description")) sweep.description = text->text();
  if (const auto sample = root.find("sample")) sweep.sample = sample_of(*sample);
  read_base(root.at("base"), sweep);
  read_axes(root.at("axes"), sweep);
  if (const auto where = root.find("where")) read_filters(*where, sweep);
  for (const char* needed : {"arch", "trace"})
    if (sweep.base.count(needed) == 0 && !on_an_axis(sweep, needed))
      root.at("base").fail(std::string(needed) + ", here or on an axis");
  return sweep;
}

}  // namespace addax::sweep
