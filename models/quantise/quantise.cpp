// SPDX-License-Identifier: Apache-2.0
#include "models/quantise/quantise.h"

#include <algorithm>

#include "models/quantise/binary_coding.h"
#include "models/quantise/kinds.h"
#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"
#include "models/quantity/parallel.h"

namespace addax::quantise {

using workload::FormatKind;

namespace {

template <class Codes>
void store_codes(const Matrix& matrix, const Tile& tile, const Codes& code,
                 const PlaneScales& scales, QuantisedMatrix& quantised) {
  encode(matrix, tile, quantised, code);
  const workload::WeightFormat& format = quantised.format;
  const std::uint64_t a_plane = scales_a_plane(format, matrix.inputs, matrix.outputs);
  for (std::uint32_t plane = 0; plane < scales.count; ++plane) {
    const StoredScale& scale = scales.planes.at(plane);
    const std::uint64_t at = plane * a_plane + tile.scale;
    if (format.scale_terms == 0) {
      quantised.scales[at] = arith::to_fp16(static_cast<float>(scale.value));
    } else {
      std::copy_n(
          scale.terms.begin(), format.scale_terms,
          quantised.scale_terms.begin() + static_cast<std::ptrdiff_t>(at * format.scale_terms));
    }
  }
}

}  // namespace

std::vector<Tile> tiles(const QuantisedMatrix& matrix) {
  const ScaleIndex index(matrix.format, matrix.outputs, matrix.inputs);
  std::vector<Tile> all;
  for (std::uint64_t row = 0; row < matrix.outputs; row += index.tile_rows())
    for (std::uint64_t column = 0; column < matrix.inputs; column += index.tile_columns())
      all.push_back({row, std::min(index.tile_rows(), matrix.outputs - row), column,
                     std::min(index.tile_columns(), matrix.inputs - column), index(row, column)});
  return all;
}

void gather(const Matrix& matrix, const Tile& tile, std::vector<float>& values) {
  values.clear();
  for (std::uint64_t row = tile.row; row < tile.row + tile.rows; ++row) {
    const float* first = matrix.values.data() + row * matrix.inputs + tile.column;
    values.insert(values.end(), first, first + tile.columns);
  }
}

void quantise_planes(const Matrix& matrix, Algorithm algorithm, unsigned threads,
                     QuantisedMatrix& quantised) {
  const workload::WeightFormat& format = quantised.format;
  const ScaleStore store(format.scale_terms);
  const std::uint64_t scales =
      format.planes * scales_a_plane(format, matrix.inputs, matrix.outputs);
  if (format.scale_terms == 0) {
    quantised.scales.resize(scales);
  } else {
    quantised.scale_terms.resize(scales * format.scale_terms);
  }
  // Tiles share nothing: each writes codes and scales of its own.
  const std::vector<Tile> all = tiles(quantised);
  quantity::each_in_parallel(all.size(), threads, [&](std::size_t i) {
    std::vector<float> values;
    gather(matrix, all[i], values);
    const Spectrum spectrum = spectrum_of(values);
    if (algorithm == Algorithm::kGreedy) {
      const PlaneScales found = greedy_scales(spectrum, format.planes, store);
      const auto code = [&](double value) { return greedy_code(found, value); };
      store_codes(matrix, all[i], code, found, quantised);
    } else {
      const PlaneScales found = alternating_scales(spectrum, format.planes, store);
      store_codes(matrix, all[i], NearestCode(found), found, quantised);
    }
  });
}

QuantisedMatrix quantise(const Matrix& matrix, const workload::WeightFormat& format,
                         Algorithm algorithm, unsigned threads) {
  check(matrix);
  workload::check(format);
  if (format.kind == FormatKind::kInt && format.bits == 1 && !format.zero_points)
    throw quantity::Impossible({"bits", "1", "2 to 8 without zero points"});
  QuantisedMatrix quantised;
  quantised.format = format;
  quantised.outputs = matrix.outputs;
  quantised.inputs = matrix.inputs;
  quantised.codes.resize(matrix.values.size());
  switch (format.kind) {
    case FormatKind::kFp16:
      std::transform(matrix.values.begin(), matrix.values.end(), quantised.codes.begin(),
                     [](float value) { return arith::to_fp16(value).bits; });
      return quantised;
    case FormatKind::kW8a8:
    case FormatKind::kInt:
      quantise_integers(matrix, quantised);
      return quantised;
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      quantise_planes(matrix, algorithm, threads, quantised);
      return quantised;
    case FormatKind::kTernary:
      quantise_trits(matrix, quantised);
      return quantised;
    case FormatKind::kMsfp:
      quantise_boxes(matrix, quantised);
      return quantised;
  }
  ADDAX_UNREACHABLE("format kind");
}

}  // namespace addax::quantise
