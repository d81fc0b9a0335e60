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
  /// What tells a point from others: "arch.rows = 4, arch.columns = 7".
  std::string varied(std::uint64_t number) const { return varied(levels_[number]); }
  /// Where a sample has fewer points than it was asked for, how many: "10 asked for, 4 of them different".
  const std::string& shortfall() const { return shortfall_; }

 private:
  using Levels = std::vector<std::uint32_t>;
  Point point_of(const Levels& levels) const;
  Point without_free(const Levels& levels, const Sweep& sweep) const;
  bool passes(const Levels& levels, Sweep& sweep, const ValueInFiles& value_in_files) const;
  void check_effort(const Sweep& sweep) const;
  bool next_free(Levels& levels) const;
  void filter(Sweep& sweep, const ValueInFiles& value_in_files);
  void equalise(Sweep& sweep, const ValueInFiles& value_in_files, const QuantityOf& quantity_of);
  using Allows = std::function<bool(const Levels& levels)>;
  using QuantityIn = std::function<double(const Point& point)>;
  Levels nearest(const Levels& levels, double reference, const Allows& allows,
                 const QuantityIn& quantity_in) const;
  std::string varied(const Levels& levels) const;

  Point base_, fixed_;      ///< of base all keys, and those that no axis has
  std::vector<Axis> axes_;  ///< those that are enumerated, then those that are free
  std::size_t free_ = 0;    ///< how many of them are
  std::vector<Levels> levels_;
  std::string shortfall_;
};

}  // namespace addax::sweep
