// SPDX-License-Identifier: Apache-2.0
#include "sim/input/npy_header.h"

#include <charconv>
#include <set>

#include "sim/input/document.h"
#include "sim/input/document_node.h"

namespace addax::input {
namespace {

constexpr std::uint64_t kLongestHeader = 1U << 16U;

/// The dictionary of a header, as Python writes it.
class Dictionary {
 public:
  Dictionary(std::string text, std::string path) : text_(std::move(text)), path_(std::move(path)) {}

  NpyHeader read() {
    NpyHeader header;
    std::set<std::string> keys;
    expect('{');
    while (!take('}')) {
      const std::string key = quoted();
      expect(':');
      if (!keys.insert(key).second) refuse("the key '" + key + "' twice");
      if (key == "descr") {
        header.type = quoted();
      } else if (key == "fortran_order") {
        header.fortran_order = boolean();
      } else if (key == "shape") {
        header.shape = numbers();
      } else {
        refuse("the key '" + key + "'");
      }
      if (!take(',') && peek() != '}') refuse(rest());
    }
    if (peek() != '\0') refuse(rest());
    if (keys.size() != 3) refuse("fewer keys");
    return header;
  }

 private:
  [[noreturn]] void refuse(const std::string& found) const {
    throw ConfigError(path_ + ": header: found " + printable(found) +
                      "; allowed: {'descr': '<f2', 'fortran_order': False, 'shape': (N, K), }");
  }
  std::string rest() const { return "'" + text_.substr(at_) + "'"; }
  /// The next character behind spaces, 0 at the end.
  char peek() {
    at_ = std::min(text_.find_first_not_of(" \n", at_), text_.size());
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) refuse(rest());
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') refuse(rest());
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string::npos) refuse(rest());
    std::string word = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return word;
  }
  bool boolean() {
    peek();
    for (const bool value : {false, true}) {
      const std::string word = value ? "True" : "False";
      if (text_.compare(at_, word.size(), word) != 0) continue;
      at_ += word.size();
      return value;
    }
    refuse(rest());
  }
  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> all;
    expect('(');
    while (!take(')')) {
      peek();
      const char* begin = text_.data() + at_;
      const auto parsed = std::from_chars(begin, text_.data() + text_.size(), all.emplace_back());
      if (parsed.ec != std::errc()) refuse(rest());
      at_ += static_cast<std::size_t>(parsed.ptr - begin);
      if (!take(',') && peek() != ')') refuse(rest());
    }
    return all;
  }

  std::string text_, path_;
  std::size_t at_ = 0;
};

}  // namespace

NpyHeader read_npy_header(ByteFile& file) {
  constexpr std::uint64_t kMagic = 6, kVersion = 8;
  const std::vector<std::uint8_t> start = file.read(0, std::min(file.size(), kVersion));
  if (start.size() < kVersion)
    throw ConfigError(file.path() + ": found " + std::to_string(start.size()) +
                      " bytes; allowed: a .npy file, of 8 or more");
  if (std::string(start.begin(), start.end()).rfind("\x93NUMPY", 0) != 0)
    throw ConfigError(file.path() +
                      ": found another first byte than of a .npy file; allowed: \\x93NUMPY and a "
                      "version");
  const unsigned major = start[kMagic], minor = start[kMagic + 1];
  if (major < 1 || major > 3 || minor != 0)
    throw ConfigError(file.path() + ": version: found " + std::to_string(major) + "." +
                      std::to_string(minor) + "; allowed: 1.0, 2.0, 3.0");
  const std::uint64_t size_bytes = major == 1 ? 2 : 4;
  const std::uint64_t length = little_endian(file.read(kVersion, size_bytes), 0, size_bytes);
  const std::uint64_t begin = kVersion + size_bytes;
  if (length > kLongestHeader)
    throw ConfigError(file.path() + ": header: found a length of " + std::to_string(length) +
                      " bytes; allowed: at most " + std::to_string(kLongestHeader));
  const std::vector<std::uint8_t> text = file.read(begin, length);
  NpyHeader header = Dictionary(std::string(text.begin(), text.end()), file.path()).read();
  header.data = begin + length;
  return header;
}

}  // namespace addax::input
