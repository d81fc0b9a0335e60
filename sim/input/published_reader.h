// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/reproduction/figures.h"

namespace addax::input {

/// Reads the frozen figures of a paper (docs/formats/published.md): a file, or the short name of a
/// shipped one. Where `bytes_for_hash` is given, the file's bytes are put there. Throws ConfigError.
reproduction::Source read_published(const std::string& path_or_name,
                                    std::string* bytes_for_hash = nullptr);

}  // namespace addax::input
