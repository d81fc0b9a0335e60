// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/filter.h"

#include <muParser.h>

#include <charconv>
#include <cmath>

namespace addax::sweep {
namespace {

double number(const std::string& key, const std::optional<std::string>& text) {
  if (!text) throw FilterError("there is no " + key);
  double value = 0.0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || rest != end || !std::isfinite(value))
    throw FilterError(key + " is '" + *text + "', which is no number");
  return value;
}

}  // namespace

struct Filter::Parser {
  mu::Parser parser;
  std::vector<double> values;  ///< of the keys, where the parser looks for them
};

Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;
Filter::~Filter() = default;

Filter::Filter(const std::string& expression)
    : expression_(expression), parser_(std::make_unique<Parser>()) {
  mu::Parser& parser = parser_->parser;
  parser.DefineNameChars("0123456789_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  try {
    parser.SetExpr(expression);
    for (const auto& used : parser.GetUsedVar()) keys_.push_back(used.first);
    parser_->values.resize(keys_.size(), 1.0);
    for (std::size_t i = 0; i < keys_.size(); ++i) parser.DefineVar(keys_[i], &parser_->values[i]);
    parser.Eval();
  } catch (const mu::Parser::exception_type& error) {
    throw FilterError(error.GetMsg());
  }
}

bool Filter::passes(
    const std::function<std::optional<std::string>(const std::string& key)>& text_of) {
  for (std::size_t i = 0; i < keys_.size(); ++i)
    parser_->values[i] = number(keys_[i], text_of(keys_[i]));
  double result = 0.0;
  try {
    result = parser_->parser.Eval();
  } catch (const mu::Parser::exception_type& error) {
    throw FilterError(error.GetMsg());
  }
  if (!std::isfinite(result)) throw FilterError("its value is not finite");
  return result != 0.0;
}

}  // namespace addax::sweep
