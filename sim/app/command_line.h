// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/program_options.hpp>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/input/document.h"
#include "sim/input/output_files.h"

namespace addax::app {

using Words = std::vector<std::string>;

/// What a subcommand takes. Every mistake on the command line is an input::ConfigError that names
/// the option, what was found, what is allowed and the nearest match.
struct Syntax {
  std::string usage;    ///< "addax run --arch A --trace T [options]"
  std::string summary;  ///< a sentence or two
  std::string example;
  boost::program_options::options_description options;
  std::string positional;  ///< name of the words without an option, empty for none
  int positionals = 1;     ///< most of them; -1: any number
};

class CommandLine {
 public:
  /// Parses the words after the subcommand. --help is an option of every subcommand.
  CommandLine(const Syntax& syntax, const Words& words);

  bool help() const { return has("help"); }
  bool has(const std::string& option) const { return values_.count(option) > 0; }
  std::optional<std::string> find(const std::string& option) const;
  /// The value of an option that must be given; `allowed` says what it takes.
  std::string required(const std::string& option, const std::string& allowed) const;
  Words all(const std::string& option) const;
  /// One of `words`, the first where the option is absent.
  std::string word(const std::string& option, const Words& words) const;
  std::optional<std::uint64_t> integer(const std::string& option, std::uint64_t least,
                                       std::uint64_t most) const;

 private:
  boost::program_options::variables_map values_;
};

std::string help_text(const Syntax& syntax);

/// Throws ConfigError: "--fidelity: found 'cycles'; allowed: cycle, analytic; did you mean
/// 'cycle'?"
[[noreturn]] void refuse(const std::string& what, const std::string& found, const Words& allowed);

/// A file that the command reads, and the option that names it.
struct InputFile {
  std::string option;  ///< "--trace"
  std::string path;
};

/// Results go to files, or one of them to standard output in place of the text for people. All are
/// rendered before the first appears.
class Outputs {
 public:
  /// Reads the options `names` ("json", "csv", ...), of which at most one may be "-". Refuses a
  /// file that another of them writes or that is one of `inputs`, whatever links lead to it, and one
  /// that cannot be written.
  Outputs(const CommandLine& line, const Words& names, const std::vector<InputFile>& inputs);
  /// Refuses the same of files that are known later.
  void refuse_inputs(const std::vector<InputFile>& inputs) const;
  /// Renders a result where its option was given.
  void add(const std::string& name, input::OutputFiles::Render render);
  /// Where the option was given, a stream to write it to while something runs; else null.
  std::ostream* open(const std::string& name);
  /// What is printed where no result takes its place.
  void add_text(const std::function<std::string()>& text);
  void commit() { files_.commit(); }

 private:
  std::vector<std::pair<std::string, std::string>> paths_;
  input::OutputFiles files_;
};

}  // namespace addax::app
