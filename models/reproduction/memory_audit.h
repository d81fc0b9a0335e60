// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/reproduction/figures.h"
#include "models/workload/model.h"

namespace addax::reproduction {

/// What a model's weights take under a scheme, GiB. The scheme's layers are those of the blocks;
/// everything else stays FP16.
struct WeightMemory {
  double without_scales_gib = 0.0;  ///< codes and FP16 parts: what the paper counts
  double gib = 0.0;                 ///< with scales and zero points
};
/// Formats: OPTQ as integers, LUT-GEMM as binary codes with FP16 scales, ShiftAddLLM in blocks that
/// share scales of three terms (workload::default_format). Throws CountOverflow.
WeightMemory weight_memory(const workload::ModelShape& model, const published::Scheme& scheme);

/// The assumptions behind the memory claim, made physical one after the other.
enum class MemoryStep {
  kPublished,  ///< as printed, in GB
  kUnits,      ///< as printed, in GiB
  kCodes,      ///< binary or integer codes and FP16 parts
  kScales,     ///< scales and zero points as they are shared
  kCache,      ///< keys and values of a context in FP16
};
inline constexpr int kMemoryStepCount = 5;
const char* key(MemoryStep step);    ///< "published", "units", "codes", "scales", "kv_cache"
const char* title(MemoryStep step);  ///< a few words
const char* what(MemoryStep step);   ///< a sentence

/// Memory of the designs after one step, GiB; nothing where the paper prints nothing.
struct MemoryState {
  MemoryStep step{};
  std::map<std::string, std::optional<double>> designs;
};

/// Per cent that `design` saves of what `baseline` takes.
std::optional<double> memory_saving(const MemoryState& state, const std::string& design,
                                    const std::string& baseline);

struct MemoryAudit {
  std::string model;
  std::uint64_t context_tokens = 0;
  std::vector<MemoryState> steps;  ///< in the order of MemoryStep
};
/// Names of the designs, as of schemes: "fp16", then OPTQ and ShiftAddLLM at 3 and at 2 bits.
const std::vector<std::string>& memory_designs();
/// The design on multipliers with the same bits, for a ShiftAddLLM design; empty for the others.
std::string same_bits_design(const std::string& design);

/// Throws Impossible with the path "context" where the model has no such context; CountOverflow.
MemoryAudit audit_memory(const Source& source, const workload::ModelShape& model,
                         std::uint64_t context);

}  // namespace addax::reproduction
