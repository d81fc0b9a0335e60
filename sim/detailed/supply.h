// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <set>
#include <vector>

#include "sim/detailed/accesses.h"
#include "sim/detailed/loader.h"
#include "sim/detailed/pe.h"

namespace addax::detailed {

/// What a network carries in one go: bits that have been read and that wait for a whole word.
class Flow {
 public:
  Flow(std::uint32_t width, std::uint32_t buffer_width) : width_(width), accesses_(buffer_width) {}
  void next_cycle() { latest_ = 0; }
  /// Reads as much as goes over the trunk in a cycle, if it may, towards a word of `bits`.
  void read(BankPort& port, std::uint64_t bits) {
    passes_.clear();
    if (credit_ >= std::max<std::uint64_t>(width_, bits)) return;
    latest_ = port.take(width_);
    credit_ += latest_;
  }
  /// A word of a pass: `rows` need its bits, one row `others`.
  bool send(std::uint64_t bits, std::uint64_t rows, std::uint64_t pass, std::uint64_t others = 0) {
    if (credit_ < bits + others) return false;
    credit_ -= bits + others;
    bits_ += bits + others;
    row_bits_ += bits * rows + others;
    accesses_.count(pass, bits);
    if (passes_.empty() || passes_.back() != pass) passes_.push_back(pass);
    return true;
  }
  /// Bits that are not wanted now are read when they are.
  void stall(BankPort& port) {
    port.give(std::min(credit_, latest_));
    credit_ = latest_ = 0;
  }
  std::uint64_t bits() const { return bits_; }
  std::uint64_t row_bits() const { return row_bits_; }
  /// To the buffer, without those for `others`.
  std::uint64_t accesses() const { return accesses_.count(); }
  /// Whose words it carried in the last cycle in which it carried some.
  const std::vector<std::uint64_t>& passes() const { return passes_; }

 private:
  std::uint32_t width_;
  std::uint64_t latest_ = 0;  ///< bits read in this cycle
  std::uint64_t credit_ = 0, bits_ = 0, row_bits_ = 0;
  Accesses accesses_;
  std::vector<std::uint64_t> passes_;
};

/// Sends the PEs the words of activations, or of weights, wave after wave: of all tiles the first word,
/// then the second, each to all PEs that need it at once. Waits for the pass's data and for room.
class Supply {
 public:
  enum class What { kActivations, kWeights };
  struct Params {
    What what = What::kActivations;
    std::uint32_t activation_bits = 16, latency_cycles = 1, width_bits = 0;
    std::size_t columns = 1;
    std::uint64_t readers = 1;  ///< of a table: outputs whose keys come together, plane by plane
    std::uint32_t buffer_width_bits = 0;
  };
  explicit Supply(const Params& params)
      : params_(params),
        flow_(params.width_bits, params.buffer_width_bits),
        scale_accesses_(params.buffer_width_bits),
        loads_(params.buffer_width_bits) {}
  void start_layer(Waves& waves, const Products& products, const std::vector<Pe*>& pes);
  void move(std::uint64_t cycle, const Loader& loader, BankPort& port);
  /// Pass of the next word; none: all have been sent.
  std::optional<std::uint64_t> pass();
  std::uint64_t wave() const { return tiles_.empty() ? wave_ : tiles_.front().wave; }
  const Flow& flow() const { return flow_; }
  std::uint64_t words() const { return sent_; }
  /// Words read from the buffer.
  std::uint64_t reads() const { return flow_.accesses() + scale_accesses_.count(); }
  /// Words of the buffer that held what came from DRAM: each was written once before it was first read.
  std::uint64_t loads() const { return loads_.count() + scale_accesses_.count(); }

 private:
  /// A tile and the PEs that hold it.
  struct Group {
    ArrayExtents begin{}, extent{};
    std::uint64_t words = 0, sent = 0;
    std::vector<std::size_t> pes;
    std::uint64_t rows = 0;
    bool fresh = false;  ///< not sent before since it came from DRAM
  };
  /// What the network sends of a wave.
  struct Tile {
    std::uint64_t wave = 0, pass = 0, fetch = 0;
    std::vector<Group> groups;
    std::uint64_t left = 0;  ///< words
    std::size_t turn = 0;
  };
  /// Keys come through queues of their own for each tile, also for those of the next wave; other words
  /// one after another.
  std::size_t tiles_at_once() const { return products_->has_table() ? 2 : 1; }
  struct Word {
    std::uint16_t value = 0;
    std::uint64_t bits = 0, scale_bits = 0;
    std::uint64_t scale = 0;
  };
  bool find_words();
  void gather(const Wave& wave);
  bool fresh(std::uint64_t fetch, const PeTile& tile);
  bool room(const Group& group) const;
  Word word_of(const Group& group) const;
  Word weight_of(const Group& group) const;
  bool next_word(std::uint64_t cycle, const Loader& loader);

  Params params_;
  Flow flow_;
  Accesses scale_accesses_;  ///< scales lie by themselves, load by load
  Accesses loads_;
  std::uint64_t fetch_ = 0;                             ///< the latest, and ...
  std::set<std::array<std::uint64_t, 5>> since_fetch_;  ///< ... tiles of PEs sent since
  Waves* waves_ = nullptr;
  const Products* products_ = nullptr;
  std::vector<Pe*> pes_;
  std::uint64_t wave_ = 0;
  std::optional<std::uint64_t> tile_;  ///< number of the tile that was sent last
  std::deque<Tile> tiles_;             ///< that are being sent
  Tile* pending_tile_ = nullptr;
  Group* pending_ = nullptr;  ///< whose word is being read
  std::vector<bool> busy_;    ///< PEs that an earlier tile has words for
  std::vector<std::uint64_t>
      scale_fetches_;  ///< the fetch of weights with which each scale was sent
  std::uint64_t sent_ = 0;
};

}  // namespace addax::detailed
