// SPDX-License-Identifier: Apache-2.0
#include "sim/input/matrix_reader.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "models/arith/float.h"
#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "sim/input/document.h"
#include "sim/input/document_node.h"
#include "sim/input/npy_header.h"
#include "sim/input/safetensors.h"

namespace addax::input {
namespace {

constexpr std::uint64_t kMostSize = std::uint64_t{1} << 28U;

enum class Element { kF16, kBf16, kF32, kF64 };

std::uint64_t bytes_of(Element element) {
  if (element == Element::kF64) return 8;
  return element == Element::kF32 ? 4 : 2;
}

/// Where a file holds a matrix.
struct Place {
  Element element = Element::kF16;
  std::uint64_t rows = 0, columns = 0;
  std::uint64_t offset = 0;  ///< of the first value
  bool by_columns = false;
};

template <class To, class From>
To reinterpreted(From bits) {
  static_assert(sizeof(To) == sizeof(From));
  To value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

double value_at(Element element, const std::vector<std::uint8_t>& bytes, std::size_t at) {
  const std::uint64_t bits = little_endian(bytes, at, bytes_of(element));
  switch (element) {
    case Element::kF16:
      return arith::to_fp32({static_cast<std::uint16_t>(bits)});
    case Element::kBf16:
      return reinterpreted<float>(static_cast<std::uint32_t>(bits << 16U));
    case Element::kF32:
      return reinterpreted<float>(static_cast<std::uint32_t>(bits));
    case Element::kF64:
      return reinterpreted<double>(bits);
  }
  ADDAX_UNREACHABLE("element");
}

[[noreturn]] void refuse_weight(const std::string& path, double value, std::uint64_t row,
                                std::uint64_t column) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  throw ConfigError(path + ": row " + std::to_string(row) + ", column " + std::to_string(column) +
                    ": found " + text.data() +
                    "; allowed: finite weights that round to FP16, below 65520");
}

void read_values(ByteFile& file, const Place& place, WeightMatrix& matrix) {
  matrix.weights.outputs = place.rows;
  matrix.weights.inputs = place.columns;
  matrix.weights.values.resize(place.rows * place.columns);
  const std::uint64_t lines = place.by_columns ? place.columns : place.rows;
  const std::uint64_t length = place.by_columns ? place.rows : place.columns;
  const std::uint64_t size = bytes_of(place.element);
  for (std::uint64_t line = 0; line < lines; ++line) {
    const std::vector<std::uint8_t> bytes =
        file.read(place.offset + line * length * size, length * size);
    for (std::uint64_t i = 0; i < length; ++i) {
      const double value = value_at(place.element, bytes, i * size);
      const double rounded = quantise::nearest_fp16(value);
      const std::uint64_t row = place.by_columns ? i : line, column = place.by_columns ? line : i;
      if (!std::isfinite(rounded)) refuse_weight(file.path(), value, row, column);
      if (rounded != value) ++matrix.rounded;
      matrix.weights.values[row * place.columns + column] = static_cast<float>(rounded);
    }
  }
}

void check_shape(const std::string& what, const std::vector<std::uint64_t>& shape) {
  bool possible = shape.size() == 2;
  for (const std::uint64_t size : shape) possible = possible && size >= 1 && size <= kMostSize;
  if (!possible)
    throw ConfigError(what + ": found the shape " + shape_text(shape) +
                      "; allowed: [N, K], each from 1 to " + std::to_string(kMostSize));
}

WeightMatrix read_npy(const std::string& path) {
  ByteFile file(path);
  const NpyHeader header = read_npy_header(file);
  Place place;
  if (header.type == "<f4") {
    place.element = Element::kF32;
  } else if (header.type == "<f8") {
    place.element = Element::kF64;
  } else if (header.type != "<f2") {
    throw ConfigError(path + ": descr: found '" + printable(header.type) +
                      "'; allowed: <f2, <f4, <f8 (float16, float32, float64, little-endian)");
  }
  check_shape(path, header.shape);
  const std::uint64_t bytes =
      quantity::checked_mul(header.shape[0], header.shape[1], bytes_of(place.element));
  if (file.size() - header.data != bytes)
    throw ConfigError(path + ": found " + std::to_string(file.size() - header.data) +
                      " bytes of values; allowed: " + std::to_string(bytes) + " for " +
                      shape_text(header.shape) + " of " + header.type);
  place.rows = header.shape[0];
  place.columns = header.shape[1];
  place.offset = header.data;
  place.by_columns = header.fortran_order;
  WeightMatrix matrix;
  matrix.type = header.type;
  read_values(file, place, matrix);
  return matrix;
}

std::string listed(const std::map<std::string, TensorEntry>& tensors) {
  constexpr std::size_t kMost = 20;
  std::string text;
  std::size_t count = 0;
  for (const auto& [name, entry] : tensors) {
    if (++count > kMost) break;
    text += (text.empty() ? "" : ", ") + printable(name);
  }
  return tensors.size() > kMost ? text + " and " + std::to_string(tensors.size() - kMost) + " more"
                                : text;
}

std::string choose(const Safetensors& file, const std::string& path,
                   const std::optional<std::string>& wanted) {
  const auto& tensors = file.tensors();
  if (tensors.empty()) throw ConfigError(path + ": found no tensor; allowed: one or more");
  if (!wanted) {
    if (tensors.size() == 1) return tensors.begin()->first;
    throw ConfigError(path + ": found " + std::to_string(tensors.size()) +
                      " tensors; allowed: --tensor with one of " + listed(tensors));
  }
  if (tensors.count(*wanted) == 1) return *wanted;
  std::vector<std::string> names;
  for (const auto& [name, entry] : tensors) names.push_back(name);
  const auto near = nearest(*wanted, names);
  throw ConfigError("--tensor: found '" + printable(*wanted) + "', which " + path +
                    " does not have; allowed: " + listed(tensors) +
                    (near ? "; did you mean '" + *near + "'?" : ""));
}

WeightMatrix read_safetensors(const std::string& path, const std::optional<std::string>& tensor) {
  Safetensors file(path);
  WeightMatrix matrix;
  matrix.tensor = choose(file, path, tensor);
  const TensorEntry& entry = file.tensors().at(matrix.tensor);
  const std::string what = path + ": " + printable(matrix.tensor);
  Place place;
  if (entry.type == "BF16") {
    place.element = Element::kBf16;
  } else if (entry.type == "F32") {
    place.element = Element::kF32;
  } else if (entry.type != "F16") {
    throw ConfigError(what + ": found the type '" + printable(entry.type) +
                      "'; allowed: F16, BF16, F32");
  }
  check_shape(what, entry.shape);
  place.rows = entry.shape[0];
  place.columns = entry.shape[1];
  place.offset = entry.begin;
  matrix.type = entry.type;
  read_values(file.file(), place, matrix);
  return matrix;
}

}  // namespace

WeightMatrix read_matrix(const std::string& path, const std::optional<std::string>& tensor) {
  const std::string suffix = std::filesystem::path(path).extension().string();
  if (suffix == ".safetensors") return read_safetensors(path, tensor);
  if (suffix != ".npy")
    throw ConfigError(path + ": found the suffix '" + printable(suffix) +
                      "'; allowed: .npy, .safetensors");
  if (tensor)
    throw ConfigError("--tensor: found '" + printable(*tensor) +
                      "' for a .npy file, which holds one matrix; allowed: nothing");
  return read_npy(path);
}

}  // namespace addax::input
