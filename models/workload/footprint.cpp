// SPDX-License-Identifier: Apache-2.0
#include "models/workload/footprint.h"

#include <algorithm>
#include <set>

#include "models/quantity/check.h"

namespace addax::workload {
namespace {

using quantity::Bits;
using quantity::checked_add;
using quantity::checked_mul;

constexpr std::uint32_t kElementBits = 16;
// OPT numbers positions from 2; the rows below are stored all the same.
constexpr std::uint64_t kUnusedPositions = 2;

void add(Bits& part, std::uint64_t bits, std::uint64_t times = 1) {
  part = Bits(checked_add(part.value(), checked_mul(bits, times)));
}

class Sum {
 public:
  explicit Sum(const ModelShape& model) : model_(model) {}

  void add_operation(const Operation& operation, std::uint64_t repeat) {
    if (const auto* linear = std::get_if<Linear>(&operation.work)) {
      add_linear(*linear, repeat);
    } else if (const auto* step = std::get_if<Elementwise>(&operation.work)) {
      if (operation.kind == "norm")
        add(sum_.norms, checked_mul(step->parameter_elements, kElementBits), repeat);
      if (operation.kind == "bias")
        add(sum_.biases, checked_mul(step->parameter_elements, kElementBits), repeat);
    }
  }

  Footprint finished() {
    add(sum_.embedding, checked_mul(model_.vocabulary, model_.embedding_width, kElementBits));
    if (model_.learned_positions)
      add(sum_.positions, checked_mul(checked_add(model_.context_limit, kUnusedPositions),
                                      model_.hidden, kElementBits));
    return sum_;
  }

 private:
  void add_linear(const Linear& linear, std::uint64_t repeat) {
    if (linear.role == LinearRole::kHead && model_.tied_head) return;
    const StoredBits bits = stored_bits(linear.weights, linear.inputs, linear.outputs);
    const std::uint64_t matrices = checked_mul(linear.copies, repeat);
    add(codes(linear.role), bits.codes.value(), matrices);
    add(sum_.scales, bits.scales.value(), matrices);
  }

  Bits& codes(LinearRole role) {
    switch (role) {
      case LinearRole::kAttention:
      case LinearRole::kMlp:
        return sum_.linear;
      case LinearRole::kRouter:
        return sum_.router;
      case LinearRole::kHead:
        return sum_.head;
      case LinearRole::kProjection:
        return sum_.projection;
    }
    ADDAX_UNREACHABLE("linear role");
  }

  const ModelShape& model_;
  Footprint sum_;
};

}  // namespace

Bits Footprint::total() const {
  Bits sum;
  for (const Bits part :
       {linear, scales, router, projection, head, embedding, positions, norms, biases})
    add(sum, part.value());
  return sum;
}

Footprint footprint(
    const ModelShape& model,
    const std::function<WeightFormat(const std::string& layer, LinearRole role)>& format) {
  // Every operation of a step in which each expert gets its tokens: each weight occurs once.
  TraceRequest request;
  request.phases = {{PhaseKind::kDecode, 1, 1}};
  request.format = format;
  if (model.experts > 0) {
    request.batch = model.experts;
    request.distinct_experts = model.experts;
  }
  const Trace trace = make_trace(model, request);
  Sum sum(model);
  for (const Block& block : trace.phases.front().blocks)
    for (const Operation& operation : block.operations) sum.add_operation(operation, block.repeat);
  return sum.finished();
}

BlockWeights block_weights(const Trace& trace) {
  std::set<std::string> formats;
  double weights = 0.0;
  double codes = 0.0;
  double scales = 0.0;
  for (const Phase& phase : trace.phases)
    for (const Block& block : phase.blocks)
      for (const Operation& operation : block.operations) {
        const auto* linear = std::get_if<Linear>(&operation.work);
        if (linear == nullptr ||
            (linear->role != LinearRole::kAttention && linear->role != LinearRole::kMlp))
          continue;
        formats.insert(describe(linear->weights));
        const StoredBits bits = stored_bits(linear->weights, linear->inputs, linear->outputs);
        const auto matrices = static_cast<double>(checked_mul(linear->copies, block.repeat));
        weights += matrices * static_cast<double>(checked_mul(linear->inputs, linear->outputs));
        codes += matrices * static_cast<double>(bits.codes.value());
        scales += matrices * static_cast<double>(bits.scales.value());
      }
  BlockWeights all;
  for (const std::string& format : formats)
    all.formats += (all.formats.empty() ? "" : " + ") + format;
  if (weights > 0.0) {
    all.code_bits = codes / weights;
    all.stored_bits = (codes + scales) / weights;
  }
  return all;
}

std::uint64_t parameters(const ModelShape& model) {
  const auto fp16 = [](const std::string&, LinearRole) { return WeightFormat{}; };
  return footprint(model, fp16).total().value() / kElementBits;
}

Bits cache_bits(const ModelShape& model, std::uint64_t context, std::uint32_t kv_bits) {
  const std::uint64_t tokens = std::min(context, model.sliding_window.value_or(context));
  return Bits(checked_mul(checked_mul(2, model.layers), checked_mul(model.kv_heads, model.head_dim),
                          tokens, kv_bits));
}

}  // namespace addax::workload
