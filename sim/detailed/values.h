// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/arith/float.h"

namespace addax::detailed {

/// What a product is computed from, y[m][n] = sum over k of w[n][k] x[m][k]; row by row.
struct Operands {
  std::uint64_t tokens = 0, outputs = 0, inputs = 0;
  std::vector<arith::Fp16> x;  ///< tokens x inputs
  std::vector<arith::Fp16> w;  ///< outputs x inputs
};

}  // namespace addax::detailed
