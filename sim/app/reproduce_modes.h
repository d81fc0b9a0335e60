// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/reproduction/figures.h"
#include "sim/app/command_line.h"
#include "sim/report/rows.h"

namespace addax::app {

/// A reproduction that was asked for, its source read.
struct ReproduceRequest {
  const CommandLine& line;
  reproduction::Source source;
  std::string source_path;
  report::ReproductionOrigin origin;  ///< with the hash of the source
};

/// The modes of `addax reproduce`. Each reads its options, writes its outputs and returns the exit
/// status. Throws input::ConfigError.
int reproduce_rows(const ReproduceRequest& request);
int reproduce_energy_audit(const ReproduceRequest& request);
int reproduce_memory_audit(const ReproduceRequest& request);
int reproduce_accuracy(const ReproduceRequest& request);
/// `source` is a comparison.
int reproduce_comparison(const CommandLine& line, const std::string& source);

/// The model that an audit is of: --model, or the largest of the paper's first table.
std::string audited_model(const CommandLine& line);

}  // namespace addax::app
