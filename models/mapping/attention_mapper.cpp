// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "models/mapping/lowering.h"
#include "models/mapping/mapper.h"
#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"

namespace addax::mapping {

using quantity::ceil_div;
using quantity::checked_mul;
using quantity::Impossible;

namespace {

/// Attention with its queries in blocks of `query_block` tokens and `heads_together` heads.
struct AttentionChoice {
  std::uint64_t heads_together = 1, query_block = 1, blocks_in_flight = 1;
  bool spills = false;
};

/// Tries the ways to cut attention into blocks.
class AttentionMapper {
 public:
  AttentionMapper(const AttentionPlan& plan, std::uint64_t room, std::uint64_t half)
      : plan_(plan), room_(room), half_(half), keys_(workload::attended_keys(plan.shape)) {}

  /// The choice that moves the fewest bits over DRAM; of equal ones the first. None: nothing fits.
  std::optional<AttentionPlan> best() {
    const std::uint64_t sharing = plan_.shape.heads / plan_.shape.kv_heads;
    std::optional<AttentionPlan> best;
    std::uint64_t fewest = 0;
    for (std::uint64_t heads = sharing; heads > 0; --heads) {
      if (sharing % heads != 0) continue;
      for (const AttentionChoice& choice :
           {AttentionChoice{heads, 0, 2, false}, AttentionChoice{heads, 0, 1, false},
            AttentionChoice{heads, 0, 1, true}}) {
        const std::optional<AttentionPlan> plan = cut(choice);
        if (!plan) continue;
        const std::uint64_t bits = dram_bits(*plan);
        if (best && bits >= fewest) continue;
        best = plan;
        fewest = bits;
      }
    }
    if (!best && fewest_passes_)
      throw Impossible({"size", std::to_string(*fewest_passes_) + " passes",
                        "at most " + std::to_string(kMostPasses) + " passes in a layer"});
    return best;
  }

 private:
  /// The longest query block that fits.
  std::optional<AttentionPlan> cut(const AttentionChoice& choice) {
    AttentionPlan plan = plan_;
    plan.heads_together = choice.heads_together;
    plan.blocks_in_flight = choice.blocks_in_flight;
    plan.spills = choice.spills;
    const std::uint64_t operands =
        plan.shape.head_dim * (plan.activation_bits + plan.scores.kernel().widths.accumulator_bits);
    plan.key_tile = std::min(keys_, half_ / (plan.shape.head_dim * plan.kv_bits));
    if (plan.key_tile == 0) return std::nullopt;
    // Fused, a row keeps its scores; spilt, it keeps those of one tile of keys.
    if (plan.spills) {
      const std::uint64_t rows = plan.heads_together;
      if (checked_mul(rows, operands + plan.activation_bits) > room_) return std::nullopt;
      plan.key_tile = std::min(plan.key_tile, (room_ / rows - operands) / plan.activation_bits);
    }
    const std::uint64_t row =
        operands +
        plan.activation_bits * (plan.spills ? plan.key_tile : plan.blocks_in_flight * keys_);
    plan.query_block = std::min(plan.shape.new_tokens, room_ / row / plan.heads_together);
    if (plan.query_block == 0) return std::nullopt;
    const std::uint64_t tiles = checked_mul(ceil_div(plan.shape.new_tokens, plan.query_block),
                                            ceil_div(keys_, plan.key_tile), plan.spills ? 3 : 2);
    const std::uint64_t passes =
        checked_mul(tiles, plan.shape.batch, plan.shape.heads / plan.heads_together);
    if (passes > kMostPasses) {
      fewest_passes_ = std::min(fewest_passes_.value_or(passes), passes);
      return std::nullopt;
    }
    return plan;
  }

  /// Keys and values fetched for every block, and scores out and back; a causal block attends half of
  /// the new keys on average.
  std::uint64_t dram_bits(const AttentionPlan& plan) const {
    const workload::AttentionShape& s = plan.shape;
    const std::uint64_t blocks = ceil_div(s.new_tokens, plan.query_block);
    const std::uint64_t new_keys = plan.placement.second_on_chip ? 0 : ceil_div(s.new_tokens, 2);
    const std::uint64_t fetched = std::min(keys_, s.past + new_keys);
    const std::uint64_t sets = checked_mul(s.batch, s.heads) / plan.heads_together;
    std::uint64_t bits = checked_mul(sets, blocks, fetched, 2 * s.head_dim * plan.kv_bits);
    if (plan.spills)
      bits = quantity::checked_add(
          bits,
          checked_mul(2 * s.batch * s.heads, workload::attended_pairs(s), plan.activation_bits));
    return bits;
  }

