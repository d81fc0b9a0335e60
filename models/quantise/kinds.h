// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/quantise/matrix.h"
#include "models/quantise/quantise.h"
#include "models/quantise/quantised.h"

namespace addax::quantise {

/// The weights that share a scale: a rectangle of the matrix.
struct Tile {
  std::uint64_t row = 0, rows = 0, column = 0, columns = 0;
  std::uint64_t scale = 0;  ///< index within a plane
};
std::vector<Tile> tiles(const QuantisedMatrix& matrix);
/// The values in a tile, row by row.
void gather(const Matrix& matrix, const Tile& tile, std::vector<float>& values);
/// Sets a tile's codes to code(value).
template <class Code>
void encode(const Matrix& matrix, const Tile& tile, QuantisedMatrix& quantised, const Code& code) {
  for (std::uint64_t row = tile.row; row < tile.row + tile.rows; ++row)
    for (std::uint64_t k = tile.column; k < tile.column + tile.columns; ++k)
      quantised.codes[row * matrix.inputs + k] = code(matrix.values[row * matrix.inputs + k]);
}

/// Quantisers of one kind each. `quantised` comes with format and sizes, and codes of zero.
void quantise_integers(const Matrix& matrix, QuantisedMatrix& quantised);  ///< w8a8 and int
void quantise_planes(const Matrix& matrix, Algorithm algorithm, unsigned threads,
                     QuantisedMatrix& quantised);
void quantise_trits(const Matrix& matrix, QuantisedMatrix& quantised);
void quantise_boxes(const Matrix& matrix, QuantisedMatrix& quantised);  ///< msfp

}  // namespace addax::quantise
