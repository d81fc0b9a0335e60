// SPDX-License-Identifier: Apache-2.0
#include "models/values/count.h"

#include <algorithm>
#include <string>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "models/values/keys.h"
#include "models/values/terms.h"

namespace addax::values {

using arith::Fp16;
using quantise::QuantisedMatrix;
using workload::ValueCounts;

namespace {

bool is_zero(Fp16 x) { return (x.bits & 0x7FFFU) == 0; }
bool is_zero(std::int8_t x) { return x == 0; }

workload::ZeroCounts zero_activations(const Activations& activations) {
  return std::visit(
      [](const auto& x) {
        const auto zeros =
            std::count_if(x.begin(), x.end(), [](const auto each) { return is_zero(each); });
        return workload::ZeroCounts{static_cast<std::uint64_t>(zeros), x.size()};
      },
      activations);
}

/// Of one copy; x is empty where activations are not there or not FP16.
ValueCounts of_binary_coded(const QuantisedMatrix& matrix, arith::Span<Fp16> x,
                            std::uint64_t tokens, const Execution& execution) {
  ValueCounts counts;
  if (execution.how.key_bits != 0) {
    ValueCounts of_token;
    of_token.keys = count_keys(matrix, Keys(matrix, execution.how.key_bits),
                               readers_of(matrix.format, matrix.outputs, matrix.inputs, execution),
                               execution.half_table);
    counts.add(of_token, tokens);
  }
  if (matrix.format.scale_terms > 0 && x.size > 0) counts.terms = count_terms(matrix, x, execution);
  return counts;
}

}  // namespace

std::uint64_t zero_weights(const QuantisedMatrix& matrix) {
  ADDAX_CHECK(matrix.format.kind == workload::FormatKind::kTernary, describe(matrix.format));
  return static_cast<std::uint64_t>(std::count(matrix.codes.begin(), matrix.codes.end(), 0));
}

std::uint64_t zero_weights(const LayerValues& values) {
  std::uint64_t zeros = 0;
  for (const QuantisedMatrix& matrix : values.weights)
    if (matrix.format.kind == workload::FormatKind::kTernary) zeros += zero_weights(matrix);
  return zeros;
}

ValueCounts count(const LayerValues& values, const Execution& execution) {
  ValueCounts counts;
  const std::vector<Fp16>* x = nullptr;
  if (values.activations) {
    counts.activations = zero_activations(*values.activations);
    x = std::get_if<std::vector<Fp16>>(&*values.activations);
  }
  for (std::size_t copy = 0; copy < values.weights.size(); ++copy) {
    const QuantisedMatrix& matrix = values.weights[copy];
    const std::uint64_t elements = values.tokens * matrix.inputs;
    ADDAX_CHECK(x == nullptr || x->size() == values.weights.size() * elements,
                std::to_string(elements));
    ValueCounts of_copy;
    if (matrix.format.kind == workload::FormatKind::kTernary)
      of_copy.weights = workload::ZeroCounts{zero_weights(matrix), matrix.codes.size()};
    if (is_binary_coded(matrix.format)) {
      arith::Span<Fp16> inputs;
      if (x != nullptr) inputs = {x->data() + copy * elements, elements};
      of_copy = of_binary_coded(matrix, inputs, values.tokens, execution);
    }
    counts.add(of_copy);
  }
  return counts;
}

}  // namespace addax::values
