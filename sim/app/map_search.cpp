// SPDX-License-Identifier: Apache-2.0
#include "sim/app/map_search.h"

#include <algorithm>
#include <utility>

#include "models/mapping/layer_planner.h"
#include "models/quantity/quantity.h"
#include "sim/app/blame.h"
#include "sim/app/commands.h"
#include "sim/app/design_point.h"
#include "sim/app/layer_values.h"
#include "sim/app/map_layers.h"
#include "sim/app/progress.h"
#include "sim/app/sha256.h"
#include "sim/app/version.h"
#include "sim/engine/estimate.h"
#include "sim/engine/prices.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/config_path.h"
#include "sim/input/cost_reader.h"
#include "sim/input/dataflow_reader.h"
#include "sim/input/trace_request.h"
#include "sim/report/map_report.h"

namespace addax::app {
namespace {

constexpr std::uint64_t kMostNodes = 1'000'000'000'000;
constexpr unsigned kMostThreads = 256;

/// What the words ask for.
struct MapRequest {
  std::string architecture, table, trace;
  std::optional<WantedLayer> layer;
  std::string layer_name;  ///< of the trace; empty for all
  std::vector<search::Objective> objectives;
  mapping::Policy policy;
  bool pareto = false;
  bool quiet = false;
  std::string dataflow;
};

std::vector<search::Objective> objectives_of(const CommandLine& line) {
  using search::Objective;
  const std::string word = line.word("objective", {"all", "energy", "latency", "edp"});
  if (word == "all") return {Objective::kEnergy, Objective::kLatency, Objective::kEdp};
  return {*search::parse_objective(word)};
}

mapping::Policy policy_of(const CommandLine& line) {
  mapping::Policy policy;
  policy.effort = *mapping::parse_effort(line.word("mapping", {"exhaustive", "fast"}));
  const auto budget = line.integer("budget", 1, kMostNodes);
  if (budget) policy.budget = budget;
  if (budget && policy.effort == mapping::Effort::kFast)
    throw input::ConfigError("--budget: found with --mapping fast; allowed: with exhaustive");
  policy.threads = static_cast<unsigned>(line.integer("threads", 1, kMostThreads).value_or(1));
  return policy;
}

MapRequest request_of(const CommandLine& line) {
  MapRequest request;
  request.architecture = line.required("arch", "the name of a shipped architecture, or a file");
  if (line.has("trace")) {
    request.trace = line.required("trace", "a file, a shipped trace, or MODEL.PHASE.FORMAT");
    request.layer_name = line.find("layer").value_or("");
    if (line.has("layer") && request.layer_name.empty())
      throw input::ConfigError("--layer: found nothing; allowed: the name of a layer");
    if (line.has("weights"))
      throw input::ConfigError(
          "--weights: found with --trace, which says the formats; allowed: with --layer MxKxN");
  } else if (line.has("layer")) {
    request.layer = layer_of_words(line);
  } else {
    throw input::ConfigError("--layer: found nothing; allowed: MxKxN, or --trace with a trace");
  }
  request.table = line.has("tech")
                      ? line.required("tech", "the name of a shipped cost table, or a file")
                      : kDefaultTable;
  request.objectives = objectives_of(line);
  request.policy = policy_of(line);
  if (line.has("dataflow")) {
    request.dataflow =
        line.required("dataflow", "the name of a dataflow, or a file of addax: dataflow/1");
    request.policy.constraints = input::resolve_dataflow(request.dataflow);
  }
  request.pareto = line.has("pareto");
  request.quiet = line.has("quiet");
  return request;
}

/// Maps single layers.
class LayerMapper {
 public:
  LayerMapper(const arch::Architecture& architecture, const workload::Widths& widths,
              const cost::CostTable& table, const MapRequest& request)
      : architecture_(architecture),
        widths_(widths),
        prices_(table, architecture),
        request_(request),
        policy_(request.policy) {
    policy_.prices = engine::prices(architecture, prices_);
  }

  report::MappedLayer map(const WantedLayer& wanted) const {
    const mapping::LayerPlanner planner(architecture_, widths_, policy_);
    const mapping::ProductTask task = planner.task(wanted.linear);
    const mapping::LayerContext context{architecture_, task.group, wanted.placement,
                                        policy_.of(architecture_, task.group)};
    report::MappedLayer mapped;
    mapped.names = wanted.names;
    mapped.linear = wanted.linear;
    mapped.column_group = architecture_.groups[task.group].name;
    mapped.placement = wanted.placement;
    std::vector<mapping::Lowering> ways;
    for (const search::Objective objective : request_.objectives) {
      mapping::ProductSearch found = search(context, task, objective, policy_.effort);
      if (!found.outcome.best) refuse_layer(wanted, context, found.outcome.refusal);
      ways = found.lowerings;
      mapped.ways = ways.size();
      mapped.objectives.push_back(explain({wanted, task, context}, objective, found));
    }
    if (request_.pareto) mapped.frontier = frontier({wanted, task, context}, ways);
    return mapped;
  }

