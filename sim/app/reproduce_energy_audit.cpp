// SPDX-License-Identifier: Apache-2.0
#include "models/workload/footprint.h"
#include "sim/app/commands.h"
#include "sim/app/design_point.h"
#include "sim/app/method_run.h"
#include "sim/app/published_model.h"
#include "sim/app/reproduce_modes.h"
#include "sim/input/config_path.h"
#include "sim/input/model_reader.h"
#include "sim/input/trace_request.h"
#include "sim/report/energy_audit.h"
#include "sim/report/units.h"

namespace addax::app {
namespace {

constexpr const char* kArchitecture = "eyeriss_shiftadd";

struct AuditRequest {
  std::string model;  ///< a name, or the path of a config.json
  std::string table;  ///< cost table, name or file
  std::uint32_t bits = 3;
  std::uint64_t context = 0;  ///< attended keys
  result::Equalisation equalisation = result::Equalisation::kIsoArea;
};

report::AuditReport::Design design(const published::Shape& shape, const published::Scheme& scheme,
                                   const report::Subject& subject,
                                   const result::DesignResult& simulated,
                                   const cost::CostTable& table) {
  engine::Options options;
  options.costs = &table;
  const result::Activity activity = engine::run(subject.architecture, subject.trace, options);
  report::AuditReport::Design design;
  design.name = published::name(scheme.method);
  design.costs =
      reproduction::audit(shape, scheme, {subject.architecture, subject.trace, activity, table});
  const workload::BlockWeights weights = workload::block_weights(subject.trace);
  design.format = weights.formats;
  design.stored_bits_a_weight = weights.stored_bits;
  design.rows = simulated.rows;
  design.columns = simulated.columns;
  design.area_mm2 = report::square_millimetres(simulated.totals.area.value);
  for (const result::LayerActivity& layer : activity.layers)
    design.bound_share[static_cast<std::size_t>(layer.bound_by)] += layer.cycles / activity.cycles;
  return design;
}

// What the source says of the model's saving: printed, or that of two printed energies.
std::vector<report::AuditReport::Claim> claims(const reproduction::Source& source,
                                               const std::string& model, std::uint32_t bits) {
  using reproduction::Figure;
  using reproduction::Measure;
  const std::string scheme = published::name(published::Scheme{published::Method::kShiftAdd, bits});
  std::vector<report::AuditReport::Claim> all;
  const Figure* fp16 = nullptr;
  for (const Figure& figure : source.figures) {
    if (figure.model != model) continue;
    if (figure.measure == Measure::kModelEnergy && figure.subject == "fp16") fp16 = &figure;
    if (figure.subject != scheme) continue;
    if (figure.measure == Measure::kModelEnergy && fp16 != nullptr)
      all.push_back({"Table " + figure.table, result::saving_percent(figure.value, fp16->value)});
    if (figure.measure == Measure::kEnergySaving)
      all.push_back({figure.row.substr(scheme.size() + 1), figure.value});
  }
  return all;
}

// From the published accounting of a model to its simulation. A name that the source has starts
// from the shape frozen there, any other model from its own.
report::AuditReport audit(const ReproduceRequest& asked, const AuditRequest& request) {
  const reproduction::Source& source = asked.source;
  const workload::ModelShape model = input::resolve_model(request.model);
  const auto frozen = source.shapes.find(request.model);
  const PublishedModel start =
      frozen != source.shapes.end()
          ? PublishedModel{frozen->second, ""}
          : PublishedModel{published::shape_of(model), input::model_path(request.model)};

  input::TraceOptions options;
  options.model = request.model;
  options.phases = {"decode-" + std::to_string(request.context)};
  options.weights = "shiftadd-" + std::to_string(request.bits) + "bit";
  RunRequest run_request;
  run_request.architecture = kArchitecture;
  run_request.table = request.table;
  run_request.equalisation = request.equalisation;
  run_request.made = input::make_trace(options);
  const RunResult simulated = run(run_request);

  using published::Method;
  const report::Configuration& configuration = simulated.configuration;
  const cost::CostTable& table = configuration.table;
  report::AuditReport report;
  report.provenance = simulated.report.provenance;
  report.published_sha256 = asked.origin.published_sha256;
  report.source = source.name;
  report.model = model.name;
  report.architecture = configuration.design.architecture.name;
  report.cost_table = table.name;
  report.context = request.context;
  report.bits = request.bits;
  report.equalisation = request.equalisation;
  report.claims = claims(source, request.model, request.bits);
  const auto cost = [&](const published::Scheme& scheme, const report::Subject& subject,
                        const result::DesignResult& result) {
    return blaming(start, asked.source_path,
                   [&] { return design(start.shape, scheme, subject, result, table); });
  };
  report.fp16 = cost({Method::kFp16, 16}, *configuration.fp16, simulated.report.fp16->result);
  report.optq = cost({Method::kOptq, request.bits}, *configuration.same_bits,
                     simulated.report.same_bits->result);
  report.shiftadd =
      cost({Method::kShiftAdd, request.bits}, configuration.design, simulated.report.design);
  return report;
}

}  // namespace

int reproduce_energy_audit(const ReproduceRequest& request) {
  const CommandLine& line = request.line;
  AuditRequest audited;
  audited.model = audited_model(line);
  audited.table = line.has("tech")
                      ? line.required("tech", "the name of a shipped cost table, or a file")
                      : kDefaultTable;
  audited.bits = line.word("bits", {"3", "2"}) == "3" ? 3 : 2;
  audited.equalisation = equalisation_of(line);
  audited.context = model_tokens(line, {audited.model}).front().context;

  RunRequest simulation;
  simulation.architecture = kArchitecture;
  simulation.table = audited.table;
  std::vector<InputFile> inputs = input_files(simulation);
  inputs.push_back({"SOURCE", request.source_path});
  inputs.push_back({"--model", input::model_path(audited.model)});
  Outputs outputs(line, {"json", "csv", "latex"}, inputs);
  const report::AuditReport report = audit(request, audited);
  outputs.add("json", [&](std::ostream& stream) { stream << report::audit_json(report); });
  outputs.add("csv", [&](std::ostream& stream) { stream << report::audit_csv(report); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::audit_latex(report); });
  if (!line.has("quiet")) outputs.add_text([&] { return report::audit_text(report); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
