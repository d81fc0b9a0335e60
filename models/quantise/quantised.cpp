// SPDX-License-Identifier: Apache-2.0
#include "models/quantise/quantised.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/arith/exponent_add.h"
#include "models/arith/integer.h"
#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::quantise {

using quantity::Bits;
using quantity::ceil_div;
using quantity::checked_add;
using quantity::checked_mul;
using workload::FormatKind;
using workload::ScaleSharing;
using workload::WeightFormat;

namespace {

std::uint64_t rows_of(const WeightFormat& format, std::uint64_t outputs) {
  switch (format.scales.sharing) {
    case ScaleSharing::kTensor:
    case ScaleSharing::kColumn:
      return outputs;
    case ScaleSharing::kRow:
    case ScaleSharing::kGroup:
      return 1;
    case ScaleSharing::kBlock:
      return format.scales.block_rows != 0 ? format.scales.block_rows : ceil_div(outputs, 8);
  }
  ADDAX_UNREACHABLE("scale sharing");
}

std::uint64_t columns_of(const WeightFormat& format, std::uint64_t inputs) {
  switch (format.scales.sharing) {
    case ScaleSharing::kTensor:
    case ScaleSharing::kRow:
      return inputs;
    case ScaleSharing::kGroup:
      return format.scales.group;
    case ScaleSharing::kColumn:
      return 1;
    case ScaleSharing::kBlock:
      return format.scales.block_columns;
  }
  ADDAX_UNREACHABLE("scale sharing");
}

double number(arith::Fp16 value) { return static_cast<double>(arith::to_fp32(value)); }

std::vector<double> scale_values(const QuantisedMatrix& matrix) {
  std::vector<double> values;
  for (const arith::Fp16 scale : matrix.scales) values.push_back(number(scale));
  const std::uint32_t terms = matrix.format.scale_terms;
  std::vector<arith::PowerOfTwo> powers(terms);
  for (std::size_t first = 0; first < matrix.scale_terms.size(); first += terms) {
    for (std::uint32_t i = 0; i < terms; ++i)
      powers[i] = arith::decoded_power_of_two(matrix.scale_terms[first + i]);
    values.push_back(arith::value(powers));
  }
  return values;
}

}  // namespace

double term_value(std::uint8_t term) {
  const arith::PowerOfTwo power = arith::decoded_power_of_two(term);
  return std::ldexp(power.negative ? -1.0 : 1.0, power.exponent);
}

int exponent_bias(std::uint32_t bits) { return (1 << (bits - 1)) - 1; }

ScaleIndex::ScaleIndex(const WeightFormat& format, std::uint64_t outputs, std::uint64_t inputs)
    : tile_rows_(rows_of(format, outputs)),
      tile_columns_(columns_of(format, inputs)),
      groups_(scale_groups_a_row(format, inputs)) {}

Decoder::Decoder(const QuantisedMatrix& matrix)
    : matrix_(matrix),
      index_(matrix.format, matrix.outputs, matrix.inputs),
      scales_(scale_values(matrix)) {}

std::vector<double> Decoder::row(std::uint64_t output) const {
  std::vector<double> values;
  values.reserve(matrix_.inputs);
  for (std::uint64_t input = 0; input < matrix_.inputs; ++input)
    values.push_back(value(output, input));
  return values;
}

double Decoder::value(std::uint64_t output, std::uint64_t input) const {
  const WeightFormat& format = matrix_.format;
  const std::uint16_t code = matrix_.codes[output * matrix_.inputs + input];
  switch (format.kind) {
    case FormatKind::kFp16:
      return number({code});
    case FormatKind::kW8a8:
    case FormatKind::kInt: {
      const std::uint64_t scale = index_(output, input);
      const double steps = format.zero_points
                               ? static_cast<double>(code) - matrix_.zero_points[scale]
                               : arith::symmetric_code(code, code_bits_a_weight(format));
      return steps * scales_[scale];
    }
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      return binary_value(output, input, code);
    case FormatKind::kTernary: {
      const std::uint64_t scale = index_(output, input);
      const double offset = format.gamma ? number(matrix_.gammas[scale]) : 0.0;
      return arith::symmetric_code(code, 2) * scales_[scale] + offset;
    }
    case FormatKind::kMsfp:
      return boxed_value(output, input, code);
  }
  ADDAX_UNREACHABLE("format kind");
}

