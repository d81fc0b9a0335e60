// SPDX-License-Identifier: Apache-2.0
#include "models/arith/operation.h"

#include <array>

namespace addax::arith {
namespace {

constexpr std::array<const char*, kArithmeticCount> kArithmeticNames = {
    "fp16.multiply", "fp16.add",     "fp32.multiply", "fp32.add",        "int8.multiply",
    "int8.add",      "int16.add",    "int32.add",     "exponent.add",    "barrel.shift",
    "fp16.convert",  "fp32.compare", "fp32.exp",      "fp32.reciprocal", "fp32.rsqrt"};

}  // namespace

const char* name(Arithmetic arithmetic) {
  return kArithmeticNames.at(static_cast<std::size_t>(arithmetic));
}
std::optional<Arithmetic> parse_arithmetic(const std::string& text) {
  for (std::size_t i = 0; i < kArithmeticNames.size(); ++i)
    if (text == kArithmeticNames[i]) return static_cast<Arithmetic>(i);
  return std::nullopt;
}

}  // namespace addax::arith
