// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <list>

#include "models/mapping/passes.h"
#include "models/quantity/check.h"

namespace addax::mapping {

using quantity::ceil_div;
using quantity::checked_mul;
using quantity::Cycles;

namespace {

/// Queries of consecutive tokens and of heads that share keys, against the keys they attend.
struct Block {
  std::uint64_t tokens = 0, rows = 0;
  std::uint64_t first_key = 0, keys = 0;
  std::uint64_t scores = 0;  ///< attended pairs, all rows

  Block(const AttentionPlan& plan, std::uint64_t first_token) {
    const workload::AttentionShape& s = plan.shape;
    tokens = std::min(plan.query_block, s.new_tokens - first_token);
    rows = tokens * plan.heads_together;
    const std::uint64_t end = s.past + first_token + tokens;
    if (s.window && s.past + first_token + 1 > *s.window)
      first_key = s.past + first_token + 1 - *s.window;
    keys = end - first_key;
    const workload::AttentionShape these{1, 1, 1, 1, tokens, s.past + first_token, s.window};
    scores = workload::attended_pairs(these) * plan.heads_together;
  }
};

/// A tile of keys (for scores) or of values (for context) of a block.
struct KeyTile {
  std::uint64_t keys = 0, cached = 0;  ///< all; those that come from DRAM
  std::uint64_t begin = 0;             ///< first key, counted from the block's first
  bool first = false, last = false;
};

std::uint64_t tiles_of(const AttentionPlan& plan, const Block& block) {
  return ceil_div(block.keys, plan.key_tile);
}

KeyTile tile_at(const AttentionPlan& plan, const Block& block, std::uint64_t index) {
  const std::uint64_t begin = block.first_key + index * plan.key_tile;
  KeyTile tile;
  tile.keys = std::min(plan.key_tile, block.first_key + block.keys - begin);
  tile.cached = tile.keys;
  if (plan.placement.second_on_chip)
    tile.cached = begin >= plan.shape.past ? 0 : std::min(tile.keys, plan.shape.past - begin);
  tile.begin = index * plan.key_tile;
  tile.first = index == 0;
  tile.last = begin + tile.keys == block.first_key + block.keys;
  return tile;
}

PassPosition scores_position(const AttentionPlan& plan, const Block& block, const KeyTile& tile) {
  PassPosition p;
  p.extents = {1, block.rows, tile.keys, plan.shape.head_dim};
  p.changed = p.fetched = {tile.first, true, true};
  p.first_reduction = p.last_reduction = p.output_leaves = true;
  p.begun_reduction = plan.shape.head_dim;
  return p;
}

PassPosition context_position(const AttentionPlan& plan, const Block& block, const KeyTile& tile) {
  PassPosition p;
  p.extents = {1, block.rows, plan.shape.head_dim, tile.keys};
  p.changed = p.fetched = {true, true, tile.first};
  p.first_reduction = tile.first;
  p.last_reduction = p.output_leaves = tile.last;
  p.begun_reduction = std::min(plan.key_tile, block.keys);
  return p;
}

std::uint64_t query_bits(const AttentionPlan& plan, const Block& block) {
  return block.rows * plan.shape.head_dim * plan.activation_bits;
}

VectorWork softmax_work(const AttentionPlan& plan, const Block& block) {
  const std::uint64_t lane_cycles = checked_mul(block.scores, plan.lane_cycles_a_score) +
                                    checked_mul(block.rows, plan.lane_cycles_a_row);
  const std::uint64_t words = ceil_div(block.scores * plan.activation_bits, plan.buffer_width);
  return {Cycles(ceil_div(lane_cycles, plan.lanes)), words * plan.score_reads,
          words * plan.score_writes};
}

std::uint64_t score_bits(const AttentionPlan& plan, const Block& block, const KeyTile& tile) {
  return block.rows * tile.keys * plan.activation_bits;
}

/// Lane-cycles and words of `part` of the keys of a block, so that the parts add up to the block.
VectorWork softmax_of_tile(const AttentionPlan& plan, const Block& block, const KeyTile& tile) {
  const VectorWork all = softmax_work(plan, block);
  // floor(whole x keys / all keys), without leaving 64 bits on the way.
  const auto part = [&](std::uint64_t whole, std::uint64_t keys) {
    return checked_mul(whole / block.keys, keys) +
           checked_mul(whole % block.keys, keys) / block.keys;
  };
  const auto share = [&](std::uint64_t whole) {
    return part(whole, tile.begin + tile.keys) - part(whole, tile.begin);
  };
  return {Cycles(share(all.cycles.value())), share(all.reads), share(all.writes)};
}

/// The passes of one tile, the same for the walk and the sums.
Pass scores_pass(const AttentionPlan& plan, const Block& block, const KeyTile& tile) {
  Pass pass;
  pass.stream_load_bits = tile.cached * plan.shape.head_dim * plan.kv_bits;
  pass.stream_load_words = ceil_div(pass.stream_load_bits, plan.buffer_width);
  if (tile.first && !plan.placement.input_on_chip) {
    pass.resident_load_bits = query_bits(plan, block);
    pass.resident_load_words = ceil_div(pass.resident_load_bits, plan.buffer_width);
  }
  if (plan.spills) {
    pass.store_bits = score_bits(plan, block, tile);
    pass.store_words = ceil_div(pass.store_bits, plan.buffer_width);
  } else if (tile.last) {
    pass.vector = softmax_work(plan, block);
  }
  return pass;
}

/// Scores that were spilt come back for the softmax.
Pass softmax_pass(const AttentionPlan& plan, const Block& block, const KeyTile& tile) {
  Pass pass;
  pass.stream_load_bits = score_bits(plan, block, tile);
  pass.stream_load_words = ceil_div(pass.stream_load_bits, plan.buffer_width);
  pass.loads_results = tile.first;
  pass.vector = softmax_of_tile(plan, block, tile);
  return pass;
}

Pass context_pass(const AttentionPlan& plan, const Block& block, const KeyTile& tile) {
  Pass pass;
  pass.stream_load_bits = tile.cached * plan.shape.head_dim * plan.kv_bits;
  pass.stream_load_words = ceil_div(pass.stream_load_bits, plan.buffer_width);
  if (tile.last && !plan.placement.output_on_chip) {
    pass.store_bits = block.rows * plan.shape.head_dim * plan.context.output_bits();
    pass.store_words = ceil_div(pass.store_bits, plan.buffer_width);
  }
  return pass;
}

// With two blocks in flight, scores of block i + 1 go before context of block i, so that the array works
// while the vector unit does the softmax of block i.
class AttentionSource final : public PassSource {
 public:
  explicit AttentionSource(const AttentionPlan& plan) : plan_(plan) {
    blocks_ = ceil_div(plan.shape.new_tokens, plan.query_block);
    all_ = blocks_ * plan.shape.batch * plan.shape.heads / plan.heads_together;
  }

