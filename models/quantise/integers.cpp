// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "models/quantise/kinds.h"

namespace addax::quantise {
namespace {

/// The FP16 number nearest to range / steps. Among subnormals it may lie so far below that the ends of
/// the range would be out of reach; then the next above it.
double scale_for(double range, double steps) {
  const double scale = std::min(nearest_fp16(range / steps), kLargestFp16);
  if (scale == kLargestFp16 || range - scale * steps <= scale / 2.0) return scale;
  return scale + kLeastFp16;
}

double nearest_integer(double value, double scale) {
  return scale == 0.0 ? 0.0 : std::nearbyint(value / scale);  // to even where two are as near
}

void quantise_symmetric(const Matrix& matrix, const Tile& tile, std::uint32_t bits,
                        const std::vector<float>& values, QuantisedMatrix& quantised) {
  double largest = 0.0;
  for (const float value : values)
    largest = std::max(largest, static_cast<double>(std::fabs(value)));
  const double most = (1U << (bits - 1)) - 1.0;
  const double scale = scale_for(largest, most);
  quantised.scales[tile.scale] = arith::to_fp16(static_cast<float>(scale));
  const unsigned mask = (1U << bits) - 1U;
  encode(matrix, tile, quantised, [&](double value) {
    const double code = std::clamp(nearest_integer(value, scale), -most, most);
    return static_cast<std::uint16_t>(static_cast<unsigned>(static_cast<int>(code)) & mask);
  });
}

void quantise_asymmetric(const Matrix& matrix, const Tile& tile, const std::vector<float>& values,
                         QuantisedMatrix& quantised) {
  const auto [least, largest] = std::minmax_element(values.begin(), values.end());
  // Zero lies in the range, so that it has a code.
  const double low = std::min(0.0, static_cast<double>(*least));
  const double high = std::max(0.0, static_cast<double>(*largest));
  const double most = (1U << quantised.format.bits) - 1.0;
  const double scale = scale_for(high - low, most);
  const double zero = std::clamp(nearest_integer(-low, scale), 0.0, most);
  quantised.scales[tile.scale] = arith::to_fp16(static_cast<float>(scale));
  quantised.zero_points[tile.scale] = static_cast<std::uint8_t>(zero);
  encode(matrix, tile, quantised, [&](double value) {
    return static_cast<std::uint16_t>(std::clamp(nearest_integer(value, scale) + zero, 0.0, most));
  });
}

}  // namespace

void quantise_integers(const Matrix& matrix, QuantisedMatrix& quantised) {
  const workload::WeightFormat& format = quantised.format;
  const std::uint64_t scales = scales_a_plane(format, matrix.inputs, matrix.outputs);
  quantised.scales.resize(scales);
  quantised.zero_points.resize(format.zero_points ? scales : 0);
  std::vector<float> values;
  for (const Tile& tile : tiles(quantised)) {
    gather(matrix, tile, values);
    if (format.zero_points) {
      quantise_asymmetric(matrix, tile, values, quantised);
    } else {
      quantise_symmetric(matrix, tile, code_bits_a_weight(format), values, quantised);
    }
  }
}

}  // namespace addax::quantise