  AttentionPlan plan_;
  std::uint64_t room_, half_, keys_;
  std::optional<std::uint64_t> fewest_passes_;
};

}  // namespace

namespace {

// Of the nodes of a product's search: what is left to choose of a pass is little.
constexpr std::uint64_t kPassPart = 5;

/// The spread over the array that the policy chooses for passes of one kind.
Dataflow spread(const LayerContext& context, const Product& pass, const Kernel& kernel,
                const Policy& policy) {
  const std::vector<Lowering> ways = {lower_pass(context, pass, kernel, true),
                                      lower_pass(context, pass, kernel, false)};
  // What the rest of the design costs meanwhile is not in a pass: unless energy is asked for, it is fast.
  search::Options options = policy.options();
  if (policy.effort == Effort::kFast)
    *options.budget /= pass.tokens == 1 ? kPassPart * kOneTokenPart : kPassPart;
  if (options.objective == search::Objective::kEdp) options.objective = search::Objective::kLatency;
  const search::Outcome outcome = search::search({ways[0].space, ways[1].space}, options);
  ADDAX_CHECK(outcome.best.has_value(), "one multiply-accumulate at a time fits every array");
  return {context.architecture, context.group, kernel,
          array_mapping(ways[outcome.best->space], outcome.best->mapping)};
}

}  // namespace

AttentionPlan map_attention(const LayerContext& context, const workload::AttentionShape& shape,
                            const workload::Widths& widths, const Policy& policy) {
  const arch::Architecture& a = context.architecture;
  const std::uint64_t keys = workload::attended_keys(shape);
  Kernel scores;
  scores.widths = widths;
  scores.widths.activation_bits = kStoredActivationBits;
  scores.tiles = WeightTiles(widths.kv_bits);
  scores.reduction = shape.head_dim;
  Kernel values = scores;
  values.reduction = keys;
  AttentionPlan plan{shape,
                     Dataflow(a, context.group, scores, {}),
                     Dataflow(a, context.group, values, {}),
                     context.group,
                     {},
                     context.placement};
  plan.kv_bits = widths.kv_bits;
  plan.activation_bits = kStoredActivationBits;
  plan.buffer_width = a.buffer.width_bits;
  plan.lanes = a.vector_unit.lanes;
  const std::uint64_t taken = context.placement.resident_bits;
  std::vector<BufferShare> shares = large_shares(a.buffer, taken);
  for (const BufferShare& share : small_shares(a.buffer, taken)) shares.push_back(share);
  for (const BufferShare& share : shares) {
    const std::uint64_t resident = share.resident_banks * a.buffer.bank_bits();
    const std::uint64_t room = resident - std::min(resident, taken);
    plan.share = share;
    auto best = AttentionMapper(plan, room, share.half_banks * a.buffer.bank_bits()).best();
    if (!best) continue;
    const std::uint64_t rows = best->query_block * best->heads_together;
    best->scores = spread(context, {1, rows, best->key_tile, shape.head_dim}, scores, policy);
    best->context = spread(context, {1, rows, shape.head_dim, best->key_tile}, values, policy);
    return *best;
  }
  const std::uint64_t key_bits = shape.head_dim * widths.kv_bits;
  throw Impossible({"buffer", std::to_string(a.buffer.bits() / 8) + " bytes",
                    "a buffer that holds one key of " + std::to_string(ceil_div(key_bits, 8)) +
                        " bytes in a streaming half, and a query with its sums beside " +
                        std::to_string(ceil_div(taken, 8)) +
                        " bytes of tensors that stay on chip"});
}

std::uint64_t attention_workspace(const workload::AttentionShape& shape,
                                  const workload::Widths& widths) {
  const std::uint64_t sharing = shape.heads / shape.kv_heads;
  const std::uint64_t keys = workload::attended_keys(shape);
  return checked_mul(
      sharing, checked_mul(2, kStoredActivationBits, keys) +
                   checked_mul(shape.head_dim, kStoredActivationBits + widths.accumulator_bits));
}

}  // namespace addax::mapping
