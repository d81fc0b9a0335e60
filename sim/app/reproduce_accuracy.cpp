// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "models/quantity/diagnosis.h"
#include "sim/app/commands.h"
#include "sim/app/method_run.h"
#include "sim/app/reproduce_modes.h"
#include "sim/app/sha256.h"
#include "sim/input/cost_reader.h"
#include "sim/report/accuracy.h"
#include "sim/sweep/front.h"

namespace addax::app {
namespace {

using report::AccuracyRow;
using reproduction::Figure;
using reproduction::Measure;

// "llama-2" of "llama-2-70b": sizes of one family share tokenizer and training data.
std::string family_of(const std::string& model) { return model.substr(0, model.rfind('-')); }

std::vector<Figure> perplexities(const reproduction::Source& source, const std::string& model) {
  std::vector<Figure> figures;
  for (const Figure& figure : source.figures)
    if (figure.measure == Measure::kPerplexity && figure.model == model) figures.push_back(figure);
  return figures;
}

double published_energy_mj(const ReproduceRequest& request, const std::string& model,
                           const published::Scheme& scheme, published::Accountant& accountant) {
  try {
    return accountant.model(request.source.shapes.at(model), scheme).total.energy_mj();
  } catch (const quantity::Impossible& error) {
    throw input::ConfigError(request.source_path + ": " + model + ": " + error.what());
  } catch (const quantity::CountOverflow&) {
    throw input::ConfigError(request.source_path + ": " + model +
                             ": found a shape with counts beyond 64 bits; allowed: smaller ones");
  }
}

std::vector<AccuracyRow> rows_of(const ReproduceRequest& request, const ModelToken& token,
                                 published::Accountant& accountant) {
  const std::string& model = token.model.name;
  const std::vector<Figure> figures = perplexities(request.source, model);
  std::vector<Method> methods;
  for (const Figure& figure : figures)
    methods.push_back(method_of(*reproduction::parse_scheme(figure.subject), token));
  const std::vector<MethodRun> runs = simulate(token.model, methods);

  std::vector<AccuracyRow> rows;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const MethodRun& run = runs[i];
    AccuracyRow row;
    row.model = model;
    row.family = family_of(model);
    row.method = figures[i].subject;
    row.bits = run.code_bits;
    row.perplexity = figures[i].value;
    row.perplexity_table = figures[i].table;
    row.context_tokens = token.context;
    row.architecture = run.architecture;
    row.weights = run.weights;
    row.energy_j = run.energy_j;
    row.latency_s = run.latency_s;
    row.area_mm2 = run.area_mm2;
    row.weights_gib = run.weights_gib;
    const published::Scheme scheme = *reproduction::parse_scheme(figures[i].subject);
    row.published_energy_mj = published_energy_mj(request, model, scheme, accountant);
    rows.push_back(std::move(row));
  }
  return rows;
}

void mark_front(std::vector<AccuracyRow>& rows, double AccuracyRow::*cost,
                bool AccuracyRow::*front) {
  std::map<std::string, std::vector<AccuracyRow*>> families;
  for (AccuracyRow& row : rows) families[row.family].push_back(&row);
  for (const auto& family : families) {
    std::vector<std::vector<double>> points;
    for (const AccuracyRow* row : family.second) points.push_back({row->*cost, row->perplexity});
    for (const std::size_t i : sweep::front(points)) family.second[i]->*front = true;
  }
}

}  // namespace

int reproduce_accuracy(const ReproduceRequest& request) {
  const reproduction::Source& source = request.source;
  Words models;  // in the paper's order
  for (const Figure& figure : source.figures)
    if (figure.measure == Measure::kPerplexity &&
        std::find(models.begin(), models.end(), figure.model) == models.end())
      models.push_back(figure.model);
  if (models.empty())
    throw input::ConfigError("--accuracy: found '" + source.name +
                             "', which has no perplexities; allowed: a source that has");

  Outputs outputs(request.line, {"json", "csv", "latex"},
                  files_read(request.source_path, method_architectures()));
  std::string bytes;
  report::AccuracyReport report{
      source, input::read_complete_cost_table(kDefaultTable, &bytes).name, {}, request.origin};
  report.origin.cost_table_sha256 = sha256(bytes);
  published::Accountant accountant;
  for (const ModelToken& token : model_tokens(request.line, models))
    for (AccuracyRow& row : rows_of(request, token, accountant)) report.rows.push_back(row);
  mark_front(report.rows, &AccuracyRow::energy_j, &AccuracyRow::pareto_energy);
  mark_front(report.rows, &AccuracyRow::latency_s, &AccuracyRow::pareto_latency);

  outputs.add("json", [&](std::ostream& stream) { report::accuracy_json(stream, report); });
  outputs.add("csv", [&](std::ostream& stream) { report::accuracy_csv(stream, report); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::accuracy_latex(report); });
  if (!request.line.has("quiet")) outputs.add_text([&] { return report::accuracy_text(report); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
