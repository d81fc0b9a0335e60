// SPDX-License-Identifier: Apache-2.0
#include "sim/input/trace_request.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "models/quantity/diagnosis.h"
#include "sim/input/model_reader.h"
#include "sim/input/read_once.h"
#include "sim/input/trace_reader.h"
#include "sim/input/trace_writer.h"

namespace addax::input {

namespace fs = std::filesystem;
using workload::FormatKind;
using workload::LinearRole;
using workload::ModelShape;
using workload::PhaseKind;
using workload::PhaseRequest;
using workload::ScaleSharing;
using workload::Trace;
using workload::WeightFormat;

namespace {

constexpr std::uint64_t kDefaultContext = 2048;
constexpr std::uint64_t kDefaultPrefill = 512;
constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 31;

constexpr const char* kWeightWords =
    "fp16, w8a8, int-4bit, bcq-3bit, shiftadd-3bit (1 to 8 bits), ternary, binary, msfp, with "
    "suffixes -g128, -row, -column, -tensor, -block, -k3, -z33, -gamma, -packed";
constexpr const char* kPhaseWords =
    "decode, decode-CONTEXT, prefill, prefill-TOKENS, generate-TOKENS, generate-TOKENS-CONTEXT";

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::optional<std::uint64_t> parse_count(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (text.empty() || result.ec != std::errc() || result.ptr != end || value > kMostTokens ||
      (text.size() > 1 && text[0] == '0'))
    return std::nullopt;
  return value;
}

std::string meant(const std::string& text, const std::vector<std::string>& words) {
  const std::optional<std::string> near = nearest(text, words);
  return near ? "; did you mean '" + *near + "'?" : "";
}

[[noreturn]] void fail_weights(const std::string& text, const std::string& why = "") {
  throw ConfigError("weights: found '" + text + "'" + why + "; allowed: " + kWeightWords +
                    meant(text, {"fp16", "w8a8", "int-4bit", "bcq-3bit", "shiftadd-3bit", "ternary",
                                 "binary", "msfp"}));
}
[[noreturn]] void fail_phase(const std::string& text) {
  throw ConfigError("phase: found '" + text + "'; allowed: " + kPhaseWords +
                    meant(split(text, '-').front(), {"decode", "prefill", "generate"}));
}

/// ShiftAddLLM's group size counts the weights of a block of 8 inputs: g / 8 outputs.
void apply_group(WeightFormat& format, std::uint64_t group, const std::string& text) {
  const bool blocks = format.kind == FormatKind::kShiftAdd || format.kind == FormatKind::kBinary;
  if (group == 0 || (blocks && group % 8 != 0))
    fail_weights(text, ": a group of " + std::to_string(group) +
                           (blocks ? ", no multiple of 8 inputs" : ""));
  format.scales = blocks ? workload::ScaleLayout{ScaleSharing::kBlock, 0, 8, group / 8}
                         : workload::ScaleLayout{ScaleSharing::kGroup, group, 0, 0};
}

/// Whether a suffix says which weights share a scale.
bool is_sharing(const std::string& suffix) {
  return suffix == "row" || suffix == "column" || suffix == "tensor" || suffix == "block" ||
         (!suffix.empty() && suffix[0] == 'g' && suffix != "gamma");
}

void apply_suffix(WeightFormat& format, const std::string& suffix, const std::string& text) {
  const auto number = [&] {
    const std::optional<std::uint64_t> value = parse_count(suffix.substr(1));
    if (!value) fail_weights(text);
    return *value;
  };
  if (suffix == "row" || suffix == "column" || suffix == "tensor") {
    format.scales = {*workload::parse_scale_sharing(suffix), 0, 0, 0};
  } else if (suffix == "block") {
    if (format.scales.sharing != ScaleSharing::kBlock)
      format.scales = {ScaleSharing::kBlock, 0, 8, 0};
  } else if (suffix == "gamma" && format.kind == FormatKind::kTernary) {
    format.gamma = true;
  } else if (suffix == "packed" && format.kind == FormatKind::kTernary) {
    format.packed_trits = true;
  } else if (!suffix.empty() && suffix[0] == 'g') {
    apply_group(format, number(), text);
  } else if (!suffix.empty() && suffix[0] == 'k' && is_binary_coded(format)) {
    format.scale_terms = static_cast<std::uint32_t>(std::min<std::uint64_t>(number(), 1000));
  } else if (!suffix.empty() && suffix[0] == 'z' && format.kind == FormatKind::kTernary) {
    format.zero_fraction = static_cast<double>(number()) / 100.0;
  } else {
    fail_weights(text, ": the suffix '" + suffix + "'");
  }
}

bool takes_bits(FormatKind kind) {
  return kind == FormatKind::kInt || kind == FormatKind::kBcq || kind == FormatKind::kShiftAdd;
}

std::uint32_t default_bits(FormatKind kind) { return kind == FormatKind::kInt ? 4 : 3; }

std::vector<std::string> default_notes(const ModelShape& model, const workload::Widths& widths,
                                       const WeightFormat& format) {
  std::vector<std::string> notes;
  if (model.activation_quantisation && widths.activation_bits == 16)
    notes.push_back(model.name +
                    " quantises its activations to INT8; here they are kept and added in FP16");
  if (format.kind == FormatKind::kFp16) return notes;
  notes.push_back("weights of the blocks: " + describe(format) +
                  "; FP16: head, router, projections and attention products");
  if (format.kind == FormatKind::kW8a8)
    notes.emplace_back("w8a8: converting activations to INT8 is not counted");
  return notes;
}

WeightFormat with_bits(const WeightFormat& base, const std::string& layer, const LayerBits& bits,
                       const std::string& path) {
  if (bits.bits == 16) return WeightFormat{};
  if (!takes_bits(base.kind))
    throw ConfigError(path + ": " + layer + ": found " + std::to_string(bits.bits) +
                      " bits for weights in " + name(base.kind) +
                      "; allowed: bits for int, bcq, shiftadd, or 16 for fp16");
  WeightFormat format = base;
  (base.kind == FormatKind::kInt ? format.bits : format.planes) = bits.bits;
  if (!bits.columnwise) format.scales = {ScaleSharing::kRow, 0, 0, 0};
  return format;
}

std::vector<fs::path> shipped_traces() {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator it(home() + "/traces", error), end; !error && it != end;
       it.increment(error))
    if (it->path().extension() == ".yaml") paths.push_back(it->path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

Trace read_trace_file(const std::string& path, std::string* bytes) {
  const Document document = Document::read(path);
  if (bytes != nullptr) *bytes = document.bytes();
  return read_trace(document);
}

[[noreturn]] void fail_trace(const std::string& text, const std::vector<fs::path>& shipped) {
  std::vector<std::string> words;
  for (const fs::path& path : shipped) words.push_back(path.stem().string());
  throw ConfigError("trace: found '" + text +
                    "'; allowed: a file, a shipped trace, or MODEL.PHASE.FORMAT, as "
                    "opt-6.7b.decode.shiftadd-3bit" +
                    meant(text, words));
}

}  // namespace

WeightFormat parse_weights(const std::string& text, const std::string& family) {
  std::vector<std::string> parts = split(text, '-');
  const std::optional<FormatKind> kind = workload::parse_format_kind(parts.front());
  if (!kind) fail_weights(text);
  std::size_t next = 1;
  std::uint32_t bits = default_bits(*kind);
  if (parts.size() > 1 && parts[1].size() > 3 && parts[1].substr(parts[1].size() - 3) == "bit") {
    const std::optional<std::uint64_t> given = parse_count(parts[1].substr(0, parts[1].size() - 3));
    if (!given || *given < 1 || *given > 8 || !takes_bits(*kind)) fail_weights(text);
    bits = static_cast<std::uint32_t>(*given);
    next = 2;
  }
  WeightFormat format =
      workload::default_format(*kind, bits, workload::shiftadd_block_rows(family));
  // BitNet b1.58 has one scale a matrix: the mean of its absolute weights.
  if (*kind == FormatKind::kTernary && family == "bitnet")
    format.scales = {ScaleSharing::kTensor, 0, 0, 0};
  if (std::count_if(parts.begin() + static_cast<std::ptrdiff_t>(next), parts.end(), is_sharing) > 1)
    fail_weights(text, ": more than one granularity");
  for (; next < parts.size(); ++next) apply_suffix(format, parts[next], text);
  try {
    check(format);
  } catch (const quantity::Impossible& error) {
    fail_weights(text, ": " + error.diagnosis().path + " " + error.diagnosis().value);
  }
  return format;
}

PhaseRequest parse_phase(const std::string& text, const ModelShape& model) {
  const std::vector<std::string> parts = split(text, '-');
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::optional<std::uint64_t> number = parse_count(parts[i]);
    if (!number) fail_phase(text);
    numbers.push_back(*number);
  }
  const std::uint64_t last = std::min(kDefaultContext, model.context_limit);
  PhaseRequest phase;
  if (parts[0] == "prefill" && numbers.size() <= 1) {
    phase.kind = PhaseKind::kPrefill;
    phase.tokens = phase.context =
        numbers.empty() ? std::min(kDefaultPrefill, model.context_limit) : numbers[0];
  } else if (parts[0] == "decode" && numbers.size() <= 1) {
    phase.kind = PhaseKind::kDecode;
    phase.context = numbers.empty() ? last : numbers[0];
  } else if (parts[0] == "generate" && !numbers.empty() && numbers.size() <= 2) {
    phase.kind = PhaseKind::kDecode;
    phase.tokens = numbers[0];
    phase.context = numbers.size() == 2 ? numbers[1] : last - std::min(last, numbers[0]) + 1;
  } else {
    fail_phase(text);
  }
  return phase;
}

Trace make_trace(const TraceOptions& options) {
  const ModelShape model = resolve_model(options.model);
  const WeightFormat chosen = parse_weights(options.weights, model.family);
  std::map<std::string, LayerBits> allocation;
  if (!options.bit_allocation.empty()) allocation = read_bit_allocation(options.bit_allocation);
  std::set<std::string> used;

  workload::TraceRequest request;
  request.batch = options.batch;
  request.widths = options.widths;
  request.distinct_experts = options.distinct_experts;
  for (const std::string& phase : options.phases)
    request.phases.push_back(parse_phase(phase, model));
  request.format = [&](const std::string& layer, LinearRole role) {
    const auto found = allocation.find(layer);
    if (found == allocation.end()) return workload::format_for(role, chosen);
    used.insert(layer);
    return with_bits(chosen, layer, found->second, options.bit_allocation);
  };

  Trace trace;
  try {
    trace = workload::make_trace(model, request);
  } catch (const quantity::Impossible& error) {
    const quantity::Diagnosis& diagnosis = error.diagnosis();
    const std::string what =
        diagnosis.path == "distinct_experts" ? "experts" : diagnosis.path;  // the user's word
    throw ConfigError("trace of " + model.name + ": " + what + ": found '" + diagnosis.value +
                      "'; allowed: " + diagnosis.message);
  } catch (const quantity::CountOverflow&) {
    throw ConfigError("trace of " + model.name +
                      ": sizes whose counts exceed 64 bits; allowed: smaller phases or batches");
  }
  for (const auto& [layer, bits] : allocation)
    if (used.count(layer) == 0)
      throw ConfigError(options.bit_allocation + ": found the layer '" + layer +
                        "'; allowed: the linear layers of " + model.name);
  trace.name += "." + options.weights;
  for (std::string& note : default_notes(model, options.widths, chosen))
    trace.notes.push_back(std::move(note));
  if (!allocation.empty())
    trace.notes.push_back("bits of " + std::to_string(allocation.size()) +
                          " layers from a bit-allocation file");
  return trace;
}

std::string trace_path(const std::string& name_or_path) {
  const std::string suffix = fs::path(name_or_path).extension().string();
  if (name_or_path.find('/') != std::string::npos || suffix == ".yaml" || suffix == ".yml" ||
      suffix == ".json")
    return name_or_path;
  return ReadOnce::path("trace " + name_or_path, [&]() -> std::string {
    std::error_code error;
    if (fs::is_regular_file(name_or_path, error)) return name_or_path;
    for (const fs::path& path : shipped_traces())
      if (path.stem() == name_or_path) return path.string();
    return "";
  });
}

Trace resolve_trace(const std::string& name_or_path, std::string* bytes_for_hash) {
  const std::string path = trace_path(name_or_path);
  if (!path.empty()) return read_trace_file(path, bytes_for_hash);

  // The model's name may hold dots; phase and format do not.
  const std::size_t format = name_or_path.rfind('.');
  const std::size_t phase = format == std::string::npos || format == 0
                                ? std::string::npos
                                : name_or_path.rfind('.', format - 1);
  if (phase == std::string::npos || phase == 0) fail_trace(name_or_path, shipped_traces());
  TraceOptions options;
  options.model = name_or_path.substr(0, phase);
  options.phases = {name_or_path.substr(phase + 1, format - phase - 1)};
  options.weights = name_or_path.substr(format + 1);
  Trace trace = make_trace(options);
  trace.name = name_or_path;
  if (bytes_for_hash != nullptr) *bytes_for_hash = write_trace(trace);
  return trace;
}

}  // namespace addax::input
