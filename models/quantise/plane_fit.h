// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "models/quantise/binary_coding.h"

namespace addax::quantise {

/// Weights at their nearest levels, and the scales that suit these codes best.
class PlaneFit {
 public:
  /// Keeps references.
  PlaneFit(const Spectrum& spectrum, const ScaleStore& store)
      : spectrum_(spectrum), store_(store) {}

  /// Gives every weight the code of its nearest level. The squared error.
  double assign(const PlaneScales& scales);
  /// Mean magnitude of what the last assignment left.
  double mean_residual() const { return residual_ / weights_; }

  /// Scales of least squared error under the codes last assigned, as stored: the largest is rounded
  /// first and the others are solved for again, since they can make up for what it was rounded by.
  PlaneScales least_squares() const;

 private:
  using Vector = std::array<double, kMostPlanes>;
  using Square = std::array<Vector, kMostPlanes>;
  struct Equations {
    Square normal{};
    Vector right{};
  };
  Equations equations() const;

  const Spectrum& spectrum_;
  const ScaleStore& store_;
  PlaneScales scales_;
  std::vector<Level> levels_;
  std::vector<double> counts_, sums_;  ///< weights at each level, and the sum of their values
  double residual_ = 0.0, weights_ = 0.0;
};

}  // namespace addax::quantise
