// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/input/document.h"
#include "sim/sweep/axis.h"
#include "sim/sweep/expression.h"

namespace addax::sweep {

/// What all points of a sweep are to have equal.
enum class Quantity { kArea, kThroughput, kBandwidth, kPes };
const char* name(Quantity quantity);  ///< "area", "throughput", "bandwidth", "pes"
const char* unit(Quantity quantity);  ///< "mm2", "MAC/cycle", "bits/s", "PEs"

struct Equal {
  Quantity quantity = Quantity::kArea;
  double tolerance = 0.02;          ///< of the reference
  std::optional<double> reference;  ///< none: what the first point has
  std::vector<Axis> free;           ///< each point takes the values that bring it nearest
};

/// What a sweep file asks for (docs/formats/sweep.md).
struct Sweep {
  std::string name, description;
  std::string file, bytes;  ///< as read
  Point base;               ///< keys and values that all points start from
  std::vector<Axis> axes;
  std::vector<Expression> where;
  std::optional<Equal> equal;
  Sample sample;
  /// Where the file has what: "arch.rows", of base its value, of an axis its key; "where", "where[0]", "equal",
  /// "equal.free", "sample".
  std::map<std::string, input::Value> places;

  /// Throws input::ConfigError at the place of `what`; of what the file does not have, such as a default, it names
  /// no line.
  [[noreturn]] void refuse(const std::string& what, const std::string& reason) const;
};

/// Most points before filters, and most values of one axis.
inline constexpr std::uint64_t kMostPoints = 1'000'000;

/// Words that may follow "trace." and "run." in a key; what follows "arch." and "tech." is a path.
const std::vector<std::string>& trace_words();
const std::vector<std::string>& run_words();

/// Reads and checks a sweep: a file, or the short name of a shipped one. Throws input::ConfigError.
Sweep read_sweep(const std::string& path_or_name);

/// The sweep with defaults filled in and ranges as their values; reads back as the same points.
nlohmann::ordered_json configuration_json(const Sweep& sweep);

/// Keys of all points, base and axes and what is free, in the order of the file: the inputs of a row.
std::vector<std::string> input_keys(const Sweep& sweep);
/// Those of them that lie on axes, or are free.
std::vector<std::string> axis_keys(const Sweep& sweep);

}  // namespace addax::sweep
