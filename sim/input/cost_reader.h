// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "models/cost/cost_table.h"
#include "sim/input/document.h"

namespace addax::input {

/// Reads a cost table and those that it extends (docs/formats/cost_table.md). `path_or_name` is a
/// file or the short name of a shipped table. Where `bytes_for_hash` is given, the bytes of all
/// files read are put there, the table's own first. Throws ConfigError.
cost::CostTable read_cost_table(const std::string& path_or_name,
                                std::string* bytes_for_hash = nullptr);

/// The document of a cost table's own file. Throws ConfigError.
Document cost_table_document(const std::string& path_or_name);

/// The same for a table that is to price a run: one of another purpose than `complete` is refused. `document`: of
/// the file that `path_or_name` means, with or without changes.
cost::CostTable read_complete_cost_table(const Document& document, const std::string& path_or_name,
                                         std::string* bytes_for_hash = nullptr);
cost::CostTable read_complete_cost_table(const std::string& path_or_name,
                                         std::string* bytes_for_hash = nullptr);

/// Canonical paths of the table's file and of those it extends. Throws as read_cost_table does.
std::vector<std::string> cost_table_files(const std::string& path_or_name);

}  // namespace addax::input
