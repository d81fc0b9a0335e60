// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/design_point.h"
#include "sim/app/progress.h"
#include "sim/app/published_run.h"

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
      "fidelity", word("WORD"), "cycle (default): simulated; analytic: closed-form bounds")(
      "mapping", word("WORD"),
      "how hard mappings are looked for: fast (default), exhaustive: see 'addax map'")(
      "objective", word("WORD"), "what mappings minimise: edp (default), energy, latency")(
      "baseline", word("WORD"), "both (default), fp16, same-bits, none")(
      "equal", word("WORD"), "what a baseline has equal: area (default), throughput, pe")(
      "no-reuse", "simulate layers of equal shape again")(
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
  const Words physical_only = {"arch",  "trace",    "tech",    "fidelity", "baseline",
                               "equal", "no-reuse", "mapping", "objective"};
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
  const bool cycle = line.word("fidelity", {"cycle", "analytic"}) == "cycle";
  request.options.fidelity = cycle ? engine::Fidelity::kCycle : engine::Fidelity::kAnalytic;
  request.options.effort = *mapping::parse_effort(line.word("mapping", {"fast", "exhaustive"}));
  request.options.objective =
      *search::parse_objective(line.word("objective", {"edp", "energy", "latency"}));
  request.options.reuse_equal_layers = !line.has("no-reuse");
  const std::string baseline = line.word("baseline", {"both", "fp16", "same-bits", "none"});
  request.fp16 = baseline == "both" || baseline == "fp16";
  request.same_bits = baseline == "both" || baseline == "same-bits";
  request.equalisation = equalisation_of(line);
  return request;
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
  const RunRequest request = request_of(line);
  Outputs outputs(line, {"json", "csv", "latex"}, input_files(request));
  const bool quiet = line.has("quiet");
  const RunResult result = run_with_progress(request, !quiet);

  outputs.add("json", [&](std::ostream& stream) {
    report::json(stream, result.report, result.configuration);
  });
  outputs.add("csv", [&](std::ostream& stream) { report::csv(stream, result.report); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::latex(result.report); });
  if (!quiet) outputs.add_text([&] { return report::text(result.report, result.configuration); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
