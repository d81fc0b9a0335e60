// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "sim/app/commands.h"
#include "sim/app/design_point.h"
#include "sim/app/layer_values.h"
#include "sim/app/progress.h"
#include "sim/app/published_run.h"
#include "sim/input/npy_writer.h"

namespace addax::app {
namespace {

Syntax syntax() {
  namespace po = boost::program_options;
  const auto word = [](const char* name) { return po::value<Words>()->value_name(name); };
  Syntax syntax;
  syntax.usage = "addax run --arch A --trace T [options]";
  syntax.summary =
      "Replays a trace on an architecture, and on arrays of FP16 multipliers made comparable with\n"
      "it. Prints latency, energy and silicon with what they are made of. With --profile "
      "published\n"
      "nothing is simulated: a model's energy and latency in the accounting of ShiftAddLLM's "
      "tables\n"
      "(docs/physics/published.md).";
  syntax.example =
      "addax run --arch eyeriss_shiftadd --trace opt-6.7b.decode.shiftadd-3bit --json out.json\n"
      "  addax run --profile published --model opt-66b --method shiftadd --bits 3 --tilings";
  syntax.options.add_options()("help,h", "this text")(
      "profile", word("WORD"), "physical (default): simulated; published: a paper's accounting")(
      "arch", word("A"), "architecture: a shipped name or a file")(
      "trace", word("T"), "trace: a file, a shipped name, or MODEL.PHASE.FORMAT, which is made")(
      "tech", word("T"), "cost table: a shipped name or a file (default physical-45nm)")(
      "fidelity", word("WORD"),
      "cycle (default): simulated; analytic: closed-form bounds; detailed: every PE clocked, with "
      "values, in the layers for which there is a model")(
      "mapping", word("WORD"),
      "how hard mappings are looked for: fast (default), exhaustive: see 'addax map'")(
      "objective", word("WORD"), "what mappings minimise: edp (default), energy, latency")(
      "dataflow", word("NAME|FILE"),
      "what the design's mappings of products with weights follow: lut-stationary, ... (default: "
      "the best of all)")("baseline", word("WORD"), "both (default), fp16, same-bits, none")(
      "equal", word("WORD"), "what a baseline has equal: area (default), throughput, pe")(
      "no-reuse", "simulate layers of equal shape again")(
      "vcd", word("FILE"), "detailed: write the waveforms of a layer")(
      "signals", word("LIST"),
      "of which signals: names with * (default), with commas between them")(
      "timeline", word("FILE"),
      "detailed: write when each part works for each pass (trace events)")(
      "values", word("FILE|-"), "detailed: write the outputs of a layer (.npy)")(
      "layer", word("NAME"),
      "of --vcd and --values: LAYER, BLOCK/LAYER or PHASE/BLOCK/LAYER, as --csv names them "
      "(default "
      "the first that is clocked)")(
      "model", word("M"), "published: a model in the paper's shape, or the path of a config.json")(
      "method", word("WORD"), "published: fp16, optq, lutgemm, shiftadd")(
      "bits", word("WORD"), "published: 2, 3, 4, mixed")(
      "tilings", "published: every operation with the tiling chosen for it")(
      "json", word("FILE|-"),
      "write everything, in full precision (addax.result/1, addax.published/1)")(
      "csv", word("FILE|-"), "write one row a layer; published: an operation")(
      "latex", word("FILE|-"), "write a table of totals and ratios")("quiet", "no text for people");
  return syntax;
}

// True where --profile is published. Refuses options of the other profile.
bool is_published(const CommandLine& line) {
  const bool published = line.word("profile", {"physical", "published"}) == "published";
  const Words physical_only = {"arch",  "trace",    "tech",      "fidelity", "baseline",
                               "equal", "mapping",  "objective", "dataflow", "no-reuse",
                               "vcd",   "timeline", "values",    "signals",  "layer"};
  const Words published_only = {"model", "method", "bits", "tilings"};
  for (const std::string& option : published ? physical_only : published_only)
    if (line.has(option))
      throw input::ConfigError("--" + option + ": found with --profile " +
                               (published ? "published; allowed: with physical"
                                          : "physical, the default; allowed: with published"));
  return published;
}

RunRequest request_of(const CommandLine& line) {
  RunRequest request;
  request.architecture = line.required("arch", "the name of a shipped architecture, or a file");
  request.trace = line.required("trace",
                                "a file, a shipped trace, or MODEL.PHASE.FORMAT, as "
                                "opt-6.7b.decode.shiftadd-3bit");
  request.table = line.has("tech")
                      ? line.required("tech", "the name of a shipped cost table, or a file")
                      : kDefaultTable;
  read_options(request, [&line](const std::string& option, const Words& words) {
    return line.word(option, words);
  });
  if (line.has("dataflow"))
    request.dataflow = line.required("dataflow", "the name of a dataflow, or a file");
  request.options.reuse_equal_layers = !line.has("no-reuse");
  return request;
}

void require_any_of(const CommandLine& line, const std::string& option, const Words& others) {
  if (!line.has(option)) return;
  std::string all;
  for (const std::string& other : others) {
    if (line.has(other)) return;
    all += (all.empty() ? "--" : " or --") + other;
  }
  throw input::ConfigError("--" + option + ": found without " + all + "; allowed: with it");
}

// What is to be written of clocked layers.
engine::Watch watch_of(const CommandLine& line, engine::Fidelity fidelity) {
  for (const char* option : {"vcd", "timeline", "values"})
    if (line.has(option) && fidelity != engine::Fidelity::kDetailed)
      throw input::ConfigError("--" + std::string(option) + ": found with --fidelity " +
                               engine::name(fidelity) + "; allowed: with --fidelity detailed");
  require_any_of(line, "signals", {"vcd"});
  require_any_of(line, "layer", {"vcd", "values"});
  engine::Watch watch;
  if (line.has("layer")) watch.layer = line.required("layer", "the name of a layer");
  if (!line.has("signals")) return watch;
  watch.patterns.clear();
  std::stringstream list(line.required("signals", "names of signals, with commas between them"));
  for (std::string pattern; std::getline(list >> std::ws, pattern, ',');)
    watch.patterns.push_back(pattern);
  return watch;
}

RunResult run_with_progress(RunRequest request, bool wanted) {
  Progress progress(wanted);
  request.options.progress = [&](std::uint64_t done, std::uint64_t all) {
    progress.show(done, all);
  };
  return run(request);
}

}  // namespace

int run_command(const Words& words) {
  const Syntax grammar = syntax();
  const CommandLine line(grammar, words);
  if (line.help()) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  if (is_published(line)) return published_run(line);
  RunRequest request = request_of(line);
  request.options.watch = watch_of(line, request.options.fidelity);
  Outputs outputs(line, {"json", "csv", "latex", "vcd", "timeline", "values"},
                  input_files(request));
  engine::OutputMatrix values;
  request.options.watch.signals = outputs.open("vcd");
  request.options.watch.timeline = outputs.open("timeline");
  if (line.has("values")) request.options.watch.outputs = &values;
  const bool quiet = line.has("quiet");
  const RunResult result = run_with_progress(request, !quiet);
  outputs.refuse_inputs(value_inputs(result.configuration.design.trace));

  outputs.add("json", [&](std::ostream& stream) {
    report::json(stream, result.report, result.configuration);
  });
  outputs.add("values", [&](std::ostream& stream) {
    input::write_npy(stream, values.tokens, values.outputs, values.values);
  });
  outputs.add("csv", [&](std::ostream& stream) { report::csv(stream, result.report); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::latex(result.report); });
  if (!quiet) outputs.add_text([&] { return report::text(result.report, result.configuration); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