  bool next(Pass& pass) override {
    const std::uint64_t lag = plan_.spills ? 0 : plan_.blocks_in_flight - 1;
    while (step_ < all_ + lag) {
      const std::uint64_t number = scoring_ ? step_ : step_ - lag;
      const bool idle = number >= all_;  // also before the first, by wrapping around
      const Block block(plan_, idle ? 0 : number % blocks_ * plan_.query_block);
      if (idle || tile_ == tiles_of(plan_, block)) {
        tile_ = 0;
        if (!scoring_) ++step_;
        scoring_ = !scoring_;
        continue;
      }
      const KeyTile tile = tile_at(plan_, block, tile_);
      if (scoring_) {
        pass = scores_pass(plan_, block, tile);
        find_work(pass, scores_position(plan_, block, tile), true);
      } else if (plan_.spills && !normalised_) {
        pass = softmax_pass(plan_, block, tile);
        normalised_ = true;
        // A part too small for a cycle or a word is no job, and nothing waits for it.
        if (!pass.vector.empty()) ++jobs_;
        return true;
      } else {
        pass = context_pass(plan_, block, tile);
        find_work(pass, context_position(plan_, block, tile), false);
        pass.vector_jobs_before = plan_.spills ? jobs_ : number + 1;
        normalised_ = false;
      }
      ++tile_;
      return true;
    }
    return false;
  }

 private:
  struct Key {
    Extents extents;
    bool scores, first, last;
    bool operator==(const Key& o) const {
      return extents == o.extents && scores == o.scores && first == o.first && last == o.last;
    }
  };
  struct KnownWork {
    Key key;
    PassWork work;
  };
  void find_work(Pass& pass, const PassPosition& p, bool scores) {
    const Key key{p.extents, scores, p.changed[0] && p.changed[2], p.output_leaves};
    auto found = std::find_if(works_.begin(), works_.end(),
                              [&key](const KnownWork& known) { return known.key == key; });
    if (found == works_.end()) {
      // Passes on their way point to the works used last; there are never as many of them.
      if (works_.size() == kRemembered) works_.pop_back();
      works_.push_front({key, (scores ? plan_.scores : plan_.context).work(p, false)});
    } else {
      works_.splice(works_.begin(), works_, found);
    }
    pass.work = &works_.front().work;
  }

  AttentionPlan plan_;
  std::uint64_t blocks_ = 0;  ///< of one set of heads and sequence; all of them are alike
  std::uint64_t all_ = 0, step_ = 0, tile_ = 0, jobs_ = 0;
  bool scoring_ = true, normalised_ = false;
  static constexpr std::size_t kRemembered = 32;
  std::list<KnownWork> works_;  ///< the one used last first
};

void add_pass(LayerTotals& sum, const BufferShare& share, const Pass& pass, const PassWork& work) {
  sum.add(work, share, 1);
  sum.passes += 1;
  sum.dram_read_bits += pass.stream_load_bits + pass.resident_load_bits;
  sum.dram_write_bits += pass.store_bits;
  sum.stream_writes += pass.stream_load_words;
  sum.resident_writes += pass.resident_load_words;
  sum.resident_reads += pass.store_words;
  sum.vector_reads += pass.vector.reads;
  sum.vector_writes += pass.vector.writes;
  sum.vector_cycles += pass.vector.cycles;
}

}  // namespace

std::unique_ptr<PassSource> attention_passes(const AttentionPlan& plan) {
  return std::make_unique<AttentionSource>(plan);
}

LayerTotals attention_totals(const AttentionPlan& plan) {
  LayerTotals one_head;
  for (std::uint64_t t = 0; t < plan.shape.new_tokens; t += plan.query_block) {
    const Block block(plan, t);
    for (std::uint64_t i = 0; i < tiles_of(plan, block); ++i) {
      const KeyTile tile = tile_at(plan, block, i);
      add_pass(one_head, plan.share, scores_pass(plan, block, tile),
               plan.scores.work(scores_position(plan, block, tile), false));
      add_pass(one_head, plan.share, context_pass(plan, block, tile),
               plan.context.work(context_position(plan, block, tile), false));
      if (plan.spills) add_pass(one_head, plan.share, softmax_pass(plan, block, tile), PassWork{});
    }
  }
  LayerTotals sum;
  sum.add(one_head, plan.shape.batch * plan.shape.heads / plan.heads_together);
  return sum;
}

}  // namespace addax::mapping
