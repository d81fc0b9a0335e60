// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/quantise/spectrum.h"
#include "models/quantise/stored_scale.h"

namespace addax::quantise {

inline constexpr std::uint32_t kMostPlanes = 8;

/// The scales of weights that share them, one a plane; none is negative.
struct PlaneScales {
  std::array<StoredScale, kMostPlanes> planes{};
  std::uint32_t count = 0;

  void add(const StoredScale& scale) { planes.at(count++) = scale; }
};

/// A value that codes stand for.
struct Level {
  double value = 0.0;
  std::uint16_t code = 0;
};

/// All 2^q values of q scales, from the least.
void make_levels(const PlaneScales& scales, std::vector<Level>& levels);

/// Plane by plane: the mean magnitude of what is left, as stored; then its signs are taken off.
PlaneScales greedy_scales(const Spectrum& spectrum, std::uint32_t planes, const ScaleStore& store);
/// The code that goes with greedy scales: the signs of what is left.
std::uint16_t greedy_code(const PlaneScales& scales, double value);

/// Scales whose nearest codes leave no more error than greedy scales with greedy codes do, nor than
/// those of fewer planes: alternating least squares from both.
PlaneScales alternating_scales(const Spectrum& spectrum, std::uint32_t planes,
                               const ScaleStore& store);

/// The code of the level nearest to a value; the lower of two as near.
class NearestCode {
 public:
  explicit NearestCode(const PlaneScales& scales);
  std::uint16_t operator()(double value) const;

 private:
  std::vector<Level> levels_;
  std::vector<double> middles_;  ///< between a level and the next
};

}  // namespace addax::quantise
