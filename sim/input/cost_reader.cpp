// SPDX-License-Identifier: Apache-2.0
#include "sim/input/cost_reader.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "models/arith/operation.h"
#include "sim/input/config_path.h"
#include "sim/input/document.h"
#include "sim/input/read_once.h"

namespace addax::input {
namespace {

namespace fs = std::filesystem;

constexpr double kLargestFigure = 1e12;
constexpr std::size_t kLongestText = 2000;

std::string filled_text(const Value& value) {
  std::string text = value.text();
  if (text.size() > kLongestText) value.fail("at most " + std::to_string(kLongestText) + " bytes");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) value.fail("text that is not empty");
  return text;
}

cost::Evidence evidence(const Value& value) {
  return *cost::parse_evidence(value.word({"measured", "derived", "assumed"}));
}

cost::Purpose purpose(const Value& root) {
  const auto value = root.find("purpose");
  if (!value) return cost::Purpose::kComplete;
  const std::string word = value->word({"complete", "base", "reference"});
  if (word == "base") return cost::Purpose::kBase;
  return word == "reference" ? cost::Purpose::kReference : cost::Purpose::kComplete;
}

cost::Figure figure(const Value& value) {
  if (!value.is_map()) {
    const double number = value.number(0.0, kLargestFigure);
    return {number, number, number};
  }
  value.allow_only({"value", "low", "high"});
  const double high = value.at("high").number(0.0, kLargestFigure);
  const double middle = value.at("value").number(0.0, high);
  return {middle, value.at("low").number(0.0, middle), high};
}

const std::vector<std::string>& priced_rows() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all = {"wire",       "flip_flop",   "latch",       "logic",
                                    "pe.control", "vector_lane", "chip.control"};
    for (int i = 0; i < arith::kArithmeticCount; ++i)
      all.emplace_back(arith::name(static_cast<arith::Arithmetic>(i)));
    return all;
  }();
  return keys;
}

/// A misspelt key would leave the row of an extended table in force: only known keys are taken.
void check_key(const std::string& key, const Value& place) {
  const std::vector<std::string>& keys = priced_rows();
  if (std::find(keys.begin(), keys.end(), key) != keys.end()) return;
  for (const std::string prefix : {"dram.", "reference."})
    if (key.size() > prefix.size() && key.compare(0, prefix.size(), prefix) == 0) return;
  std::string list;
  for (const std::string& each : keys) list += each + ", ";
  const auto near = nearest(key, keys);
  place.fail(quantity::Diagnosis{
      "", key,
      list + "dram.TYPE, dram.TYPE.background, or reference.NAME for a row that prices nothing" +
          (near ? "; did you mean '" + *near + "'?" : "")});
}

/// Where a row is from: an effective configuration says so, others hold rows of their own.
std::string origin(const Value& value, const std::string& table) {
  const auto given = value.find("table");
  return given ? filled_text(*given) : table;
}

cost::Row row(const std::string& key, const Value& value, const std::string& table) {
  check_key(key, value);
  value.allow_only(
      {"figures", "node_nm", "voltage_v", "width_bits", "source", "evidence", "table"});
  cost::Row result;
  result.key = key;
  const Value figures = value.at("figures");
  figures.allow_only({cost::figure_names().begin(), cost::figure_names().end()});
  for (const auto& [name, each] : figures.entries()) result.figures[name] = figure(each);
  if (result.figures.empty()) figures.fail("at least one figure");
  result.node_nm = value.at("node_nm").number(1.0, 1000.0);
  result.voltage_v = value.at("voltage_v").number(0.1, 10.0);
  result.width_bits = value.at("width_bits").integer32(1, 65536);
  result.source = filled_text(value.at("source"));
  result.evidence = evidence(value.at("evidence"));
  result.table = origin(value, table);
  return result;
}

std::pair<std::uint64_t, std::uint64_t> range(const Value& value, std::uint64_t most) {
  const std::vector<Value> ends = value.list();
  if (ends.size() != 2) value.fail("a list of two numbers: least, most");
  const std::uint64_t low = ends[0].integer(1, most);
  return {low, ends[1].integer(low, most)};
}

