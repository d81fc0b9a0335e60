// SPDX-License-Identifier: Apache-2.0
#include "sim/input/case_reader.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "models/quantity/quantity.h"
#include "sim/input/document.h"

namespace addax::input {
namespace {

using quantity::checked_mul;

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kMostInstances = 1ULL << 32;
constexpr std::uint32_t kWidestWord = 1U << 16;
constexpr double kLeastBandwidth = 1e-6, kMostBandwidth = 1e12;  // words a cycle
constexpr double kMostEnergy = 1e15;                             // pJ an access

std::optional<Value> find_filled(const Value& map, const std::string& key) {
  const auto value = map.find(key);
  return value && !value->is_null() ? value : std::nullopt;
}

/// A level as the file describes it: with the mesh of all its instances.
struct Described {
  std::string name;
  bool computes = false;
  std::uint64_t mesh_x = 1, mesh_y = 1;
};

class CaseReader {
 public:
  explicit CaseReader(const Value& root) : root_(root) {}

  nest::Case read(const std::string& default_id) {
    root_.allow_only({"id", "description", "problem", "architecture", "mapping", "expected"});
    const auto id = find_filled(root_, "id");
    case_.id = id ? id->text() : default_id;
    if (case_.id.empty()) id->fail("text that is not empty");
    if (const auto text = find_filled(root_, "description")) case_.description = text->text();
    problem(root_.at("problem"));
    architecture(root_.at("architecture"));
    mapping(root_.at("mapping"));
    check_mapping();
    if (const auto expected = find_filled(root_, "expected")) expectations(*expected);
    return std::move(case_);
  }

 private:
  void problem(const Value& value);
  void architecture(const Value& value);
  Described level(const Value& value, const std::vector<Described>& above);
  Described mesh(const Value& value, const std::vector<Described>& above) const;
  void storage(const Value& value);
  void energy(const Value& value, std::uint64_t words);
  void fan_out(const Value& value, const std::vector<Described>& levels);
  void mapping(const Value& value);
  std::vector<bool> keep(const Value& level) const;
  void loops(const Value& level, const std::string& key, std::vector<nest::Loop>& loops);
  void cut();
  void check_mapping() const;
  void expectations(const Value& value);
  std::vector<std::string> level_names() const;
  std::vector<std::string> tensor_names() const;

  struct Bound {
    nest::Loop* loop;
    std::uint64_t bound;
    Value place;
  };

