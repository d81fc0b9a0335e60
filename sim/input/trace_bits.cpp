// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "sim/input/trace_request.h"

namespace addax::input {
namespace {

struct Renaming {
  const char* theirs;
  const char* ours;
};

/// HuggingFace's module names inside a block, after "layers.N." or "h.N.".
constexpr std::array<Renaming, 14> kModules = {{
    {"self_attn.q_proj", "q"},
    {"self_attn.k_proj", "k"},
    {"self_attn.v_proj", "v"},
    {"self_attn.out_proj", "o"},
    {"self_attn.o_proj", "o"},
    {"fc1", "fc1"},
    {"fc2", "fc2"},
    {"mlp.gate_proj", "gate"},
    {"mlp.up_proj", "up"},
    {"mlp.down_proj", "down"},
    {"self_attention.query_key_value", "qkv"},
    {"self_attention.dense", "o"},
    {"mlp.dense_h_to_4h", "fc1"},
    {"mlp.dense_4h_to_h", "fc2"},
}};
constexpr std::array<Renaming, 4> kEnds = {{{"lm_head", "head"},
                                            {"model.decoder.project_in", "project_in"},
                                            {"model.decoder.project_out", "project_out"},
                                            {"head", "head"}}};
constexpr std::array<const char*, 6> kPrefixes = {
    "model.decoder.layers.", "model.layers.", "transformer.h.", "h.", "layers.", "block."};

bool is_own_layer(const std::string& name) {
  for (const char* own : {"q", "k", "v", "qkv", "o", "gate", "up", "down", "fc1", "fc2", "router"})
    if (name == own) return true;
  return false;
}

std::optional<std::string> own_name(const std::string& name) {
  for (const Renaming& end : kEnds)
    if (name == end.theirs || name == end.ours) return end.ours;
  for (const char* prefix : kPrefixes) {
    const std::string start = prefix;
    if (name.compare(0, start.size(), start) != 0) continue;
    const std::size_t dot = name.find('.', start.size());
    if (dot == std::string::npos || dot == start.size()) return std::nullopt;
    const std::string layer = name.substr(start.size(), dot - start.size());
    if (layer.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    const std::string module = name.substr(dot + 1);
    for (const Renaming& known : kModules)
      if (module == known.theirs) return "block." + layer + "." + known.ours;
    if (is_own_layer(module)) return "block." + layer + "." + module;
    return std::nullopt;
  }
  return std::nullopt;
}

std::uint32_t read_bits(const Value& value) {
  const std::uint32_t bits = value.integer32(1, 16);
  if (bits > 8 && bits != 16) value.fail("1 to 8, or 16 for fp16");
  return bits;
}

}  // namespace

std::map<std::string, LayerBits> read_bit_allocation(const std::string& path) {
  const Document document = Document::read(path);
  std::map<std::string, LayerBits> allocation;
  for (const auto& [name, value] : document.root().entries()) {
    const std::optional<std::string> own = own_name(name);
    if (!own)
      value.fail(
          "layers named block.N.NAME with NAME one of q, k, v, qkv, o, gate, up, down, fc1, "
          "fc2, router; head, project_in, project_out; or HuggingFace's names of them");
    LayerBits layer;
    if (value.is_map()) {
      value.allow_only({"bits", "columnwise"});
      layer.bits = read_bits(value.at("bits"));
      if (const std::optional<Value> columnwise = value.find("columnwise"))
        layer.columnwise = columnwise->boolean();
    } else {
      layer.bits = read_bits(value);
    }
    if (!allocation.emplace(*own, layer).second)
      value.fail("one entry a layer, and " + *own + " has two");
  }
  return allocation;
}

}  // namespace addax::input
