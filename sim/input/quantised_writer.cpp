// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <tuple>

#include "models/arith/integer.h"
#include "models/arith/ternary.h"
#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "sim/input/quantised_file.h"
#include "sim/input/safetensors.h"

namespace addax::input {

using quantise::QuantisedMatrix;
using workload::FormatKind;
using workload::WeightFormat;

namespace {

using Json = nlohmann::ordered_json;
using Bytes = std::vector<std::uint8_t>;

/// What read_weight_format reads: a parameter that has its usual value is left out.
std::string format_text(const WeightFormat& format) {
  Json map = {{"kind", name(format.kind)}};
  const auto put = [](Json& object, const char* key, std::uint64_t value) {
    if (value != 0) object[key] = value;
  };
  const auto put_true = [&](const char* key, bool value) {
    if (value) map[key] = true;
  };
  put(map, "bits", format.bits);
  put(map, "planes", format.planes);
  if (!(format.scales == workload::ScaleLayout{})) {
    Json scales = {{"sharing", name(format.scales.sharing)}};
    put(scales, "group", format.scales.group);
    put(scales, "block_columns", format.scales.block_columns);
    put(scales, "block_rows", format.scales.block_rows);
    map["scales"] = scales;
  }
  put(map, "scale_terms", format.scale_terms);
  put_true("zero_points", format.zero_points);
  put_true("packed_trits", format.packed_trits);
  put_true("gamma", format.gamma);
  if (format.zero_fraction != 0.0) map["zero_fraction"] = format.zero_fraction;
  put(map, "mantissa_bits", format.mantissa_bits);
  put(map, "exponent_bits", format.exponent_bits);
  put(map, "box", format.box);
  return map.dump();
}

std::string header(const QuantisedMatrix& matrix, const std::vector<TensorPlan>& plans) {
  Json map;
  map["__metadata__"] = {{"schema", kQuantisedSchema},
                         {"outputs", std::to_string(matrix.outputs)},
                         {"inputs", std::to_string(matrix.inputs)},
                         {"weight_format", format_text(matrix.format)}};
  std::uint64_t at = 0;
  for (const TensorPlan& plan : plans) {
    std::uint64_t bytes = type_bytes(plan.type).value();
    for (const std::uint64_t size : plan.shape) bytes = quantity::checked_mul(bytes, size);
    map[plan.name] = {{"dtype", plan.type},
                      {"shape", plan.shape},
                      {"data_offsets", {at, quantity::checked_add(at, bytes)}}};
    at += bytes;
  }
  std::string text = map.dump();
  text.resize(quantity::ceil_div(text.size(), 8) * 8, ' ');
  return text;
}

void put(std::ostream& stream, const Bytes& bytes) {
  stream.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

void put_halves(std::ostream& stream, const std::uint16_t* first, std::uint64_t count) {
  Bytes bytes;
  bytes.reserve(2 * count);
  for (std::uint64_t i = 0; i < count; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(first[i] & 0xFFU));
    bytes.push_back(static_cast<std::uint8_t>(first[i] >> 8U));
  }
  put(stream, bytes);
}

void put_scales(std::ostream& stream, const std::vector<arith::Fp16>& scales) {
  std::vector<std::uint16_t> bits;
  bits.reserve(scales.size());
  for (const arith::Fp16 scale : scales) bits.push_back(scale.bits);
  put_halves(stream, bits.data(), bits.size());
}

/// Lines of `length` values each, packed apart.
void put_lines(std::ostream& stream, const Bytes& values, std::uint64_t length,
               std::uint32_t bits) {
  for (auto line = values.begin(); line != values.end();
       line += static_cast<std::ptrdiff_t>(length))
    put(stream, pack_bits(Bytes(line, line + static_cast<std::ptrdiff_t>(length)), bits));
}

/// Five trits a byte; those beyond the last code are -1.
Bytes pack_trits(const Bytes& codes) {
  constexpr std::size_t kTogether = std::tuple_size_v<arith::FiveTrits>;
  constexpr std::uint32_t kBits = 2;
  Bytes bytes;
  for (std::size_t first = 0; first < codes.size(); first += kTogether) {
    arith::FiveTrits trits;
    trits.fill(-1);
    for (std::size_t i = 0; i < kTogether && first + i < codes.size(); ++i)
      trits[i] = static_cast<std::int8_t>(arith::symmetric_code(codes[first + i], kBits));
    bytes.push_back(arith::packed_trits(trits));
  }
  return bytes;
}

void put_codes(std::ostream& stream, const QuantisedMatrix& matrix) {
  const WeightFormat& format = matrix.format;
  const std::uint32_t planes = is_binary_coded(format) ? format.planes : 1;
  Bytes line(matrix.inputs);
  for (std::uint32_t plane = 0; plane < planes; ++plane) {
    for (std::uint64_t row = 0; row < matrix.outputs; ++row) {
      const std::uint16_t* codes = matrix.codes.data() + row * matrix.inputs;
      if (format.kind == FormatKind::kFp16) {
        put_halves(stream, codes, matrix.inputs);
        continue;
      }
      for (std::uint64_t i = 0; i < matrix.inputs; ++i)
        line[i] = static_cast<std::uint8_t>(is_binary_coded(format) ? (codes[i] >> plane) & 1U
                                                                    : codes[i]);
      const std::uint32_t bits = is_binary_coded(format) ? 1 : code_bits_a_weight(format);
      put(stream, format.packed_trits ? pack_trits(line) : pack_bits(line, bits));
    }
  }
}

}  // namespace

void write_quantised(std::ostream& stream, const QuantisedMatrix& matrix) {
  const WeightFormat& format = matrix.format;
  const std::vector<TensorPlan> plans = tensor_plans(format, matrix.outputs, matrix.inputs);
  const std::string text = header(matrix, plans);
  Bytes length;
  for (unsigned i = 0; i < 8; ++i)
    length.push_back(static_cast<std::uint8_t>((text.size() >> (8 * i)) & 0xFFU));
  put(stream, length);
  stream << text;
  put_scales(stream, matrix.scales);
  put_scales(stream, matrix.gammas);
  put(stream, matrix.scale_terms);
  put_lines(stream, matrix.zero_points, scale_groups_a_row(format, matrix.inputs), format.bits);
  if (!matrix.exponents.empty())
    put_lines(stream, matrix.exponents, quantity::ceil_div(matrix.inputs, format.box),
              format.exponent_bits);
  put_codes(stream, matrix);
}

}  // namespace addax::input
