// SPDX-License-Identifier: Apache-2.0
#include "sim/input/byte_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "sim/input/document.h"
#include "sim/input/read_once.h"

namespace addax::input {

namespace fs = std::filesystem;

ByteFile::ByteFile(const std::string& path) : path_(path) {
  const std::string allowed = "; allowed: a file with a matrix";
  ReadOnce::check(path);
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::not_found) throw ConfigError(path + ": no such file" + allowed);
  if (type == fs::file_type::directory) throw ConfigError(path + ": is a directory" + allowed);
  if (type != fs::file_type::regular) throw ConfigError(path + ": is not a regular file" + allowed);
  file_.open(path, std::ios::binary);
  if (!file_) throw ConfigError(path + ": cannot be read: " + std::strerror(errno) + allowed);
  size_ = fs::file_size(path, error);
  if (error) throw ConfigError(path + ": cannot be read: " + error.message() + allowed);
}

std::vector<std::uint8_t> ByteFile::read(std::uint64_t offset, std::uint64_t count) {
  if (offset > size_ || count > size_ - offset)
    throw ConfigError(path_ + ": found an end after " + std::to_string(size_) +
                      " bytes; allowed: " + std::to_string(count) + " bytes from byte " +
                      std::to_string(offset));
  std::vector<std::uint8_t> bytes(count);
  file_.seekg(static_cast<std::streamoff>(offset));
  file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(count));
  if (static_cast<std::uint64_t>(file_.gcount()) != count)
    throw ConfigError(path_ + ": cannot be read to its end; allowed: a file that does not change");
  ReadOnce::check(path_);
  return bytes;
}

std::uint64_t little_endian(const std::vector<std::uint8_t>& bytes, std::size_t at,
                            std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = (value << 8U) | bytes.at(at + i);
  return value;
}

}  // namespace addax::input
