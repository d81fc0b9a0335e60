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
  if (sweep.equal) equalise(*sweep.equal, quantity_of);
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

// What is free as the files have it.
Point Points::without_free(const Levels& levels) const {
  Point point = point_of(levels);
  for (std::size_t axis = axes_.size() - free_; axis < axes_.size(); ++axis)
    for (const std::string& key : axes_[axis].keys)
      point.erase(std::remove_if(point.begin(), point.end(),
                                 [&key](const auto& each) { return each.first == key; }),
                  point.end());
  return point;
}

void Points::filter(Sweep& sweep, const ValueInFiles& value_in_files) {
  const auto passes = [&](const Levels& levels) {
    const Point point = point_of(levels);
    for (Expression& expression : sweep.where) try {
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
  };
  levels_.erase(std::remove_if(levels_.begin(), levels_.end(),
                               [&](const Levels& each) { return !passes(each); }),
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

Points::Levels Points::nearest(const Levels& levels, const Equal& equal, double reference,
                               const QuantityOf& quantity_of) const {
  Levels best = levels, tried = levels;
  double least = -1.0;
  const std::size_t first = axes_.size() - free_;
  for (bool more = true; more;) {
    const double off = std::abs(quantity_of(point_of(tried), equal.quantity) - reference);
    if (least < 0.0 || off < least) {
      least = off;
      best = tried;
    }
    more = false;
    for (std::size_t axis = axes_.size(); axis-- > first && !more;) {
      more = ++tried[axis] < axes_[axis].levels.size();
      if (!more) tried[axis] = 0;
    }
  }
  return best;
}

void Points::equalise(const Equal& equal, const QuantityOf& quantity_of) {
  const double reference = equal.reference
                               ? *equal.reference
                               : quantity_of(without_free(levels_.front()), equal.quantity);
  for (Levels& levels : levels_) {
    if (free_ > 0) levels = nearest(levels, equal, reference, quantity_of);
    const double quantity = quantity_of(point_of(levels), equal.quantity);
    const double off = quantity / reference - 1.0;
    if (std::abs(off) > equal.tolerance)
      throw input::ConfigError(
          fmt::format("{}: equal.{}: found {:.6g} {} where {}, {:+.1f} % of {:.6g} {}; allowed: at "
                      "most {:g} % off{}",
                      file_, name(equal.quantity), quantity, unit(equal.quantity), varied(levels),
                      100.0 * off, reference, unit(equal.quantity), 100.0 * equal.tolerance,
                      free_ > 0 ? ", or more values of what is free" : ", or keys that are free"));
  }
}

}  // namespace addax::sweep
