// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/reproduction/comparison.h"

namespace addax::input {

/// Whether a file, or the short name of one in configs/published, says that it is a comparison.
/// Throws ConfigError where there is no such file.
bool is_comparison(const std::string& path_or_name);

/// Reads what is compared for a paper (docs/formats/comparison.md): a file, or the short name of one
/// in configs/published. Where `bytes_for_hash` is given, the file's bytes are put there. Throws
/// ConfigError.
reproduction::Comparison read_comparison(const std::string& path_or_name,
                                         std::string* bytes_for_hash = nullptr);

}  // namespace addax::input
