// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost.h"
#include "sim/app/blame.h"
#include "sim/app/commands.h"
#include "sim/app/sha256.h"
#include "sim/app/version.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/config_path.h"
#include "sim/input/cost_reader.h"
#include "sim/report/report.h"

namespace addax::app {
namespace {

Syntax syntax() {
  namespace po = boost::program_options;
  Syntax syntax;
  syntax.usage = "addax area --arch A [options]";
  syntax.summary = "Silicon of an architecture, part by part.";
  syntax.example = "addax area --arch eyeriss_shiftadd --csv area.csv";
  syntax.options.add_options()("help,h", "this text")("arch", po::value<Words>()->value_name("A"),
                                                      "architecture: a shipped name or a file")(
      "tech", po::value<Words>()->value_name("T"),
      "cost table: a shipped name or a file (default physical-45nm)")(
      "json", po::value<Words>()->value_name("FILE|-"), "write addax.area/1")(
      "csv", po::value<Words>()->value_name("FILE|-"), "write one row a part");
  return syntax;
}

}  // namespace

int area_command(const Words& words) {
  const Syntax grammar = syntax();
  const CommandLine line(grammar, words);
  if (line.help()) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  const std::string architecture_name =
      line.required("arch", "the name of a shipped architecture, or a file");
  const std::string table_name =
      line.has("tech") ? line.required("tech", "the name of a shipped cost table, or a file")
                       : kDefaultTable;
  std::vector<InputFile> inputs = {{"--arch", input::config_path("arch", architecture_name)}};
  for (const std::string& path : input::cost_table_files(table_name))
    inputs.push_back({"--tech", path});
  Outputs outputs(line, {"json", "csv"}, inputs);

  result::Provenance origin{version(), commit(), sources_sha256(), "", "", ""};
  std::string bytes;
  const arch::Architecture architecture = input::read_architecture(architecture_name, &bytes);
  origin.architecture_sha256 = sha256(bytes);
  const cost::CostTable table = input::read_complete_cost_table(table_name, &bytes);
  origin.cost_table_sha256 = sha256(bytes);

  cost::AreaReport area;
  try {
    area = cost::area(table, architecture);
  } catch (const quantity::Impossible& error) {
    blame(error, {input::architecture_document(architecture_name),
                  input::cost_table_document(table_name), "", ""});
  }
  outputs.add("json", [&](std::ostream& stream) {
    stream << report::area_json(area, architecture, table, origin);
  });
  outputs.add("csv", [&](std::ostream& stream) { stream << report::area_csv(area); });
  outputs.add_text([&] { return report::area_text(area, architecture, table); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
