// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/input/byte_file.h"

namespace addax::input {

/// A tensor in a safetensors file.
struct TensorEntry {
  std::string type;  ///< "F16", "U8", ...
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< bytes, from the start of the file
};

/// The header of a safetensors file: eight bytes of length, JSON, then the tensors' bytes without
/// gaps.
class Safetensors {
 public:
  /// Throws ConfigError: not such a file, a length beyond the file or 100 MB, no JSON, a name
  /// twice, offsets that overlap, leave gaps, leave the file or do not fit type and shape.
  explicit Safetensors(const std::string& path);

  const std::map<std::string, TensorEntry>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  ByteFile& file() { return file_; }

 private:
  void read_header(const std::string& text, std::uint64_t data);
  void check_layout(std::uint64_t data) const;

  ByteFile file_;
  std::map<std::string, TensorEntry> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// Bytes of a value of a type; none for a type that is not known.
std::optional<std::uint64_t> type_bytes(const std::string& type);

/// "[4096, 11008]".
std::string shape_text(const std::vector<std::uint64_t>& shape);

}  // namespace addax::input
