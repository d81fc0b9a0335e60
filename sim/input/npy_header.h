// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/input/byte_file.h"

namespace addax::input {

/// What a .npy file says of its array.
struct NpyHeader {
  std::string type;  ///< NumPy's descr, as "<f2"
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::uint64_t data = 0;  ///< offset of the first value
};

/// Reads the header of format 1.0, 2.0 or 3.0. Throws ConfigError.
NpyHeader read_npy_header(ByteFile& file);

}  // namespace addax::input
