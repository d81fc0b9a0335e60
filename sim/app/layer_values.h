// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/result/result.h"
#include "sim/app/command_line.h"
#include "sim/report/report.h"

namespace addax::app {

/// Counts what the values of each layer of `subject` say, as the layer was run, sets defaults for the
/// rest, and notes which zeros are counted and which declared. Throws input::ConfigError where a file of
/// values cannot be read.
void count_values(result::Activity& activity, const report::Subject& subject);

/// The files of values that a trace names, as inputs of a command.
std::vector<InputFile> value_inputs(const workload::Trace& trace);
/// Their SHA-256, by the names that the trace has for them. Throws input::ConfigError.
std::map<std::string, std::string> values_sha256(const workload::Trace& trace);

}  // namespace addax::app
