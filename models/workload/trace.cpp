// SPDX-License-Identifier: Apache-2.0
#include "models/workload/trace.h"

#include <tuple>

#include "models/workload/words.h"

namespace addax::workload {

using quantity::checked_add;
using quantity::checked_mul;

namespace {

constexpr std::array<const char*, 2> kPhaseWords = {"prefill", "decode"};

/// Adds one operation, done `times` times, to a summary.
class Summariser {
 public:
  Summariser(PhaseSummary& summary, const std::string& kind, std::uint64_t times)
      : summary_(summary), kind_(kind), times_(times) {}

  void operator()(const Linear& work) const {
    switch (work.role) {
      case LinearRole::kAttention:
        return add(summary_.linear_attention_macs, macs(work));
      case LinearRole::kMlp:
      case LinearRole::kRouter:
        return add(summary_.linear_mlp_macs, macs(work));
      case LinearRole::kHead:
        return add(summary_.head_macs, macs(work));
      case LinearRole::kProjection:
        return add(summary_.projection_macs, macs(work));
    }
  }
  void operator()(const Scores& work) const {
    add(summary_.score_macs, macs(work));
    add(summary_.kv_read, cache_elements_read(work.shape));
  }
  void operator()(const Softmax& work) const {
    add(summary_.softmax_elements, elements_written(work));
    add(summary_.softmax_rows,
        checked_mul(work.shape.batch, work.shape.heads, work.shape.new_tokens));
  }
  void operator()(const Context& work) const { add(summary_.context_macs, macs(work)); }
  void operator()(const Elementwise& work) const {
    const std::uint64_t elements = checked_mul(work.rows, work.width);
    if (kind_ == "norm") add(summary_.norm_elements, elements);
    if (kind_ == "residual") add(summary_.residual_adds, elements);
    if (kind_ == "activation") add(summary_.activation_elements, elements);
    if (kind_ == "gate") add(summary_.gate_multiplies, elements);
    if (kind_ == "bias") add(summary_.bias_adds, elements);
    if (kind_ == "rope") {
      const ArithmeticCounts counts = arithmetic(work);
      add(summary_.rope_multiplies, counts[arith::Arithmetic::kFp32Multiply]);
      add(summary_.rope_adds, counts[arith::Arithmetic::kFp32Add]);
    }
  }
  void operator()(const Transfer& work) const {
    if (work.direction == TransferDirection::kToDram) add(summary_.kv_written, work.elements);
  }

 private:
  void add(std::uint64_t& total, std::uint64_t count) const {
    total = checked_add(total, checked_mul(count, times_));
  }
  PhaseSummary& summary_;
  const std::string& kind_;
  std::uint64_t times_;
};

}  // namespace

const char* name(PhaseKind kind) { return word_of(kPhaseWords, kind); }
std::optional<PhaseKind> parse_phase_kind(const std::string& text) {
  return parse_word<PhaseKind>(kPhaseWords, text);
}

PhaseSummary summarise(const Phase& phase) {
  PhaseSummary summary;
  for (const Block& block : phase.blocks)
    for (const Operation& operation : block.operations)
      std::visit(Summariser(summary, operation.kind, block.repeat), operation.work);
  return summary;
}

std::uint64_t macs(const Trace& trace) {
  std::uint64_t total = 0;
  for (const Phase& phase : trace.phases)
    for (const Block& block : phase.blocks)
      for (const Operation& operation : block.operations)
        total = checked_add(total, checked_mul(macs(operation.work), block.repeat));
  return total;
}

Trace with_formats(const Trace& trace,
                   const std::function<WeightFormat(const Operation&, const Linear&)>& choose) {
  Trace changed = trace;
  for (Phase& phase : changed.phases)
    for (Block& block : phase.blocks)
      for (Operation& operation : block.operations)
        if (auto* linear = std::get_if<Linear>(&operation.work)) {
          linear->weights = choose(operation, *linear);
          linear->values.reset();
          linear->counted_zeros.reset();
        }
  return changed;
}

bool operator==(const Block& a, const Block& b) {
  return std::tie(a.name, a.repeat, a.operations) == std::tie(b.name, b.repeat, b.operations);
}
bool operator==(const Phase& a, const Phase& b) {
  return std::tie(a.name, a.kind, a.batch, a.new_tokens, a.context, a.blocks) ==
         std::tie(b.name, b.kind, b.batch, b.new_tokens, b.context, b.blocks);
}
bool operator==(const Trace& a, const Trace& b) {
  return std::tie(a.name, a.model, a.widths, a.phases, a.notes) ==
         std::tie(b.name, b.model, b.widths, b.phases, b.notes);
}

}  // namespace addax::workload
