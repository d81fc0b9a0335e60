// SPDX-License-Identifier: Apache-2.0
#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "sim/input/quantised_file.h"

namespace addax::input {

using quantity::ceil_div;
using workload::FormatKind;
using workload::WeightFormat;

namespace {

TensorPlan code_plan(const WeightFormat& format, std::uint64_t outputs, std::uint64_t inputs) {
  const std::uint64_t packed = ceil_div(inputs * code_bits_a_weight(format), 8);
  switch (format.kind) {
    case FormatKind::kFp16:
      return {"weights", "F16", {outputs, inputs}};
    case FormatKind::kW8a8:
      return {"codes", "I8", {outputs, inputs}};
    case FormatKind::kInt:
    case FormatKind::kMsfp:
      return {"codes", "U8", {outputs, packed}};
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      return {"planes", "U8", {format.planes, outputs, ceil_div(inputs, 8)}};
    case FormatKind::kTernary:
      return {"trits", "U8", {outputs, format.packed_trits ? ceil_div(inputs, 5) : packed}};
  }
  ADDAX_UNREACHABLE("format kind");
}

}  // namespace

std::vector<TensorPlan> tensor_plans(const WeightFormat& format, std::uint64_t outputs,
                                     std::uint64_t inputs) {
  std::vector<TensorPlan> plans;
  const bool boxed = format.kind == FormatKind::kMsfp;
  if (format.kind != FormatKind::kFp16 && !boxed) {
    const std::uint64_t rows = scale_row_blocks(format, outputs);
    const std::uint64_t groups = scale_groups_a_row(format, inputs);
    std::vector<std::uint64_t> shape = {rows, groups};
    if (is_binary_coded(format)) shape.insert(shape.begin(), format.planes);
    // Two bytes come before single ones, so that they lie at even places.
    if (format.scale_terms == 0) plans.push_back({"scales", "F16", shape});
    if (format.gamma) plans.push_back({"gammas", "F16", shape});
    shape.push_back(format.scale_terms);
    if (format.scale_terms != 0) plans.push_back({"scale_terms", "U8", shape});
    if (format.zero_points)
      plans.push_back({"zero_points", "U8", {rows, ceil_div(groups * format.bits, 8)}});
  }
  if (boxed)
    plans.push_back({"exponents",
                     "U8",
                     {outputs, ceil_div(ceil_div(inputs, format.box) * format.exponent_bits, 8)}});
  plans.push_back(code_plan(format, outputs, inputs));
  return plans;
}

std::vector<std::uint8_t> pack_bits(const std::vector<std::uint8_t>& values, std::uint32_t bits) {
  std::vector<std::uint8_t> bytes(ceil_div(values.size() * bits, 8));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t at = i * bits;
    const unsigned moved = static_cast<unsigned>(values[i]) << (at % 8);
    bytes[at / 8] = static_cast<std::uint8_t>(bytes[at / 8] | moved);
    if (moved >> 8U != 0)
      bytes[at / 8 + 1] = static_cast<std::uint8_t>(bytes[at / 8 + 1] | (moved >> 8U));
  }
  return bytes;
}

std::vector<std::uint8_t> unpack_bits(const std::vector<std::uint8_t>& bytes, std::uint32_t bits,
                                      std::uint64_t count) {
  std::vector<std::uint8_t> values;
  values.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = i * bits;
    const unsigned high = at % 8 + bits > 8 ? bytes.at(at / 8 + 1) : 0U;
    const unsigned both = bytes.at(at / 8) | (high << 8U);
    values.push_back(static_cast<std::uint8_t>((both >> (at % 8)) & ((1U << bits) - 1U)));
  }
  return values;
}

}  // namespace addax::input
