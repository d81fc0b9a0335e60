// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "models/search/tiles.h"

namespace addax::search {

/// 64 bits that tell chains of tiles apart.
inline std::uint64_t hash_of(const Tiles& tiles) {
  std::uint64_t hash = 0x9e3779b97f4a7c15;
  for (const std::uint64_t tile : tiles) hash = (hash ^ tile) * 0xff51afd7ed558ccd;
  return hash ^ (hash >> 32U);
}

/// Hashes that have been met. Forgets some when more come than it has room for.
class Tried {
 public:
  bool has(std::uint64_t hash) const { return places_[place(hash)] == hash; }
  /// Returns whether it is new.
  bool add(std::uint64_t hash) {
    std::uint64_t& at = places_[place(hash)];
    const bool fresh = at != hash;
    at = hash;
    return fresh;
  }
  void clear() { places_.fill(0); }

 private:
  static constexpr std::size_t kPlaces = 1024;
  static std::size_t place(std::uint64_t hash) { return static_cast<std::size_t>(hash % kPlaces); }
  std::array<std::uint64_t, kPlaces> places_{};
};

}  // namespace addax::search
