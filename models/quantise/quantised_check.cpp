// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "models/quantise/quantised.h"
#include "models/quantity/diagnosis.h"
#include "models/quantity/quantity.h"

namespace addax::quantise {

using quantity::Impossible;
using workload::FormatKind;

namespace {

/// How many of everything a format has.
struct Sizes {
  std::uint64_t scales = 0, scale_terms = 0, zero_points = 0, gammas = 0, exponents = 0;
};

Sizes sizes_of(const QuantisedMatrix& matrix) {
  const workload::WeightFormat& format = matrix.format;
  Sizes sizes;
  if (format.kind == FormatKind::kFp16) return sizes;
  if (format.kind == FormatKind::kMsfp) {
    sizes.exponents =
        quantity::checked_mul(matrix.outputs, quantity::ceil_div(matrix.inputs, format.box));
    return sizes;
  }
  const std::uint64_t a_plane = scales_a_plane(format, matrix.inputs, matrix.outputs);
  const std::uint64_t all =
      is_binary_coded(format) ? quantity::checked_mul(format.planes, a_plane) : a_plane;
  if (format.scale_terms == 0) {
    sizes.scales = all;
  } else {
    sizes.scale_terms = quantity::checked_mul(format.scale_terms, all);
  }
  sizes.zero_points = format.zero_points ? all : 0;
  sizes.gammas = format.gamma ? all : 0;
  return sizes;
}

void require_size(const char* path, std::uint64_t found, std::uint64_t allowed) {
  if (found != allowed)
    throw Impossible({path, std::to_string(found) + " values", std::to_string(allowed)});
}

std::string text_of(arith::Fp16 /*value*/) { return "an infinity or a NaN"; }
std::string text_of(unsigned value) { return std::to_string(value); }

template <class Value, class Valid>
void require_all(const char* path, const std::vector<Value>& values, const char* allowed,
                 const Valid& valid) {
  const auto wrong = std::find_if_not(values.begin(), values.end(), valid);
  if (wrong != values.end())
    throw Impossible(
        {path, text_of(*wrong) + " at value " + std::to_string(wrong - values.begin()), allowed});
}

void require_finite(const char* path, const std::vector<arith::Fp16>& values) {
  require_all(path, values, "finite FP16 numbers",
              [](arith::Fp16 value) { return (value.bits & 0x7C00U) != 0x7C00U; });
}

void check_values(const QuantisedMatrix& matrix) {
  const workload::WeightFormat& format = matrix.format;
  const std::uint32_t bits = code_bits_a_weight(format);
  if (format.kind == FormatKind::kFp16) {
    std::vector<arith::Fp16> weights;
    weights.reserve(matrix.codes.size());
    for (const std::uint16_t code : matrix.codes) weights.push_back({code});
    require_finite("codes", weights);
  }
  require_all("codes", matrix.codes, "codes of the format's width",
              [&](std::uint16_t code) { return code >> bits == 0; });
  if (format.kind == FormatKind::kTernary)
    require_all("codes", matrix.codes, "0, 1, 3", [](std::uint16_t code) { return code != 2; });
  require_finite("scales", matrix.scales);
  require_finite("gammas", matrix.gammas);
  require_all("zero_points", matrix.zero_points, "numbers of as many bits as codes",
              [&](std::uint8_t zero) { return zero >> format.bits == 0; });
  require_all("exponents", matrix.exponents, "numbers of the format's exponent bits",
              [&](std::uint8_t exponent) { return exponent >> format.exponent_bits == 0; });
}

}  // namespace

void check(const QuantisedMatrix& matrix) {
  workload::check(matrix.format);
  if (matrix.outputs == 0) throw Impossible({"outputs", "0", "1 or more"});
  if (matrix.inputs == 0) throw Impossible({"inputs", "0", "1 or more"});
  const Sizes sizes = sizes_of(matrix);
  require_size("codes", matrix.codes.size(), quantity::checked_mul(matrix.outputs, matrix.inputs));
  require_size("scales", matrix.scales.size(), sizes.scales);
  require_size("scale_terms", matrix.scale_terms.size(), sizes.scale_terms);
  require_size("zero_points", matrix.zero_points.size(), sizes.zero_points);
  require_size("gammas", matrix.gammas.size(), sizes.gammas);
  require_size("exponents", matrix.exponents.size(), sizes.exponents);
  check_values(matrix);
}

}  // namespace addax::quantise
