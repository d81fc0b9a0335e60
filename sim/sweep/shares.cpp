// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/shares.h"

#include <algorithm>

namespace addax::sweep {

Shares::Shares(std::uint64_t numbers, std::size_t workers) {
  std::uint64_t begin = 0;
  for (std::size_t left = workers; left > 0; --left) {
    const std::uint64_t end = begin + (numbers - begin) / left;
    shares_.push_back({begin, end});
    begin = end;
  }
}

std::optional<std::uint64_t> Shares::next(std::size_t worker) {
  Share& own = shares_.at(worker);
  if (own.left() == 0) {
    Share& largest =
        *std::max_element(shares_.begin(), shares_.end(),
                          [](const Share& a, const Share& b) { return a.left() < b.left(); });
    if (largest.left() == 0) return std::nullopt;
    own = {largest.next + largest.left() / 2, largest.end};
    largest.end = own.next;
  }
  return own.next++;
}

}  // namespace addax::sweep
