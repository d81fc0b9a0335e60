// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "models/quantise/quantised.h"
#include "sim/input/document.h"
#include "sim/input/quantised_file.h"
#include "tests/tensor_files.h"

namespace addax::tests {

/// A folder of its own for a trace and its values, removed with all that is in it.
class ValuesFolder {
 public:
  ValuesFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "addax-values-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ValuesFolder(const ValuesFolder&) = delete;
  ValuesFolder& operator=(const ValuesFolder&) = delete;
  ~ValuesFolder() { std::filesystem::remove_all(path_); }

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& bytes) const {
    input::write_file(path(name), bytes);
  }
  void write(const std::string& name, const quantise::QuantisedMatrix& matrix) const {
    std::ostringstream stream;
    input::write_quantised(stream, matrix);
    write(name, stream.str());
  }
  /// One tensor named x.
  template <class Number>
  void write_tensor(const std::string& name, const std::string& type, const std::string& shape,
                    const std::vector<Number>& numbers) const {
    const std::string data = bytes_of(numbers);
    const std::string offsets = "[0," + std::to_string(data.size()) + "]";
    write(name, safetensors_file("{" + tensor_entry("x", type, shape, offsets) + "}", data));
  }

 private:
  std::string path_;
};

/// Ternary with one scale for the whole matrix.
inline quantise::QuantisedMatrix ternary(std::uint64_t outputs, std::uint64_t inputs,
                                         std::vector<std::uint16_t> codes) {
  quantise::QuantisedMatrix matrix;
  matrix.format.kind = workload::FormatKind::kTernary;
  matrix.format.scales = {workload::ScaleSharing::kTensor, 0, 0, 0};
  matrix.outputs = outputs;
  matrix.inputs = inputs;
  matrix.codes = std::move(codes);
  matrix.scales = {{0x3800}};
  check(matrix);
  matrix.format.zero_fraction = quantise::zero_fraction(matrix);
  return matrix;
}

/// A trace of one linear layer: what its flow map has beside the role, as "tokens: 1, inputs: 4, ...".
/// The map `linear` is at line 16.
inline std::string trace_of(const std::string& linear, const std::string& activation_bits = "16",
                            const std::string& repeat = "1") {
  return "addax: trace/1\nname: t\nmodel: none\nwidths: {activation_bits: " + activation_bits +
         "}\nphases:\n  - name: p\n    kind: decode\n    new_tokens: 1\n    context: 1\n"
         "    blocks:\n      - name: b\n        repeat: " +
         repeat +
         "\n        operations:\n          - name: up\n            kind: linear\n"
         "            linear: {role: mlp, " +
         linear + "}\n            reads: [x]\n            writes: y\n";
}

}  // namespace addax::tests
