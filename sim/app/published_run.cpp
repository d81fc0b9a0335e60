// SPDX-License-Identifier: Apache-2.0
#include "sim/app/published_run.h"

#include <algorithm>
#include <filesystem>

#include "models/quantity/diagnosis.h"
#include "sim/app/version.h"
#include "sim/input/config_path.h"
#include "sim/input/model_reader.h"
#include "sim/input/published_reader.h"
#include "sim/report/published.h"

namespace addax::app {
namespace {

using published::Method;
using published::Scheme;

/// The paper whose accounting the profile is.
constexpr const char* kPaper = "shiftaddllm";

bool is_path(const std::string& model) {
  const std::string suffix = std::filesystem::path(model).extension().string();
  return model.find('/') != std::string::npos || suffix == ".json" || suffix == ".yaml";
}

Scheme scheme_of(const CommandLine& line) {
  Words methods;
  for (const Method method : {Method::kFp16, Method::kOptq, Method::kLutGemm, Method::kShiftAdd})
    methods.emplace_back(name(method));
  line.required("method", "fp16, optq, lutgemm, shiftadd");
  const Method method = *published::parse_method(line.word("method", methods));
  if (method == Method::kFp16) {
    if (line.has("bits")) line.word("bits", {"16"});
    return {};
  }
  const Words allowed = {"2", "3", "4", "mixed"};
  line.required("bits", "2, 3, 4, mixed");
  const std::string bits = line.word("bits", allowed);
  if (bits == "mixed") return {method, 2, true};
  return {method, static_cast<std::uint32_t>(std::stoul(bits)), false};
}

[[noreturn]] void refuse_name(const std::string& model, const reproduction::Source& source) {
  const Words shipped = input::shipped_models();
  Words frozen;
  for (const auto& each : source.shapes) frozen.push_back(each.first);
  const bool known = std::find(shipped.begin(), shipped.end(), model) != shipped.end();
  frozen.push_back("or the path of a config.json" +
                   (known ? ", as that of configs/models/" + model + ".json" : ""));
  refuse("--model", "'" + model + "'" + (known ? ", of which the paper has no shape" : ""), frozen);
}

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

struct Model {
  published::Shape shape;
  std::string path;  ///< of its config.json; empty for one of the paper's
};

[[noreturn]] void blame(const quantity::Impossible& error, const Model& model) {
  if (!model.path.empty()) blame_config(error, model.path);
  quantity::Diagnosis diagnosis = error.diagnosis();
  diagnosis.path = "shapes." + model.shape.name + "." + diagnosis.path;
  input::Document::read(input::config_path("published", kPaper)).root().fail(diagnosis);
}

Model model_of(const CommandLine& line, const reproduction::Source& source) {
  const std::string model =
      line.required("model", "a model of the paper, or the path of a config.json");
  if (is_path(model)) return {published::shape_of(input::resolve_model(model)), model};
  const auto frozen = source.shapes.find(model);
  if (frozen == source.shapes.end()) refuse_name(model, source);
  return {frozen->second, ""};
}

report::PublishedReport account(const Model& model, const Scheme& scheme,
                                const reproduction::Source& source) {
  published::Accountant accountant;
  const auto of = [&](const Scheme& each) {
    return report::SchemeAccount{each, accountant.model(model.shape, each)};
  };
  report::PublishedReport report;
  report.version = version();
  report.commit = commit();
  report.paper = source.reference;
  report.frozen = model.path.empty();
  report.shape = model.shape;
  report.design = of(scheme);
  if (scheme.method == Method::kFp16) return report;
  report.fp16 = of({});
  if (scheme.method != Method::kOptq)
    report.same_bits = of({Method::kOptq, scheme.bits, scheme.mixed});
  return report;
}

}  // namespace

int published_run(const CommandLine& line) {
  const Scheme scheme = scheme_of(line);
  const reproduction::Source source = input::read_published(kPaper);
  const Model model = model_of(line, source);
  std::vector<InputFile> inputs = {{"--profile", input::config_path("published", kPaper)}};
  if (!model.path.empty()) inputs.push_back({"--model", model.path});
  Outputs outputs(line, {"json", "csv", "latex"}, inputs);

  report::PublishedReport result;
  try {
    result = account(model, scheme, source);
  } catch (const quantity::Impossible& error) {
    blame(error, model);
  }
  result.tilings = line.has("tilings");
  outputs.add("json", [&](std::ostream& stream) { report::published_json(stream, result); });
  outputs.add("csv", [&](std::ostream& stream) { report::published_csv(stream, result); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::published_latex(result); });
  if (!line.has("quiet")) outputs.add_text([&] { return report::published_text(result); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
