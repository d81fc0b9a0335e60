// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace addax::report {

/// A table of aligned columns for a terminal: the first `left` columns flush left, the others
/// right.
class TextTable {
 public:
  explicit TextTable(std::size_t left = 1) : left_(left) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// A line of dashes as wide as the table.
  void rule() { rows_.emplace_back(); }
  std::string str() const;

 private:
  std::size_t left_;
  std::vector<std::vector<std::string>> rows_;  ///< an empty row is a rule
};

}  // namespace addax::report
