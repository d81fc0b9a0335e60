// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/expression.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace addax::sweep {
namespace {

bool begins_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool in_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

std::string lower(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

// Words of the language; a key is none of them.
bool is_word(const std::string& name) {
  static const std::set<std::string> words = {
      "and",  "or",   "not", "in",   "between", "like", "is",      "null", "case", "when",
      "then", "else", "end", "cast", "as",      "glob", "integer", "real", "text"};
  return words.count(lower(name)) > 0;
}

// Others may give another value each time, or touch more than a row.
void check_function(const std::string& name) {
  for (const char* known : {"min", "max", "abs", "round"})
    if (lower(name) == known) return;
  throw ExpressionError("found the function " + name + "; allowed: min, max, abs, round");
}

/// Reads an expression from left to right.
class Reader {
 public:
  explicit Reader(const std::string& text) : text_(text) {}

  NamedWords read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'' || c == '"')
        string(c);
      else if (begins_name(c))
        name();
      else if (std::isdigit(static_cast<unsigned char>(c)) != 0)
        number();
      else if ((c == '|' || c == '&') && at_ + 1 < text_.size() && text_[at_ + 1] == c)
        throw ExpressionError(std::string("found '") + c + c + "'; allowed: and, or");
      else
        words_.sql += text_[at_++];
    }
    words_.names.assign(names_.begin(), names_.end());
    return std::move(words_);
  }

 private:
  // What is in double quotes is a name, in single ones text.
  void string(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string::npos)
      throw ExpressionError(std::string("a ") + quote + " without its end");
    if (quote == '"') names_.insert(text_.substr(at_ + 1, end - at_ - 1));
    words_.sql += text_.substr(at_, end + 1 - at_);
    at_ = end + 1;
  }

  void name() {
    std::string name;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const std::size_t close = c == '[' ? text_.find(']', at_) : std::string::npos;
      if (close != std::string::npos) {
        name += text_.substr(at_, close + 1 - at_);
        at_ = close + 1;
      } else if (in_name(c)) {
        name += text_[at_++];
      } else {
        break;
      }
    }
    std::size_t next = at_;
    while (next < text_.size() && text_[next] == ' ') ++next;
    const bool called = next < text_.size() && text_[next] == '(';
    if (!is_word(name) && called) check_function(name);
    if (is_word(name) || called) {
      words_.sql += name;
      return;
    }
    names_.insert(name);
    words_.sql += quoted(name);
  }

  void number() {
    while (at_ < text_.size() && in_name(text_[at_])) {
      words_.sql += text_[at_++];
      const bool exponent = words_.sql.back() == 'e' || words_.sql.back() == 'E';
      if (exponent && at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+'))
        words_.sql += text_[at_++];
    }
  }

  const std::string& text_;
  std::size_t at_ = 0;
  NamedWords words_;
  std::set<std::string> names_;
};

}  // namespace

NamedWords named_words(const std::string& expression) { return Reader(expression).read(); }

Expression::Expression(const std::string& text)
    : text_(text), database_(std::make_unique<Database>(":memory:", Database::Mode::kCreate)) {
  const NamedWords words = named_words(text);
  keys_ = words.names;
  std::string columns;
  for (std::size_t i = 0; i < keys_.size(); ++i)
    columns +=
        (i == 0 ? " from (select ?" : ", ?") + std::to_string(i + 1) + " as " + quoted(keys_[i]);
  if (!keys_.empty()) columns += ")";
  try {
    statement_ = database_->prepare("select (" + words.sql + ")" + columns);
  } catch (const DatabaseError& error) {
    throw ExpressionError(error.what());
  }
}

bool Expression::holds(
    const std::function<std::optional<std::string>(const std::string& key)>& text_of) {
  bool null = false;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::optional<std::string> value = text_of(keys_[i]);
    if (!value) throw ExpressionError("there is no " + keys_[i]);
    const Cell cell = cell_of(*value);
    null = null || cell == Cell();
    statement_->bind(static_cast<int>(i) + 1, cell);
  }
  Cell result;
  try {
    while (statement_->step()) result = statement_->cell(0);
  } catch (const DatabaseError& error) {
    throw ExpressionError(error.what());
  }
  if (const auto* whole = std::get_if<std::int64_t>(&result)) return *whole != 0;
  if (const auto* number = std::get_if<double>(&result)) return *number != 0.0;
  if (null && result == Cell()) return false;
  throw ExpressionError(
      "its value is neither true nor false" +
      (sweep::text_of(result).empty() ? "" : ": '" + sweep::text_of(result) + "'"));
}

}  // namespace addax::sweep
