// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace addax::quantise {

/// The weights of a linear layer as they are before they are quantised: row n holds what output n
/// takes of every input.
struct Matrix {
  std::uint64_t outputs = 0;  ///< N, rows
  std::uint64_t inputs = 0;   ///< K, columns
  std::vector<float> values;  ///< outputs x inputs, row by row; FP16 values
};

/// Throws Impossible where there are no weights, and for a weight that is not finite or that FP16
/// does not have, with its row and column (from 0).
void check(const Matrix& matrix);

/// The FP16 value nearest to `value`, rounded once, to even where two are as near; infinity from
/// 65520 on.
double nearest_fp16(double value);

inline constexpr double kLargestFp16 = 65504.0;
inline constexpr double kLeastFp16 = 0x1p-24;  ///< the smallest above zero

}  // namespace addax::quantise
