// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/input/document.h"

namespace addax::sweep {

Points::Points(Sweep& sweep, const ValueInFiles& value_in_files, const QuantityOf& quantity_of)
    : base_(sweep.base), axes_(sweep.axes) {
  const std::vector<std::string> varied = axis_keys(sweep);
  for (const auto& each : base_)
    if (std::find(varied.begin(), varied.end(), each.first) == varied.end()) fixed_.push_back(each);
  std::vector<std::uint32_t> sizes;
  for (const Axis& axis : axes_) sizes.push_back(static_cast<std::uint32_t>(axis.levels.size()));
  levels_ = sampled(sizes, sweep.sample);
  if (sweep.sample.method == Method::kLatinHypercube) {
    std::set<Levels> seen;
    levels_.erase(std::remove_if(levels_.begin(), levels_.end(),
                                 [&seen](const Levels& each) { return !seen.insert(each).second; }),
                  levels_.end());
  }
  if (levels_.size() < sweep.sample.points)
    shortfall_ =
        fmt::format("{} asked for, {} of them different", sweep.sample.points, levels_.size());
  if (sweep.equal) {
    free_ = sweep.equal->free.size();
    for (const Axis& axis : sweep.equal->free) axes_.push_back(axis);
    check_effort(sweep);
    for (Levels& each : levels_) each.resize(axes_.size(), 0);
  }
  filter(sweep, value_in_files);
  if (sweep.equal) equalise(sweep, value_in_files, quantity_of);
}

Point Points::point_of(const Levels& levels) const {
  Point point = fixed_;
  for (std::size_t axis = 0; axis < axes_.size(); ++axis)
    for (std::size_t k = 0; k < axes_[axis].keys.size(); ++k)
      point.emplace_back(axes_[axis].keys[k], axes_[axis].levels[levels[axis]][k]);
  return point;
}

// Each point with each combination of what is free is read and costed before the first runs.
void Points::check_effort(const Sweep& sweep) const {
  double designs = static_cast<double>(levels_.size());
  for (std::size_t axis = axes_.size() - free_; axis < axes_.size(); ++axis)
    designs *= static_cast<double>(axes_[axis].levels.size());
  if (designs > static_cast<double>(kMostPoints))
    sweep.refuse(
        "equal.free",
        fmt::format("found {} points with {:.0f} combinations each; "
                    "allowed: at most {} designs to be costed",
                    levels_.size(), designs / static_cast<double>(levels_.size()), kMostPoints));
}

// What is free as base has it, or the files.
Point Points::without_free(const Levels& levels, const Sweep& sweep) const {
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
        sweep.refuse("equal",
                     "found no reference; allowed: a number as reference, or " + key + " in base");
    }
  return point;
}

bool Points::passes(const Levels& levels, Sweep& sweep, const ValueInFiles& value_in_files) const {
  const Point point = point_of(levels);
  for (std::size_t i = 0; i < sweep.where.size(); ++i) try {
      if (!sweep.where[i].holds([&](const std::string& key) -> std::optional<std::string> {
            for (const auto& [name, text] : point)
              if (name == key) return text;
            return value_in_files(point, key);
          }))
        return false;
    } catch (const ExpressionError& error) {
      sweep.refuse(fmt::format("where[{}]", i),
                   fmt::format("found '{}', at {}: {}; allowed: an expression over keys that "
                               "points have, true or false",
                               sweep.where[i].text(), varied(levels), error.what()));
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
      if (passes(levels, sweep, value_in_files)) return true;
    while (next_free(levels));
    return false;
  };
  levels_.erase(std::remove_if(levels_.begin(), levels_.end(),
                               [&](const Levels& each) { return !any_passes(each); }),
                levels_.end());
  if (levels_.empty()) sweep.refuse("where", "no point passes; allowed: at least one");
}

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
  const auto allows = [&](const Levels& levels) { return passes(levels, sweep, value_in_files); };
  const auto quantity_in = [&](const Point& point) { return quantity_of(point, equal.quantity); };
  const double reference =
      equal.reference ? *equal.reference : quantity_in(without_free(levels_.front(), sweep));
  for (Levels& levels : levels_) {
    if (free_ > 0) levels = nearest(levels, reference, allows, quantity_in);
    const double quantity = quantity_in(point_of(levels));
    const double off = (quantity - reference) / reference;
    if (!(std::abs(quantity - reference) <= equal.tolerance * reference))
      sweep.refuse(
          "equal",
          fmt::format("{}: found {:.6g} {} where {}, {:+.1f} % of {:.6g} {}; allowed: at most {:g} "
                      "% off{}",
                      name(equal.quantity), quantity, unit(equal.quantity), varied(levels),
                      100.0 * off, reference, unit(equal.quantity), 100.0 * equal.tolerance,
                      free_ > 0 ? ", or more values of what is free" : ", or keys that are free"));
  }
}

}  // namespace addax::sweep
