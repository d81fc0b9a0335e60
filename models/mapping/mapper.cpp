// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/mapper.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "models/mapping/passes.h"
#include "models/quantity/diagnosis.h"

namespace addax::mapping {

using quantity::ceil_div;
using quantity::checked_mul;
using quantity::Impossible;

namespace {

std::uint64_t round_down(std::uint64_t value, std::uint64_t step) { return value / step * step; }
std::uint64_t round_up(std::uint64_t value, std::uint64_t step) {
  return ceil_div(value, step) * step;
}

/// Banks left to a layer after the tensors that stay, and how they may be shared out: a quarter for
/// each half and more first, then less.
std::vector<BufferShare> shares(const arch::GlobalBuffer& buffer, std::uint64_t resident_bits) {
  const auto taken = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(ceil_div(resident_bits, buffer.bank_bits()), buffer.banks - 2));
  const std::uint32_t most = (buffer.banks - std::max(taken, 1U)) / 2;
  std::vector<BufferShare> found;
  for (const std::uint32_t half : {buffer.banks / 4, buffer.banks * 3 / 8, buffer.banks * 7 / 16,
                                   most, buffer.banks / 8, buffer.banks / 16, 1U})
    if (half >= 1 && half <= most &&
        std::none_of(found.begin(), found.end(),
                     [&](const BufferShare& s) { return s.half_banks == half; }))
      found.push_back({half, buffer.banks - 2 * half});
  return found;
}

/// The tile, in whole steps, that covers `all` in as many tiles as `most` does, but evenly: a short
/// last tile would leave DRAM or the array waiting.
std::uint64_t even_tile(std::uint64_t all, std::uint64_t most, std::uint64_t step) {
  if (most == 0 || most >= all) return std::min(most, all);
  return std::min(most, round_up(ceil_div(all, ceil_div(all, most)), step));
}

struct Candidate {
  ProductPlan plan;
  double cost = 0.0;
};

/// Energy of 16-bit accesses in units of a MAC: Chen, Emer and Sze, ISCA 2016, Table IV.
struct NormalisedEnergy {
  static constexpr double kDram = 200.0, kBuffer = 6.0, kNetwork = 2.0, kRegister = 1.0, kMac = 1.0;
  static constexpr double kWordBits = 16.0;
};

/// Array cycles times normalised energy of a layer.
double cost_of(const LayerTotals& t, std::uint64_t buffer_width) {
  using E = NormalisedEnergy;
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  double arithmetic = number(t.array_arithmetic.lut_queries) * E::kRegister;
  for (const std::uint64_t count : t.array_arithmetic.operations)
    arithmetic += number(count) * E::kMac;
  const double buffer_bits =
      number(t.resident_reads + t.resident_writes + t.stream_reads) * number(buffer_width);
  const double network_bits = number(t.activation_bits) + number(t.weight_bits) +
                              number(t.psum_bits) + number(t.output_bits);
  const double table_words = number(t.accesses.lut_writes);
  const double energy = (number(t.dram_read_bits) * E::kDram + buffer_bits * E::kBuffer +
                         network_bits * E::kNetwork) /
                            E::kWordBits +
                        table_words * (E::kRegister + E::kMac) + arithmetic;
  return energy * number(std::max<std::uint64_t>(t.array_cycles.value(), 1));
}

Impossible too_many(std::uint64_t passes) {
  return Impossible({"size", std::to_string(passes) + " passes",
                     "at most " + std::to_string(kMostPasses) + " passes in a layer"});
}

class ProductMapper {
 public:
  ProductMapper(const LayerContext& context, const Problem& problem, const Kernel& kernel)
      : context_(context), problem_(problem), kernel_(kernel) {
    for (const Dimension& d : problem.dimensions) size(d.role) *= d.size;
  }

  ProductPlan best() {
    // A layer in a few large passes leaves DRAM or the array waiting: many small ones, if they fit.
    try_all(kLeastPasses);
    if (candidates_.empty()) try_all(1);
    if (candidates_.empty()) refuse();
    return choose();
  }

 private:
  static constexpr std::uint64_t kLeastPasses = 16;  // of a layer, unless they get ...
  static constexpr std::uint64_t kSmallestPart = 8;  // ... smaller than this part of a half

