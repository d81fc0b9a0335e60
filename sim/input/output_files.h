// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace addax::input {

/// Files that are written together: none of them appears before all are complete. Each goes to a
/// temporary file beside its place first, and the renames come last. A device or a pipe has no
/// "whole or not at all" and is written just before the renames, as is standard output ("-").
class OutputFiles {
 public:
  using Render = std::function<void(std::ostream&)>;

  OutputFiles();
  OutputFiles(const OutputFiles&) = delete;
  OutputFiles& operator=(const OutputFiles&) = delete;
  ~OutputFiles();  ///< removes what was not committed

  /// Renders a file into its temporary. Throws ConfigError where it cannot be written.
  void add(const std::string& path, Render render);
  void add(const std::string& path, const std::string& bytes);
  /// A file that is written while something runs, up to the commit; lives as long as this. Throws
  /// ConfigError, also for a device or a pipe.
  std::ostream& open(const std::string& path);
  /// Puts all files in their places. Throws ConfigError.
  void commit();

 private:
  class Temporary;
  struct InPlace {
    std::string path;
    Render render;
  };
  std::vector<std::unique_ptr<Temporary>> temporaries_;
  std::vector<InPlace> in_place_;
};

/// Throws ConfigError where a file, a device or standard output ("-") cannot be written; writes nothing.
void check_writable(const std::string& path);

/// Unlinks what OutputFiles have not committed. For signal handlers: the process must end after it.
void remove_temporaries();

}  // namespace addax::input
