// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace addax::sweep {

/// Numbers from 0 on, shared out to workers so that neighbours go to one: they have much in common, which a worker
/// finds out once. Who has done his share takes half of what is left of the largest.
class Shares {
 public:
  Shares(std::uint64_t numbers, std::size_t workers);
  /// Each number once; none: there are no more.
  std::optional<std::uint64_t> next(std::size_t worker);

 private:
  struct Share {
    std::uint64_t next = 0, end = 0;
    std::uint64_t left() const { return end - next; }
  };
  std::vector<Share> shares_;
};

}  // namespace addax::sweep
