// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/arith/sum.h"
#include "models/values/layer_values.h"
#include "models/workload/operation.h"
#include "models/workload/value_counts.h"

namespace addax::values {

/// How a layer is computed, as far as what is counted depends on it.
struct Execution {
  workload::Realisation how;
  bool half_table = true;
  arith::SumKind sum = arith::SumKind::kFp32;  ///< of FP16 numbers
};

/// Zero weights of a ternary matrix.
std::uint64_t zero_weights(const quantise::QuantisedMatrix& matrix);
/// Of all copies; 0 where weights are not ternary.
std::uint64_t zero_weights(const LayerValues& values);

/// Everything that can be counted. Terms are those of the reference dot products (models/arith/dot.h:
/// each segment's sum, or each input where scales come before the tables), with E = 0.
workload::ValueCounts count(const LayerValues& values, const Execution& execution);

}  // namespace addax::values
