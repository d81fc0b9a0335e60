// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/mapper.h"
#include "sim/app/commands.h"
#include "sim/app/map_case.h"
#include "sim/app/map_search.h"

namespace addax::app {
namespace {

Syntax syntax() {
  namespace po = boost::program_options;
  const auto word = [](const char* name) { return po::value<Words>()->value_name(name); };
  const std::string budget = "nodes after which a search ends (default " +
                             std::to_string(mapping::kExhaustiveBudget) + ")";
  Syntax syntax;
  syntax.usage =
      "addax map --arch A (--layer MxKxN [--weights W] | --trace T [--layer NAME]) [options]\n"
      "       addax map --case FILE [--count-rules RULES] [--json FILE|-]";
  syntax.summary =
      "Finds the best mapping of a layer, or of each layer of a trace, on an architecture, and "
      "says\n"
      "why it costs what it costs: the nest, what every level holds and moves, what binds, how "
      "far\n"
      "from optimal it can be, and what comes second. With --case it counts the accesses of "
      "explicit\n"
      "mappings, exactly, and compares them with what the file expects: exit status 1 where the\n"
      "text shows a difference.";
  syntax.example =
      "addax map --arch eyeriss_shiftadd --layer 1x4096x11008 --weights shiftadd-3bit\n"
      "  addax map --case my_case.json --count-rules timeloop";
  syntax.options.add_options()("help,h", "this text")("arch", word("A"),
                                                      "architecture: a shipped name or a file")(
      "layer", word("MxKxN"), "tokens x inputs x outputs; with --trace: the name of its layer")(
      "weights", word("W"), "weight format of --layer, as in 'addax trace make' (default fp16)")(
      "trace", word("T"), "trace: a file, a shipped name, or MODEL.PHASE.FORMAT")(
      "tech", word("T"), "cost table: a shipped name or a file (default physical-45nm)")(
      "objective", word("WORD"), "all (default), energy, latency, edp")(
      "pareto", "also the mappings that no other betters in both energy and cycles")(
      "mapping", word("WORD"),
      "exhaustive (default): until proven, or the budget is spent; fast: as 'addax run' maps")(
      "budget", word("NODES"), budget.c_str())(
      "dataflow", word("NAME|FILE"),
      "weight-, output-, input-, lut-, row-stationary, no-local-reuse, or a file of pins")(
      "threads", word("N"), "of the search; the answer does not depend on it (default 1)")(
      "case", word("FILE"), "a case, or cases: problem, levels, mapping and expected counts")(
      "count-rules", word("RULES"),
      "addax (default), or timeloop: partial sums that come back are filled into each of the "
      "instances that are reduced together")("json", word("FILE|-"),
                                             "write addax.map/1; with --case the counts")(
      "csv", word("FILE|-"), "write one row a layer, objective, level and tensor")(
      "latex", word("FILE|-"), "write a table, one row a layer and objective")(
      "quiet", "no text for people");
  return syntax;
}

// True where explicit mappings are counted. Refuses options of the other use.
bool is_case(const CommandLine& line) {
  const bool counts = line.has("case");
  if (!counts && !line.has("arch"))
    throw input::ConfigError(
        "--arch: found nothing, nor --case; allowed: an architecture, or a case");
  const Words search_only = {"arch",      "layer",  "weights", "trace",  "tech",
                             "objective", "pareto", "mapping", "budget", "dataflow",
                             "threads",   "csv",    "latex",   "quiet"};
  const Words case_only = {"count-rules"};
  for (const std::string& option : counts ? search_only : case_only)
    if (line.has(option))
      throw input::ConfigError("--" + option + ": found " + (counts ? "with" : "without") +
                               " --case; allowed: " + (counts ? "without it" : "with it"));
  return counts;
}

}  // namespace

int map_command(const Words& words) {
  const Syntax grammar = syntax();
  const CommandLine line(grammar, words);
  if (line.help()) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  return is_case(line) ? map_case(line) : map_search(line);
}

}  // namespace addax::app
