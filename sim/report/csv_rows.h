// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

namespace addax::report {

/// Rows of comma-separated values. Text is quoted as RFC 4180 has it where it would otherwise break
/// its row; a number is the shortest text that reads back as the same.
class CsvRows {
 public:
  explicit CsvRows(std::ostream& stream) : stream_(stream) {}
  template <class... Cells>
  void row(const Cells&... cells) {
    const char* separator = "";
    ((stream_ << separator << cell(cells), separator = ","), ...);
    stream_ << '\n';
  }

 private:
  static std::string cell(const std::string& text);
  static std::string cell(const char* text) { return cell(std::string(text)); }
  static std::string cell(double value);
  static std::string cell(std::uint64_t value) { return std::to_string(value); }
  static std::string cell(std::uint32_t value) { return std::to_string(value); }
  static std::string cell(bool value) { return value ? "true" : "false"; }

  std::ostream& stream_;
};

}  // namespace addax::report
