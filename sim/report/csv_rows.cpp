// SPDX-License-Identifier: Apache-2.0
#include "sim/report/csv_rows.h"

#include <fmt/format.h>

namespace addax::report {

std::string CsvRows::cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string CsvRows::cell(double value) { return fmt::format("{}", value); }

}  // namespace addax::report
