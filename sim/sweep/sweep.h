// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/sweep/axis.h"
#include "sim/sweep/filter.h"

namespace addax::sweep {

/// What a sweep file asks for (docs/formats/sweep.md).
struct Sweep {
  std::string name, description;
  /// What all points start from, by key: arch, trace, tech, and options of `addax run`, as run.mapping.
  std::map<std::string, std::string> base;
  std::vector<Axis> axes;
  std::vector<Filter> filters;
  Sample sample;
};

/// Keys of Sweep::base and what may follow them in an axis: "arch" and "tech" paths into their files,
/// "trace" the words that a trace's name is made of, "run" options.
inline constexpr const char* kRoots[] = {"arch", "trace", "tech", "run"};

/// Most points before filters.
inline constexpr std::uint64_t kMostPoints = 10'000'000;

/// Reads and checks a sweep: a file, or the short name of a shipped one. Where `bytes_for_hash` is given, the
/// file's bytes are put there. Throws input::ConfigError.
Sweep read_sweep(const std::string& path_or_name, std::string* bytes_for_hash = nullptr);

}  // namespace addax::sweep
