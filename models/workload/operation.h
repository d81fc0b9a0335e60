// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/workload/counts.h"
#include "models/workload/format.h"

namespace addax::workload {

/// Widths that hold for a whole trace.
struct Widths {
  std::uint32_t activation_bits = 16;  ///< 16: FP16; 8: INT8
  std::uint32_t kv_bits = 16;
  std::uint32_t accumulator_bits = 32;  ///< 32: FP32 (or INT32 for integer datapaths); 16: FP16
};
bool operator==(const Widths& a, const Widths& b);
/// Throws Impossible unless activation_bits is 8 or 16, kv_bits 4, 8 or 16, accumulator_bits 16
/// or 32.
void check(const Widths& widths);

/// What a linear layer is for; decides its default format and its row in summaries.
enum class LinearRole { kAttention, kMlp, kRouter, kHead, kProjection };
const char* name(LinearRole role);
std::optional<LinearRole> parse_linear_role(const std::string& text);

/// Where the values of a linear layer are: files, named from the folder of the trace.
struct ValueFiles {
  std::string folder;                      ///< of the trace; empty for the current one
  std::vector<std::string> weights;        ///< quantised matrices, one a copy
  std::optional<std::string> activations;  ///< x
  std::optional<std::string> tensor;       ///< of x, where its file has several
};
bool operator==(const ValueFiles& a, const ValueFiles& b);

/// y[m,n] = sum_k W[n,k] x[m,k]. M tokens, K inputs, N outputs. `copies` matrices of equal shape
/// and distinct weights (experts), each on `tokens` tokens of its own.
struct Linear {
  std::uint64_t tokens = 0;
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;
  std::uint64_t copies = 1;
  LinearRole role = LinearRole::kMlp;
  WeightFormat weights;
  std::optional<ValueFiles> values = {};
  /// Zero weights of all copies where they are ternary and were counted; `weights.zero_fraction` is
  /// their share then.
  std::optional<std::uint64_t> counted_zeros = {};
};
/// Zero weights of all copies of a ternary layer: those that were counted, else
/// floor(zero_fraction N K) of each.
std::uint64_t zero_weights(const Linear& linear);
bool operator==(const Linear& a, const Linear& b);

/// The shape that scores (Q K^T), softmax and context (P V) of one block share.
struct AttentionShape {
  std::uint64_t batch = 1;
  std::uint64_t heads = 0;
  std::uint64_t kv_heads = 0;
  std::uint64_t head_dim = 0;
  std::uint64_t new_tokens = 0;         ///< S
  std::uint64_t past = 0;               ///< P: keys in the cache before the first new token
  std::optional<std::uint64_t> window;  ///< sliding window W, if any
};
bool operator==(const AttentionShape& a, const AttentionShape& b);
/// Attended (query, key) pairs a head and sequence: sum over i = 1..S of min(P + i, W).
std::uint64_t attended_pairs(const AttentionShape& shape);
/// Keys that at least one new token attends: min(P + S, W + S - 1).
std::uint64_t attended_keys(const AttentionShape& shape);
/// Cached elements read (keys and values), all sequences: 2 kv_heads head_dim min(P, W - 1) batch.
std::uint64_t cache_elements_read(const AttentionShape& shape);

struct Scores {
  AttentionShape shape;
};
inline bool operator==(const Scores& a, const Scores& b) { return a.shape == b.shape; }
struct Softmax {
  AttentionShape shape;
};
inline bool operator==(const Softmax& a, const Softmax& b) { return a.shape == b.shape; }
struct Context {
  AttentionShape shape;
};
inline bool operator==(const Context& a, const Context& b) { return a.shape == b.shape; }

/// What the vector unit runs on `rows` rows of `width` elements. Counts:
/// docs/physics/vector_unit.md.
enum class VectorFunction {
  kLayerNorm,
  kRmsNorm,
  kRope,  ///< width = rotated elements of a token: of all query heads, or of all key heads
  kRelu,
  kRelu2,
  kGelu,  ///< tanh form
  kSilu,
  kMultiply,  ///< gate product, per-token rescale
  kAdd,       ///< residual, bias, positions, ALiBi
  kScale,     ///< by one constant
  kCombine,   ///< weighted sum of `terms` expert outputs
  kQuantize,  ///< absolute maximum, one division, multiply, round a row
  kSoftmax,   ///< over each row (router)
  kSelect,    ///< compares a row (top-k, sampling); times `terms`
};
const char* name(VectorFunction function);
std::optional<VectorFunction> parse_vector_function(const std::string& text);

struct Elementwise {
  VectorFunction function{};
  std::uint64_t rows = 0;
  std::uint64_t width = 0;
  std::uint64_t terms = 1;
  std::uint64_t parameter_elements =
      0;  ///< read from DRAM: norm weights, biases, ... (16 bits each)
};
bool operator==(const Elementwise& a, const Elementwise& b);

/// Elements that only move: embedding rows in, keys and values out to the cache.
enum class TransferDirection { kFromDram, kToDram };
const char* name(TransferDirection direction);
std::optional<TransferDirection> parse_transfer_direction(const std::string& text);
struct Transfer {
  TransferDirection direction{};
  std::uint64_t elements = 0;
  std::uint32_t element_bits = 16;
};
bool operator==(const Transfer& a, const Transfer& b);

using Work = std::variant<Linear, Scores, Softmax, Context, Elementwise, Transfer>;

/// A tensor name means what the latest operation before wrote to it; several operations may write
/// parts of one tensor (experts).
struct Operation {
  std::string name;  ///< unique in its block
  std::string kind;  ///< one of operation_kinds(): what its energy is reported under
  Work work;
  std::vector<std::string> reads;  ///< activation tensors, by name within the phase
  std::string writes;              ///< activation tensor; empty for none
};
bool operator==(const Operation& a, const Operation& b);

/// All words that `kind` may be.
const std::vector<std::string>& operation_kinds();

/// A linear layer as hardware computes it: choices that change counts but not results.
enum class ScalePlacement { kAfterQuery, kBeforeTable };
enum class IntegerMode { kAfterGroup, kDequantisedTiles };
struct Realisation {
  std::uint32_t key_bits = 0;  ///< mu of the table; 0: signed adds without a table
  ScalePlacement scale_placement = ScalePlacement::kAfterQuery;
  IntegerMode integer_mode = IntegerMode::kAfterGroup;
};

/// Arithmetic of all `copies` of the layer, each done once (no work repeated for tiles).
/// Formulae: docs/physics/formats.md. Throws CountOverflow.
ArithmeticCounts arithmetic(const Linear& linear, const Widths& widths, const Realisation& how);
ArithmeticCounts arithmetic(const Scores& scores, const Widths& widths);
ArithmeticCounts arithmetic(const Softmax& softmax);
ArithmeticCounts arithmetic(const Context& context, const Widths& widths);
ArithmeticCounts arithmetic(const Elementwise& elementwise);

/// The add of a sum: fp32.add, fp16.add, or int32.add for integer activations.
arith::Arithmetic accumulate(const Widths& widths);
/// The add of a sum of FP16 products, whatever the activations are: fp32.add or fp16.add.
arith::Arithmetic accumulate_products(const Widths& widths);

/// MACs (M N K) of linear, scores and context; 0 for everything else. Throws CountOverflow.
std::uint64_t macs(const Work& work);

/// Elements of the activation tensors an operation reads (by position in `reads`) and writes.
/// Scores read queries, new keys; context reads probabilities, new values (the cache is apart:
/// cache_elements_read); combine reads expert outputs, router weights; all others read tensors of
/// rows x width, or tokens x inputs x copies.
std::uint64_t elements_read(const Work& work, std::size_t index);
std::uint64_t elements_written(const Work& work);

/// The alternatives of Work, as written in a trace: "linear", "scores", "softmax", "context",
/// "elementwise", "transfer".
const char* work_name(const Work& work);

}  // namespace addax::workload
