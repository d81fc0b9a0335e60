// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/arch/architecture.h"
#include "sim/input/document.h"

namespace addax::input {

/// The document of an architecture's file. `path_or_name` is a file or the short name of a shipped
/// architecture. Throws ConfigError.
Document architecture_document(const std::string& path_or_name);
/// Throws ConfigError.
arch::Architecture read_architecture(const Document& document);

/// Reads and checks an architecture (docs/formats/architecture.md). `path_or_name` is a file or the
/// short name of a shipped architecture. Where `bytes_for_hash` is given, the file's bytes are put
/// there. Throws ConfigError.
arch::Architecture read_architecture(const std::string& path_or_name,
                                     std::string* bytes_for_hash = nullptr);

}  // namespace addax::input
