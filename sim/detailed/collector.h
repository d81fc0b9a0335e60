// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/detailed/supply.h"

namespace addax::detailed {

/// Sums in the buffer: what they are, and how often they have been added to.
struct Sums {
  std::uint64_t outputs = 0;
  std::vector<float> value;
  std::vector<std::uint32_t> added;
};

/// Takes sums from the PEs to the buffer, from one PE after another.
class Collector {
 public:
  struct Params {
    std::uint32_t width_bits = 0, latency_cycles = 1;
    std::uint32_t sum_bits = 32, complete_bits = 16;
  };
  explicit Collector(const Params& params) : params_(params), flow_(params.width_bits) {}
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
  };
  explicit Returns(const Params& params) : params_(params), flow_(params.width_bits) {}
  void start_layer(Waves& waves, const Sums& sums, const std::vector<Pe*>& pes);
  void move(std::uint64_t cycle, const Loader& loader, BankPort& port);
  std::uint64_t wave() const { return wave_; }
  const Flow& flow() const { return flow_; }

 private:
  bool find_words();

  Params params_;
  Flow flow_;
  Waves* waves_ = nullptr;
  const Sums* sums_ = nullptr;
  std::vector<Pe*> pes_;
  std::uint64_t wave_ = 0;
  std::vector<std::size_t> heads_;  ///< PEs that need sums in this wave
  std::uint64_t word_ = 0, words_ = 0;
  std::size_t head_ = 0;
};

}  // namespace addax::detailed
