// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "sim/sweep/database.h"
#include "sim/sweep/sweep.h"

namespace addax::sweep {

/// Columns of `points` that are neither inputs nor the file's own business: provenance, then outputs
/// (docs/formats/results.md). Those of `layers` and `components` after `point`.
const std::vector<std::string>& output_columns();
const std::vector<std::string>& layer_columns();
const std::vector<std::string>& component_columns();

/// Points whose worker crashed, or whose files changed meanwhile, have not ended.
enum class Status { kDone, kFailed, kCrashed, kChanged };
const char* name(Status status);  ///< "done", "failed", "crashed", "changed"

/// What a point gave.
struct Row {
  Status status = Status::kFailed;
  std::string message;                        ///< why it failed
  double seconds = 0.0;                       ///< CPU time
  std::vector<Cell> outputs;                  ///< as output_columns(); empty where it failed
  std::vector<std::vector<Cell>> layers;      ///< as layer_columns()
  std::vector<std::vector<Cell>> components;  ///< as component_columns()
  std::string bytes() const;                  ///< for a pipe
  static Row from_bytes(const std::string& bytes);
};

/// A point and what it is known by.
struct Place {
  std::uint64_t number = 0;
  std::string key, content;  ///< hashes: of the inputs; of what they stand for
  Point inputs;
};

/// A file of results, open for writing. Others may read it meanwhile.
class Results {
 public:
  /// Refuses a path at which there is a file. Throws input::ConfigError.
  static Results create(const std::string& path, const Sweep& sweep, std::uint64_t points);
  /// The results of a sweep so far, or new ones where there is no file. Points that are no longer in
  /// the sweep keep their rows, without a number.
  /// Throws input::ConfigError where the file holds no results, or those of a sweep of another name.
  static Results resume(const std::string& path, const Sweep& sweep, std::uint64_t points);

  /// Which of the points 0 to `points` - 1 ended with what their inputs stand for now: their rows get their
  /// numbers, all others lose theirs. Notes what all points stand for: parts of one sweep have that in common.
  std::vector<bool> take_over(std::uint64_t points,
                              const std::function<Place(std::uint64_t)>& place_of);
  /// Writes a row in place of an earlier one of the same key, and commits. Throws input::ConfigError where the
  /// file cannot be written.
  void add(const Place& place, const Row& row);
  /// How many points of the sweep are done.
  std::uint64_t done();
  /// Leaves one file, unless others read it now.
  void close();

 private:
  Results(const std::string& path, Database::Mode mode);
  void describe(const Sweep& sweep, std::uint64_t points);
  void add_columns(const std::vector<std::string>& inputs);
  void prepare();

  std::string path_;
  Database database_;
  std::vector<std::string> inputs_;
  std::map<std::string, Statement> statements_;
};

/// A file of results, open for reading. Throws input::ConfigError where it is none.
class ResultsReader {
 public:
  explicit ResultsReader(const std::string& path);
  const std::string& path() const { return path_; }
  const std::string& sweep_name() const { return name_; }
  std::vector<std::string> inputs() const { return inputs_; }
  std::vector<std::string> axes() const { return axes_; }
  /// Number, inputs and outputs of all points in order, as CSV.
  void csv(std::ostream& stream);
  /// The same with layers and components (addax.results/1), as JSON.
  void json(std::ostream& stream);
  Database& database() { return database_; }

 private:
  std::string path_;
  Database database_;
  std::string name_;
  std::vector<std::string> inputs_, axes_;
};

/// What a merged file holds.
struct Merged {
  std::uint64_t points = 0;  ///< with results
  std::uint64_t all = 0;     ///< of the sweep
};

/// Joins files of one sweep into a new one, which holds the points that are in the sweep now. Where two have a
/// point, the one that is done counts, else the first. Throws input::ConfigError where files are of different
/// sweeps, versions, or configurations, traces and tables; then there is no new file.
Merged merge(const std::string& target, const std::vector<std::string>& sources);

}  // namespace addax::sweep