  void try_all(std::uint64_t least_passes) {
    const arch::GlobalBuffer& buffer = context_.architecture.buffer;
    for (const BufferShare& share : shares(buffer, context_.placement.resident_bits)) {
      // Small halves starve the array: they serve only where nothing else fits.
      if (!candidates_.empty() && share.half_banks < buffer.banks / 4) break;
      share_ = share;
      const std::uint64_t half = share.half_banks * buffer.bank_bits();
      const std::uint64_t resident = share.resident_banks * buffer.bank_bits();
      room_ = resident - std::min(resident, context_.placement.resident_bits);
      for (const RowUse rows : {RowUse::kReduction, RowUse::kOutput}) {
        if (kernel_.how.key_bits > 0 && rows == RowUse::kOutput) continue;
        dataflow_.emplace(context_.architecture, context_.group, kernel_, rows);
        for (const std::uint64_t tokens : token_tiles()) {
          const std::uint64_t fetched =
              checked_mul(size(Role::kBatch),
                          kernel_.tiles.code_bits(0, size(Role::kReduction), size(Role::kOutput)),
                          ceil_div(size(Role::kToken), tokens));
          half_bits_ =
              std::min(half, std::max(ceil_div(fetched, least_passes), half / kSmallestPart));
          try_tokens(tokens);
        }
      }
    }
  }

  std::uint64_t& size(Role role) { return sizes_[static_cast<std::size_t>(role)]; }

  std::vector<std::uint64_t> token_tiles() {
    const std::uint64_t all = size(Role::kToken);
    std::vector<std::uint64_t> tiles = {all};
    for (std::uint64_t tile = 1; tile < all && tile <= 4096; tile *= 2) tiles.push_back(tile);
    return tiles;
  }

  void try_tokens(std::uint64_t m) {
    // Activations: on chip already, held for all of K, held for the tile of K, or streamed.
    if (context_.placement.input_on_chip) {
      try_outputs(m, Hold::kNone);
      return;
    }
    for (const Hold hold : {Hold::kRow, Hold::kTile, Hold::kStream}) try_outputs(m, hold);
  }

  enum class Hold { kNone, kRow, kTile, kStream };

  void try_outputs(std::uint64_t m, Hold hold) {
    const std::uint64_t k = size(Role::kReduction);
    const std::uint64_t x_bits = kStoredActivationBits;
    std::uint64_t room = room_;
    const auto take = [&room](std::uint64_t bits) {
      const bool fits = bits <= room;
      if (fits) room -= bits;
      return fits;
    };
    if (hold == Hold::kRow && !take(checked_mul(m, k, x_bits))) return;
    if (dataflow_->has_table()) {
      try_tables(m, hold, room);
    } else {
      try_multiplies(m, hold, room);
    }
  }

  // The sums of a tile are held in the buffer, or in the PEs where they fit there.
  void try_multiplies(std::uint64_t m, Hold hold, std::uint64_t room) {
    const std::uint64_t all = size(Role::kOutput);
    const std::uint64_t lanes = dataflow_->output_lanes();
    const std::uint64_t in_pes = lanes * std::max<std::uint64_t>(dataflow_->psum_words() / m, 1);
    const std::uint64_t in_buffer = room / (m * kernel_.widths.accumulator_bits);
    for (const std::uint64_t wish :
         {in_pes, in_buffer, in_buffer / 2, in_buffer / 4, in_buffer / 8}) {
      std::uint64_t n = std::min(all, wish);
      if (n < all) n = n >= lanes ? round_down(n, lanes) : n;
      try_tile(m, n, hold, room);
      // Whole blocks of rows that share scales: their scales need not outlast the tile.
      const std::uint64_t aligned = round_down(n, kernel_.tiles.outputs_a_scale());
      if (aligned != n) try_tile(m, aligned, hold, room);
    }
  }

  void try_tile(std::uint64_t m, std::uint64_t n, Hold hold, std::uint64_t room) {
    if (n == 0) return;
    const std::uint64_t k = reduction_tile(m, n, hold);
    if (k == 0) return;
    std::uint64_t needed = held_scales(n, k);
    if (!dataflow_->keeps_sums({1, m, n, k}))
      needed += checked_mul(m, n, kernel_.widths.accumulator_bits);
    if (hold == Hold::kTile) needed += checked_mul(m, k, kStoredActivationBits);
    if (needed <= room) propose(m, n, k, n, hold);
  }

