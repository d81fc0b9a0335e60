// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/sweep.h"

namespace addax::sweep {

/// The value that a point's files have at a key, which the point itself does not give; none: there is none.
using ValueInFiles =
    std::function<std::optional<std::string>(const Point& point, const std::string& key)>;
/// What a point has of a quantity, in its unit. May throw input::ConfigError.
using QuantityOf = std::function<double(const Point& point, Quantity quantity)>;

/// The points of a sweep, numbered from 0.
class Points {
 public:
  /// Samples, drops what comes twice, filters, and sets what is free. Throws input::ConfigError where no point
  /// is left, a filter cannot be answered, or points differ in what is declared equal.
  Points(Sweep& sweep, const ValueInFiles& value_in_files, const QuantityOf& quantity_of);

  std::uint64_t size() const { return levels_.size(); }
  /// Values of all input_keys, in their order.
  Point at(std::uint64_t number) const { return point_of(levels_[number]); }

 private:
  using Levels = std::vector<std::uint32_t>;
  Point point_of(const Levels& levels) const;
  Point without_free(const Levels& levels) const;
  bool passes(const Levels& levels, std::vector<Expression>& where,
              const ValueInFiles& value_in_files) const;
  bool next_free(Levels& levels) const;
  void filter(Sweep& sweep, const ValueInFiles& value_in_files);
  void equalise(Sweep& sweep, const ValueInFiles& value_in_files, const QuantityOf& quantity_of);
  using Allows = std::function<bool(const Levels& levels)>;
  using QuantityIn = std::function<double(const Point& point)>;
  Levels nearest(const Levels& levels, double reference, const Allows& allows,
                 const QuantityIn& quantity_in) const;
  std::string varied(const Levels& levels) const;

  std::string file_;
  std::vector<std::string> keys_;
  Point base_;
  std::vector<Axis> axes_;  ///< those that are enumerated, then those that are free
  std::size_t free_ = 0;    ///< how many of them are
  std::vector<Levels> levels_;
};

}  // namespace addax::sweep
