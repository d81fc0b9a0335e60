// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/workload/trace.h"

namespace addax::workload {

enum class NormKind { kLayer, kRms };

/// The shape of a decoder-only transformer, as far as operations depend on it.
struct ModelShape {
  std::string name;
  std::string
      family;  ///< opt, llama, gemma, mistral, bloom, bitnet, qwen2, qwen3, mixtral, qwen3_moe
  std::uint64_t layers = 0, hidden = 0, heads = 0, kv_heads = 0, head_dim = 0;
  std::uint64_t ffn = 0;  ///< per expert where there are experts
  std::uint64_t experts = 0, active_experts = 0;
  std::vector<std::uint64_t> dense_layers;  ///< MoE: blocks with one dense MLP of width dense_ffn
  std::uint64_t dense_ffn = 0;
  std::uint64_t vocabulary = 0, embedding_width = 0;
  std::uint64_t context_limit = 0;
  std::optional<std::uint64_t> sliding_window;
  bool tied_head = false;
  bool pre_norm = true;
  bool final_norm = true;
  bool gated_mlp = false;
  bool fused_qkv = false;
  bool rope = false, alibi = false, learned_positions = false;
  bool qk_norm = false, sub_norms = false, activation_quantisation = false;
  bool embedding_norm = false, embedding_scale = false;
  bool qkv_bias = false, output_bias = false, mlp_bias = false;
  bool scale_on_query = false;  ///< OPT scales the query; others scale the scores
  NormKind norm = NormKind::kRms;
  VectorFunction activation = VectorFunction::kSilu;
};

/// Which phases a trace chains. A generation of T tokens is T decode steps at growing context.
struct PhaseRequest {
  PhaseKind kind{};
  std::uint64_t tokens = 1;   ///< prefill: S; decode: steps T
  std::uint64_t context = 1;  ///< decode: attended keys at the first step, the new one included
};

struct TraceRequest {
  std::vector<PhaseRequest> phases;
  std::uint64_t batch = 1;
  Widths widths;
  /// Format of a linear layer, by its full name ("block.3.q", "head") and role.
  std::function<WeightFormat(const std::string& layer, LinearRole role)> format;
  /// Distinct experts that a batch touches; unset: the expectation under uniform routing, rounded
  /// up.
  std::optional<std::uint64_t> distinct_experts;
};

/// `chosen` for the linear layers of the blocks; FP16 for head, router and projections, which the
/// published methods leave alone.
WeightFormat format_for(LinearRole role, const WeightFormat& chosen);

/// Outputs in a block that shares a scale in ShiftAddLLM's latency-optimised layout: 0 (an eighth
/// of the outputs) for OPT and Bloom, 16 (a group size of 128 in blocks of 8 inputs) for the
/// others. You et al., ShiftAddLLM, NeurIPS 2024, and its published code.
std::uint64_t shiftadd_block_rows(const std::string& family);

/// "prefill-512", "decode-2048", "generate-16": the name of a phase request.
std::string phase_name(const PhaseRequest& request);

/// Distinct experts touched by `draws` tokens, each drawing k of E uniformly: ceil(E (1 - (1 -
/// k/E)^draws)).
std::uint64_t expected_experts(std::uint64_t experts, std::uint64_t active, std::uint64_t draws);

/// Lists every operation of the model in the requested phases. Throws CountOverflow, and Impossible
/// where the request does not fit the model; its path is a member of TraceRequest ("context",
/// "tokens", "batch", "distinct_experts", "phases").
Trace make_trace(const ModelShape& model, const TraceRequest& request);

}  // namespace addax::workload
