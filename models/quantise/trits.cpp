// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "models/quantise/kinds.h"
#include "models/quantise/spectrum.h"

namespace addax::quantise {
namespace {

constexpr std::uint16_t kPlus = 1, kMinus = 3;
constexpr int kMostRounds = 50;

struct Trits {
  double alpha = 0.0, gamma = 0.0;
};

int trit(const Trits& trits, double value) {
  const double from = value - trits.gamma;
  if (std::fabs(from) <= trits.alpha / 2.0) return 0;
  return from > 0.0 ? 1 : -1;
}

double squared_error(const Trits& trits, const Spectrum& spectrum) {
  double error = 0.0;
  for (const Line& line : spectrum) {
    const double left = line.value - trits.gamma - trits.alpha * trit(trits, line.value);
    error += line.count * left * left;
  }
  return error;
}

double stored(double value) { return nearest_fp16(std::min(value, kLargestFp16)); }

/// Among all thresholds the one of least error. With the t largest magnitudes kept, of sum S, their
/// mean is the best scale and leaves S^2 / t less than all zeros do.
double best_alpha(const Spectrum& spectrum) {
  const Spectrum sorted = magnitudes(spectrum);
  double kept = 0.0, sum = 0.0, most = 0.0, alpha = 0.0;
  for (auto line = sorted.rbegin(); line != sorted.rend(); ++line) {
    kept += line->count;
    sum += line->count * line->value;
    if (sum * sum / kept <= most) continue;
    most = sum * sum / kept;
    alpha = sum / kept;
  }
  return stored(alpha);
}

/// Least squares of value = gamma + alpha trit under the trits that `now` gives.
Trits refitted(const Trits& now, const Spectrum& spectrum) {
  double weights = 0.0, values = 0.0, trits = 0.0, squares = 0.0, products = 0.0;
  for (const Line& line : spectrum) {
    const int t = trit(now, line.value);
    weights += line.count;
    values += line.count * line.value;
    trits += line.count * t;
    squares += line.count * t * t;
    products += line.count * t * line.value;
  }
  const double spread = weights * squares - trits * trits;
  Trits next = now;
  // Where all trits are the same they say nothing of alpha.
  if (spread > 0.0) next.alpha = stored(std::fabs((weights * products - trits * values) / spread));
  next.gamma = nearest_fp16((values - next.alpha * trits) / weights);
  return next;
}

Trits improved(Trits trits, const Spectrum& spectrum) {
  double error = squared_error(trits, spectrum);
  for (int round = 0; round < kMostRounds; ++round) {
    const Trits next = refitted(trits, spectrum);
    const double left = squared_error(next, spectrum);
    if (!(left < error)) break;
    trits = next;
    error = left;
  }
  return trits;
}

/// From the best without gamma, and from the best around the mean.
Trits best_with_gamma(const Spectrum& spectrum) {
  const Trits plain = improved({best_alpha(spectrum), 0.0}, spectrum);
  double weights = 0.0, sum = 0.0;
  for (const Line& line : spectrum) {
    weights += line.count;
    sum += line.count * line.value;
  }
  const double mean = nearest_fp16(sum / weights);
  Spectrum centred = spectrum;
  for (Line& line : centred) line.value -= mean;
  const Trits shifted = improved({best_alpha(centred), mean}, spectrum);
  return squared_error(shifted, spectrum) < squared_error(plain, spectrum) ? shifted : plain;
}

}  // namespace

void quantise_trits(const Matrix& matrix, QuantisedMatrix& quantised) {
  const workload::WeightFormat& format = quantised.format;
  const std::uint64_t scales = scales_a_plane(format, matrix.inputs, matrix.outputs);
  quantised.scales.resize(scales);
  quantised.gammas.resize(format.gamma ? scales : 0);
  std::vector<float> values;
  for (const Tile& tile : tiles(quantised)) {
    gather(matrix, tile, values);
    const Spectrum spectrum = spectrum_of(values);
    const Trits best = format.gamma ? best_with_gamma(spectrum) : Trits{best_alpha(spectrum), 0.0};
    quantised.scales[tile.scale] = arith::to_fp16(static_cast<float>(best.alpha));
    if (format.gamma) quantised.gammas[tile.scale] = arith::to_fp16(static_cast<float>(best.gamma));
    encode(matrix, tile, quantised, [&](double value) {
      const int t = trit(best, value);
      return t == 0 ? std::uint16_t{0} : t > 0 ? kPlus : kMinus;
    });
  }
  quantised.format.zero_fraction = zero_fraction(quantised);
}

}  // namespace addax::quantise
