// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace addax::arith {

/// The arithmetic that units execute. A unit of a datapath is named by what it executes.
enum class Arithmetic {
  kFp16Multiply,
  kFp16Add,
  kFp32Multiply,
  kFp32Add,
  kInt8Multiply,
  kInt8Add,
  kInt16Add,
  kInt32Add,
  kExponentAdd,  ///< FP16 by a signed power of two: a 5-bit add on the exponent
  kBarrelShift,  ///< INT16 shift
  kFp16Convert,  ///< small integer to FP16, or FP16 to a narrower or shared-exponent form
  kFp32Compare,
  kFp32Exp,
  kFp32Reciprocal,
  kFp32Rsqrt,
};
inline constexpr int kArithmeticCount = 15;

/// "fp16.multiply", "exponent.add", ...: the spelling used in YAML, JSON and cost tables.
const char* name(Arithmetic arithmetic);
std::optional<Arithmetic> parse_arithmetic(const std::string& text);

}  // namespace addax::arith
