// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <vector>

#include "models/arith/float.h"

namespace addax::input {

/// Writes rows x columns halves, row by row, as a .npy file of format 1.0 ("<f2", C order).
void write_npy(std::ostream& stream, std::uint64_t rows, std::uint64_t columns,
               const std::vector<arith::Fp16>& values);

}  // namespace addax::input
