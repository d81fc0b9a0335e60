// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/arith/exponent_add.h"
#include "models/quantise/quantised.h"
#include "tests/models/arith/random_bits.h"

namespace addax::tests {

/// Binary-coded, with scales of `terms` powers of two (0: FP16).
inline workload::WeightFormat coded(std::uint32_t planes, std::uint32_t terms,
                                    const workload::ScaleLayout& scales) {
  workload::WeightFormat format;
  format.kind = terms > 0 ? workload::FormatKind::kShiftAdd : workload::FormatKind::kBcq;
  format.planes = planes;
  format.scale_terms = terms;
  format.scales = scales;
  return format;
}

/// Of random codes, and terms of exponents from `least` to `most`; checked.
inline quantise::QuantisedMatrix random_codes(const workload::WeightFormat& format,
                                              std::uint64_t outputs, std::uint64_t inputs,
                                              RandomBits& random, int least = -3, int most = 3) {
  quantise::QuantisedMatrix matrix;
  matrix.format = format;
  matrix.outputs = outputs;
  matrix.inputs = inputs;
  for (std::uint64_t i = 0; i < outputs * inputs; ++i)
    matrix.codes.push_back(static_cast<std::uint16_t>(random.below(1U << format.planes)));
  const std::uint64_t scales = format.planes * scales_a_plane(format, inputs, outputs);
  if (format.scale_terms == 0) {
    matrix.scales = random.halves(scales, -4, 0);
  } else {
    for (std::uint64_t i = 0; i < scales * format.scale_terms; ++i) {
      const int exponent =
          least + static_cast<int>(random.below(static_cast<std::uint32_t>(most - least + 1)));
      matrix.scale_terms.push_back(
          arith::encoded({random.below(2) != 0, static_cast<std::int8_t>(exponent)}));
    }
  }
  check(matrix);
  return matrix;
}

}  // namespace addax::tests
