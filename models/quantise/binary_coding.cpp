// SPDX-License-Identifier: Apache-2.0
#include "models/quantise/binary_coding.h"

#include <algorithm>
#include <cmath>

#include "models/quantise/plane_fit.h"

namespace addax::quantise {
namespace {

// Errors rarely fall for as long; what they fall by at the end is nothing to speak of.
constexpr int kMostRounds = 50;

struct State {
  PlaneScales scales;
  double error = 0.0;
};

bool same(const PlaneScales& a, const PlaneScales& b) {
  for (std::uint32_t i = 0; i < a.count; ++i)
    if (a.planes[i].value != b.planes[i].value) return false;
  return a.count == b.count;
}

/// Least squares and nearest codes in turns, as long as the error falls.
State improved(State state, PlaneFit& fit) {
  state.error = fit.assign(state.scales);
  for (int round = 0; round < kMostRounds; ++round) {
    const PlaneScales scales = fit.least_squares();
    const double error = fit.assign(scales);
    // Rounding scales to what is stored may lose more than least squares won.
    if (!(error < state.error)) break;
    state = {scales, error};
  }
  return state;
}

/// One plane more that changes nothing: a scale of zero or, where powers of two have none, a plane
/// twice at half its scale.
PlaneScales held(PlaneScales scales, const ScaleStore& store) {
  if (store.has_zero()) {
    scales.add(store.nearest(0.0));
  } else {
    const auto largest = std::max_element(
        scales.planes.begin(), scales.planes.begin() + scales.count,
        [](const StoredScale& a, const StoredScale& b) { return a.value < b.value; });
    *largest = store.halved(*largest);
    const StoredScale half = *largest;
    scales.add(half);
  }
  return scales;
}

State with_a_plane_more(const State& state, PlaneFit& fit, const ScaleStore& store) {
  fit.assign(state.scales);
  State extended = state;
  extended.scales.add(store.nearest(fit.mean_residual()));
  extended.error = fit.assign(extended.scales);
  if (extended.error <= state.error) return extended;
  return {held(state.scales, store), state.error};
}

}  // namespace

void make_levels(const PlaneScales& scales, std::vector<Level>& levels) {
  levels.assign(1, Level{});
  std::vector<Level> half;
  for (std::uint32_t plane = 0; plane < scales.count; ++plane) {
    const double scale = scales.planes[plane].value;
    half = levels;
    const std::size_t size = half.size();
    levels.resize(2 * size);
    // Both halves are sorted, being the same numbers moved by the scale.
    std::size_t low = 0, high = 0;
    for (Level& level : levels) {
      if (low < size && half[low].value - scale <= half[high].value + scale) {
        level = {half[low].value - scale, half[low].code};
        ++low;
      } else {
        level = {half[high].value + scale,
                 static_cast<std::uint16_t>(half[high].code | (1U << plane))};
        ++high;
      }
    }
  }
}

PlaneScales greedy_scales(const Spectrum& spectrum, std::uint32_t planes, const ScaleStore& store) {
  Spectrum left = spectrum;
  double weights = 0.0;
  for (const Line& line : left) weights += line.count;
  PlaneScales scales;
  while (scales.count < planes) {
    double sum = 0.0;
    for (const Line& line : left) sum += line.count * std::fabs(line.value);
    const StoredScale scale = store.nearest(sum / weights);
    scales.add(scale);
    for (Line& line : left) line.value -= line.value >= 0.0 ? scale.value : -scale.value;
  }
  return scales;
}

std::uint16_t greedy_code(const PlaneScales& scales, double value) {
  unsigned code = 0;
  for (std::uint32_t plane = 0; plane < scales.count; ++plane) {
    const bool positive = value >= 0.0;
    code |= (positive ? 1U : 0U) << plane;
    value -= positive ? scales.planes[plane].value : -scales.planes[plane].value;
  }
  return static_cast<std::uint16_t>(code);
}

// By induction over planes, the error of the result for p planes is at most
// - that of p - 1: with_a_plane_more starts no worse than the result for p - 1 ended, as its new
//   plane is kept only where it helps and otherwise changes nothing; and improved() never rises;
// - that of greedy: improved() starts at the greedy scales with the nearest codes, which leave no
//   more than greedy codes do.
PlaneScales alternating_scales(const Spectrum& spectrum, std::uint32_t planes,
                               const ScaleStore& store) {
  PlaneFit fit(spectrum, store);
  const PlaneScales greedy = greedy_scales(spectrum, planes, store);
  State best;
  best.scales.add(greedy.planes[0]);
  best = improved(best, fit);
  while (best.scales.count < planes) {
    const State more = with_a_plane_more(best, fit, store);
    best = improved(more, fit);
    PlaneScales start = greedy;
    start.count = best.scales.count;
    if (same(start, more.scales)) continue;
    const State other = improved({start, 0.0}, fit);
    if (other.error < best.error) best = other;
  }
  return best.scales;
}

NearestCode::NearestCode(const PlaneScales& scales) {
  make_levels(scales, levels_);
  for (std::size_t i = 0; i + 1 < levels_.size(); ++i)
    middles_.push_back((levels_[i].value + levels_[i + 1].value) / 2.0);
}

std::uint16_t NearestCode::operator()(double value) const {
  const auto above = std::lower_bound(middles_.begin(), middles_.end(), value);
  return levels_[static_cast<std::size_t>(above - middles_.begin())].code;
}

}  // namespace addax::quantise
