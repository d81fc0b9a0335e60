// SPDX-License-Identifier: Apache-2.0
#include "sim/input/comparison_reader.h"

#include <algorithm>

#include "sim/input/config_path.h"
#include "sim/input/document.h"
#include "sim/input/model_reader.h"
#include "sim/input/trace_request.h"

namespace addax::input {
namespace {

using reproduction::ComparedDesign;
using reproduction::Comparison;
using reproduction::Side;

constexpr const char* kSchema = "comparison/1";

std::string filled_text(const Value& value) {
  std::string text = value.text();
  if (text.empty()) value.fail("text that is not empty");
  return text;
}

Side side_of(const Value& value) {
  for (const Side side : {Side::kDesign, Side::kFp16, Side::kSameBits})
    if (value.word({"design", "fp16", "same_bits"}) == name(side)) return side;
  value.fail("design, fp16 or same_bits");
}

ComparedDesign design_of(const Value& value) {
  value.allow_only({"name", "title", "architecture", "weights", "side"});
  ComparedDesign design;
  design.name = filled_text(value.at("name"));
  design.title = filled_text(value.at("title"));
  design.architecture = filled_text(value.at("architecture"));
  design.weights = filled_text(value.at("weights"));
  if (const auto side = value.find("side")) design.side = side_of(*side);
  // The family decides blocks of scales, not whether a word is one.
  try {
    parse_weights(design.weights, "");
  } catch (const ConfigError&) {
    value.at("weights").fail("a weight format in a word, as shiftadd-3bit or ternary-gamma");
  }
  return design;
}

/// Words of a list, each of `allowed` and none twice.
std::vector<std::string> words_of(const Value& list, const std::vector<std::string>& allowed) {
  std::vector<std::string> words;
  for (const Value& each : list.list()) {
    words.push_back(each.word(allowed));
    if (std::count(words.begin(), words.end(), words.back()) > 1) each.fail("each word once");
  }
  if (words.empty()) list.fail("a list that is not empty");
  return words;
}

}  // namespace

bool is_comparison(const std::string& path_or_name) {
  const Value root = Document::read(config_path("published", path_or_name)).root();
  if (!root.is_map()) return false;
  const auto schema = root.find("addax");
  return schema && schema->is_scalar() && schema->text() == kSchema;
}

Comparison read_comparison(const std::string& path_or_name, std::string* bytes_for_hash) {
  const Document document = Document::read(config_path("published", path_or_name));
  if (bytes_for_hash != nullptr) *bytes_for_hash = document.bytes();
  const Value root = document.root();
  root.allow_only(
      {"addax", "name", "title", "reference", "models", "designs", "references", "notes"});
  root.at("addax").word({kSchema});
  Comparison comparison;
  comparison.name = filled_text(root.at("name"));
  comparison.title = filled_text(root.at("title"));
  comparison.reference = filled_text(root.at("reference"));
  comparison.models = words_of(root.at("models"), shipped_models());

  std::vector<std::string> names;
  for (const Value& each : root.at("designs").list()) {
    comparison.designs.push_back(design_of(each));
    names.push_back(comparison.designs.back().name);
    if (std::count(names.begin(), names.end(), names.back()) > 1)
      each.at("name").fail("a name for each design");
  }
  if (names.empty()) root.at("designs").fail("a list that is not empty");
  comparison.references = words_of(root.at("references"), names);
  for (const Value& note : root.at("notes").list()) comparison.notes.push_back(filled_text(note));
  return comparison;
}

}  // namespace addax::input
