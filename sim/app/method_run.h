// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/published/method.h"
#include "models/reproduction/comparison.h"
#include "models/workload/model.h"
#include "sim/app/command_line.h"

namespace addax::app {

/// A decode token of a model on a design, as `addax run` simulates it with the default cost table.
struct MethodRun {
  std::string architecture;
  std::uint32_t rows = 0, columns = 0;
  std::string weights;       ///< formats of the blocks' linear layers, in words
  double code_bits = 0.0;    ///< a weight of the blocks' linear layers, on average
  double stored_bits = 0.0;  ///< the same with scales
  double weights_gib = 0.0;  ///< all parameters of the model
  double energy_j = 0.0, latency_s = 0.0, area_mm2 = 0.0;
};

/// Something to simulate.
struct Method {
  std::string architecture;  ///< shipped name
  workload::Trace trace;     ///< of the design; its baselines' are made from it
  reproduction::Side side{};
};

/// A decode token that is asked for.
struct ModelToken {
  workload::ModelShape model;
  std::uint64_t context = 0;  ///< attended keys, the new one included
};
/// A token of each of `models`, or of those that --model names, at the context that --context gives:
/// 2048 where it is absent, or the model's limit if that is less. Throws input::ConfigError.
std::vector<ModelToken> model_tokens(const CommandLine& line, const Words& models);

/// The files that a simulation on `architectures` reads, and the source itself.
std::vector<InputFile> files_read(const std::string& source_path, const Words& architectures);
/// The architectures of the published methods.
Words method_architectures();

/// The published methods on our designs: fp16 and optq are the baselines of eyeriss_shiftadd, on
/// FP16 multipliers of its area; lutgemm has eyeriss_lutgemm, shiftadd eyeriss_shiftadd. Mixed has 3
/// bits in the value and output projections and 2 in all other layers of the blocks.
Method method_of(const published::Scheme& scheme, const ModelToken& token);
Method method_of(const reproduction::ComparedDesign& design, const ModelToken& token);

/// In the order of `methods`, which are all of `model`. What one run gives is simulated once. Throws
/// input::ConfigError.
std::vector<MethodRun> simulate(const workload::ModelShape& model,
                                const std::vector<Method>& methods);

}  // namespace addax::app
