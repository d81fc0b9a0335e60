// SPDX-License-Identifier: Apache-2.0
#include "models/quantise/plane_fit.h"

#include <cmath>
#include <limits>

namespace addax::quantise {
namespace {

using Vector = std::array<double, kMostPlanes>;
using Square = std::array<Vector, kMostPlanes>;

double sign_of(std::uint16_t code, std::uint32_t plane) {
  return ((code >> plane) & 1U) != 0 ? 1.0 : -1.0;
}

/// Solves `normal` x = `right`, positive semidefinite and consistent, for the unknowns in `free`, by
/// elimination with the largest pivot. Planes that the codes cannot tell apart leave a pivot of zero;
/// any value solves these, and zero is taken.
Vector solve(Square normal, Vector right, std::uint32_t size, unsigned free) {
  // Entries are sums of weights of +1 and -1: a pivot that is not zero is far from it.
  constexpr double kSingular = 1e-9;
  double largest = 0.0;
  for (std::uint32_t i = 0; i < size; ++i) largest = std::max(largest, normal[i][i]);
  std::array<std::uint32_t, kMostPlanes> order{};
  std::uint32_t solved = 0;
  while (free != 0) {
    std::uint32_t pivot = 0;
    double value = -1.0;
    for (std::uint32_t i = 0; i < size; ++i) {
      if (((free >> i) & 1U) == 0 || normal[i][i] <= value) continue;
      pivot = i;
      value = normal[i][i];
    }
    if (value <= kSingular * largest) break;
    free &= ~(1U << pivot);
    order.at(solved++) = pivot;
    for (std::uint32_t i = 0; i < size; ++i) {
      if (((free >> i) & 1U) == 0) continue;
      const double factor = normal[i][pivot] / value;
      for (std::uint32_t j = 0; j < size; ++j) normal[i][j] -= factor * normal[pivot][j];
      right[i] -= factor * right[pivot];
    }
  }
  Vector x{};
  while (solved-- > 0) {
    const std::uint32_t pivot = order.at(solved);
    double sum = right[pivot];
    // Unknowns that were eliminated before it are zero in its row, or not yet solved for.
    for (std::uint32_t j = 0; j < size; ++j)
      if (j != pivot) sum -= normal[pivot][j] * x[j];
    x[pivot] = sum / normal[pivot][pivot];
  }
  return x;
}

}  // namespace

double PlaneFit::assign(const PlaneScales& scales) {
  scales_ = scales;
  make_levels(scales, levels_);
  counts_.assign(levels_.size(), 0.0);
  sums_.assign(levels_.size(), 0.0);
  double error = 0.0, residual = 0.0, weights = 0.0;
  std::size_t next = 0;
  for (std::size_t level = 0; level < levels_.size() && next < spectrum_.size(); ++level) {
    const double value = levels_[level].value;
    const double end = level + 1 < levels_.size() ? (value + levels_[level + 1].value) / 2.0
                                                  : std::numeric_limits<double>::infinity();
    double count = 0.0, sum = 0.0;
    for (; next < spectrum_.size() && spectrum_[next].value <= end; ++next) {
      const Line& line = spectrum_[next];
      const double left = line.value - value;
      count += line.count;
      sum += line.count * line.value;
      error += line.count * left * left;
      residual += line.count * std::fabs(left);
    }
    counts_[level] = count;
    sums_[level] = sum;
    weights += count;
  }
  residual_ = residual;
  weights_ = weights;
  return error;
}

// The entry of planes i and j is the sum over codes c of (-1)^(c_i + c_j) times the weights with c: the
// Walsh-Hadamard transform of these numbers at 2^i xor 2^j. They are whole, so any order of adding is exact.
PlaneFit::Equations PlaneFit::equations() const {
  Equations all;
  std::array<double, 1U << kMostPlanes> transform;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    const std::uint16_t code = levels_[level].code;
    transform.at(code) = counts_[level];
    if (counts_[level] == 0.0) continue;
    // Over all planes that there may be, as a loop of known length is several times faster.
    for (std::uint32_t i = 0; i < kMostPlanes; ++i) all.right[i] += sign_of(code, i) * sums_[level];
  }
  for (std::size_t half = 1; half < levels_.size(); half *= 2)
    for (std::size_t begin = 0; begin < levels_.size(); begin += 2 * half)
      for (std::size_t i = begin; i < begin + half; ++i) {
        const double sum = transform[i] + transform[i + half];
        transform[i + half] = transform[i] - transform[i + half];
        transform[i] = sum;
      }
  for (std::uint32_t i = 0; i < scales_.count; ++i)
    for (std::uint32_t j = 0; j < scales_.count; ++j)
      all.normal[i][j] = transform.at((1U << i) ^ (1U << j));
  return all;
}

PlaneScales PlaneFit::least_squares() const {
  const Equations all = equations();
  PlaneScales rounded = scales_;
  Vector scale{};
  for (std::uint32_t i = 0; i < scales_.count; ++i) scale[i] = scales_.planes[i].value;
  for (unsigned free = (1U << scales_.count) - 1U; free != 0;) {
    // Solved for the change, so that what the codes do not determine stays as it was.
    Vector right = all.right;
    for (std::uint32_t i = 0; i < scales_.count; ++i)
      for (std::uint32_t j = 0; j < scales_.count; ++j) right[i] -= all.normal[i][j] * scale[j];
    const Vector change = solve(all.normal, right, scales_.count, free);
    std::uint32_t largest = 0;
    double magnitude = -1.0;
    for (std::uint32_t i = 0; i < scales_.count; ++i) {
      if (((free >> i) & 1U) == 0) continue;
      scale[i] += change[i];
      if (std::fabs(scale[i]) <= magnitude) continue;
      largest = i;
      magnitude = std::fabs(scale[i]);
    }
    // A negative scale is a positive one whose codes are turned over.
    rounded.planes[largest] = store_.nearest(magnitude);
    scale[largest] = std::copysign(rounded.planes[largest].value, scale[largest]);
    free &= ~(1U << largest);
  }
  return rounded;
}

}  // namespace addax::quantise
