// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace addax::search {

/// The different values of ceil(size / n), n = 1, 2, ...: by rising value, from 1 to `size`. About
/// 2 sqrt(size) of them.
std::vector<std::uint64_t> tile_set(std::uint64_t size);

}  // namespace addax::search
