// SPDX-License-Identifier: Apache-2.0
#include "models/published/account.h"

#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"
#include "models/quantity/quantity.h"

namespace addax::published {
namespace {

using quantity::checked_mul;

constexpr double kMillijoule = 1e9;  // pJ

double& of(Breakdown& breakdown, Category category) {
  switch (category) {
    case Category::kFpMult:
      return breakdown.fp_mult_mj;
    case Category::kFpAdd:
      return breakdown.fp_add_mj;
    case Category::kFpShift:
      return breakdown.fp_shift_mj;
    case Category::kLutBuild:
      return breakdown.lut_build_mj;
    case Category::kLutLookup:
      return breakdown.lut_lookup_mj;
  }
  ADDAX_UNREACHABLE("category");
}

std::vector<Operation> layer_operations(const LinearLayer& layer, const Scheme& scheme) {
  if (!layer.quantised) return linear_operations({}, layer.inputs, layer.outputs);
  Scheme own = scheme;
  own.bits = bits_of(scheme, layer.name);
  return linear_operations(own, layer.inputs, layer.outputs);
}

// The size that a layer's inputs are.
const char* inputs_key(const LinearLayer& layer) {
  if (layer.name == "down" || layer.name == "fc2") return "ffn";
  return layer.name == "o" ? "query_width" : "hidden";
}

Operation elementwise_operation(const ElementwiseLayer& layer) {
  const Problem problem{1, layer.width, 1};
  if (layer.product) return {"product", Category::kFpMult, Kind::kMult, problem};
  return {"bias", Category::kFpAdd, Kind::kAdd, problem};
}

}  // namespace

Shape shape_of(const workload::ModelShape& model) {
  Shape shape;
  shape.name = model.name;
  shape.hidden = model.hidden;
  shape.query_width = checked_mul(model.heads, model.head_dim);
  shape.kv_width = checked_mul(model.kv_heads, model.head_dim);
  shape.vocabulary = model.vocabulary;
  shape.embedding_width = model.embedding_width;
  shape.gated_mlp = model.gated_mlp;
  shape.qkv_bias = model.qkv_bias;
  shape.output_bias = model.output_bias;
  shape.mlp_bias = model.mlp_bias;
  const std::uint64_t dense = model.experts > 0 ? model.dense_layers.size() : model.layers;
  if (dense > 0)
    shape.blocks.push_back({dense, model.experts > 0 ? model.dense_ffn : model.ffn, 1, 0});
  if (model.layers > dense)
    shape.blocks.push_back({model.layers - dense, model.ffn, model.active_experts, model.experts});
  return shape;
}

std::vector<LinearLayer> linear_layers(const Shape& shape) {
  std::vector<LinearLayer> all;
  const std::uint64_t d = shape.hidden;
  for (const Shape::Blocks& blocks : shape.blocks) {
    const std::uint64_t layers = blocks.layers;
    const std::uint64_t mlps = checked_mul(layers, blocks.copies);
    all.push_back({"q", d, shape.query_width, layers});
    all.push_back({"k", d, shape.kv_width, layers});
    all.push_back({"v", d, shape.kv_width, layers});
    all.push_back({"o", shape.query_width, d, layers});
    if (blocks.experts > 0) all.push_back({"router", d, blocks.experts, layers, false});
    if (shape.gated_mlp) {
      all.push_back({"gate", d, blocks.ffn, mlps});
      all.push_back({"up", d, blocks.ffn, mlps});
      all.push_back({"down", blocks.ffn, d, mlps});
    } else {
      all.push_back({"fc1", d, blocks.ffn, mlps});
      all.push_back({"fc2", blocks.ffn, d, mlps});
    }
  }
  const std::uint64_t width = shape.embedding_width;
  if (width != d) {
    all.push_back({"project_in", width, d, 1, false});
    all.push_back({"project_out", d, width, 1, false});
  }
  all.push_back({"head", width, shape.vocabulary, 1, false});
  return all;
}

std::vector<ElementwiseLayer> elementwise_layers(const Shape& shape) {
  std::vector<ElementwiseLayer> all;
  for (const Shape::Blocks& blocks : shape.blocks) {
    const std::uint64_t mlps = checked_mul(blocks.layers, blocks.copies);
    if (shape.qkv_bias) {
      all.push_back({"q", shape.query_width, blocks.layers});
      all.push_back({"k", shape.kv_width, blocks.layers});
      all.push_back({"v", shape.kv_width, blocks.layers});
    }
    if (shape.output_bias) all.push_back({"o", shape.hidden, blocks.layers});
    if (shape.mlp_bias) {
      all.push_back({shape.gated_mlp ? "gate" : "fc1", blocks.ffn, mlps});
      if (shape.gated_mlp) all.push_back({"up", blocks.ffn, mlps});
      all.push_back({shape.gated_mlp ? "down" : "fc2", shape.hidden, mlps});
    }
    if (shape.gated_mlp) all.push_back({"gate", blocks.ffn, mlps, true});
  }
  return all;
}

const Choice& Accountant::chosen(const Operation& operation) {
  const Problem& problem = operation.problem;
  const Key key{operation.kind, operation.bits, problem.batch, problem.inputs, problem.outputs};
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  const Choice choice =
      choose(problem, unit_costs(operation.kind, operation.bits), capacity(operation.bits));
  return known_.emplace(key, choice).first->second;
}

void Accountant::add(Account& account, const std::string& layer,
                     const std::vector<Operation>& operations, std::uint64_t count) {
  for (const Operation& operation : operations) {
    const Choice& choice = chosen(operation);
    const auto times = static_cast<double>(count);
    Entry entry;
    entry.layer = layer;
    entry.operation = operation;
    entry.count = count;
    entry.tiling = choice.tiling;
    entry.energy_mj = choice.energy_pj * times / kMillijoule;
    entry.latency_s = choice.steps * times * seconds_a_step(operation.kind);
    of(account.total, operation.category) += entry.energy_mj;
    account.total.latency_s += entry.latency_s;
    account.entries.push_back(std::move(entry));
  }
}

Account Accountant::linear(const Scheme& scheme, std::uint64_t inputs, std::uint64_t outputs) {
  Account account;
  add(account, "linear", linear_operations(scheme, inputs, outputs), 1);
  return account;
}

Account Accountant::model(const Shape& shape, const Scheme& scheme) {
  Account account;
  for (const LinearLayer& layer : linear_layers(shape)) {
    try {
      add(account, layer.name, layer_operations(layer, scheme), layer.count);
    } catch (const quantity::Impossible& error) {
      throw quantity::Impossible(
          {inputs_key(layer), error.diagnosis().value, error.diagnosis().message});
    }
  }
  for (const ElementwiseLayer& layer : elementwise_layers(shape))
    add(account, layer.name, {elementwise_operation(layer)}, layer.count);
  return account;
}

}  // namespace addax::published
