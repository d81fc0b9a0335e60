// SPDX-License-Identifier: Apache-2.0
#include "models/workload/format.h"

#include <cmath>
#include <cstdio>
#include <tuple>

#include "models/quantity/check.h"
#include "models/workload/words.h"

namespace addax::workload {

using quantity::Bits;
using quantity::ceil_div;
using quantity::checked_add;
using quantity::checked_mul;

namespace {

constexpr std::array<const char*, 8> kFormatWords = {"fp16",     "w8a8",    "int",    "bcq",
                                                     "shiftadd", "ternary", "binary", "msfp"};
constexpr std::array<const char*, 5> kSharingWords = {"tensor", "row", "group", "column", "block"};

std::uint64_t block_rows(const ScaleLayout& scales, std::uint64_t outputs) {
  return scales.block_rows != 0 ? scales.block_rows : ceil_div(outputs, 8);
}

std::string describe(const ScaleLayout& scales) {
  switch (scales.sharing) {
    case ScaleSharing::kTensor:
      return " tensor";
    case ScaleSharing::kRow:
      return " row";
    case ScaleSharing::kGroup:
      return " g" + std::to_string(scales.group);
    case ScaleSharing::kColumn:
      return " column";
    case ScaleSharing::kBlock:
      return " block " + std::to_string(scales.block_columns) + "x" +
             (scales.block_rows == 0 ? "N/8" : std::to_string(scales.block_rows));
  }
  ADDAX_UNREACHABLE("scale sharing");
}

std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

}  // namespace

const char* name(FormatKind kind) { return word_of(kFormatWords, kind); }
std::optional<FormatKind> parse_format_kind(const std::string& text) {
  return parse_word<FormatKind>(kFormatWords, text);
}
const char* name(ScaleSharing sharing) { return word_of(kSharingWords, sharing); }
std::optional<ScaleSharing> parse_scale_sharing(const std::string& text) {
  return parse_word<ScaleSharing>(kSharingWords, text);
}

bool operator==(const ScaleLayout& a, const ScaleLayout& b) {
  return std::tie(a.sharing, a.group, a.block_columns, a.block_rows) ==
         std::tie(b.sharing, b.group, b.block_columns, b.block_rows);
}
bool operator==(const WeightFormat& a, const WeightFormat& b) {
  const auto all = [](const WeightFormat& f) {
    return std::tie(f.kind, f.bits, f.planes, f.scales, f.scale_terms, f.zero_points,
                    f.packed_trits, f.gamma, f.zero_fraction, f.mantissa_bits, f.exponent_bits,
                    f.box);
  };
  return all(a) == all(b);
}

bool is_binary_coded(const WeightFormat& format) {
  return format.kind == FormatKind::kBcq || format.kind == FormatKind::kShiftAdd ||
         format.kind == FormatKind::kBinary;
}

WeightFormat default_format(FormatKind kind, std::uint32_t bits, std::uint64_t block_rows) {
  WeightFormat format;
  format.kind = kind;
  switch (kind) {
    case FormatKind::kFp16:
    case FormatKind::kW8a8:
      break;
    case FormatKind::kInt:
      format.bits = bits;
      format.scales = {ScaleSharing::kGroup, 128, 0, 0};
      format.zero_points = true;
      break;
    case FormatKind::kBcq:
      format.planes = bits;
      format.scales = {ScaleSharing::kGroup, 128, 0, 0};
      break;
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      format.planes = kind == FormatKind::kBinary ? 1 : bits;
      format.scales = {ScaleSharing::kBlock, 0, 8, block_rows};
      format.scale_terms = 3;
      break;
    case FormatKind::kTernary:
      format.scales = {ScaleSharing::kGroup, 128, 0, 0};
      format.zero_fraction = 1.0 / 3.0;
      break;
    case FormatKind::kMsfp:
      format.mantissa_bits = 3;
      format.exponent_bits = 8;
      format.box = 16;
      break;
  }
  return format;
}

std::string describe(const WeightFormat& format) {
  std::string word = name(format.kind);
  const std::string terms =
      format.scale_terms == 0 ? "" : " k=" + std::to_string(format.scale_terms);
  switch (format.kind) {
    case FormatKind::kFp16:
    case FormatKind::kW8a8:
      return word;
    case FormatKind::kInt:
      return word + "-" + std::to_string(format.bits) + "bit" + describe(format.scales) +
             (format.zero_points ? " zp" : "");
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
      return word + "-" + std::to_string(format.planes) + "bit" + describe(format.scales) + terms;
    case FormatKind::kBinary:
      return word + describe(format.scales) + terms;
    case FormatKind::kTernary:
      return word + describe(format.scales) + (format.gamma ? " gamma" : "") +
             (format.packed_trits ? " packed" : "") + " zeros " +
             short_number(format.zero_fraction);
    case FormatKind::kMsfp:
      return word + " m=" + std::to_string(format.mantissa_bits) +
             " e=" + std::to_string(format.exponent_bits) + " box " + std::to_string(format.box);
  }
  ADDAX_UNREACHABLE("format kind");
}

std::uint64_t scale_groups_a_row(const WeightFormat& format, std::uint64_t inputs) {
  const ScaleLayout& scales = format.scales;
  switch (scales.sharing) {
    case ScaleSharing::kTensor:
    case ScaleSharing::kRow:
      return 1;
    case ScaleSharing::kGroup:
      return ceil_div(inputs, scales.group);
    case ScaleSharing::kColumn:
      return inputs;
    case ScaleSharing::kBlock:
      return ceil_div(inputs, scales.block_columns);
  }
  ADDAX_UNREACHABLE("scale sharing");
}

std::uint64_t scale_row_blocks(const WeightFormat& format, std::uint64_t outputs) {
  switch (format.scales.sharing) {
    case ScaleSharing::kTensor:
    case ScaleSharing::kColumn:
      return 1;
    case ScaleSharing::kRow:
    case ScaleSharing::kGroup:
      return outputs;
    case ScaleSharing::kBlock:
      return ceil_div(outputs, block_rows(format.scales, outputs));
  }
  ADDAX_UNREACHABLE("scale sharing");
}

std::uint64_t scales_a_plane(const WeightFormat& format, std::uint64_t inputs,
                             std::uint64_t outputs) {
  return checked_mul(scale_groups_a_row(format, inputs), scale_row_blocks(format, outputs));
}

std::uint64_t zero_weights(const WeightFormat& format, std::uint64_t inputs,
                           std::uint64_t outputs) {
  const std::uint64_t weights = checked_mul(inputs, outputs);
  const double zeros = std::floor(format.zero_fraction * static_cast<double>(weights));
  // Beyond 2^53 the product may round up past the number of weights.
  return zeros >= static_cast<double>(weights) ? weights : static_cast<std::uint64_t>(zeros);
}

std::uint32_t code_bits_a_weight(const WeightFormat& format) {
  switch (format.kind) {
    case FormatKind::kFp16:
      return 16;
    case FormatKind::kW8a8:
      return 8;
    case FormatKind::kInt:
      return format.bits;
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      return format.planes;
    case FormatKind::kTernary:
      return 2;
    case FormatKind::kMsfp:
      return 1 + format.mantissa_bits;
  }
  ADDAX_UNREACHABLE("format kind");
}

StoredBits stored_bits(const WeightFormat& format, std::uint64_t inputs, std::uint64_t outputs) {
  const std::uint64_t weights = checked_mul(inputs, outputs);
  const auto bits = [](std::uint64_t codes, std::uint64_t scales) {
    return StoredBits{Bits(codes), Bits(scales)};
  };
  switch (format.kind) {
    case FormatKind::kFp16:
      return bits(checked_mul(16, weights), 0);
    case FormatKind::kW8a8:
      return bits(checked_mul(8, weights), checked_mul(16, outputs));
    case FormatKind::kInt:
      return bits(checked_mul(format.bits, weights),
                  checked_mul(16 + (format.zero_points ? format.bits : 0),
                              scales_a_plane(format, inputs, outputs)));
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      return bits(checked_mul(format.planes, weights),
                  checked_mul(format.scale_terms == 0 ? 16 : 8 * format.scale_terms, format.planes,
                              scales_a_plane(format, inputs, outputs)));
    case FormatKind::kTernary:
      return bits(format.packed_trits ? checked_mul(8, outputs, ceil_div(inputs, 5))
                                      : checked_mul(2, weights),
                  checked_mul(format.gamma ? 32 : 16, scales_a_plane(format, inputs, outputs)));
    case FormatKind::kMsfp:
      return bits(checked_mul(1 + format.mantissa_bits, weights),
                  checked_mul(format.exponent_bits, outputs, ceil_div(inputs, format.box)));
  }
  ADDAX_UNREACHABLE("format kind");
}

}  // namespace addax::workload
