// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "models/workload/model.h"
#include "sim/input/document.h"

namespace addax::input {

/// The shape that a HuggingFace config.json describes. Keys that define no shape are ignored;
/// aliases and defaults of absent keys follow the configuration class of each family
/// (docs/formats/models.md). Throws ConfigError: unknown family, missing or impossible sizes,
/// features that are not modelled.
workload::ModelShape read_model(const Document& document, const std::string& name);

/// The config.json of a shipped model, or the path that is given. Throws ConfigError for a word that
/// is neither.
std::string model_path(const std::string& name_or_path);

/// A path to a config.json, or the name of a shipped model. Throws ConfigError.
workload::ModelShape resolve_model(const std::string& name_or_path);

/// Names of the shipped models, sorted.
std::vector<std::string> shipped_models();

}  // namespace addax::input
