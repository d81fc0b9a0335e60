// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace addax::sweep {

/// An expression is no expression, or a key in it has no number. what() says why, without a place.
class FilterError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What points of a sweep are held to: an expression over keys, such as
/// "arch.rows * arch.groups.lut.columns <= 256". Operators and functions are muParser's: + - * / ^,
/// comparisons, && || and ?:, min, max, log2 and others. A point passes where it is not 0.
class Filter {
 public:
  /// Throws FilterError.
  explicit Filter(const std::string& expression);
  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;
  ~Filter();

  const std::string& expression() const { return expression_; }
  /// Keys that it names, each once, sorted.
  const std::vector<std::string>& keys() const { return keys_; }
  /// `text_of` gives a key's value at a point, none where there is no such key. Throws FilterError where
  /// that is no number, or the result is none.
  bool passes(const std::function<std::optional<std::string>(const std::string& key)>& text_of);

 private:
  struct Parser;
  std::string expression_;
  std::vector<std::string> keys_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace addax::sweep
