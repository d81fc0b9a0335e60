// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/sweep_point.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "sim/input/dataflow_reader.h"
#include "sim/input/model_reader.h"
#include "sim/input/quantised_file.h"
#include "sim/input/result_reader.h"
#include "sim/input/trace_reader.h"
#include "sim/input/trace_request.h"
#include "sim/report/configuration.h"

namespace addax::app {
namespace {

using report::Json;

Syntax syntax() {
  namespace po = boost::program_options;
  Syntax syntax;
  syntax.usage = "addax check FILE [--as KIND]";
  syntax.summary =
      "Validates an architecture, a cost table, a trace, a dataflow, a sweep, a model's "
      "config.json, "
      "a bit\n"
      "allocation, a result or a quantised matrix, and prints its effective configuration, "
      "defaults filled in, as "
      "JSON: for a "
      "result,\n"
      "the configuration that it was computed from.";
  syntax.example = "addax check my_accelerator.yaml";
  syntax.options.add_options()("help,h", "this text")(
      "as", po::value<Words>()->value_name("KIND"),
      "architecture, cost-table, trace, dataflow, sweep, model, bits, result, quantised (default: "
      "what "
      "the "
      "file says "
      "it is)");
  syntax.positional = "file";
  return syntax;
}

// A word without a slash would be looked up among the shipped names.
std::string as_path(const std::string& file) {
  return file.find('/') == std::string::npos ? "./" + file : file;
}

std::string detect(const std::string& file) {
  const std::string ending = ".safetensors";
  if (file.size() > ending.size() && file.rfind(ending) == file.size() - ending.size())
    return "quantised";
  const input::Document document = input::Document::read(file);
  const input::Value root = document.root();
  if (root.is_map()) {
    if (const auto kind = root.find("addax")) {
      const std::string word =
          kind->word({"architecture/1", "cost_table/1", "trace/1", "dataflow/1", "sweep/1"});
      if (word == "architecture/1") return "architecture";
      if (word == "dataflow/1") return "dataflow";
      if (word == "sweep/1") return "sweep";
      return word == "trace/1" ? "trace" : "cost-table";
    }
    if (root.find("schema")) return "result";
    if (root.find("model_type")) return "model";
  }
  root.fail(
      "a map with the key addax (architecture/1, cost_table/1, trace/1, dataflow/1, sweep/1), "
      "schema "
      "(addax.result/1, addax.area/1) or model_type, or --as bits");
}

Json allocation_json(const std::string& file) {
  Json object = Json::object();
  for (const auto& [layer, bits] : input::read_bit_allocation(file))
    object[layer] = {{"bits", bits.bits}, {"columnwise", bits.columnwise}};
  return object;
}

/// The configuration that a result was computed from.
Json result_json(const std::string& file) {
  const input::Document document = input::Document::read(file);
  input::check_result(document);
  const Json tree = Json::parse(document.bytes(), nullptr, false);
  if (tree.is_discarded()) throw input::ConfigError(file + ": not JSON; allowed: a result in JSON");
  return tree.at("provenance").at("configuration");
}

/// What addax quantize wrote; all codes and scales are read.
Json quantised_json(const std::string& file) {
  const quantise::QuantisedMatrix matrix = input::read_quantised(file);
  const workload::StoredBits bits = quantise::stored_bits(matrix);
  return {{"weights", describe(matrix.format)},
          {"outputs", matrix.outputs},
          {"inputs", matrix.inputs},
          {"code_bits", bits.codes.value()},
          {"scale_bits", bits.scales.value()}};
}

/// All points of a sweep are made, so that filters are answered and what is to be equal is.
Json sweep_json(const std::string& file) {
  sweep::Sweep sweep = sweep::read_sweep(file);
  SweepPoints().points(sweep);
  return sweep::configuration_json(sweep);
}

Json effective(const std::string& kind, const std::string& file) {
  if (kind == "architecture")
    return report::configuration_json(input::read_architecture(as_path(file)));
  if (kind == "cost-table")
    return report::configuration_json(input::read_cost_table(as_path(file)));
  if (kind == "trace")
    return report::configuration_json(input::read_trace(input::Document::read(file)));
  if (kind == "dataflow")
    return report::configuration_json(input::read_dataflow(input::Document::read(file)));
  if (kind == "sweep") return sweep_json(as_path(file));
  if (kind == "model") return report::configuration_json(input::resolve_model(as_path(file)));
  if (kind == "quantised") return quantised_json(file);
  return kind == "result" ? result_json(file) : allocation_json(file);
}

}  // namespace

int check_command(const Words& words) {
  const Syntax grammar = syntax();
  const CommandLine line(grammar, words);
  if (line.help()) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  const Words files = line.all("file");
  if (files.empty() || files.front().empty())
    throw input::ConfigError("FILE: found nothing; allowed: the path of a file");
  const std::string kind = line.has("as")
                               ? line.word("as", {"architecture", "cost-table", "trace", "dataflow",
                                                  "sweep", "model", "bits", "result", "quantised"})
                               : detect(files.front());
  input::write_file("-", effective(kind, files.front()).dump(1) + "\n");
  return 0;
}

}  // namespace addax::app