  const Value& root_;
  nest::Case case_;
  std::map<std::size_t, std::vector<Bound>> bounds_;  ///< by dimension, outermost first
};

std::vector<std::string> CaseReader::level_names() const {
  std::vector<std::string> names;
  for (const nest::Level& level : case_.hierarchy.levels) names.push_back(level.name);
  return names;
}

std::vector<std::string> CaseReader::tensor_names() const {
  std::vector<std::string> names;
  for (const nest::Tensor& tensor : case_.problem.tensors) names.push_back(tensor.name);
  return names;
}

void CaseReader::problem(const Value& value) {
  value.allow_only({"M", "K", "N"});
  case_.problem =
      nest::matrix_product(value.at("M").integer(1, kMost), value.at("K").integer(1, kMost),
                           value.at("N").integer(1, kMost));
  try {
    case_.problem.macs();
  } catch (const quantity::CountOverflow&) {
    value.fail(quantity::Diagnosis{"", "more than 2^64 MACs", "M, K and N of a smaller product"});
  }
}

void CaseReader::architecture(const Value& value) {
  value.allow_only({"levels"});
  const Value list = value.at("levels");
  std::vector<Described> levels;
  for (const Value& each : list.list()) {
    if (!levels.empty() && levels.back().computes)
      each.fail("no level below '" + levels.back().name + "', which computes");
    levels.push_back(level(each, levels));
    if (levels.size() > 1) fan_out(each, levels);
  }
  if (case_.hierarchy.levels.empty()) list.fail("a list with a level that stores");
}

Described CaseReader::level(const Value& value, const std::vector<Described>& above) {
  value.allow_only({"name", "kind", "capacity_words", "word_bits", "words_per_physical_access",
                    "instances", "mesh_X", "mesh_Y", "read_bw_words_per_cycle",
                    "write_bw_words_per_cycle", "energy_pJ_per_physical_access"});
  Described described = mesh(value, above);
  described.name = value.at("name").text();
  if (described.name.empty()) value.at("name").fail("text that is not empty");
  for (const Described& other : above)
    if (other.name == described.name) value.at("name").fail("a name for each level");
  if (const auto kind = find_filled(value, "kind")) described.computes = kind->text() == "compute";
  if (!described.computes) {
    storage(value);
    case_.hierarchy.levels.back().name = described.name;
  } else if (const auto energy = find_filled(value, "energy_pJ_per_physical_access")) {
    energy->allow_only({"compute"});
    case_.mac_pj = energy->at("compute").number(0.0, kMostEnergy);
  }
  return described;
}

// Of the instances and the two sides of their mesh, what is not given follows from the others.
Described CaseReader::mesh(const Value& value, const std::vector<Described>& above) const {
  const auto count = [&](const std::string& key) -> std::optional<std::uint64_t> {
    const auto given = find_filled(value, key);
    if (!given) return std::nullopt;
    return given->integer(1, kMostInstances);
  };
  const auto instances = count("instances");
  const auto x = count("mesh_X");
  const auto y = count("mesh_Y");
  Described described;
  if (!instances && !x && !y && !above.empty()) {
    described.mesh_x = above.back().mesh_x;
    described.mesh_y = above.back().mesh_y;
    return described;
  }
  described.mesh_y = y.value_or(x && instances ? std::max<std::uint64_t>(*instances / *x, 1) : 1);
  described.mesh_x = x.value_or(instances ? *instances / described.mesh_y : 1);
  if (instances && described.mesh_x * described.mesh_y != *instances)
    value.at("instances").fail("the product of mesh_X and mesh_Y");
  return described;
}

void CaseReader::storage(const Value& value) {
  nest::Level level;
  nest::Storage stored;
  stored.word_bits = 8;  // as in the published examples of the format
  if (const auto bits = find_filled(value, "word_bits"))
    stored.word_bits = bits->integer32(1, kWidestWord);
  level.tensors.assign(case_.problem.tensors.size(), stored);
  if (const auto words = find_filled(value, "capacity_words"))
    level.capacity_bits = checked_mul(words->integer(0, kMost / kWidestWord), stored.word_bits);
  if (const auto words = find_filled(value, "read_bw_words_per_cycle"))
    level.read_words_a_cycle = words->number(kLeastBandwidth, kMostBandwidth);
  if (const auto words = find_filled(value, "write_bw_words_per_cycle"))
    level.write_words_a_cycle = words->number(kLeastBandwidth, kMostBandwidth);
  case_.hierarchy.levels.push_back(std::move(level));

  std::uint64_t words = 1;
  if (const auto given = find_filled(value, "words_per_physical_access"))
    words = given->integer(1, kMost);
  case_.energies.emplace_back();
  if (const auto given = find_filled(value, "energy_pJ_per_physical_access")) energy(*given, words);
}

void CaseReader::energy(const Value& value, std::uint64_t words) {
  value.allow_only({"read", "write", "update"});
  const auto each = [&](const char* key) { return value.at(key).number(0.0, kMostEnergy); };
  case_.energies.back() = nest::AccessEnergy{words, each("read"), each("write"), each("update")};
}

// Each instance of a level serves a mesh of its own of the next.
void CaseReader::fan_out(const Value& value, const std::vector<Described>& levels) {
  const Described& above = levels[levels.size() - 2];
  const Described& below = levels.back();
  const auto divided = [&](const char* key, std::uint64_t outer, std::uint64_t inner) {
    if (inner % outer == 0) return inner / outer;
    value.fail(
        quantity::Diagnosis{key, std::to_string(inner),
                            "a multiple of the " + std::to_string(outer) + " of " + above.name});
  };
  // A level that computes is the last: all above it are stored in order.
  nest::Level& parent = case_.hierarchy.levels[levels.size() - 2];
  parent.fan_out_x = divided("mesh_X", above.mesh_x, below.mesh_x);
  parent.fan_out_y = divided("mesh_Y", above.mesh_y, below.mesh_y);
}

void CaseReader::mapping(const Value& value) {
  const std::vector<std::string> names = level_names();
  value.allow_only({names.begin(), names.end()});
  case_.mapping.levels.resize(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    nest::LevelLoops& level = case_.mapping.levels[i];
    level.keep.assign(case_.problem.tensors.size(), true);
    const auto given = find_filled(value, names[i]);
    if (!given) continue;
    given->allow_only({"temporal_outer_to_inner", "spatial_X", "spatial_Y", "keep"});
    level.keep = keep(*given);
    loops(*given, "temporal_outer_to_inner", level.temporal);
    loops(*given, "spatial_Y", level.y);
    loops(*given, "spatial_X", level.x);
  }
  cut();
}

std::vector<bool> CaseReader::keep(const Value& level) const {
  const std::vector<std::string> names = tensor_names();
  const auto list = find_filled(level, "keep");
  std::vector<bool> kept(names.size(), !list);
  if (!list) return kept;
  for (const Value& each : list->list()) {
    const std::string name = each.word(names);
    const auto at = std::find(names.begin(), names.end(), name) - names.begin();
    if (kept[static_cast<std::size_t>(at)]) each.fail("each tensor once");
    kept[static_cast<std::size_t>(at)] = true;
  }
  return kept;
}

void CaseReader::loops(const Value& level, const std::string& key, std::vector<nest::Loop>& loops) {
  const auto list = find_filled(level, key);
  if (!list) return;
  const std::vector<Value> given = list->list();
  loops.resize(given.size());  // bounds_ points at them
  for (std::size_t i = 0; i < given.size(); ++i) {
    given[i].allow_only({"dim", "bound"});
    const std::string name = given[i].at("dim").word({"M", "K", "N"});
    for (std::size_t d = 0; d < case_.problem.dimensions.size(); ++d)
      if (case_.problem.dimensions[d].name == name) loops[i].dimension = d;
    const Value bound = given[i].at("bound");
    bounds_[loops[i].dimension].push_back({&loops[i], bound.integer(1, kMost), bound});
  }
}

// A loop's tile is the product of the bounds inside it. The outermost loop's last tile may be
// smaller, if the loop still runs as often as its bound says.
void CaseReader::cut() {
  for (std::size_t d = 0; d < case_.problem.dimensions.size(); ++d) {
    const nest::Dimension& dimension = case_.problem.dimensions[d];
    std::vector<Bound>& bounds = bounds_[d];
    std::uint64_t tile = 1;
    std::string product;
    for (auto bound = bounds.rbegin(); bound != bounds.rend(); ++bound) {
      bound->loop->tile = std::min(tile, dimension.size);
      product = std::to_string(bound->bound) + (product.empty() ? "" : " x " + product);
      if (__builtin_mul_overflow(tile, bound->bound, &tile)) tile = kMost;
    }
    std::uint64_t extent = dimension.size;
    bool as_bound = true;
    for (const Bound& bound : bounds) {
      as_bound = as_bound && quantity::ceil_div(extent, bound.loop->tile) == bound.bound;
      extent = bound.loop->tile;
    }
    if (as_bound && extent == 1) continue;
    const quantity::Diagnosis wrong{
        "", (product.empty() ? "no bounds" : "bounds " + product) + " over " + dimension.name,
        "bounds whose product is " + std::to_string(dimension.size) +
            ", or more where only the last tile of the outermost loop is smaller"};
    if (bounds.empty()) root_.at("mapping").fail(wrong);
    bounds.front().place.fail(wrong);
  }
}

void CaseReader::check_mapping() const {
  const Value mapping = root_.at("mapping");
  try {
    for (const nest::Fault& fault :
         nest::located_faults(case_.problem, case_.hierarchy, case_.mapping)) {
      const auto place = mapping.find(case_.hierarchy.levels[fault.level].name);
      place.value_or(mapping).fail(quantity::Diagnosis{"", "a mapping that does not fit",
                                                       "one that fits (" + fault.text + ")"});
    }
  } catch (const quantity::CountOverflow&) {
    mapping.fail(quantity::Diagnosis{"", "tiles of more than 2^64 bits", "smaller ones"});
  }
}

void CaseReader::expectations(const Value& value) {
  value.allow_only({"cycles", "macs", "levels"});
  const auto expect = [&](const Value& map, const char* key, nest::Expectation expected) {
    const auto given = find_filled(map, key);
    if (!given) return;
    expected.value = given->integer(0, kMost);
    case_.expected.push_back(expected);
  };
  expect(value, "cycles", {nest::Figure::kCycles, 0, 0, 0});
  expect(value, "macs", {nest::Figure::kMacs, 0, 0, 0});
  const auto levels = find_filled(value, "levels");
  if (!levels) return;
  const std::vector<std::string> names = level_names();
  const std::vector<std::string> tensors = tensor_names();
  levels->allow_only({names.begin(), names.end()});
  for (std::size_t level = 0; level < names.size(); ++level) {
    const auto of_level = find_filled(*levels, names[level]);
    if (!of_level) continue;
    of_level->allow_only({tensors.begin(), tensors.end()});
    for (std::size_t tensor = 0; tensor < tensors.size(); ++tensor) {
      const auto counts = find_filled(*of_level, tensors[tensor]);
      if (!counts) continue;
      counts->allow_only({"reads", "fills", "updates"});
      expect(*counts, "reads", {nest::Figure::kReads, level, tensor, 0});
      expect(*counts, "fills", {nest::Figure::kFills, level, tensor, 0});
      expect(*counts, "updates", {nest::Figure::kUpdates, level, tensor, 0});
    }
  }
}

}  // namespace

std::vector<nest::Case> read_cases(const std::string& path) {
  const Document document = Document::read(path);
  const Value root = document.root();
  if (!root.is_map()) root.fail("a map: a case, or cases with a list of them");
  const auto list = root.find("cases");
  if (!list) return {CaseReader(root).read("case1")};
  root.allow_only({"cases"});
  std::vector<nest::Case> cases;
  for (const Value& each : list->list()) {
    cases.push_back(CaseReader(each).read("case" + std::to_string(cases.size() + 1)));
    for (std::size_t other = 0; other + 1 < cases.size(); ++other)
      if (cases[other].id == cases.back().id)
        each.fail(
            quantity::Diagnosis{"id", "'" + cases.back().id + "' again", "an id for each case"});
  }
  if (cases.empty()) list->fail("a list that is not empty");
  return cases;
}

}  // namespace addax::input
