// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace addax::app {

/// SHA-256 of `bytes`, as 64 hexadecimal digits.
std::string sha256(const std::string& bytes);

/// The same of a file's bytes, which need not fit into memory. Throws input::ConfigError where it
/// cannot be read.
std::string sha256_of_file(const std::string& path);

}  // namespace addax::app
