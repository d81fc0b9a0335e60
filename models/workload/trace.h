// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/workload/operation.h"

namespace addax::workload {

/// Consecutive equal blocks of a model, listed once.
struct Block {
  std::string name;
  std::uint64_t repeat = 1;
  std::vector<Operation> operations;
};
bool operator==(const Block& a, const Block& b);

enum class PhaseKind { kPrefill, kDecode };
const char* name(PhaseKind kind);
std::optional<PhaseKind> parse_phase_kind(const std::string& text);

/// One forward pass. Decode: one new token a sequence at `context` attended keys (the new one
/// included); prefill: `new_tokens` tokens, causal.
struct Phase {
  std::string name;
  PhaseKind kind{};
  std::uint64_t batch = 1;
  std::uint64_t new_tokens = 1;
  std::uint64_t context = 1;
  std::vector<Block> blocks;
};
bool operator==(const Phase& a, const Phase& b);

/// The ordered operations of one model in one or more phases.
struct Trace {
  std::string name;
  std::string model;
  Widths widths;
  std::vector<Phase> phases;
  std::vector<std::string> notes;  ///< defaults that were filled in; shown in reports
};
bool operator==(const Trace& a, const Trace& b);

/// The trace with the format of every linear layer replaced by what `choose` returns for it. Values
/// are left behind: they are those of the formats that were.
Trace with_formats(const Trace& trace,
                   const std::function<WeightFormat(const Operation&, const Linear&)>& choose);

/// Totals of a phase in the terms of published operation counts.
struct PhaseSummary {
  std::uint64_t linear_attention_macs = 0, linear_mlp_macs = 0, score_macs = 0, context_macs = 0;
  std::uint64_t softmax_elements = 0, softmax_rows = 0;
  std::uint64_t rope_multiplies = 0, rope_adds = 0;
  std::uint64_t kv_written = 0, kv_read = 0;  ///< elements
  std::uint64_t norm_elements = 0, residual_adds = 0, activation_elements = 0;
  std::uint64_t gate_multiplies = 0, bias_adds = 0, head_macs = 0, projection_macs = 0;
};
PhaseSummary summarise(const Phase& phase);

/// MACs of a whole trace. Throws CountOverflow.
std::uint64_t macs(const Trace& trace);

}  // namespace addax::workload
