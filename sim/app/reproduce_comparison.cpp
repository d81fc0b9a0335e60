// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/method_run.h"
#include "sim/app/reproduce_modes.h"
#include "sim/app/sha256.h"
#include "sim/app/version.h"
#include "sim/input/comparison_reader.h"
#include "sim/input/config_path.h"
#include "sim/input/cost_reader.h"
#include "sim/report/comparison.h"

namespace addax::app {
namespace {

using report::ComparisonRow;
using reproduction::Comparison;

void add_rows(std::vector<ComparisonRow>& rows, const Comparison& comparison,
              const ModelToken& token) {
  std::vector<Method> methods;
  for (const reproduction::ComparedDesign& design : comparison.designs)
    methods.push_back(method_of(design, token));
  const std::vector<MethodRun> runs = simulate(token.model, methods);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const MethodRun& run = runs[i];
    ComparisonRow row;
    row.model = token.model.name;
    row.design = &comparison.designs[i];
    row.context_tokens = token.context;
    row.architecture = run.architecture;
    row.weights = run.weights;
    row.rows = run.rows;
    row.columns = run.columns;
    row.code_bits = run.code_bits;
    row.stored_bits = run.stored_bits;
    row.weights_gib = run.weights_gib;
    row.energy_j = run.energy_j;
    row.latency_s = run.latency_s;
    row.area_mm2 = run.area_mm2;
    rows.push_back(std::move(row));
  }
}

}  // namespace

int reproduce_comparison(const CommandLine& line, const std::string& source) {
  std::string bytes, table_bytes;
  const Comparison comparison = input::read_comparison(source, &bytes);
  Words architectures;
  for (const reproduction::ComparedDesign& design : comparison.designs)
    architectures.push_back(design.architecture);
  Outputs outputs(line, {"json", "csv", "latex"},
                  files_read(input::config_path("published", source), architectures));
  report::ComparisonReport report{comparison,
                                  input::read_complete_cost_table(kDefaultTable, &table_bytes).name,
                                  {},
                                  {version(), commit(), sha256(bytes), sha256(table_bytes)}};
  for (const ModelToken& token : model_tokens(line, comparison.models))
    add_rows(report.rows, comparison, token);

  outputs.add("json", [&](std::ostream& stream) { report::comparison_json(stream, report); });
  outputs.add("csv", [&](std::ostream& stream) { report::comparison_csv(stream, report); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::comparison_latex(report); });
  if (!line.has("quiet")) outputs.add_text([&] { return report::comparison_text(report); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
