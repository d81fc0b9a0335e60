// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "models/result/result.h"
#include "sim/app/blame.h"
#include "sim/app/command_line.h"
#include "sim/engine/engine.h"
#include "sim/report/report.h"

namespace addax::app {

/// What `addax run` is asked for.
struct RunRequest {
  std::string architecture, table, trace;  ///< names or files
  /// Replayed in the place of what `trace` names; its name is for people.
  std::optional<workload::Trace> made;
  engine::Options options;
  bool fp16 = true, same_bits = true;  ///< baselines
  result::Equalisation equalisation = result::Equalisation::kIsoArea;
};

struct RunResult {
  result::Report report;
  report::Configuration configuration;
};

/// What --equal asks for, one of area (default), throughput, pe. Throws input::ConfigError.
result::Equalisation equalisation_of(const CommandLine& line);

/// The files that a run reads, as far as they are known before it.
std::vector<InputFile> input_files(const RunRequest& request);

/// The file behind a trace's name; empty where the trace is made.
std::string trace_file(const std::string& name);

/// Reads, replays, prices and compares. Throws input::ConfigError.
RunResult run(const RunRequest& request);

}  // namespace addax::app
