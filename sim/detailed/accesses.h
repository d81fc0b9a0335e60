// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace addax::detailed {

/// Accesses to the buffer by a stream of bits: a word is read into a register when its first bit is wanted,
/// or written from one in which bits were gathered. Words hold bits of one tile only (a pass's activations,
/// codes or sums, or the scales of one load), in the order in which they go. There is a register for each of the
/// two latest tiles, whose words may come in turn (assumed).
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
  /// That of a tile; a new tile takes the older of the two.
  Register& of(std::uint64_t tile) {
    if (registers_[latest_].tile == tile) return registers_[latest_];
    const std::size_t other = 1 - latest_;
    if (registers_[other].tile != tile) {
      registers_[other] = {tile, 0};
      latest_ = other;
    }
    return registers_[other];
  }

  std::uint32_t word_bits_;
  std::array<Register, 2> registers_;
  std::size_t latest_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace addax::detailed
