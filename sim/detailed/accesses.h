// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace addax::detailed {

/// Accesses to the buffer by a stream of bits: a word is read into a register when its first bit is wanted,
/// or written from one in which bits were gathered. Words hold bits of one tile only (a pass's activations,
/// codes or sums, or the scales of one load), in the order in which they go. There are registers for the
/// eight latest tiles, whose words may come in turn (assumed).
class Accesses {
 public:
  explicit Accesses(std::uint32_t word_bits) : word_bits_(word_bits) {}
  void count(std::uint64_t tile, std::uint64_t bits) {
    Register& word = of(tile);
    for (; word.left < bits; word.left += word_bits_) ++count_;
    word.left -= bits;
  }
  std::uint64_t count() const { return count_; }

 private:
  struct Register {
    std::uint64_t tile = ~std::uint64_t{0}, left = 0;  ///< bits of the word
  };
  /// That of a tile; a new one takes the oldest.
  Register& of(std::uint64_t tile) {
    for (Register& word : registers_)
      if (word.tile == tile) return word;
    latest_ = (latest_ + 1) % registers_.size();
    return registers_[latest_] = {tile, 0};
  }

  std::uint32_t word_bits_;
  std::array<Register, 8> registers_;
  std::size_t latest_ = 0;  ///< that was taken
  std::uint64_t count_ = 0;
};

}  // namespace addax::detailed