double Decoder::binary_value(std::uint64_t output, std::uint64_t input, std::uint16_t code) const {
  const std::uint32_t planes = matrix_.format.planes;
  const std::uint64_t a_plane = scales_.size() / planes;
  const std::uint64_t index = index_(output, input);
  double value = 0.0;
  for (std::uint32_t plane = 0; plane < planes; ++plane) {
    const double scale = scales_[plane * a_plane + index];
    value += ((code >> plane) & 1U) != 0 ? scale : -scale;
  }
  return value;
}

double Decoder::boxed_value(std::uint64_t output, std::uint64_t input, std::uint16_t code) const {
  const WeightFormat& format = matrix_.format;
  const std::uint64_t boxes = ceil_div(matrix_.inputs, format.box);
  const int exponent = matrix_.exponents[output * boxes + input / format.box];
  const int mantissa_bits = static_cast<int>(format.mantissa_bits);
  const int magnitude = code & ((1 << mantissa_bits) - 1);
  const double value =
      std::ldexp(magnitude, exponent - exponent_bias(format.exponent_bits) + 1 - mantissa_bits);
  return (code >> mantissa_bits) != 0 ? -value : value;
}

std::vector<double> dequantise(const QuantisedMatrix& matrix) {
  const Decoder decoder(matrix);
  std::vector<double> values;
  values.reserve(matrix.codes.size());
  for (std::uint64_t output = 0; output < matrix.outputs; ++output) {
    const std::vector<double> row = decoder.row(output);
    values.insert(values.end(), row.begin(), row.end());
  }
  return values;
}

workload::StoredBits stored_bits(const QuantisedMatrix& matrix) {
  const WeightFormat& format = matrix.format;
  const bool packed = format.kind == FormatKind::kTernary && format.packed_trits;
  const std::uint64_t codes = packed ? checked_mul(8, matrix.outputs, ceil_div(matrix.inputs, 5))
                                     : checked_mul(code_bits_a_weight(format), matrix.codes.size());
  const std::uint64_t halves = checked_add(matrix.scales.size(), matrix.gammas.size());
  const std::uint64_t rest = checked_add(checked_mul(8, matrix.scale_terms.size()),
                                         checked_mul(format.bits, matrix.zero_points.size()));
  const std::uint64_t exponents = checked_mul(format.exponent_bits, matrix.exponents.size());
  return {Bits(codes), Bits(checked_add(checked_mul(16, halves), checked_add(rest, exponents)))};
}

double zero_fraction(const QuantisedMatrix& matrix) {
  const auto zeros = std::count(matrix.codes.begin(), matrix.codes.end(), 0);
  return static_cast<double>(zeros) / static_cast<double>(matrix.codes.size());
}

QuantisationError error(const Matrix& matrix, const QuantisedMatrix& quantised) {
  ADDAX_CHECK(matrix.outputs == quantised.outputs && matrix.inputs == quantised.inputs,
              std::to_string(quantised.outputs) + " x " + std::to_string(quantised.inputs));
  const Decoder decoder(quantised);
  QuantisationError found;
  double left = 0.0, all = 0.0;
  for (std::uint64_t output = 0; output < matrix.outputs; ++output) {
    const std::vector<double> row = decoder.row(output);
    for (std::uint64_t input = 0; input < matrix.inputs; ++input) {
      const double weight = matrix.values[output * matrix.inputs + input];
      const double difference = weight - row[input];
      left += difference * difference;
      all += weight * weight;
      found.largest_absolute = std::max(found.largest_absolute, std::fabs(difference));
    }
  }
  found.mean_squared = left / static_cast<double>(matrix.values.size());
  if (all > 0.0) found.relative = std::sqrt(left / all);
  return found;
}

}  // namespace addax::quantise
