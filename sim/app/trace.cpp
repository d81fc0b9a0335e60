// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/app/commands.h"
#include "sim/input/model_reader.h"
#include "sim/input/trace_request.h"
#include "sim/input/trace_writer.h"

namespace addax::app {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 31U;

Syntax syntax() {
  namespace po = boost::program_options;
  const auto word = [](const char* name) { return po::value<Words>()->value_name(name); };
  Syntax syntax;
  syntax.usage = "addax trace make --model M --phase P [--phase P ...] -o FILE|- [options]";
  syntax.summary =
      "Lists every operation of a model in one or more phases. Phases: decode-CONTEXT (one token,\n"
      "CONTEXT attended keys with the new one), prefill-TOKENS, generate-TOKENS-CONTEXT (a decode\n"
      "step for each token, the first at CONTEXT); numbers may be left out, and a colon may stand\n"
      "for the dash.";
  syntax.example =
      "addax trace make --model opt-6.7b --phase prefill:512 --phase decode:2048 \\\n"
      "    --weights shiftadd-3bit -o opt.yaml";
  syntax.options.add_options()("help,h", "this text")(
      "model", word("M"), "a shipped model, or the path of a HuggingFace config.json")(
      "phase", word("P"), "a phase; give it again to chain several (default decode)")(
      "context", word("N"), "attended keys of decode phases given without a number")(
      "tokens", word("N"), "tokens of prefill and generate phases given without a number")(
      "batch", word("N"), "sequences (default 1)")(
      "weights", word("W"),
      "fp16 (default), w8a8, int-4bit, bcq-3bit, shiftadd-3bit, ternary, binary, msfp; with "
      "suffixes as in docs/user_guide.md")("group", word("N"), "weights that share a scale")(
      "granularity", word("WORD"), "who shares a scale: row, column, tensor, block")(
      "terms", word("K"), "power-of-two terms a scale (shiftadd, binary)")(
      "allocation", word("FILE"), "bits of single layers: a map from layer to bits")(
      "experts", word("N"), "distinct experts that a batch touches (default: expected number)")(
      "activation-bits", word("N"), "16 (default): FP16; 8: INT8")(
      "kv-bits", word("N"), "16 (default), 8, 4")("accumulator-bits", word("N"),
                                                  "32 (default), 16")("output,o", word("FILE|-"),
                                                                      "where the trace goes");
  return syntax;
}

// A phase in the words of MODEL.PHASE.FORMAT: a number that is missing is taken from the options.
std::string phase_word(std::string phase, const std::optional<std::uint64_t>& context,
                       const std::optional<std::uint64_t>& tokens) {
  std::replace(phase.begin(), phase.end(), ':', '-');
  const auto add = [&](const std::optional<std::uint64_t>& number) {
    if (number) phase += "-" + std::to_string(*number);
  };
  if (phase == "decode") {
    add(context);
  } else if (phase == "prefill") {
    add(tokens);
  } else if (phase == "generate") {
    add(tokens);
    if (tokens) add(context);
  }
  return phase;
}

std::string weights_word(const CommandLine& line) {
  std::string word = line.find("weights").value_or("fp16");
  const auto group = line.integer("group", 1, kMost);
  const auto terms = line.integer("terms", 1, 16);
  if (group && line.has("granularity"))
    throw input::ConfigError("--granularity: found with --group; allowed: one of them");
  if (group) word += "-g" + std::to_string(*group);
  if (line.has("granularity"))
    word += "-" + line.word("granularity", {"row", "column", "tensor", "block"});
  if (terms) word += "-k" + std::to_string(*terms);
  return word;
}

std::uint32_t bits(const CommandLine& line, const char* option, std::uint32_t standard,
                   const Words& allowed) {
  if (!line.has(option)) return standard;
  return static_cast<std::uint32_t>(std::stoul(line.word(option, allowed)));
}

input::TraceOptions options_of(const CommandLine& line) {
  input::TraceOptions options;
  options.model =
      line.required("model", "the name of a shipped model, or the path of a config.json");
  const auto context = line.integer("context", 1, kMost);
  const auto tokens = line.integer("tokens", 1, kMost);
  for (const std::string& phase : line.has("phase") ? line.all("phase") : Words{"decode"})
    options.phases.push_back(phase_word(phase, context, tokens));
  options.weights = weights_word(line);
  if (line.has("allocation")) options.bit_allocation = line.required("allocation", "a file");
  options.batch = line.integer("batch", 1, kMost).value_or(1);
  options.widths.activation_bits = bits(line, "activation-bits", 16, {"16", "8"});
  options.widths.kv_bits = bits(line, "kv-bits", 16, {"16", "8", "4"});
  options.widths.accumulator_bits = bits(line, "accumulator-bits", 32, {"32", "16"});
  options.distinct_experts = line.integer("experts", 1, kMost);
  if (options.distinct_experts && input::resolve_model(options.model).experts == 0)
    throw input::ConfigError("--experts: found a number for '" + options.model +
                             "', which has no experts; allowed: nothing");
  return options;
}

}  // namespace

int trace_command(const Words& words) {
  const Syntax grammar = syntax();
  if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  if (words.empty()) refuse("trace", "nothing", {"make"});
  if (words[0] != "make") refuse("trace", "'" + words[0] + "'", {"make", "--help"});
  const CommandLine line(grammar, Words(words.begin() + 1, words.end()));
  if (line.help()) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  const std::string path = line.required("output", "a file, or - for standard output");
  input::write_file(path, input::write_trace(input::make_trace(options_of(line))));
  return 0;
}

}  // namespace addax::app
