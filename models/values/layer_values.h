// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "models/arith/float.h"
#include "models/quantise/quantised.h"

namespace addax::values {

/// x, copies x tokens x inputs, row by row: FP16, or INT8 where a trace has activations of 8 bits.
using Activations = std::variant<std::vector<arith::Fp16>, std::vector<std::int8_t>>;

/// What a linear layer is computed from, y[m,n] = sum_k W[n,k] x[m,k].
struct LayerValues {
  std::uint64_t tokens = 0;  ///< M, of each copy
  /// One matrix a copy, each checked; all of one format (but for their shares of zeros) and size.
  std::vector<quantise::QuantisedMatrix> weights;
  std::optional<Activations> activations;
};

}  // namespace addax::values
