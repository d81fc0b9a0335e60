// SPDX-License-Identifier: Apache-2.0
#include "models/workload/identity.h"

namespace addax::workload {

// Each takes its struct apart, so that a new member does not compile until it is written too.

void write(quantity::Bytes& bytes, const Widths& widths) {
  const auto& [activation_bits, kv_bits, accumulator_bits] = widths;
  bytes.add(activation_bits, kv_bits, accumulator_bits);
}

static void write(quantity::Bytes& bytes, const ScaleLayout& layout) {
  const auto& [sharing, group, block_columns, block_rows] = layout;
  bytes.add(sharing, group, block_columns, block_rows);
}

void write(quantity::Bytes& bytes, const WeightFormat& format) {
  const auto& [kind, bits, planes, scales, scale_terms, zero_points, packed_trits, gamma,
               zero_fraction, mantissa_bits, exponent_bits, box] = format;
  bytes.add(kind, bits, planes, scales, scale_terms, zero_points, packed_trits, gamma,
            zero_fraction, mantissa_bits, exponent_bits, box);
}

static void write(quantity::Bytes& bytes, const ValueFiles& files) {
  const auto& [folder, weights, activations, tensor] = files;
  bytes.add(folder, weights, activations, tensor);
}

static void write(quantity::Bytes& bytes, const Linear& linear) {
  const auto& [tokens, inputs, outputs, copies, role, weights, values, counted_zeros] = linear;
  bytes.add(tokens, inputs, outputs, copies, weights, values, counted_zeros);
}

static void write(quantity::Bytes& bytes, const AttentionShape& shape) {
  const auto& [batch, heads, kv_heads, head_dim, new_tokens, past, window] = shape;
  bytes.add(batch, heads, kv_heads, head_dim, new_tokens, past, window);
}

static void write(quantity::Bytes& bytes, const Scores& scores) { bytes.add(scores.shape); }
static void write(quantity::Bytes& bytes, const Softmax& softmax) { bytes.add(softmax.shape); }
static void write(quantity::Bytes& bytes, const Context& context) { bytes.add(context.shape); }

static void write(quantity::Bytes& bytes, const Elementwise& elementwise) {
  const auto& [function, rows, width, terms, parameter_elements] = elementwise;
  bytes.add(function, rows, width, terms, parameter_elements);
}

static void write(quantity::Bytes& bytes, const Transfer& transfer) {
  const auto& [direction, elements, element_bits] = transfer;
  bytes.add(direction, elements, element_bits);
}

void write(quantity::Bytes& bytes, const Work& work) {
  bytes.add(work.index());
  std::visit([&bytes](const auto& one) { bytes.add(one); }, work);
}

}  // namespace addax::workload
