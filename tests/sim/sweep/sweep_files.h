// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "sim/input/document.h"
#include "sim/sweep/sweep.h"
#include "tests/catch.h"

namespace addax::sweep {

/// A folder of its own that is removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "addax_sweep_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

 private:
  std::string path_;
};

/// A sweep in a file of its own, read.
inline Sweep sweep_of(const std::string& text) {
  const Folder folder;
  return read_sweep(folder.write("s.yaml", text));
}

/// What an action is refused with; "no error" where it is not.
template <class Action>
std::string refusal(const Action& action) {
  try {
    action();
  } catch (const input::ConfigError& error) {
    return error.what();
  }
  return "no error";
}

/// Two axes of two values each.
inline constexpr const char* kSweep = R"(addax: sweep/1
name: small
base:
  arch: eyeriss_fp16
  trace: micro-linear
axes:
  - {key: arch.rows, values: [4, 8]}
  - {key: arch.groups.multiplier.columns, values: [2, 3]}
)";

}  // namespace addax::sweep
