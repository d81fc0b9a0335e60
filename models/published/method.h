// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/published/tiling.h"

namespace addax::published {

/// Binary weights of a table's key, and the width of what a shift moves: (16 + 5) / 2, rounded down.
inline constexpr std::uint32_t kKeyBits = 8;
inline constexpr std::uint32_t kShiftBits = 10;

/// The paper's words for how weights are stored and multiplied.
enum class Method { kFp16, kOptq, kLutGemm, kShiftAdd };
const char* name(Method method);  ///< "fp16", "optq", "lutgemm", "shiftadd"
std::optional<Method> parse_method(const std::string& text);

/// A method with its bits a weight. Mixed: 2 bits, but 3 in the value and output projections (2.2
/// bits on average).
struct Scheme {
  Method method = Method::kFp16;
  std::uint32_t bits = 16;
  bool mixed = false;
};
std::string name(const Scheme& scheme);  ///< "fp16", "optq_3bit", "shiftadd_mixed"
/// Bits a weight of the linear layer `layer` of a block: "q", "v", "fc1", ...
std::uint32_t bits_of(const Scheme& scheme, const std::string& layer);

/// Kinds of operation of the published model.
enum class Kind { kFc, kMult, kAdd, kShift, kLut };
const char* name(Kind kind);  ///< "fc", "mult", "add", "shift", "lut"

/// Energy of an operation and of accesses to operands of `bits` (a shift: of 10 bits, (16 + 5) / 2
/// rounded down, whatever `bits` is). Additions, element-wise multiplications and lookups run on
/// chip: DRAM, buffer and the networks' inputs and weights cost them nothing.
UnitCosts unit_costs(Kind kind, std::uint32_t bits);
/// Operands of fewer than 16 bits are given twice the storage and four times the PEs.
Capacity capacity(std::uint32_t bits);
/// Array steps to seconds: one step a cycle of 250 MHz, a shift 32/10 times as fast.
double seconds_a_step(Kind kind);

/// The paper's categories of energy.
enum class Category { kFpMult, kFpAdd, kFpShift, kLutBuild, kLutLookup };
const char* name(
    Category category);  ///< "fp_mult", "fp_add", "fp_shift", "lut_build", "lut_lookup"

/// One operation of a layer.
struct Operation {
  std::string name;  ///< "multiply", "sum", "build.multiply", "lookup", "scale", ...
  Category category{};
  Kind kind{};
  Problem problem;
  std::uint32_t bits = 16;
};

/// What a linear layer with `inputs` x `outputs` weights does for one token:
/// - fp16, optq: FC(C, M) at the weight's bits, Add(C, M);
/// - lutgemm, shiftadd, with g = C/8 tables: build FC(8, 1), Add(8, 1), Add(1, 255), each for a batch
///   of g; LUT(M, b) and FC(M, b) or Shift(M, b), for a batch of g; Add(g, M).
/// Throws Impossible with the path "inputs" where tables are asked for and 8 does not divide C.
std::vector<Operation> linear_operations(const Scheme& scheme, std::uint64_t inputs,
                                         std::uint64_t outputs);

}  // namespace addax::published
