// SPDX-License-Identifier: Apache-2.0
#include "models/search/space.h"

namespace addax::search {

void write(quantity::Bytes& bytes, const LevelRule& rule) {
  const auto& [temporal, y, x, innermost, tiles, multiples, y_bounds, x_bounds, keep, stationary] =
      rule;
  bytes.add(temporal, y, x, innermost, tiles, multiples, y_bounds, x_bounds, keep, stationary);
}

}  // namespace addax::search
