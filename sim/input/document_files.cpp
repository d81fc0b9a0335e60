// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "sim/input/document_node.h"

namespace addax::input {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 64U << 20U;

std::string reason() { return std::strerror(errno); }

void write_all(int descriptor, const std::string& bytes, const std::string& path) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) throw ConfigError(path + ": cannot be written: " + reason());
    done += static_cast<std::size_t>(wrote);
  }
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int value() const { return value_; }
  int close() {
    const int status = ::close(value_);
    value_ = -1;
    return status;
  }

 private:
  int value_;
};

/// A file that is removed unless it is kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!kept_) ::unlink(path_.c_str());
  }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  bool kept_ = false;
};

// Devices and pipes have no "whole or not at all", and renaming over them would replace them.
void write_in_place(const std::string& path, const std::string& bytes) {
  Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (descriptor.value() < 0) throw ConfigError(path + ": cannot be written: " + reason());
  write_all(descriptor.value(), bytes, path);
}

}  // namespace

Document Document::read(const std::string& path) {
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
  return parse(bytes, path);
}

void write_file(const std::string& path, const std::string& bytes) {
  if (path == "-") {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size() ||
        std::fflush(stdout) != 0)
      throw ConfigError("standard output: cannot be written: " + reason());
    return;
  }
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::directory)
    throw ConfigError(path + ": is a directory; allowed: a file to write");
  if (type != fs::file_type::not_found && type != fs::file_type::regular &&
      type != fs::file_type::none)
    return write_in_place(path, bytes);
  const fs::path canonical = fs::weakly_canonical(path, error);
  const std::string target = error ? path : canonical.string();

  std::string name = target + ".XXXXXX";
  Descriptor descriptor(::mkostemp(name.data(), O_CLOEXEC));
  if (descriptor.value() < 0) throw ConfigError(path + ": cannot be written: " + reason());
  TemporaryFile temporary(name);
  write_all(descriptor.value(), bytes, path);
  // mkostemp makes files private; a result should be as readable as any other new file.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor.value(), 0666 & ~mask);
  if (descriptor.close() != 0) throw ConfigError(path + ": cannot be written: " + reason());
  if (std::rename(name.c_str(), target.c_str()) != 0)
    throw ConfigError(path + ": cannot be written: " + reason());
  temporary.keep();
}

std::string home() {
  if (const char* chosen = std::getenv("ADDAX_HOME"); chosen != nullptr && *chosen != '\0')
    return chosen;
  std::error_code error;
#ifdef ADDAX_HOME_DIR
  if (fs::is_directory(fs::path(ADDAX_HOME_DIR) / "configs", error)) return ADDAX_HOME_DIR;
#endif
  const fs::path binary = fs::read_symlink("/proc/self/exe", error);
  if (error) return ".";
  return (binary.parent_path().parent_path() / "share" / "addax").string();
}

}  // namespace addax::input
