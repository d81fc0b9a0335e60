// SPDX-License-Identifier: Apache-2.0
#include "sim/input/model_reader.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "sim/input/read_once.h"

namespace addax::input {

namespace fs = std::filesystem;
using workload::ModelShape;
using workload::NormKind;
using workload::VectorFunction;

namespace {

constexpr std::uint64_t kMostSize = std::uint64_t{1} << 31;
constexpr std::uint64_t kMostLayers = 4096;
constexpr std::uint64_t kMostExperts = 65536;

const std::vector<std::string>& families() {
  static const std::vector<std::string> words = {"opt",     "llama",    "gemma", "mistral",
                                                 "bloom",   "bitnet",   "qwen2", "qwen3",
                                                 "mixtral", "qwen3_moe"};
  return words;
}

/// Reads keys that may be spelt in several ways, absent or null.
class Keys {
 public:
  explicit Keys(Value root) : root_(std::move(root)) {}

  std::optional<Value> find(const std::vector<std::string>& names) const {
    for (const std::string& name : names)
      if (std::optional<Value> value = root_.find(name); value && !value->is_null()) return value;
    return std::nullopt;
  }
  std::uint64_t size(const std::vector<std::string>& names, std::uint64_t most = kMostSize) const {
    const std::optional<Value> value = find(names);
    return value ? value->integer(1, most) : root_.at(names.front()).integer(1, most);
  }
  std::uint64_t size_or(const std::vector<std::string>& names, std::uint64_t otherwise,
                        std::uint64_t most = kMostSize) const {
    const std::optional<Value> value = find(names);
    return value ? value->integer(1, most) : otherwise;
  }
  bool flag(const std::string& name, bool otherwise) const {
    const std::optional<Value> value = find({name});
    return value ? value->boolean() : otherwise;
  }
  VectorFunction activation(const std::vector<std::string>& names,
                            const std::string& otherwise) const {
    static const std::map<std::string, VectorFunction> functions = {
        {"relu", VectorFunction::kRelu},      {"relu2", VectorFunction::kRelu2},
        {"silu", VectorFunction::kSilu},      {"swish", VectorFunction::kSilu},
        {"gelu", VectorFunction::kGelu},      {"gelu_new", VectorFunction::kGelu},
        {"gelu_fast", VectorFunction::kGelu}, {"gelu_pytorch_tanh", VectorFunction::kGelu}};
    const std::optional<Value> value = find(names);
    if (!value) return functions.at(otherwise);
    std::vector<std::string> words;
    for (const auto& [word, function] : functions) words.push_back(word);
    return functions.at(value->word(words));
  }
  /// Fails at the key `names` name, or at the document where a default is at fault.
  [[noreturn]] void fail(const std::vector<std::string>& names, const std::string& allowed) const {
    const std::optional<Value> value = find(names);
    if (value) value->fail(allowed);
    root_.fail(names.front() + " given: " + allowed);
  }

