// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/app/commands.h"
#include "sim/app/weights_option.h"
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

/// Numbers for phases given without one. One that no phase takes is a mistake.
class PhaseNumbers {
 public:
  explicit PhaseNumbers(const CommandLine& line)
      : context_(line.integer("context", 1, kMost)), tokens_(line.integer("tokens", 1, kMost)) {}

  /// A phase in the words of MODEL.PHASE.FORMAT.
  std::string word(std::string phase) {
    std::replace(phase.begin(), phase.end(), ':', '-');
    const auto dashes = std::count(phase.begin(), phase.end(), '-');
    const std::string kind = phase.substr(0, phase.find('-'));
    if (kind == "decode" && dashes == 0) add(phase, context_, context_used_);
    if (kind == "prefill" && dashes == 0) add(phase, tokens_, tokens_used_);
    if (kind == "generate" && dashes == 0) add(phase, tokens_, tokens_used_);
    if (kind == "generate" && std::count(phase.begin(), phase.end(), '-') == 1)
      add(phase, context_, context_used_);
    return phase;
  }

  void refuse_unused() const {
    refuse_unused("context", context_, context_used_, "decode and generate");
    refuse_unused("tokens", tokens_, tokens_used_, "prefill and generate");
  }

 private:
  static void add(std::string& phase, const std::optional<std::uint64_t>& number, bool& used) {
    if (!number) return;
    phase += "-" + std::to_string(*number);
    used = true;
  }
  static void refuse_unused(const std::string& option, const std::optional<std::uint64_t>& number,
                            bool used, const std::string& phases) {
    if (number && !used)
      throw input::ConfigError("--" + option + ": found " + std::to_string(*number) +
                               ", which no phase takes; allowed: with " + phases +
                               " phases that are given without a number of their own");
  }

  std::optional<std::uint64_t> context_, tokens_;
  bool context_used_ = false, tokens_used_ = false;
};

std::uint32_t bits(const CommandLine& line, const char* option, std::uint32_t standard,
                   const Words& allowed) {
  if (!line.has(option)) return standard;
  return static_cast<std::uint32_t>(std::stoul(line.word(option, allowed)));
}

input::TraceOptions options_of(const CommandLine& line) {
  input::TraceOptions options;
  options.model =
      line.required("model", "the name of a shipped model, or the path of a config.json");
  const workload::ModelShape model = input::resolve_model(options.model);
  PhaseNumbers numbers(line);
  for (const std::string& phase : line.has("phase") ? line.all("phase") : Words{"decode"})
    options.phases.push_back(numbers.word(phase));
  numbers.refuse_unused();
  options.weights = weights_word(line, line.find("weights").value_or("fp16"), model.family);
  if (line.has("allocation")) options.bit_allocation = line.required("allocation", "a file");
  options.batch = line.integer("batch", 1, kMost).value_or(1);
  options.widths.activation_bits = bits(line, "activation-bits", 16, {"16", "8"});
  options.widths.kv_bits = bits(line, "kv-bits", 16, {"16", "8", "4"});
  options.widths.accumulator_bits = bits(line, "accumulator-bits", 32, {"32", "16"});
  options.distinct_experts = line.integer("experts", 1, kMost);
  if (options.distinct_experts && model.experts == 0)
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
  line.required("output", "a file, or - for standard output");
  const input::TraceOptions options = options_of(line);
  Outputs outputs(line, {"output"},
                  {{"--model", options.model},
                   {"--model", input::home() + "/configs/models/" + options.model + ".json"},
                   {"--allocation", options.bit_allocation}});
  const workload::Trace trace = input::make_trace(options);
  outputs.add("output", [&](std::ostream& stream) { stream << input::write_trace(trace); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
