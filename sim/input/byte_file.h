// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace addax::input {

/// A binary file that is read in parts.
class ByteFile {
 public:
  /// Throws ConfigError: missing, a directory, not a regular file, unreadable.
  explicit ByteFile(const std::string& path);
  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }  ///< bytes
  /// `count` bytes from `offset`. Throws ConfigError where the file ends before.
  std::vector<std::uint8_t> read(std::uint64_t offset, std::uint64_t count);

 private:
  std::string path_;
  std::uint64_t size_ = 0;
  std::ifstream file_;
};

/// The first `count` bytes from `at` as an unsigned number, least byte first; count <= 8.
std::uint64_t little_endian(const std::vector<std::uint8_t>& bytes, std::size_t at,
                            std::size_t count);

}  // namespace addax::input
