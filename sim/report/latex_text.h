// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace addax::report {

/// `text` with the characters that mean something to LaTeX escaped.
std::string latex_escaped(const std::string& text);

}  // namespace addax::report
