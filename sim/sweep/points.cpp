// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/input/document.h"

namespace addax::sweep {

Points::Points(Sweep& sweep, const ValueInFiles& value_in_files, const QuantityOf& quantity_of)
    : file_(sweep.file), keys_(input_keys(sweep)), base_(sweep.base), axes_(sweep.axes) {
  std::vector<std::uint32_t> sizes;
  for (const Axis& axis : axes_) sizes.push_back(static_cast<std::uint32_t>(axis.levels.size()));
  levels_ = sampled(sizes, sweep.sample);
  if (sweep.sample.method == Method::kLatinHypercube) {
    std::set<Levels> seen;
    levels_.erase(std::remove_if(levels_.begin(), levels_.end(),
                                 [&seen](const Levels& each) { return !seen.insert(each).second; }),
                  levels_.end());
  }
  if (sweep.equal) {
    free_ = sweep.equal->free.size();
    for (const Axis& axis : sweep.equal->free) axes_.push_back(axis);
    for (Levels& each : levels_) each.resize(axes_.size(), 0);
  }
  filter(sweep, value_in_files);
  if (sweep.equal) equalise(sweep, value_in_files, quantity_of);
}

Point Points::point_of(const Levels& levels) const {
  Point point;
  for (const std::string& key : keys_) {
    const std::string* value = nullptr;
    for (const auto& [name, text] : base_)
      if (name == key) value = &text;
    for (std::size_t axis = 0; axis < axes_.size(); ++axis)
      for (std::size_t k = 0; k < axes_[axis].keys.size(); ++k)
        if (axes_[axis].keys[k] == key) value = &axes_[axis].levels[levels[axis]][k];
    point.emplace_back(key, *value);
  }
  return point;
}

// What is free as base has it, or the files.
Point Points::without_free(const Levels& levels) const {
  Point point = point_of(levels);
  for (std::size_t axis = axes_.size() - free_; axis < axes_.size(); ++axis)
    for (const std::string& key : axes_[axis].keys) {
      const auto has_key = [&key](const auto& each) { return each.first == key; };
      const auto at = std::find_if(point.begin(), point.end(), has_key);
      const auto based = std::find_if(base_.begin(), base_.end(), has_key);
      if (based != base_.end())
        at->second = based->second;
      else if (key.find('.') != std::string::npos && key.rfind("trace.", 0) != 0)
        point.erase(at);
      else
        throw input::ConfigError(file_ + ": equal.reference: missing; allowed: a number, or " +
                                 key + " in base");
    }
  return point;
}

bool Points::passes(const Levels& levels, std::vector<Expression>& where,
                    const ValueInFiles& value_in_files) const {
  const Point point = point_of(levels);
  for (Expression& expression : where) try {
      if (!expression.holds([&](const std::string& key) -> std::optional<std::string> {
            for (const auto& [name, text] : point)
              if (name == key) return text;
            return value_in_files(point, key);
          }))
        return false;
    } catch (const ExpressionError& error) {
      throw input::ConfigError(
          fmt::format("{}: where: '{}' at {}: {}; allowed: an expression over keys "
                      "that points have, true or false",
                      file_, expression.text(), varied(levels), error.what()));
    }
  return true;
}

// The next combination of what is free; false: that was the last, and it begins again.
bool Points::next_free(Levels& levels) const {
  for (std::size_t axis = axes_.size(); axis-- > axes_.size() - free_;) {
    if (++levels[axis] < axes_[axis].levels.size()) return true;
    levels[axis] = 0;
  }
  return false;
}

// What is free is part of what filters look at: a point stays while one combination passes.
void Points::filter(Sweep& sweep, const ValueInFiles& value_in_files) {
  const auto any_passes = [&](Levels levels) {
    do
      if (passes(levels, sweep.where, value_in_files)) return true;
    while (next_free(levels));
    return false;
  };
  levels_.erase(std::remove_if(levels_.begin(), levels_.end(),
                               [&](const Levels& each) { return !any_passes(each); }),
                levels_.end());
  if (levels_.empty())
    throw input::ConfigError(file_ + ": where: no point passes; allowed: at least one");
}

// What tells a point from others, in words.
std::string Points::varied(const Levels& levels) const {
  std::string text;
  for (std::size_t axis = 0; axis < axes_.size(); ++axis)
    for (std::size_t k = 0; k < axes_[axis].keys.size(); ++k)
      text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", axes_[axis].keys[k],
                          axes_[axis].levels[levels[axis]][k]);
  return text;
}

Points::Levels Points::nearest(const Levels& levels, double reference, const Allows& allows,
                               const QuantityIn& quantity_in) const {
  Levels best = levels, tried = levels;
  double least = -1.0;
  do {
    if (!allows(tried)) continue;
    const double off = std::abs(quantity_in(point_of(tried)) - reference);
    if (least < 0.0 || off < least) {
      least = off;
      best = tried;
    }
  } while (next_free(tried));
  return best;
}

void Points::equalise(Sweep& sweep, const ValueInFiles& value_in_files,
                      const QuantityOf& quantity_of) {
  const Equal& equal = *sweep.equal;
  const auto allows = [&](const Levels& levels) {
    return passes(levels, sweep.where, value_in_files);
  };
  const auto quantity_in = [&](const Point& point) { return quantity_of(point, equal.quantity); };
  const double reference =
      equal.reference ? *equal.reference : quantity_in(without_free(levels_.front()));
  for (Levels& levels : levels_) {
    if (free_ > 0) levels = nearest(levels, reference, allows, quantity_in);
    const double quantity = quantity_in(point_of(levels));
    const double off = (quantity - reference) / reference;
    if (!(std::abs(quantity - reference) <= equal.tolerance * reference))
      throw input::ConfigError(
          fmt::format("{}: equal.{}: found {:.6g} {} where {}, {:+.1f} % of {:.6g} {}; allowed: at "
                      "most {:g} % off{}",
                      file_, name(equal.quantity), quantity, unit(equal.quantity), varied(levels),
                      100.0 * off, reference, unit(equal.quantity), 100.0 * equal.tolerance,
                      free_ > 0 ? ", or more values of what is free" : ", or keys that are free"));
  }
}

}  // namespace addax::sweep
