// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/memory_audit.h"

#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"
#include "models/result/result.h"
#include "models/workload/footprint.h"

namespace addax::reproduction {
namespace {

using published::Method;
using workload::FormatKind;
using workload::LinearRole;
using workload::WeightFormat;

constexpr double kBitsAGigabyte = 8e9;
constexpr std::uint32_t kCacheBits = 16;
constexpr const char* kFp16Design = "fp16";

FormatKind kind_of(Method method) {
  switch (method) {
    case Method::kFp16:
      return FormatKind::kFp16;
    case Method::kOptq:
      return FormatKind::kInt;
    case Method::kLutGemm:
      return FormatKind::kBcq;
    case Method::kShiftAdd:
      return FormatKind::kShiftAdd;
  }
  ADDAX_UNREACHABLE("method");
}

std::optional<double> printed(const Source& source, const std::string& model,
                              const std::string& scheme) {
  for (const Figure& figure : source.figures)
    if (figure.measure == Measure::kWeightMemory && figure.model == model &&
        figure.subject == scheme)
      return figure.value;
  return std::nullopt;
}

std::optional<double> memory(const Source& source, const workload::ModelShape& model,
                             const std::string& design, const MemoryState& state,
                             std::uint64_t context) {
  const std::optional<double> figure = printed(source, model.name, design);
  if (state.step == MemoryStep::kPublished)
    return figure ? std::optional<double>(*figure * kBitsAGigabyte / quantity::kBitsAGibibyte)
                  : std::nullopt;
  if (state.step == MemoryStep::kUnits) return figure;
  const auto scheme = parse_scheme(design);
  ADDAX_CHECK(scheme.has_value(), design);
  const WeightMemory weights = weight_memory(model, *scheme);
  if (state.step == MemoryStep::kCodes) return weights.without_scales_gib;
  if (state.step == MemoryStep::kScales) return weights.gib;
  return weights.gib + quantity::gibibytes(workload::cache_bits(model, context, kCacheBits));
}

}  // namespace

WeightMemory weight_memory(const workload::ModelShape& model, const published::Scheme& scheme) {
  const auto format = [&](const std::string& layer, LinearRole role) {
    const std::uint32_t bits = published::bits_of(scheme, layer.substr(layer.rfind('.') + 1));
    return workload::format_for(
        role, workload::default_format(kind_of(scheme.method), bits,
                                       workload::shiftadd_block_rows(model.family)));
  };
  const workload::Footprint footprint = workload::footprint(model, format);
  const quantity::Bits all = footprint.total();
  return {quantity::gibibytes(all - footprint.scales), quantity::gibibytes(all)};
}

const char* key(MemoryStep step) {
  switch (step) {
    case MemoryStep::kPublished:
      return "published";
    case MemoryStep::kUnits:
      return "units";
    case MemoryStep::kCodes:
      return "codes";
    case MemoryStep::kScales:
      return "scales";
    case MemoryStep::kCache:
      return "kv_cache";
  }
  ADDAX_UNREACHABLE("memory step");
}

const char* title(MemoryStep step) {
  switch (step) {
    case MemoryStep::kPublished:
      return "as printed";
    case MemoryStep::kUnits:
      return "units";
    case MemoryStep::kCodes:
      return "weights counted";
    case MemoryStep::kScales:
      return "scales";
    case MemoryStep::kCache:
      return "KV cache";
  }
  ADDAX_UNREACHABLE("memory step");
}

const char* what(MemoryStep step) {
  switch (step) {
    case MemoryStep::kPublished:
      return "the printed figures, taken as the GB that they are labelled with";
    case MemoryStep::kUnits:
      return "the printed figures as GiB, which is what they are";
    case MemoryStep::kCodes:
      return "codes of the blocks' linear layers, and all else in FP16, of the model as it is";
    case MemoryStep::kScales:
      return "scales as they are shared: ShiftAddLLM's blocks with three 8-bit terms a plane, "
             "OPTQ's "
             "groups of 128 with zero points";
    case MemoryStep::kCache:
      return "keys and values of the context in FP16, one sequence";
  }
  ADDAX_UNREACHABLE("memory step");
}

std::optional<double> memory_saving(const MemoryState& state, const std::string& design,
                                    const std::string& baseline) {
  const std::optional<double> ours = state.designs.at(design);
  const std::optional<double> theirs = state.designs.at(baseline);
  if (!ours || !theirs) return std::nullopt;
  return result::saving_percent(*ours, *theirs);
}

const std::vector<std::string>& memory_designs() {
  static const std::vector<std::string> names = {kFp16Design, "optq_3bit", "shiftadd_3bit",
                                                 "optq_2bit", "shiftadd_2bit"};
  return names;
}

std::string same_bits_design(const std::string& design) {
  if (design == "shiftadd_3bit") return "optq_3bit";
  return design == "shiftadd_2bit" ? "optq_2bit" : "";
}

MemoryAudit audit_memory(const Source& source, const workload::ModelShape& model,
                         std::uint64_t context) {
  if (context < 1 || context > model.context_limit)
    throw quantity::Impossible(
        {"context", std::to_string(context),
         "1 to " + std::to_string(model.context_limit) + " (the limit of " + model.name + ")"});
  MemoryAudit audit;
  audit.model = model.name;
  audit.context_tokens = context;
  for (int i = 0; i < kMemoryStepCount; ++i) {
    MemoryState state;
    state.step = static_cast<MemoryStep>(i);
    for (const std::string& design : memory_designs())
      state.designs[design] = memory(source, model, design, state, context);
    audit.steps.push_back(std::move(state));
  }
  return audit;
}

}  // namespace addax::reproduction
