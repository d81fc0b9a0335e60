// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sim/app/design_point.h"
#include "sim/sweep/points.h"
#include "sim/sweep/results.h"

namespace addax::app {

/// Turns points of a sweep into design points, and these into rows. Remembers files and traces that it has
/// read.
class SweepPoints {
 public:
  /// Files and traces of a point, read and changed. Throws input::ConfigError.
  DesignPoint design(const sweep::Point& point);
  /// What a point's files have at a key.
  std::optional<std::string> value_in_files(const sweep::Point& point, const std::string& key);
  /// Throws input::ConfigError.
  double quantity(const sweep::Point& point, sweep::Quantity quantity);
  /// Hashes of a point's inputs and of what they stand for; of a point whose files cannot be read, of the
  /// inputs alone.
  sweep::Place place(std::uint64_t number, const sweep::Point& point);
  /// Runs a point; what is wrong with it is the row's message.
  sweep::Row row(const sweep::Point& point);

 private:
  struct Table {
    cost::CostTable table;
    std::string sha256;
  };
  struct MadeTrace {
    workload::Trace trace;
    std::string name, sha256, values_sha256;
  };
  input::Document file(const sweep::Point& point, const std::string& root);
  const Table& table(const input::Document& document, const std::string& name);
  const MadeTrace& trace(const sweep::Point& point);

  std::map<std::string, input::Document> documents_;
  std::map<std::string, Table> tables_;
  std::map<std::string, MadeTrace> traces_;
};

}  // namespace addax::app
