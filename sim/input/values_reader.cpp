// SPDX-License-Identifier: Apache-2.0
#include "sim/input/values_reader.h"

#include <algorithm>
#include <filesystem>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "models/values/count.h"
#include "sim/input/document_node.h"
#include "sim/input/quantised_file.h"
#include "sim/input/safetensors.h"

namespace addax::input {

using quantise::QuantisedMatrix;
using workload::FormatKind;
using workload::Linear;
using workload::ValueFiles;
using workload::WeightFormat;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 1000;
constexpr std::size_t kMostListed = 5;  ///< tensors in a message

std::string path_of(const ValueFiles& files, const std::string& name) {
  return (fs::path(files.folder) / name).string();
}

/// Without the share of zeros, which follows from the weights, and with rows of blocks in figures.
WeightFormat comparable(WeightFormat format, std::uint64_t outputs) {
  format.zero_fraction = 0.0;
  if (format.scales.sharing == workload::ScaleSharing::kBlock && format.scales.block_rows == 0)
    format.scales.block_rows = quantity::ceil_div(outputs, 8);
  return format;
}

std::string described(const WeightFormat& format, std::uint64_t outputs, std::uint64_t inputs) {
  return std::to_string(outputs) + " outputs x " + std::to_string(inputs) + " inputs of " +
         describe(format);
}

QuantisedMatrix read_weights(const std::string& path, const Linear& linear) {
  QuantisedMatrix matrix = read_quantised(path);
  const bool same =
      matrix.outputs == linear.outputs && matrix.inputs == linear.inputs &&
      comparable(matrix.format, matrix.outputs) == comparable(linear.weights, linear.outputs);
  if (!same)
    throw ConfigError(path + ": found " + described(matrix.format, matrix.outputs, matrix.inputs) +
                      "; allowed: " + described(linear.weights, linear.outputs, linear.inputs) +
                      (linear.weights.kind == FormatKind::kTernary ? ", or another share" : ""));
  return matrix;
}

/// What the array takes: formats/trace.md.
bool takes_int8(const WeightFormat& format, const workload::Widths& widths) {
  if (format.kind == FormatKind::kW8a8) return true;
  const bool sums_signed_inputs =
      format.kind == FormatKind::kTernary || workload::is_binary_coded(format);
  return sums_signed_inputs && widths.activation_bits == 8;
}

/// "'a', 'b'", of many the first few and how many there are.
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostListed); ++i)
    text += (i == 0 ? "'" : ", '") + printable(names[i]) + "'";
  if (names.empty()) return "none, as the file has no tensor";
  return names.size() > kMostListed ? text + ", ... (" + std::to_string(names.size()) + ")" : text;
}

/// The tensor that is meant; throws ConfigError.
std::string tensor_of(const Safetensors& file, const std::string& path, const ValueFiles& files) {
  if (!files.tensor && file.tensors().size() == 1) return file.tensors().begin()->first;
  std::vector<std::string> names;
  for (const auto& [name, entry] : file.tensors()) names.push_back(name);
  if (!files.tensor)
    throw ConfigError(
        path + ": found " + std::to_string(names.size()) +
        " tensors; allowed: one, or the key 'tensor' with the name of one: " + listed(names));
  if (file.tensors().count(*files.tensor) == 1) return *files.tensor;
  const auto near = nearest(*files.tensor, names);
  throw ConfigError(path + ": found no tensor '" + printable(*files.tensor) + "'; allowed: " +
                    listed(names) + (near ? "; did you mean '" + *near + "'?" : ""));
}

std::vector<arith::Fp16> halves_of(const std::vector<std::uint8_t>& bytes,
                                   const std::string& what) {
  std::vector<arith::Fp16> halves;
  halves.reserve(bytes.size() / 2);
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    const auto bits = static_cast<std::uint16_t>(little_endian(bytes, at, 2));
    if ((bits & 0x7C00U) == 0x7C00U)
      throw ConfigError(what + ": found an infinity or a NaN at value " + std::to_string(at / 2) +
                        "; allowed: finite FP16 numbers");
    halves.push_back({bits});
  }
  return halves;
}