 private:
  struct Layer {
    const WantedLayer& wanted;
    const mapping::ProductTask& task;
    const mapping::LayerContext& context;
  };

  mapping::ProductSearch search(const mapping::LayerContext& context,
                                const mapping::ProductTask& task, search::Objective objective,
                                mapping::Effort effort) const {
    mapping::Policy policy = policy_;
    policy.objective = objective;
    policy.effort = effort;
    mapping::ProductSearch found =
        mapping::search_product(context, task.product, task.kernel, policy);
    if (effort == mapping::Effort::kFast && found.outcome.best)
      take_as_run(context, task, policy, found);
    return found;
  }

  /// The mapping that `fast` takes in a run, which rounds prices; what it costs, and what is known of the optimum,
  /// with the prices as they are.
  static void take_as_run(const mapping::LayerContext& context, const mapping::ProductTask& task,
                          const mapping::Policy& policy, mapping::ProductSearch& found) {
    const mapping::LayerContext in_run{context.architecture, context.group, context.placement,
                                       mapping::rounded(context.prices)};
    const mapping::ProductSearch run =
        mapping::search_product(in_run, task.product, task.kernel, policy);
    search::Found best = *run.outcome.best;
    const search::Space& space = found.lowerings.at(best.space).space;
    best.cost = nest::evaluate(space.hierarchy, space.costs,
                               nest::count(space.problem, space.hierarchy, best.mapping));
    search::Outcome& outcome = found.outcome;
    const auto value = [&](const search::Found& of) {
      return search::value(policy.objective, of.cost);
    };
    outcome.proven = outcome.proven && value(best) <= outcome.bound;
    if (outcome.runner_up && value(*outcome.runner_up) < value(best)) outcome.runner_up.reset();
    outcome.best = std::move(best);
  }

  report::ObjectiveResult explain(const Layer& layer, search::Objective objective,
                                  const mapping::ProductSearch& found) const {
    const search::Outcome& outcome = found.outcome;
    report::ObjectiveResult result;
    result.objective = objective;
    result.best = chosen(layer, found.lowerings, *outcome.best);
    if (outcome.runner_up) result.runner_up = chosen(layer, found.lowerings, *outcome.runner_up);
    result.bound = outcome.bound;
    result.gap = outcome.gap(objective);
    result.proven = outcome.proven;
    result.nodes = outcome.nodes;
    if (policy_.effort == mapping::Effort::kFast) return result;
    const mapping::ProductSearch fast =
        search(layer.context, layer.task, objective, mapping::Effort::kFast);
    if (!fast.outcome.best) return result;
    result.fast = chosen(layer, fast.lowerings, *fast.outcome.best);
    const auto value = [&](const search::Outcome& of) {
      return search::value(objective, of.best->cost);
    };
    // A small budget may end before `exhaustive` is as far.
    if (value(fast.outcome) < value(outcome)) {
      search::Outcome better = outcome;
      better.best = fast.outcome.best;
      result.runner_up = std::exchange(result.best, *result.fast);
      result.gap = better.gap(objective);
    }
    return result;
  }

  report::FrontierResult frontier(const Layer& layer,
                                  const std::vector<mapping::Lowering>& ways) const {
    const search::Frontier found = search::pareto(mapping::spaces_of(ways), policy_.options());
    report::FrontierResult result;
    for (const search::Found& each : found.points)
      result.points.push_back(chosen(layer, ways, each));
    result.complete = found.complete;
    result.nodes = found.nodes;
    return result;
  }

  report::ChosenMapping chosen(const Layer& layer, const std::vector<mapping::Lowering>& ways,
                               const search::Found& found) const {
    report::ChosenMapping chosen;
    chosen.lowering = ways.at(found.space);
    chosen.mapping = found.mapping;
    chosen.cost = found.cost;
    const search::Space& space = chosen.lowering.space;
    chosen.counts = nest::count(space.problem, space.hierarchy, found.mapping);
    const mapping::LayerPlanner planner(architecture_, widths_, policy_);
    const mapping::PlannedLayer planned = planner.planned(
        layer.wanted.linear, mapping::realise(layer.context, chosen.lowering, found.mapping));
    const engine::Estimate estimate = engine::estimate(architecture_, widths_, planned, prices_);
    report::ClosedForm& form = chosen.closed_form;
    form.energy_pj = estimate.energy.total.value.value();
    for (const auto& [component, energy] : estimate.energy.by_component)
      form.energy_pj_by_component[component] = energy.value.value();
    form.cycles = estimate.cycles.value();
    form.passes = estimate.passes;
    form.bound_by = estimate.bound_by;
    form.plan = mapping::describe(planned.plan);
    return chosen;
  }

