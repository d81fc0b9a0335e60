// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/design_point.h"
#include "sim/app/reproduce_modes.h"
#include "sim/input/config_path.h"
#include "sim/input/cost_reader.h"
#include "sim/input/model_reader.h"
#include "sim/input/trace_request.h"
#include "sim/report/energy_audit.h"
#include "sim/report/units.h"

namespace addax::app {
namespace {

constexpr const char* kArchitecture = "eyeriss_shiftadd";
constexpr const char* kDefaultModel = "opt-66b";

struct AuditRequest {
  std::string model;  ///< a name, or the path of a config.json
  std::string table;  ///< cost table, name or file
  std::uint32_t bits = 3;
  std::optional<std::uint64_t>
      context;  ///< attended keys; min(2048, the model's limit) where unset
};

report::AuditReport::Design design(const published::Shape& shape, const published::Scheme& scheme,
                                   const report::Subject& subject,
                                   const result::DesignResult& simulated,
                                   const cost::CostTable& table) {
  const result::Activity activity =
      engine::run(subject.architecture, subject.trace, engine::Options());
  report::AuditReport::Design design;
  design.name = published::name(scheme.method);
  design.costs =
      reproduction::audit(shape, scheme, {subject.architecture, subject.trace, activity, table});
  design.rows = simulated.rows;
  design.columns = simulated.columns;
  design.area_mm2 = report::square_millimetres(simulated.totals.area.value);
  return design;
}

// The saving that the printed figures of the model claim, where there are any.
std::optional<report::AuditReport::Claim> claim(const reproduction::Source& source,
                                                const std::string& model, std::uint32_t bits) {
  const published::Scheme scheme{published::Method::kShiftAdd, bits};
  const reproduction::Figure* fp16 = nullptr;
  const reproduction::Figure* shiftadd = nullptr;
  for (const reproduction::Figure& figure : source.figures) {
    if (figure.measure != reproduction::Measure::kModelEnergy || figure.model != model) continue;
    if (figure.row == "fp16") fp16 = &figure;
    if (figure.row == published::name(scheme)) shiftadd = &figure;
  }
  if (fp16 == nullptr || shiftadd == nullptr) return std::nullopt;
  return report::AuditReport::Claim{100.0 * (1.0 - shiftadd->value / fp16->value), fp16->table};
}

// From the published accounting of a model to its simulation. A name that the source has starts
// from the shape frozen there, any other model from its own.
report::AuditReport audit(const reproduction::Source& source, const AuditRequest& request) {
  const workload::ModelShape model = input::resolve_model(request.model);
  const auto frozen = source.shapes.find(request.model);
  const published::Shape shape =
      frozen != source.shapes.end() ? frozen->second : published::shape_of(model);

  input::TraceOptions options;
  options.model = request.model;
  options.phases = {request.context ? "decode-" + std::to_string(*request.context) : "decode"};
  options.weights = "shiftadd-" + std::to_string(request.bits) + "bit";
  RunRequest run_request;
  run_request.architecture = kArchitecture;
  run_request.table = request.table;
  run_request.made = input::make_trace(options);
  const RunResult simulated = run(run_request);

  using published::Method;
  const report::Configuration& configuration = simulated.configuration;
  const cost::CostTable& table = configuration.table;
  report::AuditReport report;
  report.provenance = simulated.report.provenance;
  report.source = source.name;
  report.model = model.name;
  report.architecture = configuration.design.architecture.name;
  report.cost_table = table.name;
  report.context = configuration.design.trace.phases.front().context;
  report.bits = request.bits;
  report.claim = claim(source, request.model, request.bits);
  report.fp16 =
      design(shape, {Method::kFp16, 16}, *configuration.fp16, simulated.report.fp16->result, table);
  report.optq = design(shape, {Method::kOptq, request.bits}, *configuration.same_bits,
                       simulated.report.same_bits->result, table);
  report.shiftadd = design(shape, {Method::kShiftAdd, request.bits}, configuration.design,
                           simulated.report.design, table);
  return report;
}

}  // namespace

int audit_energy(const ReproduceRequest& request) {
  const CommandLine& line = request.line;
  AuditRequest audited;
  audited.model = line.has("model")
                      ? line.required("model", "a shipped model, or the path of a config.json")
                      : kDefaultModel;
  audited.table = line.has("tech")
                      ? line.required("tech", "the name of a shipped cost table, or a file")
                      : kDefaultTable;
  audited.bits = line.word("bits", {"3", "2"}) == "3" ? 3 : 2;
  audited.context = line.integer("context", 1, 1'000'000);

  std::vector<InputFile> inputs = {{"SOURCE", request.source_path}};
  for (const std::string& path : input::cost_table_files(audited.table))
    inputs.push_back({"--tech", path});
  Outputs outputs(line, {"json", "csv", "latex"}, inputs);
  const report::AuditReport report = audit(request.source, audited);
  outputs.add("json", [&](std::ostream& stream) { stream << report::audit_json(report); });
  outputs.add("csv", [&](std::ostream& stream) { stream << report::audit_csv(report); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::audit_latex(report); });
  if (!line.has("quiet")) outputs.add_text([&] { return report::audit_text(report); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
