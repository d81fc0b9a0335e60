// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/new_file.h"

#include <filesystem>

#include "sim/input/document.h"

namespace addax::sweep {

namespace fs = std::filesystem;

NewFile::NewFile(const std::string& target) : target_(target), path_(target + ".new") { remove(); }

NewFile::~NewFile() { remove(); }

void NewFile::put() {
  std::error_code error;
  fs::rename(path_, target_, error);
  if (error)
    throw input::ConfigError(target_ + ": cannot be written: " + error.message() +
                             "; allowed: a file that can be written");
}

void NewFile::remove() const {
  std::error_code error;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(path_ + suffix, error);
}

}  // namespace addax::sweep
