// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace addax::tests {

/// The bytes of numbers as they lie in memory, which is little-endian wherever the tests run.
template <class Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  std::string bytes(numbers.size() * sizeof(Number), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

/// `value` in `count` bytes, least first.
inline std::string little(std::uint64_t value, unsigned count) {
  std::string bytes;
  for (unsigned i = 0; i < count; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xFFU);
  return bytes;
}

/// A .npy file with a header of one's own.
inline std::string npy_file(const std::string& header, const std::string& data,
                            unsigned version = 1) {
  return std::string("\x93NUMPY") + little(version, 1) + little(0, 1) +
         little(header.size(), version == 1 ? 2 : 4) + header + data;
}

inline std::string npy_header(const std::string& type, const std::string& shape,
                              bool fortran = false) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }\n";
}

inline std::string safetensors_file(const std::string& header, const std::string& data) {
  return little(header.size(), 8) + header + data;
}

/// An entry of a header, with quotes.
inline std::string tensor_entry(const std::string& name, const std::string& type,
                                const std::string& shape, const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" +
         offsets + "}";
}

}  // namespace addax::tests
