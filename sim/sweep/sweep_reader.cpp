// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/input/config_path.h"
#include "sim/input/document.h"
#include "sim/sweep/sweep.h"

namespace addax::sweep {
namespace {

using input::Value;

constexpr double kLargest = 1e18;
constexpr double kMostSampled = 1e18;    // an index of 64 bits
constexpr std::size_t kMostKeys = 1000;  // SQLite's tables have up to 2000 columns

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

bool holds(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool has_control(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// Whether a key begins with what can be changed; of traces and runs all words are known.
void check_key(const Value& value, const std::string& key) {
  const std::size_t dot = key.find('.');
  const std::string root = key.substr(0, dot);
  const std::string rest = dot == std::string::npos ? "" : key.substr(dot + 1);
  const bool is_path = dot != std::string::npos;
  if (root == "trace" && is_path && !holds(trace_words(), rest))
    value.fail("trace. and one of " + listed(trace_words()));
  if (root == "run" && !holds(run_words(), rest))
    value.fail("run. and one of " + listed(run_words()));
  const bool known = root == "arch" || root == "tech" || root == "trace" || root == "run";
  if (!known || has_control(key) || (is_path && !input::is_change_path(rest)))
    value.fail(
        "arch, tech, trace or run, and a path below it, as arch.rows or arch.groups[0].columns");
}

/// A key's value: one line of text; null as "null".
std::string value_of(const Value& value) {
  if (value.is_null()) return "null";
  if (has_control(value.text())) value.fail("one line of text");
  return value.text();
}

/// Digits alone, with or without a minus: 100, not 100.0 or 1e2.
bool is_written_as_integer(const std::string& text) {
  const std::size_t first = text.rfind('-', 0) == 0 ? 1 : 0;
  return text.find_first_not_of("0123456789", first) == std::string::npos;
}

Range range_of(const Value& value) {
  value.allow_only({"from", "to", "spacing", "step", "points"});
  Range range;
  range.from = value.at("from").number(-kLargest, kLargest);
  range.to = value.at("to").number(range.from, kLargest);
  range.integers = is_written_as_integer(value.at("from").text()) &&
                   is_written_as_integer(value.at("to").text());
  if (const auto spacing = value.find("spacing")) {
    const std::string word = spacing->word({"linear", "doubling", "logarithmic"});
    if (word == "doubling") range.spacing = Spacing::kDoubling;
    if (word == "logarithmic") range.spacing = Spacing::kLogarithmic;
  }
  if (range.spacing != Spacing::kLinear && !(range.from > 0.0))
    value.at("from").fail("more than 0, where values are not linear");
  const auto step = value.find("step"), points = value.find("points");
  if (range.spacing != Spacing::kLinear && step) step->fail("none but where values are linear");
  if (range.spacing == Spacing::kDoubling && points) points->fail("none where values double");
  if (range.spacing == Spacing::kLogarithmic && !points) value.fail("points too");
  if (range.spacing == Spacing::kLinear && !step == !points)
    value.fail("step or points, one of them");
  if (step) {
    range.step = step->number(1e-18, kLargest);
    if ((range.to - range.from) / range.step >= static_cast<double>(kMostPoints))
      step->fail(fmt::format("one that gives at most {} values", kMostPoints));
  }
  if (points) range.points = points->integer(2, kMostPoints);
  if (points && !(range.to > range.from))
    value.at("to").fail("more than from, where points are given");
  return range;
}

/// One key of an axis: its values in order.
std::vector<std::string> values_of(const Value& value) {
  const auto list = value.find("values"), range = value.find("range");
  if (!list == !range) value.fail("values or range, one of them");
  if (range) return values(range_of(*range));
  std::vector<std::string> texts;
  for (const Value& each : list->list()) texts.push_back(value_of(each));
  if (texts.empty()) list->fail("one value or more");
  return texts;
}

using Places = std::map<std::string, Value>;

// One key with values, or several that are linked.
Axis axis_of(const Value& value, Places& places) {
  std::vector<Value> parts = {value};
  if (value.find("linked")) {
    value.allow_only({"linked"});
    parts = value.at("linked").list();
    if (parts.size() < 2) value.at("linked").fail("two keys or more, each with values");
  }
  Axis axis;
  for (const Value& part : parts) {
    part.allow_only({"key", "values", "range"});
    axis.keys.push_back(part.at("key").text());
    check_key(part.at("key"), axis.keys.back());
    places.insert_or_assign(axis.keys.back(), part.at("key"));
    const std::vector<std::string> texts = values_of(part);
    if (axis.levels.empty()) axis.levels.resize(texts.size());
    if (axis.levels.size() != texts.size())
      part.fail(fmt::format("{} values, as of the keys it is linked with; it has {}",
                            axis.levels.size(), texts.size()));
    for (std::size_t i = 0; i < texts.size(); ++i) axis.levels[i].push_back(texts[i]);
  }
  std::set<std::vector<std::string>> seen;
  for (const std::vector<std::string>& level : axis.levels) {
    std::vector<std::string> same = level;  // 4 and 4.0 are one value
    for (std::string& text : same)
      if (text != "null") text = text_of(cell_of(text));
    if (!seen.insert(same).second)
      value.fail(quantity::Diagnosis{"", listed(level), "each value once; this one comes again"});
  }
  return axis;
}

/// As columns have names: upper and lower case are one.
std::string folded(std::string key) {
  for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return key;
}

/// Axes, or one alone. Adds their keys to `seen`, which has each once.
std::vector<Axis> axes_of(const Value& value, std::set<std::string>& seen, Places& places) {
  std::vector<Axis> axes;
  for (const Value& each : value.is_list() ? value.list() : std::vector<Value>{value}) {
    axes.push_back(axis_of(each, places));
    for (const std::string& key : axes.back().keys)
      if (!seen.insert(folded(key)).second)
        each.fail("each key on one axis; " + key + " is on two");
  }
  if (axes.empty()) value.fail("one axis or more");
  return axes;
}

double combinations(const std::vector<Axis>& axes) {
  double points = 1.0;
  for (const Axis& axis : axes) points *= static_cast<double>(axis.levels.size());
  return points;
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
  if (const auto seed = value.find("seed")) sample.seed = seed->integer(0, std::uint64_t{1} << 62U);
  return sample;
}

// A word, or a map of paths below a root; of files, `file` is the root's own.
void read_root(const std::string& root, const Value& value, Sweep& sweep) {
  const auto add = [&sweep](const std::string& key, const Value& each) {
    sweep.base.emplace_back(key, value_of(each));
    sweep.places.insert_or_assign(key, each);
  };
  if (value.is_scalar() && root != "run") return add(root, value);
  if (root != "run" && root != "trace") {
    value.at("file").text();
    add(root, value.at("file"));
  }
  for (const auto& [key, each] : value.entries()) {
    if (key == "file" && root != "run" && root != "trace") continue;
    check_key(each, root + "." + key);
    add(root + "." + key, each);
  }
}

void read_base(const Value& value, Sweep& sweep) {
  value.allow_only({"arch", "trace", "tech", "run"});
  for (const auto& [root, each] : value.entries()) read_root(root, each, sweep);
}

Equal equal_of(const Value& value, std::set<std::string>& seen, Places& places) {
  value.allow_only({"quantity", "tolerance", "reference", "free"});
  Equal equal;
  const std::string word = value.at("quantity").word({"area", "throughput", "bandwidth", "pes"});
  for (const Quantity each : {Quantity::kThroughput, Quantity::kBandwidth, Quantity::kPes})
    if (word == name(each)) equal.quantity = each;
  if (const auto tolerance = value.find("tolerance")) equal.tolerance = tolerance->number(0.0, 1.0);
  if (const auto reference = value.find("reference"))
    equal.reference = reference->number(1e-9, kLargest);
  if (const auto free = value.find("free")) {
    equal.free = axes_of(*free, seen, places);
    places.insert_or_assign("equal.free", *free);
    if (combinations(equal.free) > 1e4) free->fail("at most 10000 combinations");
  }
  return equal;
}

// A trace is named, or made of words: of a model, a phase and weights at least.
void check_trace(const Value& root, const std::set<std::string>& keys) {
  const bool named = keys.count("trace") > 0;
  bool made = false;
  for (const std::string& key : keys) made = made || key.rfind("trace.", 0) == 0;
  if (named && made)
    root.at("base").fail(
        "a trace's name, or the words that one is made of (trace.model, ...), not both");
  if (named) return;
  for (const char* word : {"trace.model", "trace.phase", "trace.weights"})
    if (keys.count(word) == 0)
      root.at("base").fail(std::string("trace, or ") + word +
                           " with the others, here or on an axis");
}

// Each key becomes a column.
void check_columns(const Value& root, const std::vector<std::string>& keys) {
  std::set<std::string> seen;
  for (const std::string& key : keys)
    if (!seen.insert(folded(key)).second)
      root.at("base").fail("keys that differ in more than upper and lower case; " + key +
                           " is on an axis or in base too");
  if (keys.size() > kMostKeys) root.at("axes").fail(fmt::format("at most {} keys", kMostKeys));
}

}  // namespace

const char* name(Quantity quantity) {
  switch (quantity) {
    case Quantity::kArea:
      return "area";
    case Quantity::kThroughput:
      return "throughput";
    case Quantity::kBandwidth:
      return "bandwidth";
    case Quantity::kPes:
      break;
  }
  return "pes";
}

const char* unit(Quantity quantity) {
  switch (quantity) {
    case Quantity::kArea:
      return "mm2";
    case Quantity::kThroughput:
      return "MAC/cycle";
    case Quantity::kBandwidth:
      return "bits/s";
    case Quantity::kPes:
      break;
  }
  return "PEs";
}

const std::vector<std::string>& trace_words() {
  static const std::vector<std::string> words = {
      "model",           "phase", "context", "weights",         "bits",
      "granularity",     "batch", "kv_bits", "activation_bits", "accumulator_bits",
      "distinct_experts"};
  return words;
}

const std::vector<std::string>& run_words() {
  static const std::vector<std::string> words = {"fidelity", "mapping", "objective",
                                                 "baseline", "equal",   "dataflow"};
  return words;
}

void Sweep::refuse(const std::string& what, const std::string& reason) const {
  const auto place = places.find(what);
  if (place != places.end()) place->second.fail_for(reason);
  throw input::ConfigError(file + ": " + what + ": " + reason);
}

Sweep read_sweep(const std::string& path_or_name) {
  Sweep sweep;
  sweep.file = input::config_path("sweep", path_or_name);
  const input::Document document = input::Document::read(sweep.file);
  sweep.bytes = document.bytes();
  const Value root = document.root();
  root.allow_only({"addax", "name", "description", "base", "axes", "where", "equal", "sample"});
  root.at("addax").word({"sweep/1"});
  sweep.name = root.at("name").text();
  if (sweep.name.empty() || sweep.name.size() > 100 || has_control(sweep.name) ||
      sweep.name.find('/') != std::string::npos)
    root.at("name").fail("1 to 100 bytes on one line, without /");
  if (const auto text = root.find("description")) sweep.description = text->text();
  if (sweep.description.size() > 4000) root.at("description").fail("up to 4000 bytes");
  if (const auto sample = root.find("sample")) sweep.sample = sample_of(*sample);
  read_base(root.at("base"), sweep);
  std::set<std::string> keys;
  sweep.axes = axes_of(root.at("axes"), keys, sweep.places);
  const bool full = sweep.sample.method == Method::kFull;
  if (const double all = combinations(sweep.axes); full && all > static_cast<double>(kMostPoints))
    root.at("axes").fail(fmt::format("at most {} points, or a sample of them", kMostPoints));
  else if (all > kMostSampled)
    root.at("axes").fail(fmt::format("at most {:g} points that a sample is taken of; it has {:.3g}",
                                     kMostSampled, all));
  if (const auto equal = root.find("equal")) sweep.equal = equal_of(*equal, keys, sweep.places);
  for (const char* part : {"where", "equal", "sample"})
    if (const auto place = root.find(part)) sweep.places.insert_or_assign(part, *place);
  if (const auto where = root.find("where"))
    for (const Value& each : where->list()) try {
        sweep.places.insert_or_assign(each.path(), each);
        sweep.where.emplace_back(each.text());
        for (const std::string& key : sweep.where.back().keys()) check_key(each, key);
      } catch (const ExpressionError& error) {
        each.fail(std::string("an expression over keys, as arch.rows <= 16; ") + error.what());
      }
  for (const auto& [key, text] : sweep.base) keys.insert(key);
  if (keys.count("arch") == 0) root.at("base").fail("arch, here or on an axis");
  check_trace(root, keys);
  const auto has = [&sweep](const char* key) {
    return std::any_of(sweep.base.begin(), sweep.base.end(),
                       [key](const auto& each) { return each.first == key; });
  };
  if (keys.count("tech") == 0) sweep.base.emplace_back("tech", "physical-45nm");
  if (!has("run.baseline") && keys.count("run.baseline") == 0)
    sweep.base.emplace_back("run.baseline", "none");
  check_columns(root, input_keys(sweep));
  return sweep;
}

std::vector<std::string> axis_keys(const Sweep& sweep) {
  std::vector<std::string> keys;
  for (const Axis& axis : sweep.axes) keys.insert(keys.end(), axis.keys.begin(), axis.keys.end());
  if (sweep.equal)
    for (const Axis& axis : sweep.equal->free)
      keys.insert(keys.end(), axis.keys.begin(), axis.keys.end());
  return keys;
}

std::vector<std::string> input_keys(const Sweep& sweep) {
  std::vector<std::string> keys;
  const std::vector<std::string> varied = axis_keys(sweep);
  for (const auto& [key, text] : sweep.base)
    if (!holds(varied, key)) keys.push_back(key);
  keys.insert(keys.end(), varied.begin(), varied.end());
  return keys;
}

}  // namespace addax::sweep
