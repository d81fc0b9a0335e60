// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <optional>

#include "models/arith/ternary.h"
#include "models/quantity/quantity.h"
#include "sim/input/document.h"
#include "sim/input/document_node.h"
#include "sim/input/quantised_file.h"
#include "sim/input/safetensors.h"
#include "sim/input/trace_reader.h"

namespace addax::input {

using quantise::QuantisedMatrix;
using quantity::ceil_div;
using workload::FormatKind;
using workload::WeightFormat;

namespace {

using Bytes = std::vector<std::uint8_t>;

const std::vector<std::string>& metadata_keys() {
  static const std::vector<std::string> keys = {"schema", "outputs", "inputs", "weight_format"};
  return keys;
}
std::string allowed_keys() {
  std::string text;
  for (const std::string& key : metadata_keys()) text += (text.empty() ? "" : ", ") + key;
  return text;
}

std::string entry_at(const Safetensors& file, const std::string& path, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end())
    throw ConfigError(path + ": __metadata__: found no '" + key + "'; allowed: " + allowed_keys());
  return found->second;
}

void refuse_unknown_keys(const Safetensors& file, const std::string& path) {
  const std::vector<std::string>& known = metadata_keys();
  for (const auto& [key, text] : file.metadata()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::optional<std::string> near = nearest(key, known);
    throw ConfigError(path + ": __metadata__: found the unknown key '" + printable(key) +
                      "'; allowed: " + allowed_keys() +
                      (near ? "; did you mean '" + *near + "'?" : ""));
  }
}

std::uint64_t size_at(const Safetensors& file, const std::string& path, const std::string& key) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 31U;
  const std::string text = entry_at(file, path, key);
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < 1 || value > kMost)
    throw ConfigError(path + ": __metadata__." + key + ": found '" + printable(text) +
                      "'; allowed: an integer from 1 to " + std::to_string(kMost));
  return value;
}

void check_tensors(const Safetensors& file, const std::string& path,
                   const std::vector<TensorPlan>& plans) {
  for (const TensorPlan& plan : plans) {
    const auto found = file.tensors().find(plan.name);
    const std::string allowed = "; allowed: " + plan.type + " " + shape_text(plan.shape);
    if (found == file.tensors().end())
      throw ConfigError(path + ": " + plan.name + ": found nothing" + allowed);
    if (found->second.type != plan.type || found->second.shape != plan.shape)
      throw ConfigError(path + ": " + plan.name + ": found " + printable(found->second.type) + " " +
                        shape_text(found->second.shape) + allowed);
  }
  if (file.tensors().size() != plans.size())
    throw ConfigError(path + ": found " + std::to_string(file.tensors().size()) +
                      " tensors; allowed: " + std::to_string(plans.size()) + " for its format");
}

/// The tensors of a file whose layout was checked; one that the format does not have is empty.
class Parts {
 public:
  explicit Parts(Safetensors& file) : file_(file) {}

  Bytes bytes(const std::string& name) {
    const auto found = file_.tensors().find(name);
    if (found == file_.tensors().end()) return {};
    return file_.file().read(found->second.begin, found->second.end - found->second.begin);
  }
  std::vector<arith::Fp16> halves(const std::string& name) {
    const Bytes all = bytes(name);
    std::vector<arith::Fp16> values;
    for (std::size_t i = 0; i < all.size(); i += 2)
      values.push_back({static_cast<std::uint16_t>(little_endian(all, i, 2))});
    return values;
  }
  /// Lines of `length` numbers of `bits` bits, packed apart.
  Bytes lines(const std::string& name, std::uint64_t length, std::uint32_t bits) {
    const Bytes all = bytes(name);
    const std::uint64_t line_bytes = ceil_div(length * bits, 8);
    Bytes values;
    for (std::uint64_t at = 0; at < all.size(); at += line_bytes) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
      const Bytes line =
          unpack_bits(Bytes(begin, begin + static_cast<std::ptrdiff_t>(line_bytes)), bits, length);
      values.insert(values.end(), line.begin(), line.end());
    }
    return values;
  }

 private:
  Safetensors& file_;
};

