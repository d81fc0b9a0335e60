// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace addax::sweep {

/// A database that is being made beside its place, gone with all that SQLite puts next to it unless it was put
/// there.
class NewFile {
 public:
  explicit NewFile(const std::string& target);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();
  const std::string& path() const { return path_; }
  /// Throws input::ConfigError where that cannot be done.
  void put();

 private:
  void remove() const;
  std::string target_, path_;
};

}  // namespace addax::sweep