 private:
  Value root_;
};

void read_head_dim(const Keys& keys, ModelShape& model, std::optional<std::uint64_t> otherwise) {
  if (keys.find({"head_dim"}) || otherwise) {
    model.head_dim = keys.size_or({"head_dim"}, otherwise.value_or(0));
    return;
  }
  if (model.hidden % model.heads != 0)
    keys.fail({"num_attention_heads", "n_head"},
              "a divisor of hidden_size " + std::to_string(model.hidden));
  model.head_dim = model.hidden / model.heads;
}

void read_opt(const Keys& keys, ModelShape& model) {
  model.hidden = keys.size({"hidden_size"});
  model.layers = keys.size({"num_hidden_layers"}, kMostLayers);
  model.heads = model.kv_heads = keys.size({"num_attention_heads"});
  read_head_dim(keys, model, std::nullopt);
  model.ffn = keys.size({"ffn_dim"});
  model.embedding_width = keys.size_or({"word_embed_proj_dim"}, model.hidden);
  model.context_limit = keys.size_or({"max_position_embeddings"}, 2048);
  model.tied_head = keys.flag("tie_word_embeddings", true);
  model.pre_norm = keys.flag("do_layer_norm_before", true);
  model.final_norm = model.pre_norm && !keys.flag("_remove_final_layer_norm", false);
  model.learned_positions = true;
  model.qkv_bias = model.output_bias = model.mlp_bias = keys.flag("enable_bias", true);
  model.scale_on_query = true;
  model.norm = NormKind::kLayer;
  model.activation = keys.activation({"activation_function"}, "relu");
}

void read_bloom(const Keys& keys, ModelShape& model) {
  if (keys.flag("apply_residual_connection_post_layernorm", false))
    keys.fail({"apply_residual_connection_post_layernorm"}, "false");
  model.hidden = keys.size({"hidden_size", "n_embed"});
  model.layers = keys.size({"n_layer", "num_hidden_layers"}, kMostLayers);
  model.heads = model.kv_heads = keys.size({"n_head", "num_attention_heads"});
  read_head_dim(keys, model, std::nullopt);
  model.ffn = keys.size_or({"n_inner"}, 4 * model.hidden);
  model.embedding_width = model.hidden;
  model.context_limit = keys.size_or({"seq_length", "max_position_embeddings"}, 2048);
  model.tied_head = keys.flag("tie_word_embeddings", true);
  model.fused_qkv = model.alibi = model.embedding_norm = true;
  model.qkv_bias = model.output_bias = model.mlp_bias = true;
  model.norm = NormKind::kLayer;
  model.activation = VectorFunction::kGelu;
}

void read_window(const Keys& keys, ModelShape& model) {
  // Absent or null means full attention, as in Mistral's later releases.
  if (model.family == "mistral" || model.family == "mixtral") {
    if (keys.find({"sliding_window"})) model.sliding_window = keys.size({"sliding_window"});
  } else if (keys.flag("use_sliding_window", false)) {
    keys.fail({"use_sliding_window"}, "false (windows in some of the layers are not modelled)");
  }
}

void read_experts(const Keys& keys, ModelShape& model) {
  const std::vector<std::string> active = {"num_experts_per_tok"};
  if (model.family == "mixtral") {
    model.experts = keys.size_or({"num_local_experts"}, 8, kMostExperts);
    model.active_experts = keys.size_or(active, 2, kMostExperts);
  } else {
    model.experts = keys.size_or({"num_experts"}, 128, kMostExperts);
    model.active_experts = keys.size_or(active, 8, kMostExperts);
    model.dense_ffn = model.ffn;
    model.ffn = keys.size_or({"moe_intermediate_size"}, 768);
    const std::uint64_t step = keys.size_or({"decoder_sparse_step"}, 1);
    std::vector<std::uint64_t> dense;
    if (const std::optional<Value> listed = keys.find({"mlp_only_layers"}))
      for (const Value& layer : listed->list()) dense.push_back(layer.integer(0, model.layers - 1));
    for (std::uint64_t layer = 0; layer < model.layers; ++layer)
      if ((layer + 1) % step != 0) dense.push_back(layer);
    std::sort(dense.begin(), dense.end());
    dense.erase(std::unique(dense.begin(), dense.end()), dense.end());
    model.dense_layers = std::move(dense);
  }
  if (model.active_experts > model.experts)
    keys.fail(active, "at most the " + std::to_string(model.experts) + " experts");
}

/// Llama and the families whose configuration grew from it.
void read_llama_like(const Keys& keys, ModelShape& model) {
  const std::string& family = model.family;
  const bool gemma = family == "gemma", bitnet = family == "bitnet";
  const bool qwen3 = family == "qwen3" || family == "qwen3_moe";
  model.hidden = keys.size({"hidden_size"});
  model.layers = keys.size({"num_hidden_layers"}, kMostLayers);
  model.heads = keys.size({"num_attention_heads"});
  // The classes' own defaults, for files that leave the key out.
  static const std::map<std::string, std::uint64_t> kv_defaults = {
      {"mistral", 8}, {"mixtral", 8}, {"qwen2", 32}, {"qwen3", 32}, {"qwen3_moe", 4}};
  const auto kv_default = kv_defaults.find(family);
  model.kv_heads = keys.size_or({"num_key_value_heads"},
                                kv_default == kv_defaults.end() ? model.heads : kv_default->second);
  std::optional<std::uint64_t> head_dim;
  if (gemma) head_dim = 256;
  if (family == "qwen3") head_dim = 128;
  read_head_dim(keys, model, head_dim);
  model.ffn = keys.size({"intermediate_size"});
  model.embedding_width = model.hidden;
  model.context_limit = keys.size_or({"max_position_embeddings", "max_sequence_length"}, 2048);
  model.tied_head = keys.flag("tie_word_embeddings", gemma);
  model.gated_mlp = model.rope = true;
  model.qk_norm = qwen3;
  model.sub_norms = model.activation_quantisation = bitnet;
  model.embedding_scale = gemma;
  model.qkv_bias = family == "qwen2" || keys.flag("attention_bias", false);
  model.output_bias = family != "qwen2" && keys.flag("attention_bias", false);
  model.mlp_bias = family == "llama" && keys.flag("mlp_bias", false);
  model.norm = NormKind::kRms;
  model.activation = keys.activation({"hidden_activation", "hidden_act"}, gemma    ? "gelu"
                                                                          : bitnet ? "relu2"
                                                                                   : "silu");
  read_window(keys, model);
  if (family == "mixtral" || family == "qwen3_moe") read_experts(keys, model);
}

std::string models_folder() { return home() + "/configs/models"; }

/// config.json is every model's file name; its folder tells them apart.
std::string name_of(const fs::path& path) {
  if (path.stem() != "config") return path.stem().string();
  std::error_code error;
  const std::string folder = fs::absolute(path, error).parent_path().filename().string();
  return folder.empty() ? "config" : folder;
}

}  // namespace

ModelShape read_model(const Document& document, const std::string& name) {
  const Value root = document.root();
  if (!root.is_map()) root.fail("a map, as in a HuggingFace config.json");
  const Keys keys(root);
  ModelShape model;
  model.name = name;
  model.family = root.at("model_type").word(families());
  model.vocabulary = keys.size({"vocab_size"});
  if (model.family == "opt") {
    read_opt(keys, model);
  } else if (model.family == "bloom") {
    read_bloom(keys, model);
  } else {
    read_llama_like(keys, model);
  }
  if (model.heads % model.kv_heads != 0)
    keys.fail({"num_key_value_heads"},
              "a divisor of the " + std::to_string(model.heads) + " attention heads");
  return model;
}

std::vector<std::string> shipped_models() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(models_folder(), error))
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

namespace {

std::string find_model(const std::string& name_or_path) {
  const std::vector<std::string> shipped = shipped_models();
  if (std::binary_search(shipped.begin(), shipped.end(), name_or_path))
    return models_folder() + "/" + name_or_path + ".json";
  std::error_code error;
  const fs::path path(name_or_path);
  if (name_or_path.find('/') != std::string::npos || path.extension() == ".json" ||
      fs::exists(path, error))
    return name_or_path;
  std::string words;
  for (const std::string& word : shipped) words += word + ", ";
  const std::optional<std::string> near = nearest(name_or_path, shipped);
  throw ConfigError("model: found '" + name_or_path + "'; allowed: " + words +
                    "or the path of a config.json" +
                    (near ? "; did you mean '" + *near + "'?" : ""));
}

}  // namespace

std::string model_path(const std::string& name_or_path) {
  return ReadOnce::path("model " + name_or_path, [&] { return find_model(name_or_path); });
}

ModelShape resolve_model(const std::string& name_or_path) {
  const std::string path = model_path(name_or_path);
  return read_model(Document::read(path), name_of(path));
}

}  // namespace addax::input
