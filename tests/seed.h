// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tests/catch.h"

namespace addax::tests {

/// `seed`, once printed: what a random test tried can be tried again, whether it failed or not.
inline std::uint32_t printed(std::uint32_t seed) {
  WARN("seed " << seed);
  return seed;
}

}  // namespace addax::tests
