// SPDX-License-Identifier: Apache-2.0
#include "models/workload/model_block.h"

#include <algorithm>
#include <tuple>

namespace addax::workload {

using quantity::checked_mul;

namespace {

class BlockBuilder {
 public:
  BlockBuilder(const ModelShape& model, const PassShape& pass, const Widths& widths,
               const LayerFormats& formats)
      : model_(model), pass_(pass), widths_(widths), formats_(formats) {}

  std::vector<Operation> build(bool experts, std::uint64_t ffn) {
    if (model_.pre_norm) norm("attention_norm", "x", "h");
    attention_inputs();
    attention();
    attention_output();
    if (model_.pre_norm) norm("mlp_norm", "x", "h");
    if (experts) {
      expert_mlp();
    } else if (model_.gated_mlp) {
      gated_mlp(ffn);
    } else {
      plain_mlp(ffn);
    }
    residual("mlp_residual", "mlp");
    if (!model_.pre_norm) norm("mlp_norm", "x", "x");
    return std::move(operations_);
  }

 private:
  std::uint64_t query_width() const { return checked_mul(model_.heads, model_.head_dim); }
  std::uint64_t key_width() const { return checked_mul(model_.kv_heads, model_.head_dim); }
  /// What the first linear layers of a half block read: a norm's output, or x where norms follow.
  std::string input() const { return model_.pre_norm ? "h" : "x"; }

  void add(std::string name, std::string kind, Work work, std::vector<std::string> reads,
           std::string writes) {
    operations_.push_back(
        {std::move(name), std::move(kind), std::move(work), std::move(reads), std::move(writes)});
  }

  /// On every new token, `width` elements of one tensor, in place.
  void in_place(const std::string& name, const std::string& kind, VectorFunction function,
                std::uint64_t width, const std::string& tensor, std::uint64_t parameters = 0) {
    add(name, kind, Elementwise{function, pass_.tokens(), width, 1, parameters}, {tensor}, tensor);
  }

  void norm(const std::string& name, const std::string& from, const std::string& to) {
    norm_rows(name, from, to, pass_.tokens(), model_.hidden);
  }
  void norm_rows(const std::string& name, const std::string& from, const std::string& to,
                 std::uint64_t rows, std::uint64_t width) {
    const bool layer = model_.norm == NormKind::kLayer;
    add(name, "norm",
        Elementwise{layer ? VectorFunction::kLayerNorm : VectorFunction::kRmsNorm, rows, width, 1,
                    checked_mul(layer ? 2 : 1, width)},
        {from}, to);
  }
  void residual(const std::string& name, const std::string& from) {
    add(name, "residual", Elementwise{VectorFunction::kAdd, pass_.tokens(), model_.hidden, 1, 0},
        {"x", from}, "x");
  }
  void quantise(const std::string& name, std::uint64_t width, const std::string& tensor) {
    if (model_.activation_quantisation)
      in_place(name, "quantise", VectorFunction::kQuantize, width, tensor);
  }

  struct LinearSpec {
    std::string name;
    std::uint64_t inputs, outputs;
    LinearRole role;
    bool bias;
  };
  /// A linear layer on every new token, its bias, and the rescaling of quantised activations.
  void linear(const LinearSpec& spec, const WeightFormat& format, const std::string& from,
              const std::string& to) {
    add(spec.name, spec.role == LinearRole::kRouter ? "router" : "linear",
        Linear{pass_.tokens(), spec.inputs, spec.outputs, 1, spec.role, format}, {from}, to);
    if (model_.activation_quantisation)
      in_place(spec.name + "_rescale", "scale", VectorFunction::kMultiply, spec.outputs, to);
    if (spec.bias)
      in_place(spec.name + "_bias", "bias", VectorFunction::kAdd, spec.outputs, to, spec.outputs);
  }

