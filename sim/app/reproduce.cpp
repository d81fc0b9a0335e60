// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/reproduce_modes.h"
#include "sim/app/sha256.h"
#include "sim/app/version.h"
#include "sim/input/comparison_reader.h"
#include "sim/input/config_path.h"
#include "sim/input/published_reader.h"

namespace addax::app {
namespace {

Syntax syntax() {
  namespace po = boost::program_options;
  const auto word = [](const char* name) { return po::value<Words>()->value_name(name); };
  Syntax syntax;
  syntax.usage = "addax reproduce SOURCE [options]";
  syntax.summary =
      "Published figures beside ours, with what is known about each that differs. --audit makes "
      "the\n"
      "assumptions behind a claim physical, one after the other; --accuracy puts simulated cost\n"
      "beside published perplexity. SOURCE is a shipped name (shiftaddllm, ternaryllm) or a file;\n"
      "one without published energies (ternaryllm) is compared with other methods. Exit status 1:\n"
      "a figure deviates by more than its stated tolerance and no note explains why.";
  syntax.example = "addax reproduce shiftaddllm --table 10 --json table_10.json";
  syntax.options.add_options()("help,h", "this text")(
      "table", word("T"), "one table only: 1, 10, 13, mlp, memory, savings (default: all)")(
      "breakdown", "also energy by category, and latency, of the published model")(
      "audit",
      "the assumptions behind the claims made physical; with --table memory, behind the "
      "memory claim")("accuracy", "simulated energy and latency beside published perplexity")(
      "model", word("M"),
      "a model of the source (default: all; again for several); audit: one, or any shipped name or "
      "config.json (default opt-66b)")("context", word("N"),
                                       "tokens in the KV cache (default 2048)")(
      "bits", word("N"), "audit: bits a weight, 3 (default) or 2")(
      "tech", word("T"), "audit: cost table, a shipped name or a file (default physical-45nm)")(
      "equal", word("WORD"), "audit: what a baseline has equal: area (default), throughput, pe")(
      "json", word("FILE|-"), "write everything, in full precision")(
      "csv", word("FILE|-"), "write one row a figure, or a step and design")(
      "latex", word("FILE|-"), "write a table for each published one")("quiet",
                                                                       "no text for people");
  syntax.positional = "source";
  return syntax;
}

// An option that the mode does not take would be ignored without a word.
void refuse_options(const CommandLine& line, const Words& options, const std::string& found,
                    const std::string& allowed) {
  for (const std::string& option : options)
    if (line.has(option))
      throw input::ConfigError("--" + option + ": found " + found + "; allowed: " + allowed);
}

int dispatch(const ReproduceRequest& request) {
  const CommandLine& line = request.line;
  if (line.has("accuracy")) {
    refuse_options(line, {"audit", "table", "breakdown", "bits", "tech", "equal"},
                   "with --accuracy", "without --accuracy");
    return reproduce_accuracy(request);
  }
  if (line.has("audit")) {
    refuse_options(line, {"breakdown"}, "with --audit", "without --audit");
    if (!line.has("table")) return reproduce_energy_audit(request);
    refuse_options(line, {"bits", "tech", "equal"}, "with --table memory", "without --table");
    line.word("table", {"memory"});
    return reproduce_memory_audit(request);
  }
  refuse_options(line, {"bits", "tech", "equal"}, "without --audit", "with --audit");
  refuse_options(line, {"model", "context"}, "without --audit or --accuracy", "with one of them");
  return reproduce_rows(request);
}

}  // namespace

std::string audited_model(const CommandLine& line) {
  if (!line.has("model")) return "opt-66b";
  return line.required("model", "a shipped model, or the path of a config.json");
}

int reproduce_command(const Words& words) {
  const Syntax grammar = syntax();
  const CommandLine line(grammar, words);
  if (line.help()) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  const Words sources = line.all("source");
  if (sources.empty() || sources.front().empty())
    throw input::ConfigError(
        "SOURCE: found nothing; allowed: the name of a shipped source, or a file");
  if (input::is_comparison(sources.front())) {
    refuse_options(line, {"audit", "accuracy", "table", "breakdown", "bits", "tech", "equal"},
                   "with a source of no energies",
                   "with a source of published energies, as shiftaddllm");
    return reproduce_comparison(line, sources.front());
  }
  std::string bytes;
  ReproduceRequest request{line,
                           input::read_published(sources.front(), &bytes),
                           input::config_path("published", sources.front()),
                           {version(), commit(), "", ""}};
  request.origin.published_sha256 = sha256(bytes);
  return dispatch(request);
}

}  // namespace addax::app
