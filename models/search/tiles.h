// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "models/quantity/check.h"

namespace addax::search {

inline constexpr std::size_t kLoopsALevel = 3;
inline constexpr std::size_t kMostLoops = 8 * kLoopsALevel;  ///< over one dimension

/// Tiles of one dimension below each loop of the nest: at 3 x level after the temporal loop, then
/// after y, then after x. Of fixed capacity: a search makes millions of them.
class Tiles {
 public:
  Tiles() = default;
  explicit Tiles(std::size_t size, std::uint64_t tile = 0) : size_(size) {
    ADDAX_CHECK(size <= tiles_.size(), "more levels than a search has room for");
    std::fill(begin(), end(), tile);
  }

  std::size_t size() const { return size_; }
  std::uint64_t* begin() { return tiles_.data(); }
  std::uint64_t* end() { return tiles_.data() + size_; }
  const std::uint64_t* begin() const { return tiles_.data(); }
  const std::uint64_t* end() const { return tiles_.data() + size_; }
  std::uint64_t& operator[](std::size_t i) { return tiles_[i]; }
  std::uint64_t operator[](std::size_t i) const { return tiles_[i]; }
  std::uint64_t back() const { return tiles_[size_ - 1]; }

  friend bool operator==(const Tiles& a, const Tiles& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }
  friend bool operator!=(const Tiles& a, const Tiles& b) { return !(a == b); }

 private:
  std::size_t size_ = 0;
  std::array<std::uint64_t, kMostLoops> tiles_;
};

}  // namespace addax::search
