// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace addax::app {

/// SHA-256 of `bytes`, as 64 hexadecimal digits.
std::string sha256(const std::string& bytes);

}  // namespace addax::app
