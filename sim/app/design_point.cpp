// SPDX-License-Identifier: Apache-2.0
#include "sim/app/design_point.h"

#include "sim/app/layer_values.h"
#include "sim/app/sha256.h"
#include "sim/app/version.h"
#include "sim/engine/baseline.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/config_path.h"
#include "sim/input/cost_reader.h"
#include "sim/input/dataflow_reader.h"
#include "sim/input/document.h"
#include "sim/input/trace_request.h"
#include "sim/input/trace_writer.h"
#include "sim/input/values_reader.h"

namespace addax::app {
namespace {

constexpr const char* kFp16Pattern = "eyeriss_fp16";
constexpr const char* kSameBitsPattern = "eyeriss_int";

const Words kEqualWords = {"area", "throughput", "pe"};

result::Equalisation equalisation(const std::string& word) {
  if (word == "throughput") return result::Equalisation::kIsoThroughput;
  return word == "pe" ? result::Equalisation::kIsoPe : result::Equalisation::kIsoArea;
}

template <class Work>
auto blaming(const Sources& sources, const arch::Architecture& architecture, const Work& work) {
  try {
    return work();
  } catch (const quantity::Impossible& error) {
    blame(error, sources);
  } catch (const quantity::CountOverflow&) {
    blame_overflow(sources, architecture);
  }
}

bool has_integers(const workload::Trace& trace) {
  for (const workload::Phase& phase : trace.phases)
    for (const workload::Block& block : phase.blocks)
      for (const workload::Operation& operation : block.operations)
        if (const auto* linear = std::get_if<workload::Linear>(&operation.work))
          if (linear->weights.kind == workload::FormatKind::kInt) return true;
  return false;
}

struct Replay {
  const RunRequest& request;
  engine::Options options;
  const Sources& sources;