  /// Bits of scales that stay while the tile of K is in use, or all of K where a tile of outputs
  /// ends inside the rows that share scales.
  std::uint64_t held_scales(std::uint64_t n_outer, std::uint64_t k) const {
    const bool aligned = n_outer >= sizes_[2] || n_outer % kernel_.tiles.outputs_a_scale() == 0;
    return kernel_.tiles.held_scale_bits(aligned ? k : sizes_[3]);
  }

  /// The longest tile of K whose weights (and activations, if they stream) fill a half.
  std::uint64_t reduction_tile(std::uint64_t m, std::uint64_t n, Hold hold) {
    const std::uint64_t all = size(Role::kReduction);
    const std::uint64_t step = std::lcm(dataflow_->reduction_step(), kernel_.tiles.packed_inputs());
    const std::uint64_t streamed = hold == Hold::kStream ? m * kStoredActivationBits : 0;
    const auto fits = [&](std::uint64_t k) {
      return kernel_.tiles.code_bits(0, k, n) + kernel_.tiles.most_scale_bits(k, n) +
                 streamed * k <=
             half_bits_;
    };
    if (fits(all)) return all;
    std::uint64_t low = 0, high = all / step;  // in steps: low fits
    while (low < high) {
      const std::uint64_t middle = (low + high + 1) / 2;
      if (fits(middle * step)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return even_tile(all, low * step, step);
  }

  // Tables stay for all outputs of the outer tile; keys of the inner tile fill a half.
  void try_tables(std::uint64_t m, Hold hold, std::uint64_t room) {
    const std::uint64_t all_n = size(Role::kOutput);
    const std::uint64_t all_k = size(Role::kReduction);
    const bool before = kernel_.how.scale_placement == workload::ScalePlacement::kBeforeTable;
    const std::uint64_t planes = before ? kernel_.format.planes : 1;
    const std::uint64_t wave =
        std::max<std::uint64_t>(dataflow_->pes() / planes, 1) * kernel_.how.key_bits;
    for (const std::uint64_t waves : {1U, 2U, 4U}) {
      const std::uint64_t k = even_tile(all_k, round_up(wave * waves, dataflow_->reduction_step()),
                                        dataflow_->reduction_step());
      std::uint64_t left = room;
      if (hold == Hold::kTile) {
        const std::uint64_t bits = checked_mul(m, k, kStoredActivationBits);
        if (bits > left) continue;
        left -= bits;
      }
      const std::uint64_t streamed = hold == Hold::kStream ? m * k * kStoredActivationBits : 0;
      if (streamed >= half_bits_) continue;
      const std::uint64_t inner = std::min(all_n, outputs_in(half_bits_ - streamed, k, all_n));
      if (inner == 0) continue;
      propose_tables(m, k, inner, hold, left);
    }
  }

  // Sums of the outer tile of outputs are held in the buffer: all outputs, whole blocks of rows
  // that share scales, or as many as fit beside the scales of all of K.
  void propose_tables(std::uint64_t m, std::uint64_t k, std::uint64_t inner, Hold hold,
                      std::uint64_t room) {
    const std::uint64_t all = size(Role::kOutput);
    const std::uint64_t sum = m * kernel_.widths.accumulator_bits;
    const auto beside = [&](std::uint64_t scales) {
      return scales < room ? (room - scales) / sum : 0;
    };
    const std::uint64_t aligned = beside(kernel_.tiles.held_scale_bits(k));
    const std::uint64_t blocks = round_down(aligned, kernel_.tiles.outputs_a_scale());
    const std::uint64_t anything = beside(kernel_.tiles.held_scale_bits(size(Role::kReduction)));
    for (const std::uint64_t outer : {aligned >= all ? all : blocks, std::min(anything, all)})
      if (outer > 0) propose(m, outer, k, std::min(inner, outer), hold);
  }

  /// Outputs whose keys and scales of `k` inputs fit in `bits`.
  std::uint64_t outputs_in(std::uint64_t bits, std::uint64_t k, std::uint64_t most) const {
    std::uint64_t low = 0, high = most;
    while (low < high) {
      const std::uint64_t middle = low + (high - low + 1) / 2;
      if (kernel_.tiles.code_bits(0, k, middle) + kernel_.tiles.most_scale_bits(k, middle) <=
          bits) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  void propose(std::uint64_t m, std::uint64_t n_outer, std::uint64_t k, std::uint64_t n_inner,
               Hold hold) {
    constexpr std::size_t kB = 0, kM = 1, kN = 2, kK = 3;
    LoopNest nest;
    nest.loops = {{kB, 1}, {kM, m}, {kN, n_outer}, {kK, k}, {kN, n_inner}};
    std::uint64_t pass_count = 1;
    for (const std::uint64_t trips : trip_counts(problem_, nest))
      pass_count = checked_mul(pass_count, trips);
    if (pass_count > kMostPasses) {
      fewest_passes_ = std::min(fewest_passes_.value_or(pass_count), pass_count);
      return;
    }
    const std::size_t x_hold = hold == Hold::kStream ? 5 : hold == Hold::kTile ? 4 : 2;
    nest.hold = {x_hold, 5, 3};
    ProductPlan plan{problem_,
                     nest,
                     *dataflow_,
                     context_.group,
                     share_,
                     context_.placement,
                     hold == Hold::kStream};
    const LayerTotals sum = product_totals(plan);
    candidates_.push_back({std::move(plan), cost_of(sum, dataflow_->buffer_width())});
  }

  ProductPlan choose() const {
    return std::min_element(candidates_.begin(), candidates_.end(),
                            [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; })
        ->plan;
  }

  [[noreturn]] void refuse() const {
    if (fewest_passes_) throw too_many(*fewest_passes_);
    const std::uint64_t bits = context_.architecture.buffer.bits();
    throw Impossible(
        {"buffer", std::to_string(bits / 8) + " bytes",
         "a buffer that holds a tile of weights twice, its activations and its partial "
         "sums beside " +
             std::to_string(ceil_div(context_.placement.resident_bits, 8)) +
             " bytes of tensors that stay on chip"});
  }

  LayerContext context_;
  Problem problem_;
  Kernel kernel_;
  Extents sizes_{1, 1, 1, 1};
  BufferShare share_;
  std::uint64_t half_bits_ = 0, room_ = 0;
  std::optional<Dataflow> dataflow_;
  std::vector<Candidate> candidates_;
  std::optional<std::uint64_t> fewest_passes_;  ///< of the tilings that take too many
};

}  // namespace

std::uint64_t resident_budget(const arch::GlobalBuffer& buffer) {
  return (buffer.banks - 2 * std::max(buffer.banks / 4, 1U)) * buffer.bank_bits();
}

ProductPlan map_product(const LayerContext& context, const Problem& problem, const Kernel& kernel) {
  return ProductMapper(context, problem, kernel).best();
}

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
    if (!best && fewest_passes_) throw too_many(*fewest_passes_);
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

AttentionPlan map_attention(const LayerContext& context, const workload::AttentionShape& shape,
                            const workload::Widths& widths) {
  const arch::Architecture& a = context.architecture;
  Kernel kernel;
  kernel.widths = widths;
  kernel.widths.activation_bits = kStoredActivationBits;
  kernel.tiles = WeightTiles(widths.kv_bits);
  kernel.reduction = shape.head_dim;
  Kernel context_kernel = kernel;
  context_kernel.reduction = workload::attended_keys(shape);
  AttentionPlan plan{shape,
                     Dataflow(a, context.group, kernel, RowUse::kReduction),
                     Dataflow(a, context.group, context_kernel, RowUse::kReduction),
                     context.group,
                     {},
                     context.placement};
  plan.kv_bits = widths.kv_bits;
  plan.activation_bits = kStoredActivationBits;
  plan.buffer_width = a.buffer.width_bits;
  plan.lanes = a.vector_unit.lanes;
  for (const BufferShare& share : shares(a.buffer, context.placement.resident_bits)) {
    const std::uint64_t resident = share.resident_banks * a.buffer.bank_bits();
    const std::uint64_t room = resident - std::min(resident, context.placement.resident_bits);
    plan.share = share;
    const auto best = AttentionMapper(plan, room, share.half_banks * a.buffer.bank_bits()).best();
    // Small halves starve the array: they serve only where nothing else fits.
    if (best) return *best;
  }
  const std::uint64_t key_bits = shape.head_dim * widths.kv_bits;
  throw Impossible({"buffer", std::to_string(a.buffer.bits() / 8) + " bytes",
                    "a buffer that holds one key of " + std::to_string(ceil_div(key_bits, 8)) +
                        " bytes in a streaming half, and a query with its sums beside " +
                        std::to_string(ceil_div(context.placement.resident_bits, 8)) +
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
