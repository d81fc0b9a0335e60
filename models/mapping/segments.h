// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace addax::mapping {

/// offset, offset + step, ...: `count` of them.
struct Progression {
  std::uint64_t offset = 0, step = 1, count = 0;
};

/// How many members of a progression are multiples of `group` > 0. In closed form.
std::uint64_t common_starts(const Progression& members, std::uint64_t group);

}  // namespace addax::mapping
