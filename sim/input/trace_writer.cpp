// SPDX-License-Identifier: Apache-2.0
#include "sim/input/trace_writer.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <map>
#include <vector>

#include "models/quantity/check.h"

namespace addax::input {

using namespace workload;  // NOLINT(google-build-using-namespace): every word of a trace is of it

namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// Plain where YAML can take the word for nothing else.
std::string scalar(const std::string& text) {
  static constexpr std::array<const char*, 7> kReserved = {"true", "false", "null", "yes",
                                                           "no",   "on",    "off"};
  for (const char* word : kReserved)
    if (text == word) return quoted(text);
  if (text.empty() || !((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z')))
    return quoted(text);
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    if (!plain) return quoted(text);
  }
  return text;
}

std::string number(double value) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  ADDAX_CHECK(end.ec == std::errc(), "a double takes at most 24 characters");
  return std::string(text.data(), end.ptr);
}

/// A map on one line.
class Flow {
 public:
  Flow& put(const char* key, const std::string& value) {
    text_ += std::string(text_.empty() ? "" : ", ") + key + ": " + value;
    return *this;
  }
  Flow& put(const char* key, std::uint64_t value) { return put(key, std::to_string(value)); }
  Flow& put_unless(const char* key, std::uint64_t value, std::uint64_t usual) {
    return value == usual ? *this : put(key, value);
  }
  Flow& put_if(const char* key, bool value) {
    return value ? put(key, std::string("true")) : *this;
  }
  std::string str() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

std::string flow(const WeightFormat& format) {
  Flow map;
  map.put("kind", std::string(name(format.kind)))
      .put_unless("bits", format.bits, 0)
      .put_unless("planes", format.planes, 0);
  if (!(format.scales == ScaleLayout{}))
    map.put("scales", Flow()
                          .put("sharing", std::string(name(format.scales.sharing)))
                          .put_unless("group", format.scales.group, 0)
                          .put_unless("block_columns", format.scales.block_columns, 0)
                          .put_unless("block_rows", format.scales.block_rows, 0)
                          .str());
  map.put_unless("scale_terms", format.scale_terms, 0)
      .put_if("zero_points", format.zero_points)
      .put_if("packed_trits", format.packed_trits)
      .put_if("gamma", format.gamma);
  if (format.zero_fraction != 0.0) map.put("zero_fraction", number(format.zero_fraction));
  map.put_unless("mantissa_bits", format.mantissa_bits, 0)
      .put_unless("exponent_bits", format.exponent_bits, 0)
      .put_unless("box", format.box, 0);
  return map.str();
}

std::string flow(const AttentionShape& shape) {
  Flow map;
  map.put("heads", shape.heads).put("kv_heads", shape.kv_heads).put("head_dim", shape.head_dim);
  if (shape.window) map.put("window", *shape.window);
  return map.str();
}

/// The formats of a trace, each named by its description the first time it is met.
class Formats {
 public:
  explicit Formats(const Trace& trace) {
    for (const Phase& phase : trace.phases)
      for (const Block& block : phase.blocks)
        for (const Operation& operation : block.operations)
          if (const auto* linear = std::get_if<Linear>(&operation.work)) learn(linear->weights);
  }
  const std::string& name_of(const WeightFormat& format) const {
    for (const auto& [word, known] : list_)
      if (known == format) return word;
    ADDAX_UNREACHABLE(describe(format));
  }
  std::string str() const {
    std::string text;
    for (const auto& [word, format] : list_) text += "  " + word + ": " + flow(format) + "\n";
    return text.empty() ? text : "formats:\n" + text;
  }

 private:
  void learn(const WeightFormat& format) {
    std::size_t alike = 0;
    for (const auto& [word, known] : list_) {
      if (known == format) return;
      alike += known.kind == format.kind ? 1 : 0;
    }
    std::string word = name(format.kind);
    const std::uint32_t bits = format.bits != 0 ? format.bits : format.planes;
    if (bits > 1) word += "-" + std::to_string(bits) + "bit";
    if (alike != 0) word += "-" + std::string(1, 'v') + std::to_string(alike + 1);
    list_.emplace_back(word, format);
  }
  std::vector<std::pair<std::string, WeightFormat>> list_;
};

std::string flow(const ValueFiles& files) {
  std::string weights = quoted(files.weights.front());
  for (std::size_t i = 1; i < files.weights.size(); ++i) weights += ", " + quoted(files.weights[i]);
  Flow map;
  map.put("weights", files.weights.size() > 1 ? "[" + weights + "]" : weights);
  if (files.activations) map.put("activations", quoted(*files.activations));
  if (files.tensor) map.put("tensor", quoted(*files.tensor));
  return map.str();
}

struct WorkWriter {
  const Formats& formats;
  std::string operator()(const Linear& w) const {
    Flow map;
    map.put("tokens", w.tokens)
        .put("inputs", w.inputs)
        .put("outputs", w.outputs)
        .put_unless("copies", w.copies, 1)
        .put("role", std::string(name(w.role)))
        .put("weights", formats.name_of(w.weights));
    if (w.values) map.put("values", flow(*w.values));
    return map.str();
  }
  std::string operator()(const Scores& w) const { return flow(w.shape); }
  std::string operator()(const Softmax& w) const { return flow(w.shape); }
  std::string operator()(const Context& w) const { return flow(w.shape); }
  std::string operator()(const Elementwise& w) const {
    return Flow()
        .put("function", std::string(name(w.function)))
        .put("rows", w.rows)
        .put("width", w.width)
        .put_unless("terms", w.terms, 1)
        .put_unless("parameter_elements", w.parameter_elements, 0)
        .str();
  }
  std::string operator()(const Transfer& w) const {
    return Flow()
        .put("direction", std::string(name(w.direction)))
        .put("elements", w.elements)
        .put("element_bits", w.element_bits)
        .str();
  }
};

std::string write_operation(const Operation& operation, const Formats& formats) {
  const std::string indent(10, ' ');
  std::string text = indent + "- name: " + scalar(operation.name) + "\n";
  text += indent + "  kind: " + scalar(operation.kind) + "\n";
  text += indent + "  " + work_name(operation.work) + ": " +
          std::visit(WorkWriter{formats}, operation.work) + "\n";
  if (!operation.reads.empty()) {
    std::string reads;
    for (const std::string& tensor : operation.reads)
      reads += (reads.empty() ? "" : ", ") + scalar(tensor);
    text += indent + "  reads: [" + reads + "]\n";
  }
  if (!operation.writes.empty()) text += indent + "  writes: " + scalar(operation.writes) + "\n";
  return text;
}

std::string write_phase(const Phase& phase, const Formats& formats) {
  std::string text = "  - name: " + scalar(phase.name) + "\n";
  text += "    kind: " + std::string(name(phase.kind)) + "\n";
  text += "    batch: " + std::to_string(phase.batch) + "\n";
  text += "    new_tokens: " + std::to_string(phase.new_tokens) + "\n";
  text += "    context: " + std::to_string(phase.context) + "\n    blocks:\n";
  for (const Block& block : phase.blocks) {
    text += "      - name: " + scalar(block.name) + "\n";
    text += "        repeat: " + std::to_string(block.repeat) + "\n        operations:\n";
    for (const Operation& operation : block.operations) text += write_operation(operation, formats);
  }
  return text;
}

}  // namespace

std::string write_trace(const Trace& trace) {
  const Formats formats(trace);
  std::string text = "addax: trace/1\n";
  text += "name: " + scalar(trace.name) + "\nmodel: " + scalar(trace.model) + "\n";
  text += "widths: " +
          Flow()
              .put("activation_bits", trace.widths.activation_bits)
              .put("kv_bits", trace.widths.kv_bits)
              .put("accumulator_bits", trace.widths.accumulator_bits)
              .str() +
          "\n";
  if (!trace.notes.empty()) {
    text += "notes:\n";
    for (const std::string& note : trace.notes) text += "  - " + quoted(note) + "\n";
  }
  text += formats.str() + "phases:\n";
  for (const Phase& phase : trace.phases) text += write_phase(phase, formats);
  return text;
}

}  // namespace addax::input