values::Activations read_activations(const Linear& linear, const workload::Widths& widths) {
  const ValueFiles& files = *linear.values;
  const std::string path = path_of(files, *files.activations);
  Safetensors file(path);
  const std::string tensor = tensor_of(file, path, files);
  const std::string what = path + ": " + printable(tensor);
  const TensorEntry& entry = file.tensors().at(tensor);
  const bool int8 = takes_int8(linear.weights, widths);
  const std::string type = int8 ? "I8" : "F16";
  std::vector<std::uint64_t> shape = {linear.tokens, linear.inputs};
  if (linear.copies > 1) shape.insert(shape.begin(), linear.copies);
  if (entry.type != type || entry.shape != shape)
    throw ConfigError(what + ": found " + printable(entry.type) + " " + shape_text(entry.shape) +
                      "; allowed: " + type + " " + shape_text(shape));
  const std::vector<std::uint8_t> bytes = file.file().read(entry.begin, entry.end - entry.begin);
  if (!int8) return halves_of(bytes, what);
  std::vector<std::int8_t> integers(bytes.size());
  std::transform(bytes.begin(), bytes.end(), integers.begin(),
                 [](std::uint8_t byte) { return static_cast<std::int8_t>(byte); });
  return integers;
}

std::string file_name(const Value& value) {
  std::string name = value.text();
  if (name.empty() || name.size() > kLongestName)
    value.fail("a file's name of 1 to " + std::to_string(kLongestName) + " characters");
  return name;
}

/// The values that name the weights of each copy.
std::vector<Value> weight_places(const Value& weights, std::uint64_t copies) {
  if (!weights.is_list()) {
    if (copies > 1) weights.fail("a list of " + std::to_string(copies) + " files, one a copy");
    return {weights};
  }
  std::vector<Value> places = weights.list();
  if (places.size() != copies)
    weights.fail({"", std::to_string(places.size()) + " files",
                  std::to_string(copies) + (copies > 1 ? " files" : " file") + ", one a copy"});
  return places;
}

/// What `read` reads, whose errors get the place that names the file.
template <class Read>
auto at_place(const Value& place, const Read& read) {
  try {
    return read();
  } catch (const ConfigError& error) {
    place.fail_for(error.what());
  }
}

}  // namespace

values::LayerValues read_layer_values(const Linear& linear, const workload::Widths& widths) {
  ADDAX_CHECK(linear.values.has_value(), describe(linear.weights));
  values::LayerValues values;
  values.tokens = linear.tokens;
  for (const std::string& name : linear.values->weights)
    values.weights.push_back(read_weights(path_of(*linear.values, name), linear));
  if (linear.values->activations) values.activations = read_activations(linear, widths);
  return values;
}

std::map<std::string, std::string> value_files(const workload::Trace& trace) {
  std::map<std::string, std::string> paths;
  for (const workload::Phase& phase : trace.phases)
    for (const workload::Block& block : phase.blocks)
      for (const workload::Operation& operation : block.operations) {
        const auto* linear = std::get_if<Linear>(&operation.work);
        if (linear == nullptr || !linear->values) continue;
        const ValueFiles& files = *linear->values;
        for (const std::string& name : files.weights) paths[name] = path_of(files, name);
        if (files.activations) paths[*files.activations] = path_of(files, *files.activations);
      }
  return paths;
}

void ValuesReader::read(const Value& map, Linear& linear) {
  map.allow_only({"weights", "activations", "tensor"});
  ValueFiles files;
  files.folder = fs::path(map.file()).parent_path().string();
  const std::vector<Value> places = weight_places(map.at("weights"), linear.copies);
  for (const Value& place : places) files.weights.push_back(file_name(place));
  const std::optional<Value> activations = map.find("activations");
  if (activations) files.activations = file_name(*activations);
  if (const std::optional<Value> tensor = map.find("tensor")) {
    if (!activations) tensor->fail("the key 'activations' beside it");
    files.tensor = tensor->text();
  }
  linear.values = std::move(files);
  for (const auto& [before, after] : known_)
    if (before == linear) {
      linear = after;
      return;
    }
  const Linear before = linear;
  std::uint64_t zeros = 0, weights = 0;
  for (std::size_t copy = 0; copy < places.size(); ++copy) {
    const QuantisedMatrix matrix = at_place(places[copy], [&] {
      return read_weights(path_of(*linear.values, linear.values->weights[copy]), before);
    });
    if (matrix.format.kind == FormatKind::kTernary) zeros += values::zero_weights(matrix);
    weights += matrix.codes.size();
  }
  if (activations) at_place(*activations, [&] { return read_activations(linear, widths_); });
  if (linear.weights.kind == FormatKind::kTernary) {
    linear.counted_zeros = zeros;
    linear.weights.zero_fraction = static_cast<double>(zeros) / static_cast<double>(weights);
  }
  known_.emplace_back(before, linear);
}

}  // namespace addax::input
