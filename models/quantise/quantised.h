// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/arith/float.h"
#include "models/quantise/matrix.h"
#include "models/workload/format.h"

namespace addax::quantise {

/// A matrix as its format stores it, one code a weight and what goes with them. Members that a kind
/// does not use are empty. s is workload::scales_a_plane; a scale's index within a plane is
/// (block of rows) x (scale groups along a row) + (group along the row).
struct QuantisedMatrix {
  workload::WeightFormat format;
  std::uint64_t outputs = 0, inputs = 0;

  /// outputs x inputs, row by row.
  /// fp16: the bits of the value. w8a8, and int without zero points: two's complement of 8 or b
  /// bits. int with zero points: unsigned. Binary-coded: bit p is plane p's, 1 for +1 and 0 for -1.
  /// ternary: 0, 1, and 3 for -1. msfp: the magnitude in m bits, the sign above it.
  std::vector<std::uint16_t> codes;
  /// FP16 scales: w8a8 one a row; int and ternary s; binary-coded with scale_terms = 0 q s, plane
  /// by plane.
  std::vector<arith::Fp16> scales;
  /// Binary-coded with scale_terms = k: q s k signed powers of two (term_value), plane by plane.
  std::vector<std::uint8_t> scale_terms;
  std::vector<std::uint8_t> zero_points;  ///< int with zero points: s
  std::vector<arith::Fp16> gammas;        ///< ternary with gamma: s
  /// msfp: one a box, row by row; e bits with a bias of exponent_bias(e).
  std::vector<std::uint8_t> exponents;
};

/// A signed power of two in 8 bits: the sign on top (1: negative), then the exponent in two's
/// complement, -64 to 63.
double term_value(std::uint8_t term);

/// What is taken from a shared exponent of `bits` bits: 2^(bits-1) - 1, as IEEE 754 has it.
int exponent_bias(std::uint32_t bits);

/// Where the scale of weight (row n, column k) lies within a plane.
class ScaleIndex {
 public:
  ScaleIndex(const workload::WeightFormat& format, std::uint64_t outputs, std::uint64_t inputs);
  std::uint64_t operator()(std::uint64_t row, std::uint64_t column) const {
    return row / tile_rows_ * groups_ + column / tile_columns_;
  }
  std::uint64_t tile_rows() const { return tile_rows_; }  ///< rows that share a scale
  std::uint64_t tile_columns() const { return tile_columns_; }

 private:
  std::uint64_t tile_rows_, tile_columns_, groups_;
};

/// Throws Impossible where sizes, codes or scales are not what the format has: what was read from
/// a file may be anything.
void check(const QuantisedMatrix& matrix);

/// The values of the weights that a quantised matrix stands for. Keeps a reference to the matrix.
class Decoder {
 public:
  explicit Decoder(const QuantisedMatrix& matrix);
  /// The weights of an output, in the order of the inputs. Sums of FP16 scales are exact; those of k
  /// powers of two where arith::value is.
  std::vector<double> row(std::uint64_t output) const;

 private:
  double value(std::uint64_t output, std::uint64_t input) const;
  double binary_value(std::uint64_t output, std::uint64_t input, std::uint16_t code) const;
  double boxed_value(std::uint64_t output, std::uint64_t input, std::uint16_t code) const;

  const QuantisedMatrix& matrix_;
  ScaleIndex index_;
  std::vector<double> scales_;  ///< as numbers, plane by plane
};

/// All weights, row by row.
std::vector<double> dequantise(const QuantisedMatrix& matrix);

/// Bits in DRAM, counted from what is stored: workload::stored_bits of the same sizes.
workload::StoredBits stored_bits(const QuantisedMatrix& matrix);

/// Zero codes of a ternary matrix over its weights.
double zero_fraction(const QuantisedMatrix& matrix);

/// Q against the FP16 weights W.
struct QuantisationError {
  double mean_squared = 0.0;       ///< ||W - Q||^2 / (N K)
  std::optional<double> relative;  ///< ||W - Q|| / ||W||, Frobenius; none where W is zero
  double largest_absolute = 0.0;   ///< max |W - Q|
};
QuantisationError error(const Matrix& matrix, const QuantisedMatrix& quantised);

}  // namespace addax::quantise
