// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "sim/detailed/supply.h"

namespace addax::detailed {

/// Sums in the buffer: what they are, and how often they have been added to.
struct Sums {
  const Products* products = nullptr;
  std::vector<std::uint32_t> word;  ///< tokens x outputs, incomplete
  std::vector<float> output;        ///< complete
  std::vector<std::uint32_t> added;
  std::size_t at(std::uint64_t token, std::uint64_t out) const {
    return token * products->outputs_a_copy() + out % products->outputs_a_copy();
  }
};

/// Takes sums from the PEs to the buffer, from one PE after another.
class Collector {
 public:
  struct Params {
    std::uint32_t width_bits = 0, latency_cycles = 1;
    std::uint32_t sum_bits = 32, complete_bits = 16;
    std::uint32_t buffer_width_bits = 0;
  };
  explicit Collector(const Params& params)
      : params_(params), flow_(params.width_bits, params.buffer_width_bits) {}
  void start_layer(Sums& sums, const std::vector<Pe*>& pes, std::uint64_t passes);
  void move(std::uint64_t cycle, const Loader& loader, BankPort& port);
  std::uint64_t arrived(std::uint64_t pass) const { return arrived_[pass]; }
  std::uint64_t last() const { return last_; }
  const Flow& flow() const { return flow_; }

 private:
  Params params_;
  Flow flow_;
  Sums* sums_ = nullptr;
  std::vector<Pe*> pes_;
  std::size_t turn_ = 0;
  std::deque<SumWord> on_the_way_;
  std::vector<std::uint64_t> arrived_;
  std::uint64_t last_ = 0;
};

/// Takes incomplete sums back from the buffer to the PEs that go on with them, in the order in which
/// they leave again.
class Returns {
 public:
  struct Params {
    std::uint32_t width_bits = 0, latency_cycles = 1, sum_bits = 32;
    std::uint32_t buffer_width_bits = 0;
  };
  explicit Returns(const Params& params)
      : params_(params),
        flow_(params.width_bits, params.buffer_width_bits),
        loads_(params.buffer_width_bits) {}
  void start_layer(Waves& waves, const Sums& sums, const std::vector<Pe*>& pes);
  /// `sending`: the wave whose words are being sent.
  void move(std::uint64_t cycle, std::uint64_t sending, const Loader& loader, BankPort& port);
  /// The oldest one that it may still look at.
  std::uint64_t wave() const;
  const Flow& flow() const { return flow_; }
  /// Words of the buffer that held sums from DRAM: each was written once before it was first read.
  std::uint64_t loads() const { return loads_.count(); }

 private:
  /// Sums of a wave that a PE needs.
  struct Need {
    std::uint64_t wave = 0, load = 0;
    std::uint64_t words = 0, sent = 0;
  };
  /// A PE that goes on with sums, and its needs: the oldest first.
  struct Head {
    std::size_t pe = 0;
    std::deque<Need> needs;
  };
  void look_ahead(std::uint64_t sending, const Loader& loader);
  bool find_sum(std::uint64_t cycle, const Loader& loader);
  bool may_send(const Head& head) const;
  /// Token and output of the next sum.
  std::pair<std::uint64_t, std::uint64_t> next_of(const Need& need, const PeTile& tile) const;

  Params params_;
  Flow flow_;
  Waves* waves_ = nullptr;
  const Sums* sums_ = nullptr;
  std::vector<Pe*> pes_;
  std::uint64_t next_ = 0;  ///< wave
  std::uint64_t passes_ = 0,
                loaded_ = 0;  ///< passes looked at, and how often they bring sums from DRAM
  std::vector<std::uint64_t> latest_load_;  ///< of each sum, with which it was first sent
  Accesses loads_;
  std::vector<Head> heads_;  ///< one a PE
  std::uint64_t needs_ = 0;
  std::size_t turn_ = 0;
  Head* pending_ = nullptr;  ///< whose sum is being read
};

}  // namespace addax::detailed
