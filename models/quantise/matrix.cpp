// SPDX-License-Identifier: Apache-2.0
#include "models/quantise/matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "models/arith/float.h"
#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"
#include "models/quantity/quantity.h"

namespace addax::quantise {

void check(const Matrix& matrix) {
  if (matrix.outputs == 0) throw quantity::Impossible({"outputs", "0", "1 or more"});
  if (matrix.inputs == 0) throw quantity::Impossible({"inputs", "0", "1 or more"});
  ADDAX_CHECK(matrix.values.size() == quantity::checked_mul(matrix.outputs, matrix.inputs),
              std::to_string(matrix.values.size()));
  for (std::size_t i = 0; i < matrix.values.size(); ++i) {
    const float value = matrix.values[i];
    if (std::isfinite(value) && arith::to_fp32(arith::to_fp16(value)) == value) continue;
    throw quantity::Impossible({"weights",
                                std::to_string(value) + " at row " +
                                    std::to_string(i / matrix.inputs) + ", column " +
                                    std::to_string(i % matrix.inputs),
                                "finite numbers that FP16 has"});
  }
}

double nearest_fp16(double value) {
  if (value == 0.0 || !std::isfinite(value)) return value;
  constexpr int kFractionBits = 10, kLeastExponent = -14;
  const int unit = std::max(std::ilogb(value), kLeastExponent) - kFractionBits;
  const double rounded = std::ldexp(std::nearbyint(std::ldexp(value, -unit)), unit);
  return std::fabs(rounded) > kLargestFp16
             ? std::copysign(std::numeric_limits<double>::infinity(), rounded)
             : rounded;
}

}  // namespace addax::quantise
