// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/workload/model.h"
#include "sim/input/document.h"

namespace addax::input {

/// A weight format as one word with suffixes: fp16, w8a8, int-4bit, bcq-3bit, shiftadd-3bit,
/// ternary, binary, msfp; then -gN, -row, -column, -tensor, -block (who shares a scale), -kN
/// (power-of-two terms), and for ternary -zN (zeros in per cent), -gamma (an offset beside the scale),
/// -packed (five trits a byte). `family` decides the defaults that depend on it.
/// Throws ConfigError.
workload::WeightFormat parse_weights(const std::string& text, const std::string& family);

/// decode[-C], prefill[-S], generate-T[-C]. Without C a phase ends at min(2048, the model's limit)
/// attended keys; S is 512 by default. Throws ConfigError.
workload::PhaseRequest parse_phase(const std::string& text, const workload::ModelShape& model);

/// What a bit-allocation file says of a layer.
struct LayerBits {
  std::uint32_t bits = 0;
  bool columnwise = true;  ///< false: one scale a row, whatever the format's layout is
};
/// A map from layer name ("block.3.q", or a HuggingFace module's name) to bits, or to
/// {bits, columnwise}; keys of the answer are our own names. Throws ConfigError.
std::map<std::string, LayerBits> read_bit_allocation(const std::string& path);

/// What `addax trace make` is asked for.
struct TraceOptions {
  std::string model;                ///< shipped name, or path of a config.json
  std::vector<std::string> phases;  ///< as parse_phase reads them
  std::string weights = "fp16";     ///< as parse_weights reads it
  std::string bit_allocation;       ///< path; empty for none
  std::uint64_t batch = 1;
  workload::Widths widths;
  std::optional<std::uint64_t> distinct_experts;
};
/// Throws ConfigError.
workload::Trace make_trace(const TraceOptions& options);

/// The file that a trace's name means: itself where it is a path, a shipped trace's; empty where the trace is made.
std::string trace_path(const std::string& name_or_path);

/// The trace at a path, a shipped trace's name, or the trace that MODEL.PHASE.FORMAT names. If
/// asked for, `bytes_for_hash` becomes the file's bytes, or the made trace as it would be written.
/// Throws ConfigError.
workload::Trace resolve_trace(const std::string& name_or_path,
                              std::string* bytes_for_hash = nullptr);

}  // namespace addax::input