  void attention_inputs() {
    const std::uint64_t hidden = model_.hidden, a = query_width(), b = key_width();
    const bool bias = model_.qkv_bias;
    quantise("attention_quantise", hidden, input());
    if (model_.fused_qkv) {
      linear({"qkv", hidden, a + 2 * b, LinearRole::kAttention, bias}, formats_.qkv, input(),
             "qkv");
    } else {
      linear({"q", hidden, a, LinearRole::kAttention, bias}, formats_.q, input(), "q");
      linear({"k", hidden, b, LinearRole::kAttention, bias}, formats_.k, input(), "k");
      linear({"v", hidden, b, LinearRole::kAttention, bias}, formats_.v, input(), "v");
    }
    const std::string q = model_.fused_qkv ? "qkv" : "q", k = model_.fused_qkv ? "qkv" : "k";
    if (model_.qk_norm) {
      norm_rows("q_norm", q, q, checked_mul(pass_.tokens(), model_.heads), model_.head_dim);
      norm_rows("k_norm", k, k, checked_mul(pass_.tokens(), model_.kv_heads), model_.head_dim);
    }
    if (model_.rope) {
      in_place("q_rope", "rope", VectorFunction::kRope, a, q);
      in_place("k_rope", "rope", VectorFunction::kRope, b, k);
    }
    if (model_.scale_on_query) in_place("q_scale", "scale", VectorFunction::kScale, a, q);
  }

  void attention() {
    const AttentionShape shape = {pass_.batch,          model_.heads,     model_.kv_heads,
                                  model_.head_dim,      pass_.new_tokens, pass_.past,
                                  model_.sliding_window};
    const std::string q = model_.fused_qkv ? "qkv" : "q", k = model_.fused_qkv ? "qkv" : "k",
                      v = model_.fused_qkv ? "qkv" : "v";
    const Transfer out = {TransferDirection::kToDram, checked_mul(pass_.tokens(), key_width()),
                          widths_.kv_bits};
    add("k_write", "kv_write", out, {k}, "");
    add("v_write", "kv_write", out, {v}, "");
    add("scores", "scores", Scores{shape}, {q, k}, "scores");
    const std::uint64_t rows = checked_mul(pass_.batch, model_.heads);
    const std::uint64_t pairs = attended_pairs(shape);
    if (!model_.scale_on_query)
      add("score_scale", "scale", Elementwise{VectorFunction::kScale, rows, pairs, 1, 0},
          {"scores"}, "scores");
    if (model_.alibi)
      add("alibi", "mask", Elementwise{VectorFunction::kAdd, rows, pairs, 1, 0}, {"scores"},
          "scores");
    add("softmax", "softmax", Softmax{shape}, {"scores"}, "probabilities");
    add("context", "context", Context{shape}, {"probabilities", v}, "context");
  }

  void attention_output() {
    const std::uint64_t a = query_width();
    if (model_.sub_norms) norm_rows("context_norm", "context", "context", pass_.tokens(), a);
    quantise("context_quantise", a, "context");
    linear({"o", a, model_.hidden, LinearRole::kAttention, model_.output_bias}, formats_.o,
           "context", "o");
    residual("attention_residual", "o");
    if (!model_.pre_norm) norm("attention_norm", "x", "x");
  }

  void plain_mlp(std::uint64_t ffn) {
    quantise("mlp_quantise", model_.hidden, input());
    linear({"fc1", model_.hidden, ffn, LinearRole::kMlp, model_.mlp_bias}, formats_.fc1, input(),
           "ffn");
    in_place("activation", "activation", model_.activation, ffn, "ffn");
    if (model_.sub_norms) norm_rows("ffn_norm", "ffn", "ffn", pass_.tokens(), ffn);
    quantise("ffn_quantise", ffn, "ffn");
    linear({"fc2", ffn, model_.hidden, LinearRole::kMlp, model_.mlp_bias}, formats_.fc2, "ffn",
           "mlp");
  }

  void gated_mlp(std::uint64_t ffn) {
    const std::uint64_t hidden = model_.hidden;
    quantise("mlp_quantise", hidden, input());
    linear({"gate", hidden, ffn, LinearRole::kMlp, model_.mlp_bias}, formats_.gate, input(),
           "gate");
    linear({"up", hidden, ffn, LinearRole::kMlp, model_.mlp_bias}, formats_.up, input(), "up");
    in_place("activation", "activation", model_.activation, ffn, "gate");
    add("gate_product", "gate", Elementwise{VectorFunction::kMultiply, pass_.tokens(), ffn, 1, 0},
        {"gate", "up"}, "ffn");
    if (model_.sub_norms) norm_rows("ffn_norm", "ffn", "ffn", pass_.tokens(), ffn);
    quantise("ffn_quantise", ffn, "ffn");
    linear({"down", ffn, hidden, LinearRole::kMlp, model_.mlp_bias}, formats_.down, "ffn", "mlp");
  }

