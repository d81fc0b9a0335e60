// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/quantise/matrix.h"

namespace addax::input {

/// A matrix of weights as it was read, rounded to FP16.
struct WeightMatrix {
  quantise::Matrix weights;
  std::string tensor;         ///< its name; empty for a .npy file
  std::string type;           ///< as the file says it: "F16", "<f4", ...
  std::uint64_t rounded = 0;  ///< weights that FP16 does not have, and that rounding changed
};

/// Reads a matrix of outputs x inputs from a .npy file (format 1.0 to 3.0; float16, float32,
/// float64; little-endian; C or Fortran order) or a tensor of a .safetensors file (F16, BF16, F32).
/// `tensor` picks one where there are several. Throws ConfigError for whatever is wrong with the
/// file, and for a weight that is not finite or beyond FP16, with its row and column.
WeightMatrix read_matrix(const std::string& path, const std::optional<std::string>& tensor);

}  // namespace addax::input
