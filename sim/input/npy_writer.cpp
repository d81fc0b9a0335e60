// SPDX-License-Identifier: Apache-2.0
#include "sim/input/npy_writer.h"

#include <string>

#include "models/quantity/check.h"

namespace addax::input {

void write_npy(std::ostream& stream, std::uint64_t rows, std::uint64_t columns,
               const std::vector<arith::Fp16>& values) {
  ADDAX_CHECK(values.size() == rows * columns, "a matrix of another size");
  // Data begin at a multiple of 64 bytes, as NumPy has it.
  constexpr std::size_t kAlignment = 64, kBeforeText = 10;
  std::string text = "{'descr': '<f2', 'fortran_order': False, 'shape': (" + std::to_string(rows) +
                     ", " + std::to_string(columns) + "), }";
  while ((kBeforeText + text.size() + 1) % kAlignment != 0) text += ' ';
  text += '\n';
  const auto two_bytes = [&](std::size_t number) {
    stream.put(static_cast<char>(number & 0xFFU));
    stream.put(static_cast<char>(number >> 8U));
  };
  stream.write("\x93NUMPY\x01\x00", 8);
  two_bytes(text.size());
  stream << text;
  for (const arith::Fp16 value : values) two_bytes(value.bits);
}

}  // namespace addax::input
