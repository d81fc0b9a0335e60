// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "models/quantity/diagnosis.h"
#include "sim/app/commands.h"
#include "sim/app/reproduce_modes.h"
#include "sim/app/sha256.h"
#include "sim/input/cost_reader.h"
#include "sim/input/model_reader.h"

namespace addax::app {
namespace {

constexpr int kDone = 0;
constexpr int kComparisonFailed = 1;

Words tables_of(const ReproduceRequest& request) {
  Words all = reproduction::computed_tables(request.source);
  if (all.empty())
    throw input::ConfigError(request.source_path +
                             ": found no figure that can be computed; allowed: tables of other "
                             "measures than perplexity");
  if (!request.line.has("table")) return all;
  return {request.line.word("table", all)};
}

std::map<std::string, workload::ModelShape> models_of(const ReproduceRequest& request,
                                                      const Words& tables) {
  std::map<std::string, workload::ModelShape> models;
  for (const std::string& name : reproduction::models_needed(request.source, tables))
    models.emplace(name, input::resolve_model(name));
  return models;
}

// Names what fails on standard error, whatever goes to standard output.
int verdict(const std::vector<reproduction::Row>& rows) {
  std::string cells;
  for (const reproduction::Row& row : rows) {
    if (row.agreement != reproduction::Agreement::kUnknown) continue;
    const reproduction::Figure& figure = row.figure;
    cells += (cells.empty() ? "" : "; ") + figure.table + " " +
             (figure.model.empty() ? "" : figure.model + " ") + figure.row + " (" + figure.printed +
             ")";
  }
  if (cells.empty()) return kDone;
  const std::string line =
      "addax: these figures deviate by more than their tolerance, and no note explains why: " +
      cells + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  return kComparisonFailed;
}

}  // namespace

int reproduce_rows(const ReproduceRequest& request) {
  std::vector<InputFile> inputs = {{"SOURCE", request.source_path}};
  for (const std::string& path : input::cost_table_files(kDefaultTable))
    inputs.push_back({"the cost table", path});
  Outputs outputs(request.line, {"json", "csv", "latex"}, inputs);
  const Words tables = tables_of(request);
  std::string bytes;
  const cost::CostTable costs = input::read_complete_cost_table(kDefaultTable, &bytes);
  const auto models = models_of(request, tables);
  std::vector<reproduction::Row> rows;
  try {
    rows = reproduction::evaluate({request.source, costs, models}, tables);
  } catch (const quantity::Impossible& error) {
    throw input::ConfigError(request.source_path + ": " + error.what());
  } catch (const quantity::CountOverflow&) {
    throw input::ConfigError(request.source_path +
                             ": found shapes with counts beyond 64 bits; allowed: smaller ones");
  }
  report::Reproduction result{request.source, rows, costs.name, request.line.has("breakdown"),
                              request.origin};
  result.origin.cost_table_sha256 = sha256(bytes);

  outputs.add("json", [&](std::ostream& stream) { report::rows_json(stream, result); });
  outputs.add("csv", [&](std::ostream& stream) { report::rows_csv(stream, result); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::rows_latex(result); });
  if (!request.line.has("quiet")) outputs.add_text([&] { return report::rows_text(result); });
  outputs.commit();
  return verdict(rows);
}

}  // namespace addax::app