cost::SramFit sram(const Value& value, const std::string& table) {
  value.allow_only({"coefficients", "bytes", "width_bits", "source", "evidence", "table"});
  cost::SramFit fit;
  const Value coefficients = value.at("coefficients");
  const std::vector<std::string>& names = cost::sram_figure_names();
  coefficients.allow_only({names.begin(), names.end()});
  for (const std::string& name : names) {
    const Value list = coefficients.at(name);
    for (const Value& each : list.list())
      fit.coefficients[name].push_back(each.number(-1000.0, 1000.0));
    if (fit.coefficients[name].size() != cost::kSramCoefficients)
      list.fail("a list of " + std::to_string(cost::kSramCoefficients) + " coefficients");
  }
  std::tie(fit.least_bytes, fit.most_bytes) = range(value.at("bytes"), std::uint64_t{1} << 40U);
  const auto widths = range(value.at("width_bits"), 65536);
  fit.least_width_bits = static_cast<std::uint32_t>(widths.first);
  fit.most_width_bits = static_cast<std::uint32_t>(widths.second);
  fit.source = filled_text(value.at("source"));
  fit.evidence = evidence(value.at("evidence"));
  fit.table = origin(value, table);
  return fit;
}

std::string find_extended(const Value& extends, const std::string& from) {
  const std::string text = extends.text();
  std::string path;
  try {
    path = config_path("tech", text);
  } catch (const ConfigError& error) {
    const std::string reason = error.what();
    const std::size_t allowed = reason.find("allowed: ");
    extends.fail(allowed == std::string::npos ? reason : reason.substr(allowed + 9));
  }
  if (path == text && fs::path(path).is_relative())
    path = (fs::path(from).parent_path() / path).string();
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    extends.fail("a shipped table's name, or a file that exists");
  return path;
}

/// The file that `extends` means: a path is relative to the file that says so.
std::string extended_path(const Value& extends, const std::string& from) {
  return ReadOnce::path(from + " extends " + extends.text(),
                        [&] { return find_extended(extends, from); });
}

class Reader {
 public:
  explicit Reader(std::string* bytes) : bytes_(bytes) {}
  const std::vector<std::string>& files() const { return chain_; }

  cost::CostTable read(const std::string& path) { return read(Document::read(path), path); }

  /// `path`: of the document's file, to which names of other files are relative.
  cost::CostTable read(const Document& document, const std::string& path) {
    if (bytes_ != nullptr) *bytes_ += document.bytes();
    const Value root = document.root();
    root.allow_only({"addax", "name", "description", "extends", "purpose", "rows", "sram"});
    root.at("addax").word({"cost_table/1"});
    const std::string name = filled_text(root.at("name"));
    if (const auto text = root.find("description")) filled_text(*text);

    cost::CostTable table;
    chain_.push_back(fs::weakly_canonical(path).string());
    if (const auto extends = root.find("extends")) {
      table = read_extended(*extends, path);
      table.lineage.insert(table.lineage.begin(), table.name);
    }
    table.purpose = purpose(root);
    table.name = name;
    for (const auto& [key, value] : root.at("rows").entries())
      table.rows[key] = row(key, value, name);
    if (const auto fit = root.find("sram"); fit && !fit->is_null()) table.sram = sram(*fit, name);
    return table;
  }

 private:
  cost::CostTable read_extended(const Value& extends, const std::string& from) {
    const std::string path = extended_path(extends, from);
    const std::string canonical = fs::weakly_canonical(path).string();
    if (std::find(chain_.begin(), chain_.end(), canonical) != chain_.end())
      extends.fail("a table that does not extend this one, directly or by others");
    return read(path);
  }

  std::string* bytes_;
  std::vector<std::string> chain_;
};

}  // namespace

cost::CostTable read_cost_table(const std::string& path_or_name, std::string* bytes_for_hash) {
  if (bytes_for_hash != nullptr) bytes_for_hash->clear();
  return Reader(bytes_for_hash).read(config_path("tech", path_or_name));
}

std::vector<std::string> cost_table_files(const std::string& path_or_name) {
  Reader reader(nullptr);
  reader.read(config_path("tech", path_or_name));
  return reader.files();
}

Document cost_table_document(const std::string& path_or_name) {
  return Document::read(config_path("tech", path_or_name));
}

cost::CostTable read_complete_cost_table(const Document& document, const std::string& path_or_name,
                                         std::string* bytes_for_hash) {
  if (bytes_for_hash != nullptr) bytes_for_hash->clear();
  cost::CostTable table = Reader(bytes_for_hash).read(document, config_path("tech", path_or_name));
  if (table.purpose == cost::Purpose::kComplete) return table;
  const bool base = table.purpose == cost::Purpose::kBase;
  document.root().at("purpose").fail(
      std::string("complete: cost table '") + table.name + "' has " +
      (base ? "some rows only, for others to extend" : "published figures to compare with only") +
      " and prices no run; use physical-45nm, or a table of your own" +
      (base ? " with 'extends: " + table.name + "'" : ""));
}

cost::CostTable read_complete_cost_table(const std::string& path_or_name,
                                         std::string* bytes_for_hash) {
  return read_complete_cost_table(cost_table_document(path_or_name), path_or_name, bytes_for_hash);
}

}  // namespace addax::input