  /// The token-expert pairs spread over the distinct experts as evenly as integers allow: one
  /// operation for the experts with a token more, one for the others.
  void expert_linear(const LinearSpec& spec, const WeightFormat& format, const std::string& from,
                     const std::string& to) {
    const std::uint64_t pairs = checked_mul(pass_.tokens(), model_.active_experts);
    const std::uint64_t share = pairs / pass_.distinct_experts;
    const std::uint64_t more = pairs % pass_.distinct_experts;
    const auto part = [&](const std::string& suffix, std::uint64_t tokens, std::uint64_t copies) {
      add(spec.name + suffix, "linear",
          Linear{tokens, spec.inputs, spec.outputs, copies, LinearRole::kMlp, format}, {from}, to);
    };
    if (more != 0) part("_more", share + 1, more);
    part(more == 0 ? "" : "_fewer", share, pass_.distinct_experts - more);
  }

  void expert_mlp() {
    const std::uint64_t hidden = model_.hidden, ffn = model_.ffn, k = model_.active_experts;
    const std::uint64_t pairs = checked_mul(pass_.tokens(), k);
    linear({"router", hidden, model_.experts, LinearRole::kRouter, false}, formats_.router, input(),
           "routing");
    in_place("router_softmax", "router", VectorFunction::kSoftmax, model_.experts, "routing");
    add("router_select", "select",
        Elementwise{VectorFunction::kSelect, pass_.tokens(), model_.experts, k, 0}, {"routing"},
        "chosen");
    expert_linear({"gate", hidden, ffn, LinearRole::kMlp, false}, formats_.gate, input(), "gate");
    expert_linear({"up", hidden, ffn, LinearRole::kMlp, false}, formats_.up, input(), "up");
    add("activation", "activation", Elementwise{model_.activation, pairs, ffn, 1, 0}, {"gate"},
        "gate");
    add("gate_product", "gate", Elementwise{VectorFunction::kMultiply, pairs, ffn, 1, 0},
        {"gate", "up"}, "ffn");
    expert_linear({"down", ffn, hidden, LinearRole::kMlp, false}, formats_.down, "ffn", "experts");
    add("combine", "combine", Elementwise{VectorFunction::kCombine, pass_.tokens(), hidden, k, 0},
        {"experts", "chosen"}, "mlp");
  }

  const ModelShape& model_;
  const PassShape& pass_;
  const Widths& widths_;
  const LayerFormats& formats_;
  std::vector<Operation> operations_;
};

}  // namespace

bool operator==(const LayerFormats& a, const LayerFormats& b) {
  const auto all = [](const LayerFormats& f) {
    return std::tie(f.q, f.k, f.v, f.qkv, f.o, f.gate, f.up, f.down, f.router, f.fc1, f.fc2);
  };
  return all(a) == all(b);
}

bool has_experts(const ModelShape& model, std::uint64_t layer) {
  return model.experts != 0 && std::find(model.dense_layers.begin(), model.dense_layers.end(),
                                         layer) == model.dense_layers.end();
}

LayerFormats formats_of_block(
    const ModelShape& model, std::uint64_t layer,
    const std::function<WeightFormat(const std::string&, LinearRole)>& f) {
  const auto choose = [&](const char* name, LinearRole role) {
    return f("block." + std::to_string(layer) + "." + name, role);
  };
  LayerFormats formats;
  if (model.fused_qkv) {
    formats.qkv = choose("qkv", LinearRole::kAttention);
  } else {
    formats.q = choose("q", LinearRole::kAttention);
    formats.k = choose("k", LinearRole::kAttention);
    formats.v = choose("v", LinearRole::kAttention);
  }
  formats.o = choose("o", LinearRole::kAttention);
  if (has_experts(model, layer)) formats.router = choose("router", LinearRole::kRouter);
  if (model.gated_mlp || has_experts(model, layer)) {
    formats.gate = choose("gate", LinearRole::kMlp);
    formats.up = choose("up", LinearRole::kMlp);
    formats.down = choose("down", LinearRole::kMlp);
  } else {
    formats.fc1 = choose("fc1", LinearRole::kMlp);
    formats.fc2 = choose("fc2", LinearRole::kMlp);
  }
  return formats;
}

std::vector<Operation> block_operations(const ModelShape& model, const PassShape& pass,
                                        const Widths& widths, const LayerFormats& formats,
                                        bool experts, std::uint64_t ffn) {
  return BlockBuilder(model, pass, widths, formats).build(experts, ffn);
}

}  // namespace addax::workload
