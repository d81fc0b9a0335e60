// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <thread>

#include "models/quantise/quantise.h"
#include "sim/app/commands.h"
#include "sim/app/sha256.h"
#include "sim/app/version.h"
#include "sim/app/weights_option.h"
#include "sim/input/matrix_reader.h"
#include "sim/input/model_reader.h"
#include "sim/input/quantised_file.h"
#include "sim/input/trace_request.h"
#include "sim/report/quantisation.h"

namespace addax::app {
namespace {

Syntax syntax() {
  namespace po = boost::program_options;
  const auto word = [](const char* name) { return po::value<Words>()->value_name(name); };
  Syntax syntax;
  syntax.usage = "addax quantize MATRIX --weights FORMAT [options]";
  syntax.summary =
      "Quantises a matrix of outputs x inputs, a .npy or .safetensors file, to the nearest that a\n"
      "format can store, and says what that loses against the FP16 weights.";
  syntax.example = "addax quantize fc1.npy --weights shiftadd-3bit --out fc1.safetensors --json -";
  syntax.positional = "matrix";
  syntax.options.add_options()("help,h", "this text")(
      "weights", word("FORMAT"),
      "fp16, w8a8, int-4bit, bcq-3bit, shiftadd-3bit, ternary, binary, msfp; with suffixes as in "
      "docs/user_guide.md")("group", word("N"), "weights that share a scale")(
      "granularity", word("WORD"), "who shares a scale: row, column, tensor, block")(
      "terms", word("K"), "power-of-two terms a scale (shiftadd, binary)")(
      "algorithm", word("WORD"), "of binary-coded formats: alternating (default), greedy")(
      "model", word("M"),
      "shares scales as in traces of this model, where its family decides that: a shipped model, "
      "or "
      "the path of a HuggingFace config.json")(
      "tensor", word("NAME"), "the tensor of a .safetensors file that has several")(
      "threads", word("N"),
      "for binary-coded formats; the answer does not depend on it (default: one a core)")(
      "out", word("FILE"), "write codes and scales, as .safetensors")(
      "json", word("FILE|-"), "write addax.quantisation/1")("csv", word("FILE|-"), "write one row")(
      "quiet", "no text for people");
  return syntax;
}

workload::WeightFormat format_of(const CommandLine& line) {
  const std::string given = line.required("weights", "a weight format, as shiftadd-3bit");
  const std::optional<std::string> model = line.find("model");
  const std::string family = model ? input::resolve_model(*model).family : "";
  const workload::WeightFormat format =
      input::parse_weights(weights_word(line, given, family), family);
  if (format.kind == workload::FormatKind::kTernary && given.find("-z") != std::string::npos)
    throw input::ConfigError("--weights: found '" + given +
                             "', which says how many weights are zero; allowed: ternary without "
                             "-z, as the matrix decides");
  if (line.has("algorithm") && !is_binary_coded(format))
    throw input::ConfigError("--algorithm: found with weights in " + given +
                             ", which leave no choice; allowed: with bcq, shiftadd, binary");
  return format;
}

unsigned threads_of(const CommandLine& line) {
  constexpr unsigned kMostThreads = 256;
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
  return static_cast<unsigned>(line.integer("threads", 1, kMostThreads).value_or(cores));
}

}  // namespace

int quantize_command(const Words& words) {
  const Syntax grammar = syntax();
  const CommandLine line(grammar, words);
  if (line.help()) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  if (!line.has("matrix"))
    throw input::ConfigError("MATRIX: found nothing; allowed: a .npy or .safetensors file");
  const std::string path = line.required("matrix", "a .npy or .safetensors file");
  const workload::WeightFormat format = format_of(line);
  const std::string algorithm =
      is_binary_coded(format) ? line.word("algorithm", {"alternating", "greedy"}) : "";
  const unsigned threads = threads_of(line);
  std::vector<InputFile> inputs = {{"matrix", path}};
  if (const auto model = line.find("model"))
    inputs.push_back({"--model", input::model_path(*model)});
  Outputs outputs(line, {"out", "json", "csv"}, inputs);

  const input::WeightMatrix matrix = input::read_matrix(path, line.find("tensor"));
  const quantise::QuantisedMatrix found = quantise::quantise(
      matrix.weights, format,
      algorithm == "greedy" ? quantise::Algorithm::kGreedy : quantise::Algorithm::kAlternating,
      threads);
  const report::Quantisation report{version(),
                                    commit(),
                                    path,
                                    sha256_of_file(path),
                                    matrix.tensor,
                                    matrix.type,
                                    algorithm,
                                    found.outputs,
                                    found.inputs,
                                    matrix.rounded,
                                    found.format,
                                    stored_bits(found),
                                    error(matrix.weights, found)};
  outputs.add("out", [&](std::ostream& stream) { input::write_quantised(stream, found); });
  outputs.add("json", [&](std::ostream& stream) { stream << quantisation_json(report); });
  outputs.add("csv", [&](std::ostream& stream) { stream << quantisation_csv(report); });
  if (!line.has("quiet")) outputs.add_text([&] { return quantisation_text(report); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
