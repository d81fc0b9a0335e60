// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/folder.h"

namespace addax::cli {

using Words = std::vector<std::string>;

/// What a run of the command left behind.
struct Outcome {
  int status = 0;  ///< exit status; 128 + signal where one ended it; 1000 for a time-out
  std::string out, err;
};

/// A folder of its own, whose files are read as well.
class Folder : public tests::Folder {
 public:
  std::string read(const std::string& name) const;
};

/// Where the standard streams of a run go instead of being captured; empty for captured.
struct Streams {
  std::string out;
  bool out_closed = false;
  bool out_unread = false;  ///< a pipe whose reader has gone
};

/// Runs the addax command. A run that takes longer than a minute is ended.
Outcome run_addax(const Words& arguments, const Streams& streams = {});

/// Starts the command and sends it a signal when `folder` holds a file.
Outcome run_interrupted(const Words& arguments, const Folder& folder, int signal);

/// A run that must succeed and say nothing on standard error. Fails the test at once otherwise.
Outcome done(const Words& arguments);

/// `words`, and behind them `more`.
Words joined(Words words, const Words& more);

std::size_t lines(const std::string& text);
bool contains(const std::string& text, const std::string& part);

/// `text` with its one occurrence of `from` replaced. Fails the test unless there is just one.
std::string replaced(const std::string& text, const std::string& from, const std::string& to);

/// Asserts what every mistake of the user's must lead to: status 2, nothing on standard output, and
/// one line on standard error that starts with "addax: " and holds "allowed" and all of `parts`.
void check_refused(const Outcome& outcome, const Words& parts);

}  // namespace addax::cli
