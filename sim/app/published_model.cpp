// SPDX-License-Identifier: Apache-2.0
#include "sim/app/published_model.h"

#include <algorithm>

#include "sim/app/command_line.h"
#include "sim/input/document.h"

namespace addax::app {
namespace {

/// The keys that a size of the shape is read from, in the families' spellings.
Words keys_of(const std::string& size) {
  if (size == "ffn") return {"ffn_dim", "intermediate_size", "moe_intermediate_size", "n_inner"};
  if (size == "query_width") return {"num_attention_heads", "n_head"};
  return {"hidden_size", "n_embed"};
}

/// At the key of the config.json that holds the value at fault, or makes it.
[[noreturn]] void blame_config(const quantity::Impossible& error, const std::string& path) {
  quantity::Diagnosis diagnosis = error.diagnosis();
  const input::Document document = input::Document::read(path);
  if (diagnosis.path == "query_width") diagnosis.message += ", as heads times their width";
  const Words keys = keys_of(diagnosis.path);
  const auto is_given = [&](const std::string& key) {
    return document.root().find(key).has_value();
  };
  const auto holds_value = [&](const std::string& key) {
    const auto value = document.root().find(key);
    return value && value->is_scalar() && value->text() == diagnosis.value;
  };
  auto key = std::find_if(keys.begin(), keys.end(), holds_value);
  if (key == keys.end()) key = std::find_if(keys.begin(), keys.end(), is_given);
  if (key != keys.end()) diagnosis.path = *key;
  document.root().fail(diagnosis);
}

}  // namespace

void blame(const quantity::Impossible& error, const PublishedModel& model,
           const std::string& source) {
  if (!model.path.empty()) blame_config(error, model.path);
  quantity::Diagnosis diagnosis = error.diagnosis();
  diagnosis.path = "shapes." + model.shape.name + "." + diagnosis.path;
  input::Document::read(source).root().fail(diagnosis);
}

void blame_overflow(const PublishedModel& model, const std::string& source) {
  throw input::ConfigError(
      (model.path.empty() ? source + ": shapes." + model.shape.name : model.path) +
      ": found sizes whose counts exceed 64 bits; allowed: smaller ones");
}

}  // namespace addax::app
