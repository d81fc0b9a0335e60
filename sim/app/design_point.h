// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
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
  std::string
      dataflow;  ///< that the design's products with weights follow: a name or a file; empty for none
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

/// How a run is asked for, option by option: `word` gives one of the words that an option takes, the first where
/// nothing is said. Options: fidelity, mapping, objective, baseline, equal.
void read_options(
    RunRequest& request,
    const std::function<std::string(const std::string& option, const Words& words)>& word);

/// The bytes of the architectures that baselines are made of.
std::string baseline_bytes();

/// The files that a run reads, as far as they are known before it.
std::vector<InputFile> input_files(const RunRequest& request);

/// All that a run reads.
struct DesignPoint {
  Sources sources;
  report::Subject subject;
  cost::CostTable table;
  result::Provenance origin;  ///< hashes of files
};
/// Throws input::ConfigError.
DesignPoint read_design_point(const RunRequest& request);

/// Replays, prices and compares; of the request only options and baselines are looked at. Throws
/// input::ConfigError.
RunResult run(const RunRequest& request, DesignPoint point);
/// Reads first.
RunResult run(const RunRequest& request);

}  // namespace addax::app
