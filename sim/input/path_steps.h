// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace addax::input {

/// One step of a path such as "groups[0].columns": a key, or an index of a list.
struct Step {
  std::string key;
  std::optional<std::size_t> index;
};

std::vector<Step> steps_of(const std::string& path);

}  // namespace addax::input
