// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/app/command_line.h"

namespace addax::app {

/// The word for a weight format that `weights` and the options --group, --granularity and --terms
/// make together, for a model of `family`. Throws input::ConfigError in the words of the option that
/// the format does not take.
std::string weights_word(const CommandLine& line, const std::string& weights,
                         const std::string& family);

}  // namespace addax::app
