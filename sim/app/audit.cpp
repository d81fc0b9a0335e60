// SPDX-License-Identifier: Apache-2.0
#include "sim/app/audit.h"

#include <utility>

#include "sim/app/design_point.h"
#include "sim/input/config_path.h"
#include "sim/input/model_reader.h"
#include "sim/input/trace_request.h"
#include "sim/report/units.h"

namespace addax::app {
namespace {

constexpr const char* kArchitecture = "eyeriss_shiftadd";

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

}  // namespace

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

}  // namespace addax::app
