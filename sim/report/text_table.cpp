// SPDX-License-Identifier: Apache-2.0
#include "sim/report/text_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace addax::report {
namespace {

constexpr const char* kGap = "  ";

}  // namespace

std::string TextTable::str() const {
  std::vector<std::size_t> widths;
  for (const auto& cells : rows_) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::size_t all = widths.empty() ? 0 : 2 * (widths.size() - 1);
  for (const std::size_t width : widths) all += width;

  std::string text;
  for (const auto& cells : rows_) {
    if (cells.empty()) {
      text += std::string(all, '-') + "\n";
      continue;
    }
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line += kGap;
      line += i < left_ ? fmt::format("{:<{}}", cells[i], widths[i])
                        : fmt::format("{:>{}}", cells[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace addax::report
