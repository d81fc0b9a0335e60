// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace addax::input {

/// The file that `path_or_name` means: itself where it has a slash or a suffix of ours (.yaml,
/// .yml, .json), else NAME.yaml in configs/`folder` of the shipped files. Throws ConfigError with
/// the shipped names and the nearest of them where there is no such short name.
std::string config_path(const std::string& folder, const std::string& path_or_name);

}  // namespace addax::input
