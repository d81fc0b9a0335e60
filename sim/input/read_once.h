// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>

namespace addax::input {

/// A file is not what it was when it was first read. what() is one line, with its name. No ConfigError: what
/// adds a place to these would hide which of the two it is.
class FileChanged : public std::runtime_error {
 public:
  explicit FileChanged(const std::string& path);
};

/// While one lives, everything that this process reads is what it was when it was first read; what it forks
/// inherits that. Documents are read once, and names looked up once. Files of matrices, and documents beyond
/// `kept_bytes` in all, are read again, and FileChanged is thrown where they have another place, size or time.
/// One may live at a time; the static functions do nothing of their own where none lives.
class ReadOnce {
 public:
  explicit ReadOnce(std::uint64_t kept_bytes = std::uint64_t{64} << 20U);
  ReadOnce(const ReadOnce&) = delete;
  ReadOnce& operator=(const ReadOnce&) = delete;
  ~ReadOnce();
  /// From now on nothing is read for the first time: FileChanged.
  void close() { closed_ = true; }

  /// What `read` gives for the document at `path`, or gave when it was first asked.
  static std::string bytes(const std::string& path, const std::function<std::string()>& read);
  /// What `find` gives for the path that a name stands for, or gave when it was first asked.
  static std::string path(const std::string& name, const std::function<std::string()>& find);
  /// To be called before and after other files are read. Throws FileChanged.
  static void check(const std::string& path);

 private:
  /// What `find` gave, or the message of its ConfigError.
  struct Answer {
    std::string text;
    bool refused = false;
  };
  /// Device, inode, size, and times of contents and inode in s and ns.
  using Stamp = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t, std::int64_t,
                           std::int64_t, std::int64_t>;
  static std::optional<Stamp> stamp_of(const std::string& path);
  const Answer& answer(std::map<std::string, Answer>& known, const std::string& what,
                       const std::function<std::string()>& find) const;
  void check_stamp(const std::string& path);

  std::uint64_t room_;
  bool closed_ = false;
  std::map<std::string, Answer> files_, names_;
  std::map<std::string, std::optional<Stamp>> stamps_;
};

}  // namespace addax::input