  result::DesignResult of(const report::Subject& subject) const {
    return blaming(sources, subject.architecture, [&] {
      engine::Options with_values = options;
      with_values.values = [&](const workload::Linear& linear) {
        return input::read_layer_values(linear, subject.trace.widths);
      };
      result::Activity activity = engine::run(subject.architecture, subject.trace, with_values);
      count_values(activity, subject);
      return result::evaluate(std::move(activity), subject.architecture, subject.trace.name,
                              *options.costs);
    });
  }
};

struct Compared {
  report::Subject subject;
  result::Baseline baseline;
};

Compared compare(const Replay& replay, const report::Subject& design, engine::BaselineKind kind) {
  const bool fp16 = kind == engine::BaselineKind::kFp16;
  try {
    Compared compared;
    compared.subject.trace = engine::baseline_trace(design.trace, kind);
    const arch::Architecture pattern = input::read_architecture(
        has_integers(compared.subject.trace) ? kSameBitsPattern : kFp16Pattern);
    const engine::BaselineArchitecture equal = blaming(replay.sources, design.architecture, [&] {
      return engine::baseline_architecture(design.architecture, pattern, design.trace,
                                           *replay.options.costs, replay.request.equalisation);
    });
    compared.subject.architecture = equal.architecture;
    Replay by_cycle = replay;
    by_cycle.options.watch = {};
    by_cycle.options.constraints.reset();
    if (by_cycle.options.fidelity == engine::Fidelity::kDetailed)
      by_cycle.options.fidelity = engine::Fidelity::kCycle;
    compared.baseline = {by_cycle.of(compared.subject), replay.request.equalisation,
                         equal.residual};
    if (replay.options.fidelity == engine::Fidelity::kDetailed)
      compared.baseline.result.notes.emplace_back("simulated by cycle, the design by detailed");
    return compared;
  } catch (const input::ConfigError& error) {
    throw input::ConfigError(std::string(error.what()) + " (in the " +
                             (fp16 ? "fp16" : "same-bits") + " baseline; see --baseline)");
  }
}

}  // namespace

result::Equalisation equalisation_of(const CommandLine& line) {
  return equalisation(line.word("equal", kEqualWords));
}

void read_options(
    RunRequest& request,
    const std::function<std::string(const std::string& option, const Words& words)>& word) {
  const std::string fidelity = word("fidelity", {"cycle", "analytic", "detailed"});
  for (const engine::Fidelity each : {engine::Fidelity::kAnalytic, engine::Fidelity::kDetailed})
    if (fidelity == engine::name(each)) request.options.fidelity = each;
  request.options.effort = *mapping::parse_effort(word("mapping", {"fast", "exhaustive"}));
  request.options.objective =
      *search::parse_objective(word("objective", {"edp", "energy", "latency"}));
  const std::string baseline = word("baseline", {"both", "fp16", "same-bits", "none"});
  request.fp16 = baseline == "both" || baseline == "fp16";
  request.same_bits = baseline == "both" || baseline == "same-bits";
  request.equalisation = equalisation(word("equal", kEqualWords));
}

std::string baseline_bytes() {
  return input::architecture_document(kFp16Pattern).bytes() +
         input::architecture_document(kSameBitsPattern).bytes();
}

std::vector<InputFile> input_files(const RunRequest& request) {
  std::vector<InputFile> files = {{"--arch", input::config_path("arch", request.architecture)}};
  for (const std::string& path : input::cost_table_files(request.table))
    files.push_back({"--tech", path});
  const std::string trace = input::trace_path(request.trace);
  if (!trace.empty()) files.push_back({"--trace", trace});
  for (const char* pattern : {kFp16Pattern, kSameBitsPattern})
    files.push_back({"--baseline", input::config_path("arch", pattern)});
  return files;
}

DesignPoint read_design_point(const RunRequest& request) {
  DesignPoint point;
  Sources& sources = point.sources;
  sources.architecture = input::architecture_document(request.architecture);
  sources.table = input::cost_table_document(request.table);
  sources.trace = request.made ? "" : input::trace_path(request.trace);
  sources.trace_name = request.made ? request.made->name : request.trace;
  point.subject.architecture = input::read_architecture(sources.architecture);
  point.origin.architecture_sha256 = sha256(sources.architecture.bytes());
  std::string bytes;
  point.table = input::read_complete_cost_table(sources.table, request.table, &bytes);
  point.origin.cost_table_sha256 = sha256(bytes);
  if (request.made) {
    point.subject.trace = *request.made;
    bytes = input::write_trace(*request.made);
  } else {
    point.subject.trace = input::resolve_trace(request.trace, &bytes);
  }
  point.origin.trace_sha256 = sha256(bytes);
  return point;
}

RunResult run(const RunRequest& request) { return run(request, read_design_point(request)); }

RunResult run(const RunRequest& request, DesignPoint point) {
  RunResult run;
  result::Provenance& origin = run.report.provenance;
  report::Configuration& configuration = run.configuration;
  origin = std::move(point.origin);
  origin.version = version();
  origin.commit = commit();
  origin.sources_sha256 = sources_sha256();
  configuration.design = std::move(point.subject);
  configuration.table = std::move(point.table);
  origin.values_sha256 = values_sha256(configuration.design.trace);
  configuration.reuse_equal_layers = request.options.reuse_equal_layers;
  configuration.mapping = mapping::name(request.options.effort);
  configuration.objective = search::name(request.options.objective);
  run.report.fidelity = engine::name(request.options.fidelity);

  Replay replay{request, request.options, point.sources};
  replay.options.costs = &configuration.table;
  if (!request.dataflow.empty()) {
    replay.options.constraints = input::resolve_dataflow(request.dataflow);
    configuration.dataflow = replay.options.constraints->name;
  }
  run.report.design = replay.of(configuration.design);
  if (request.fp16) {
    Compared compared = compare(replay, configuration.design, engine::BaselineKind::kFp16);
    configuration.fp16 = std::move(compared.subject);
    run.report.fp16 = std::move(compared.baseline);
  }
  if (request.same_bits) {
    Compared compared = compare(replay, configuration.design, engine::BaselineKind::kSameBits);
    configuration.same_bits = std::move(compared.subject);
    run.report.same_bits = std::move(compared.baseline);
  }
  return run;
}

}  // namespace addax::app
