// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "models/arch/architecture.h"
#include "sim/detailed/supply.h"

namespace addax::detailed {

/// What a chunk of a vector operation asks of the unit; words of the buffer.
struct VectorChunk {
  std::uint64_t lane_cycles = 0, reads = 0, writes = 0;
};

/// One direction between buffer and vector unit: whole words, its width in each cycle. Bits of a word
/// that is wider come one after another.
class VectorWire {
 public:
  VectorWire(std::uint32_t width, std::uint32_t word) : width_(width), word_(word) {}
  /// Moves as many of the words that are wanted as width and banks allow in this cycle.
  std::uint64_t move(std::uint64_t wanted, BankPort& banks);
  std::uint64_t words() const { return words_; }
  /// Words that fit its width, one at least.
  std::uint64_t at_once() const { return std::max<std::uint64_t>(width_ / word_, 1); }

 private:
  std::uint64_t width_, word_;
  std::uint64_t credit_ = 0, words_ = 0;
};

/// Lanes, the pipeline behind them, and their wires to the buffer; one chunk at a time.
/// A lane-cycle begins when its share of the operands has been read in an earlier cycle, and its share
/// of the results moves latency_cycles later: operands and results are spread evenly over lane-cycles.
/// Operands are read for the lane-cycles of this cycle and the next (assumed).
class VectorLanes {
 public:
  explicit VectorLanes(const arch::Architecture& architecture);
  void start(const VectorChunk& chunk);
  /// One cycle; `room`: whether results may leave.
  void work(BankPort& banks, bool room);
  bool has_read() const { return read_ == chunk_.reads; }
  bool finished() const { return done_ == steps_ && written_ == chunk_.writes; }

  std::uint64_t lane_cycles() const { return lane_cycles_; }
  std::uint64_t reads() const { return in_.words(); }
  std::uint64_t writes() const { return out_.words(); }

 private:
  struct Begun {
    std::uint64_t stage, steps;
  };
  void advance();

  std::uint64_t lanes_, latency_;
  VectorWire in_, out_;
  VectorChunk chunk_;
  std::uint64_t steps_ = 0;    ///< lane-cycles; where there are none, words that pass through
  std::uint64_t a_cycle_ = 0;  ///< steps that may begin in a cycle
  std::uint64_t read_ = 0, begun_ = 0, done_ = 0, written_ = 0;
  std::uint64_t stage_ = 0;  ///< cycles in which the pipeline has moved
  std::deque<Begun> pipeline_;
  std::uint64_t lane_cycles_ = 0;
};

}  // namespace addax::detailed
