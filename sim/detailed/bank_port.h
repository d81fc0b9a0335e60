// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace addax::detailed {

/// Bits that the banks of a part of the buffer may still read or write in a cycle.
class BankPort {
 public:
  void start_layer(std::uint64_t bits_a_cycle) { width_ = left_ = bits_a_cycle; }
  void next_cycle() { left_ = width_; }
  std::uint64_t take(std::uint64_t wanted) {
    const std::uint64_t taken = wanted < left_ ? wanted : left_;
    left_ -= taken;
    return taken;
  }
  /// Takes back what was not needed.
  void give(std::uint64_t bits) { left_ += bits; }
  std::uint64_t left() const { return left_; }

 private:
  std::uint64_t width_ = 0, left_ = 0;
};

}  // namespace addax::detailed
