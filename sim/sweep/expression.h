// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/sweep/database.h"

namespace addax::sweep {

/// An expression is no expression, or a key in it has no value. what() says why, without a place.
class ExpressionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The words of an SQL expression that name something: keys, with dots and indices, or columns. `sql` is
/// the expression with each in double quotes.
struct NamedWords {
  std::string sql;
  std::vector<std::string> names;  ///< each once, sorted
};
NamedWords named_words(const std::string& expression);

/// What points are held to: an SQL expression over keys, such as "arch.rows * arch.groups.lut.columns <=
/// 256 and arch <> 'eyeriss_fp16'".
class Expression {
 public:
  /// Throws ExpressionError.
  explicit Expression(const std::string& text);

  const std::string& text() const { return text_; }
  /// Keys that it names, each once, sorted.
  const std::vector<std::string>& keys() const { return keys_; }
  /// `text_of` gives a key's value at a point, none where there is no such key. What compares a null holds
  /// nowhere, as in SQL. Throws ExpressionError where a key has none, or the result is neither true nor false.
  bool holds(const std::function<std::optional<std::string>(const std::string& key)>& text_of);

 private:
  std::string text_;
  std::vector<std::string> keys_;
  std::unique_ptr<Database> database_;
  std::optional<Statement> statement_;
};

}  // namespace addax::sweep