Bytes unpack_trits(const Bytes& bytes, std::uint64_t count, const std::string& path) {
  Bytes codes;
  for (const std::uint8_t byte : bytes) {
    const std::optional<arith::FiveTrits> trits = arith::unpacked_five_trits(byte);
    if (!trits)
      throw ConfigError(path + ": trits: found " + std::to_string(byte) +
                        "; allowed: 0 to 242, five trits a byte");
    for (const std::int8_t trit : *trits)
      if (codes.size() < count) codes.push_back(static_cast<std::uint8_t>(trit) & 3U);
  }
  return codes;
}

/// One line of codes, as its bytes have it.
Bytes unpack_line(const WeightFormat& format, const Bytes& bytes, std::uint64_t count,
                  const std::string& path) {
  if (format.packed_trits) return unpack_trits(bytes, count, path);
  return unpack_bits(bytes, is_binary_coded(format) ? 1 : code_bits_a_weight(format), count);
}

void read_codes(Safetensors& file, const std::string& name, QuantisedMatrix& matrix) {
  const TensorEntry& entry = file.tensors().at(name);
  const WeightFormat& format = matrix.format;
  const std::uint32_t planes = is_binary_coded(format) ? format.planes : 1;
  const std::uint64_t line_bytes = (entry.end - entry.begin) / (planes * matrix.outputs);
  matrix.codes.assign(matrix.outputs * matrix.inputs, 0);
  std::uint64_t at = entry.begin;
  for (std::uint32_t plane = 0; plane < planes; ++plane) {
    for (std::uint64_t row = 0; row < matrix.outputs; ++row, at += line_bytes) {
      const Bytes bytes = file.file().read(at, line_bytes);
      std::uint16_t* codes = matrix.codes.data() + row * matrix.inputs;
      if (format.kind == FormatKind::kFp16) {
        for (std::uint64_t i = 0; i < matrix.inputs; ++i)
          codes[i] = static_cast<std::uint16_t>(little_endian(bytes, 2 * i, 2));
        continue;
      }
      const Bytes line = unpack_line(format, bytes, matrix.inputs, file.file().path());
      for (std::uint64_t i = 0; i < matrix.inputs; ++i)
        codes[i] = static_cast<std::uint16_t>(codes[i] | (unsigned{line[i]} << plane));
    }
  }
}

}  // namespace

QuantisedMatrix read_quantised(const std::string& path) {
  Safetensors file(path);
  const std::string schema = entry_at(file, path, "schema");
  if (schema != kQuantisedSchema)
    throw ConfigError(path + ": __metadata__.schema: found '" + printable(schema) +
                      "'; allowed: " + kQuantisedSchema);
  refuse_unknown_keys(file, path);
  QuantisedMatrix matrix;
  const Document format =
      Document::parse(entry_at(file, path, "weight_format"), path + ": weight_format");
  matrix.format = read_weight_format(format.root());
  matrix.outputs = size_at(file, path, "outputs");
  matrix.inputs = size_at(file, path, "inputs");
  const std::vector<TensorPlan> plans = tensor_plans(matrix.format, matrix.outputs, matrix.inputs);
  check_tensors(file, path, plans);
  Parts parts(file);
  matrix.scales = parts.halves("scales");
  matrix.gammas = parts.halves("gammas");
  matrix.scale_terms = parts.bytes("scale_terms");
  matrix.zero_points = parts.lines("zero_points", scale_groups_a_row(matrix.format, matrix.inputs),
                                   matrix.format.bits);
  if (matrix.format.kind == FormatKind::kMsfp)
    matrix.exponents = parts.lines("exponents", ceil_div(matrix.inputs, matrix.format.box),
                                   matrix.format.exponent_bits);
  read_codes(file, plans.back().name, matrix);
  try {
    check(matrix);
  } catch (const quantity::Impossible& error) {
    throw ConfigError(path + ": " + error.diagnosis().path + ": found " + error.diagnosis().value +
                      "; allowed: " + error.diagnosis().message);
  }
  return matrix;
}

}  // namespace addax::input
