// SPDX-License-Identifier: Apache-2.0
#include "models/values/pseudo_random.h"

#include <random>

#include "models/arith/exponent_add.h"

namespace addax::values {

using workload::FormatKind;

namespace {

class Source {
 public:
  explicit Source(std::uint32_t seed) : bits_(seed) {}
  std::uint32_t below(std::uint64_t limit) { return static_cast<std::uint32_t>(bits_() % limit); }
  /// Either sign, any fraction, 2^-15 (subnormals) to below 2^5.
  arith::Fp16 half() {
    return {static_cast<std::uint16_t>((bits_() & 0x83FFU) | below(20) << 10U)};
  }
  std::uint8_t term() {
    return arith::encoded({below(2) == 1, static_cast<std::int8_t>(-static_cast<int>(below(12)))});
  }

 private:
  std::mt19937 bits_;  // the same numbers in every library
};

std::uint16_t code(const workload::WeightFormat& format, Source& source) {
  switch (format.kind) {
    case FormatKind::kFp16:
      return source.half().bits;
    case FormatKind::kTernary: {
      constexpr std::uint16_t kTrits[] = {0, 1, 3};
      return kTrits[source.below(3)];
    }
    default:
      return static_cast<std::uint16_t>(
          source.below(std::uint64_t{1} << workload::code_bits_a_weight(format)));
  }
}

quantise::QuantisedMatrix matrix(const workload::Linear& linear, Source& source) {
  quantise::QuantisedMatrix made;
  made.format = linear.weights;
  made.outputs = linear.outputs;
  made.inputs = linear.inputs;
  const workload::WeightFormat& format = made.format;
  for (std::uint64_t i = 0; i < made.outputs * made.inputs; ++i)
    made.codes.push_back(code(format, source));
  if (format.kind == FormatKind::kFp16) return made;
  if (format.kind == FormatKind::kMsfp) {
    const std::uint64_t boxes = (made.inputs + format.box - 1) / format.box;
    const int bias = quantise::exponent_bias(format.exponent_bits);
    for (std::uint64_t i = 0; i < made.outputs * boxes; ++i)
      made.exponents.push_back(
          static_cast<std::uint8_t>(bias + 2 - static_cast<int>(source.below(5))));
    return made;
  }
  const std::uint64_t a_plane = workload::scales_a_plane(format, made.inputs, made.outputs);
  const std::uint64_t planes = workload::is_binary_coded(format) ? format.planes : 1;
  for (std::uint64_t i = 0; i < planes * a_plane; ++i) {
    if (format.scale_terms == 0) made.scales.push_back(source.half());
    for (std::uint32_t t = 0; t < format.scale_terms; ++t)
      made.scale_terms.push_back(source.term());
  }
  for (std::uint64_t i = 0; i < a_plane; ++i) {
    if (format.zero_points)
      made.zero_points.push_back(
          static_cast<std::uint8_t>(source.below(std::uint64_t{1} << format.bits)));
    if (format.gamma) made.gammas.push_back(source.half());
  }
  return made;
}

}  // namespace

LayerValues pseudo_random(const workload::Linear& linear, const workload::Widths& widths,
                          std::uint32_t seed) {
  Source source(seed);
  LayerValues made;
  made.tokens = linear.tokens;
  for (std::uint64_t copy = 0; copy < linear.copies; ++copy)
    made.weights.push_back(matrix(linear, source));
  const std::uint64_t inputs = linear.copies * linear.tokens * linear.inputs;
  // FP16, integer and msfp layers keep FP16 activations (docs/physics/formats.md).
  const FormatKind kind = linear.weights.kind;
  const bool may_be_integers =
      kind == FormatKind::kTernary || workload::is_binary_coded(linear.weights);
  if (kind == FormatKind::kW8a8 || (may_be_integers && widths.activation_bits == 8)) {
    std::vector<std::int8_t> x;
    for (std::uint64_t i = 0; i < inputs; ++i)
      x.push_back(static_cast<std::int8_t>(static_cast<int>(source.below(256)) - 128));
    made.activations = std::move(x);
  } else {
    std::vector<arith::Fp16> x;
    for (std::uint64_t i = 0; i < inputs; ++i) x.push_back(source.half());
    made.activations = std::move(x);
  }
  return made;
}

}  // namespace addax::values
