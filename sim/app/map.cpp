// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/map_case.h"

namespace addax::app {
namespace {

Syntax syntax() {
  namespace po = boost::program_options;
  Syntax syntax;
  syntax.usage = "addax map --case FILE [options]";
  syntax.summary =
      "Counts the accesses of explicit mappings, exactly, and compares them with what the file\n"
      "expects: exit status 1 where the text shows a difference.";
  syntax.example = "addax map --case my_case.json --count-rules timeloop";
  syntax.options.add_options()("help,h", "this text")(
      "case", po::value<Words>()->value_name("FILE"),
      "a case, or cases: problem, levels, mapping and expected counts")(
      "count-rules", po::value<Words>()->value_name("RULES"),
      "addax (default), or timeloop: partial sums that come back are filled into each of the "
      "instances that are reduced together")("json", po::value<Words>()->value_name("FILE|-"),
                                             "write the counts; several cases by their ids");
  return syntax;
}

}  // namespace

int map_command(const Words& words) {
  const Syntax grammar = syntax();
  const CommandLine line(grammar, words);
  if (line.help()) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  return map_case(line);
}

}  // namespace addax::app
