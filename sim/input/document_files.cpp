// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "sim/input/document_node.h"
#include "sim/input/read_once.h"

namespace addax::input {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 64U << 20U;

std::string reason() { return std::strerror(errno); }

std::string bytes_of(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    throw ConfigError(path + ": no such file; allowed: a YAML or JSON file");
  if (status.type() == fs::file_type::directory)
    throw ConfigError(path + ": is a directory; allowed: a YAML or JSON file");
  if (status.type() == fs::file_type::none)
    throw ConfigError(path + ": cannot be read: " + error.message());
  if (status.type() != fs::file_type::regular)
    throw ConfigError(path + ": is not a regular file; allowed: a YAML or JSON file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ConfigError(path + ": cannot be read: " + reason());
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) throw ConfigError(path + ": cannot be read: " + error.message());
  if (size > kLargestFile)
    throw ConfigError(path + ": " + std::to_string(size) + " bytes; allowed: at most " +
                      std::to_string(kLargestFile));
  std::string bytes(static_cast<std::size_t>(size), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (file.gcount() != static_cast<std::streamsize>(size))
    throw ConfigError(path + ": cannot be read to its end");
  return bytes;
}

}  // namespace

Document Document::read(const std::string& path) {
  return parse(ReadOnce::bytes(path, [&path] { return bytes_of(path); }), path);
}

std::string home() {
  std::error_code error;
  if (const char* chosen = std::getenv("ADDAX_HOME"); chosen != nullptr && *chosen != '\0') {
    if (!fs::is_directory(fs::path(chosen) / "configs", error))
      throw ConfigError("ADDAX_HOME: found '" + printable(chosen) +
                        "'; allowed: a folder with the folders configs and traces, or unset");
    return chosen;
  }
#ifdef ADDAX_HOME_DIR
  if (fs::is_directory(fs::path(ADDAX_HOME_DIR) / "configs", error)) return ADDAX_HOME_DIR;
#endif
  const fs::path binary = fs::read_symlink("/proc/self/exe", error);
  if (error) return ".";
  return (binary.parent_path().parent_path() / "share" / "addax").string();
}

}  // namespace addax::input