  [[noreturn]] void refuse_layer(const WantedLayer& wanted, const mapping::LayerContext& context,
                                 const search::Refusal& refusal) const {
    std::string reasons;
    for (const search::Refusal::Reason& reason : refusal.reasons)
      reasons += (reasons.empty() ? "" : ", ") + reason.constraint + " (excludes " +
                 std::to_string(reason.excluded) + ")";
    const std::string nearest =
        refusal.nearest.empty() ? mapping::diagnosis(context, refusal).message : refusal.nearest;
    const std::string asked = request_.dataflow.empty() ? "" : ", --dataflow " + request_.dataflow;
    throw input::ConfigError("layer '" + wanted.names.front() + "' on " + architecture_.name +
                             asked + ": found no mapping: " + reasons +
                             "; allowed: what all of them admit; nearest: " + nearest);
  }

  const arch::Architecture& architecture_;
  workload::Widths widths_;
  cost::PriceList prices_;
  const MapRequest& request_;
  mapping::Policy policy_;
};

std::vector<InputFile> files_of(const MapRequest& request) {
  std::vector<InputFile> files = {{"--arch", input::config_path("arch", request.architecture)},
                                  {"--dataflow", request.dataflow}};
  for (const std::string& path : input::cost_table_files(request.table))
    files.push_back({"--tech", path});
  if (!request.trace.empty()) files.push_back({"--trace", input::trace_path(request.trace)});
  return files;
}

report::MapReport search_all(const MapRequest& request, const Outputs& outputs) {
  report::MapReport report;
  report.provenance = {version(), commit(), sources_sha256(), "", "", ""};
  std::string bytes;
  const arch::Architecture architecture = input::read_architecture(request.architecture, &bytes);
  report.provenance.architecture_sha256 = sha256(bytes);
  const cost::CostTable table = input::read_complete_cost_table(request.table, &bytes);
  report.provenance.cost_table_sha256 = sha256(bytes);
  report.architecture = architecture.name;
  report.cost_table = table.name;
  report.clock_hz = architecture.clock.value();
  report.effort = request.policy.effort;
  if (report.effort == mapping::Effort::kExhaustive) report.budget = request.policy.budget;
  if (request.policy.constraints) report.dataflow = request.policy.constraints->name;

  const Sources sources{input::architecture_document(request.architecture),
                        input::cost_table_document(request.table),
                        request.trace.empty() ? "" : input::trace_path(request.trace),
                        request.layer ? request.layer->names.front() : request.trace};
  workload::Trace trace;
  try {
    std::vector<WantedLayer> wanted;
    if (request.layer) {
      wanted.push_back(*request.layer);
    } else {
      trace = input::resolve_trace(request.trace, &bytes);
      report.provenance.trace_sha256 = sha256(bytes);
      report.provenance.values_sha256 = values_sha256(trace);
      outputs.refuse_inputs(value_inputs(trace));
      wanted = layers_of_trace(trace, architecture, request.layer_name);
    }
    const LayerMapper mapper(architecture, trace.widths, table, request);
    Progress progress(!request.quiet);
    for (const WantedLayer& each : wanted) {
      report.layers.push_back(mapper.map(each));
      progress.show(report.layers.size(), wanted.size());
    }
  } catch (const quantity::Impossible& error) {
    const quantity::Diagnosis& diagnosis = error.diagnosis();
    if (request.layer && diagnosis.path.rfind("weights", 0) == 0)
      throw input::ConfigError("--weights: found '" + diagnosis.value +
                               "'; allowed: " + diagnosis.message);
    if (request.layer && diagnosis.path == "size")
      throw input::ConfigError("--layer: found '" + diagnosis.value +
                               "'; allowed: " + diagnosis.message);
    blame(error, sources);
  } catch (const quantity::CountOverflow&) {
    if (request.layer)
      throw input::ConfigError("--layer: found '" + request.layer->names.front() +
                               "'; allowed: sizes for which every count stays below 2^64");
    blame_overflow(sources, architecture);
  }
  return report;
}

}  // namespace

int map_search(const CommandLine& line) {
  const MapRequest request = request_of(line);
  Outputs outputs(line, {"json", "csv", "latex"}, files_of(request));
  const report::MapReport report = search_all(request, outputs);
  outputs.add("json", [&](std::ostream& stream) { stream << report::map_json(report); });
  outputs.add("csv", [&](std::ostream& stream) { stream << report::map_csv(report); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::map_latex(report); });
  if (!request.quiet) outputs.add_text([&] { return report::map_text(report); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
