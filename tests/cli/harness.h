// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace addax::cli {

/// What a run of the command left behind.
struct Outcome {
  int status = 0;  ///< exit status; 128 + signal where one ended it; 1000 for a time-out
  std::string out, err;
};

/// A folder of its own, removed with all that is in it.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& bytes) const;
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const;
  std::vector<std::string> names() const;  ///< of all files, sorted

 private:
  std::string path_;
};

/// Where the standard streams of a run go instead of being captured; empty for captured.
struct Streams {
  std::string out;
  bool out_closed = false;
};

/// Runs the addax command. A run that takes longer than a minute is ended.
Outcome run_addax(const std::vector<std::string>& arguments, const Streams& streams = {});

std::size_t lines(const std::string& text);
bool contains(const std::string& text, const std::string& part);

/// `text` with its one occurrence of `from` replaced. Fails the test unless there is just one.
std::string replaced(const std::string& text, const std::string& from, const std::string& to);

/// Asserts what every mistake of the user's must lead to: status 2, nothing on standard output, and
/// one line on standard error that starts with "addax: " and holds "allowed" and all of `parts`.
void check_refused(const Outcome& outcome, const std::vector<std::string>& parts);

}  // namespace addax::cli
