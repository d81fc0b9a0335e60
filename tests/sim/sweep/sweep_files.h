// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/input/document.h"
#include "sim/sweep/sweep.h"
#include "tests/catch.h"
#include "tests/folder.h"

namespace addax::sweep {

using tests::Folder;

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
