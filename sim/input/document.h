// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "models/quantity/diagnosis.h"

namespace addax::input {

/// The user's input is at fault. what() is one line: "file:line: key: found value; allowed: ...".
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Document;

/// A place in a YAML or JSON document: a value, its path from the root and its line. Every reader
/// throws ConfigError naming file, line, key, value and what is allowed.
class Value {
 public:
  bool is_map() const;
  bool is_list() const;
  bool is_scalar() const;
  bool is_null() const;  ///< written as null, ~ or nothing at all

  /// The value at `key` of a map; an error names the missing key.
  Value at(const std::string& key) const;
  std::optional<Value> find(const std::string& key) const;
  std::vector<Value> list() const;                             ///< the elements of a list
  std::vector<std::pair<std::string, Value>> entries() const;  ///< the entries of a map, in order
  /// Refuses any key of this map that is not in `allowed` (with the nearest match) and keys given
  /// twice.
  void allow_only(const std::set<std::string>& allowed) const;

  std::string text() const;
  bool boolean() const;  ///< true or false only
  std::uint64_t integer(std::uint64_t least, std::uint64_t most) const;
  std::uint32_t integer32(std::uint32_t least, std::uint32_t most) const;
  double number(double least, double most) const;  ///< finite
  /// One of `words`; the error lists them and the nearest match.
  std::string word(const std::vector<std::string>& words) const;

  /// Throws ConfigError at this place.
  [[noreturn]] void fail(const std::string& allowed) const;
  /// Throws ConfigError at the deepest existing place on `diagnosis.path` below this value.
  [[noreturn]] void fail(const quantity::Diagnosis& diagnosis) const;
  /// Throws ConfigError at this place for what is wrong with the file that it names.
  [[noreturn]] void fail_for(const std::string& reason) const;
  std::string path() const;
  const std::string& file() const;  ///< the document's name: its path, where it is a file

 private:
  friend class Document;
  struct Node;
  [[noreturn]] void fail_with(int line, const std::string& path, const std::string& text) const;
  explicit Value(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  std::shared_ptr<const Node> node_;
};

/// A value that is to be another than in its file. `path`: keys with dots, "groups[0].columns", or
/// "groups.lut.columns" for the element of a list that is named so. `value`: a scalar, as a file would have it;
/// "null" takes away what is there.
struct Change {
  std::string path, value;
};
/// Whether `path` is written as that of a change is.
bool is_change_path(const std::string& path);

/// A parsed file. JSON is read as the YAML it is.
class Document {
 public:
  /// Throws ConfigError: missing, unreadable, a directory, too large, binary, not YAML, empty, a
  /// key given twice, an alias that expands without bound, nesting too deep.
  static Document read(const std::string& path);
  static Document parse(const std::string& text, const std::string& name);
  Value root() const;
  /// Changes one after another. Maps on the way are added where there are none; messages name the file and
  /// the changes. Throws ConfigError where a path leads nowhere, or one change undoes another.
  Document with(const std::vector<Change>& changes) const;
  /// What is written at a path, as a Change names it; none: nothing, a list or a map.
  std::optional<std::string> scalar_at(const std::string& path) const;
  const std::string& bytes() const { return bytes_; }  ///< as read, and changes, for hashing

 private:
  std::string bytes_;
  std::shared_ptr<const Value::Node> root_;
};

/// The nearest of `words` to `text` by edit distance, if near enough to be meant.
std::optional<std::string> nearest(const std::string& text, const std::vector<std::string>& words);

/// Writes `bytes` to a temporary file beside `path` and renames it: the file appears whole or not
/// at all. Throws ConfigError when that cannot be done. "-" writes to standard output.
void write_file(const std::string& path, const std::string& bytes);

/// Folder of the shipped configs and traces: $ADDAX_HOME, else beside the source or the installed
/// binary.
std::string home();

}  // namespace addax::input
