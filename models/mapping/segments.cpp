// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/segments.h"

#include <numeric>
#include <utility>

namespace addax::mapping {

namespace {

/// x with a x = 1 modulo m, for a and m without a common divisor: Euclid's extended algorithm.
std::uint64_t inverse(std::uint64_t a, std::uint64_t m) {
  std::int64_t x = 1, next_x = 0;
  std::uint64_t r = a, next_r = m;
  while (next_r != 0) {
    const std::uint64_t quotient = r / next_r;
    r = std::exchange(next_r, r - quotient * next_r);
    x = std::exchange(next_x, x - static_cast<std::int64_t>(quotient) * next_x);
  }
  const auto modulus = static_cast<std::int64_t>(m);
  return static_cast<std::uint64_t>((x % modulus + modulus) % modulus);
}

}  // namespace

std::uint64_t common_starts(const Progression& p, std::uint64_t group) {
  const std::uint64_t divisor = std::gcd(p.step, group);
  if (p.count == 0 || p.offset % divisor != 0) return 0;
  // i step = -offset modulo group; divided by the common divisor, step can be inverted.
  const std::uint64_t period = group / divisor;
  if (period == 1) return p.count;
  const std::uint64_t wanted = (period - p.offset / divisor % period) % period;
  const std::uint64_t first = wanted * inverse(p.step / divisor % period, period) % period;
  return first < p.count ? (p.count - 1 - first) / period + 1 : 0;
}

}  // namespace addax::mapping
