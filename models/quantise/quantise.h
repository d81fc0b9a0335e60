// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/quantise/matrix.h"
#include "models/quantise/quantised.h"
#include "models/workload/format.h"

namespace addax::quantise {

/// How binary-coded weights find their planes and scales.
enum class Algorithm {
  kGreedy,       ///< plane by plane: the signs of what is left, its mean magnitude
  kAlternating,  ///< then scales by least squares and nearest codes, in turns
};

/// Quantises to the nearest that a format can store, by docs/physics/quantisation.md. `algorithm`
/// and `threads` matter to binary-coded formats alone; the answer does not depend on `threads`. A
/// ternary format takes its zero_fraction from the result.
/// Throws Impossible as check(matrix) and workload::check do, and for int of one bit without zero
/// points, which has no code but zero.
QuantisedMatrix quantise(const Matrix& matrix, const workload::WeightFormat& format,
                         Algorithm algorithm = Algorithm::kAlternating, unsigned threads = 1);

}  // namespace addax::quantise
