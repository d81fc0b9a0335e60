// SPDX-License-Identifier: Apache-2.0
#include "sim/app/published_run.h"

#include <algorithm>
#include <filesystem>

#include "sim/app/published_model.h"
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

PublishedModel model_of(const CommandLine& line, const reproduction::Source& source) {
  const std::string model =
      line.required("model", "a model of the paper, or the path of a config.json");
  if (is_path(model)) return {published::shape_of(input::resolve_model(model)), model};
  const auto frozen = source.shapes.find(model);
  if (frozen == source.shapes.end()) refuse_name(model, source);
  return {frozen->second, ""};
}

report::PublishedReport account(const PublishedModel& model, const Scheme& scheme,
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
  const std::string paper = input::config_path("published", kPaper);
  const PublishedModel model = model_of(line, source);
  std::vector<InputFile> inputs = {{"--profile", paper}};
  if (!model.path.empty()) inputs.push_back({"--model", model.path});
  Outputs outputs(line, {"json", "csv", "latex"}, inputs);

  report::PublishedReport result =
      blaming(model, paper, [&] { return account(model, scheme, source); });
  result.tilings = line.has("tilings");
  outputs.add("json", [&](std::ostream& stream) { report::published_json(stream, result); });
  outputs.add("csv", [&](std::ostream& stream) { report::published_csv(stream, result); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::published_latex(result); });
  if (!line.has("quiet")) outputs.add_text([&] { return report::published_text(result); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
