// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "models/quantity/recent.h"
#include "sim/app/design_point.h"
#include "sim/engine/findings.h"
#include "sim/input/read_once.h"
#include "sim/sweep/points.h"
#include "sim/sweep/results.h"

namespace addax::app {

/// Turns points of a sweep into design points, and these into rows. Files are for all points what they are when
/// they are first read.
class SweepPoints {
 public:
  /// The points of a sweep, of what its files have. Throws input::ConfigError, also where no point can be read.
  sweep::Points points(sweep::Sweep& sweep);
  /// Files and traces of a point, read and changed. Throws input::ConfigError.
  DesignPoint design(const sweep::Point& point);
  /// What a point's files have at a key.
  std::optional<std::string> value_in_files(const sweep::Point& point, const std::string& key);
  /// Why what a point says of a root (arch, tech, trace, run) cannot be read; none: it can.
  std::optional<std::string> fault(const sweep::Point& point, const std::string& root);
  /// Throws input::ConfigError.
  double quantity(const sweep::Point& point, sweep::Quantity quantity);
  /// Hash of a point's inputs.
  static std::string key(const sweep::Point& point);
  /// Hash of what they stand for: bytes of files, version and sources of Addax. Where a file cannot be read, why it
  /// cannot.
  std::string content(const sweep::Point& point);
  /// From now on only what `content` has read is read again, for `row`.
  void close() { files_.close(); }
  /// Runs a point; what is wrong with it is the row's message.
  sweep::Row row(const sweep::Point& point);

 private:
  struct Table {
    input::Document document;
    cost::CostTable table;
    std::string sha256;
  };
  struct MadeTrace {
    workload::Trace trace;
    std::string name, file, sha256;
  };
  const input::Document& file(const std::string& root, const std::string& name);
  input::Document changed_file(const sweep::Point& point, const std::string& root);
  const Table& table(const sweep::Point& point);
  const MadeTrace& trace(const sweep::Point& point);
  const std::string& remembered(const std::string& what, const std::function<std::string()>& hash);

  input::ReadOnce files_;
  std::map<std::string, input::Document> documents_;
  // The last axis changes fastest, so that what was read lately comes again soon.
  static constexpr std::size_t kRead = 64;
  quantity::Recent<std::string, Table> tables_{kRead};
  quantity::Recent<std::string, MadeTrace> traces_{kRead};
  quantity::Recent<std::string, MadeTrace> long_traces_{2};  // tens of megabytes each
  engine::Findings findings_;
  std::map<std::string, std::string> hashes_;
};

}  // namespace addax::app
