// SPDX-License-Identifier: Apache-2.0
#include "models/workload/operation.h"

#include <algorithm>
#include <tuple>

#include "models/quantity/diagnosis.h"
#include "models/workload/words.h"

namespace addax::workload {

using arith::Arithmetic;
using quantity::checked_add;
using quantity::checked_mul;
using quantity::Impossible;

namespace {

constexpr std::array<const char*, 5> kRoleWords = {"attention", "mlp", "router", "head",
                                                   "projection"};
constexpr std::array<const char*, 2> kDirectionWords = {"from_dram", "to_dram"};
constexpr std::array<const char*, 6> kWorkWords = {"linear",  "scores",      "softmax",
                                                   "context", "elementwise", "transfer"};

/// Queries and keys attended, all sequences and heads.
std::uint64_t score_elements(const AttentionShape& shape) {
  return checked_mul(shape.batch, shape.heads, attended_pairs(shape));
}
std::uint64_t query_elements(const AttentionShape& shape) {
  return checked_mul(shape.batch, shape.new_tokens, shape.heads, shape.head_dim);
}
std::uint64_t new_key_elements(const AttentionShape& shape) {
  return checked_mul(shape.batch, shape.new_tokens, shape.kv_heads, shape.head_dim);
}

ArithmeticCounts products(std::uint64_t count, const Widths& widths) {
  ArithmeticCounts counts;
  counts[Arithmetic::kFp16Multiply] = count;
  counts[accumulate_products(widths)] = count;
  return counts;
}

struct ElementsRead {
  std::size_t index;
  std::uint64_t operator()(const Linear& w) const {
    return checked_mul(w.tokens, w.inputs, w.copies);
  }
  std::uint64_t operator()(const Scores& w) const {
    return index == 0 ? query_elements(w.shape) : new_key_elements(w.shape);
  }
  std::uint64_t operator()(const Softmax& w) const { return score_elements(w.shape); }
  std::uint64_t operator()(const Context& w) const {
    return index == 0 ? score_elements(w.shape) : new_key_elements(w.shape);
  }
  std::uint64_t operator()(const Elementwise& w) const {
    if (w.function != VectorFunction::kCombine) return checked_mul(w.rows, w.width);
    return index == 0 ? checked_mul(w.rows, w.width, w.terms) : checked_mul(w.rows, w.terms);
  }
  std::uint64_t operator()(const Transfer& w) const {
    return w.direction == TransferDirection::kToDram ? w.elements : 0;
  }
};

struct ElementsWritten {
  std::uint64_t operator()(const Linear& w) const {
    return checked_mul(w.tokens, w.outputs, w.copies);
  }
  std::uint64_t operator()(const Scores& w) const { return score_elements(w.shape); }
  std::uint64_t operator()(const Softmax& w) const { return score_elements(w.shape); }
  std::uint64_t operator()(const Context& w) const { return query_elements(w.shape); }
  std::uint64_t operator()(const Elementwise& w) const {
    return checked_mul(w.rows, w.function == VectorFunction::kSelect ? w.terms : w.width);
  }
  std::uint64_t operator()(const Transfer& w) const {
    return w.direction == TransferDirection::kFromDram ? w.elements : 0;
  }
};

struct Macs {
  std::uint64_t operator()(const Linear& w) const {
    return checked_mul(w.tokens, w.inputs, w.outputs, w.copies);
  }
  std::uint64_t operator()(const Scores& w) const {
    return checked_mul(score_elements(w.shape), w.shape.head_dim);
  }
  std::uint64_t operator()(const Context& w) const {
    return checked_mul(score_elements(w.shape), w.shape.head_dim);
  }
  std::uint64_t operator()(const Softmax&) const { return 0; }
  std::uint64_t operator()(const Elementwise&) const { return 0; }
  std::uint64_t operator()(const Transfer&) const { return 0; }
};

}  // namespace

const char* name(LinearRole role) { return word_of(kRoleWords, role); }
std::optional<LinearRole> parse_linear_role(const std::string& text) {
  return parse_word<LinearRole>(kRoleWords, text);
}
const char* name(TransferDirection direction) { return word_of(kDirectionWords, direction); }
std::optional<TransferDirection> parse_transfer_direction(const std::string& text) {
  return parse_word<TransferDirection>(kDirectionWords, text);
}
const char* work_name(const Work& work) { return kWorkWords.at(work.index()); }

const std::vector<std::string>& operation_kinds() {
  static const std::vector<std::string> kinds = {
      "linear", "head",     "projection", "router", "scores",   "softmax", "context",
      "norm",   "rope",     "activation", "gate",   "residual", "bias",    "mask",
      "scale",  "kv_write", "embedding",  "select", "combine",  "quantise"};
  return kinds;
}

void check(const Widths& widths) {
  const auto one_of = [](const char* path, std::uint32_t value,
                         std::initializer_list<std::uint32_t> allowed) {
    std::string words;
    for (const std::uint32_t word : allowed) {
      if (value == word) return;
      words += (words.empty() ? "" : ", ") + std::to_string(word);
    }
    throw Impossible({path, std::to_string(value), words});
  };
  one_of("activation_bits", widths.activation_bits, {8, 16});
  one_of("kv_bits", widths.kv_bits, {4, 8, 16});
  one_of("accumulator_bits", widths.accumulator_bits, {16, 32});
}

std::uint64_t attended_pairs(const AttentionShape& shape) {
  const std::uint64_t tokens = shape.new_tokens;
  // The first `growing` tokens attend one key more than the token before; the rest attend W.
  std::uint64_t growing = tokens;
  if (shape.window)
    growing = *shape.window > shape.past ? std::min(tokens, *shape.window - shape.past) : 0;
  const std::uint64_t even = growing % 2 == 0 ? growing / 2 : growing;
  const std::uint64_t odd = growing % 2 == 0 ? growing + 1 : (growing + 1) / 2;
  return checked_add(checked_add(checked_mul(growing, shape.past), checked_mul(even, odd)),
                     checked_mul(tokens - growing, shape.window.value_or(0)));
}

std::uint64_t attended_keys(const AttentionShape& shape) {
  const std::uint64_t all = checked_add(shape.past, shape.new_tokens);
  return shape.window ? std::min(all, checked_add(*shape.window, shape.new_tokens) - 1) : all;
}

std::uint64_t cache_elements_read(const AttentionShape& shape) {
  const std::uint64_t keys = shape.window ? std::min(shape.past, *shape.window - 1) : shape.past;
  return checked_mul(2, shape.kv_heads, shape.head_dim, keys, shape.batch);
}

Arithmetic accumulate_products(const Widths& widths) {
  return widths.accumulator_bits == 16 ? Arithmetic::kFp16Add : Arithmetic::kFp32Add;
}
Arithmetic accumulate(const Widths& widths) {
  return widths.activation_bits == 8 ? Arithmetic::kInt32Add : accumulate_products(widths);
}

ArithmeticCounts arithmetic(const Scores& scores, const Widths& widths) {
  return products(Macs{}(scores), widths);
}
ArithmeticCounts arithmetic(const Context& context, const Widths& widths) {
  return products(Macs{}(context), widths);
}

std::uint64_t macs(const Work& work) { return std::visit(Macs{}, work); }
std::uint64_t elements_read(const Work& work, std::size_t index) {
  return std::visit(ElementsRead{index}, work);
}
std::uint64_t elements_written(const Work& work) { return std::visit(ElementsWritten{}, work); }

bool operator==(const Widths& a, const Widths& b) {
  return std::tie(a.activation_bits, a.kv_bits, a.accumulator_bits) ==
         std::tie(b.activation_bits, b.kv_bits, b.accumulator_bits);
}
bool operator==(const ValueFiles& a, const ValueFiles& b) {
  return std::tie(a.folder, a.weights, a.activations, a.tensor) ==
         std::tie(b.folder, b.weights, b.activations, b.tensor);
}
bool operator==(const Linear& a, const Linear& b) {
  return std::tie(a.tokens, a.inputs, a.outputs, a.copies, a.role, a.weights, a.values,
                  a.counted_zeros) == std::tie(b.tokens, b.inputs, b.outputs, b.copies, b.role,
                                               b.weights, b.values, b.counted_zeros);
}
bool operator==(const AttentionShape& a, const AttentionShape& b) {
  return std::tie(a.batch, a.heads, a.kv_heads, a.head_dim, a.new_tokens, a.past, a.window) ==
         std::tie(b.batch, b.heads, b.kv_heads, b.head_dim, b.new_tokens, b.past, b.window);
}
bool operator==(const Elementwise& a, const Elementwise& b) {
  return std::tie(a.function, a.rows, a.width, a.terms, a.parameter_elements) ==
         std::tie(b.function, b.rows, b.width, b.terms, b.parameter_elements);
}
bool operator==(const Transfer& a, const Transfer& b) {
  return std::tie(a.direction, a.elements, a.element_bits) ==
         std::tie(b.direction, b.elements, b.element_bits);
}
bool operator==(const Operation& a, const Operation& b) {
  return std::tie(a.name, a.kind, a.work, a.reads, a.writes) ==
         std::tie(b.name, b.kind, b.work, b.reads, b.writes);
}

}  // namespace addax::workload
