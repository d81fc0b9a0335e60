// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "models/published/method.h"
#include "models/workload/model.h"

namespace addax::published {

/// A model as far as the published accounting sees it: the linear layers, biases and gate products
/// of its blocks, and the head. One token, batch 1; no attention products, softmax, norms or cache.
struct Shape {
  std::string name;
  std::uint64_t hidden = 0;       ///< d
  std::uint64_t query_width = 0;  ///< outputs of the query projection; d in the paper
  std::uint64_t kv_width = 0;     ///< outputs of the key and of the value projection: d_kv
  std::uint64_t vocabulary = 0;
  std::uint64_t embedding_width = 0;  ///< d but in OPT-350M, whose two projections are then counted
  bool gated_mlp = false;
  bool qkv_bias = false, output_bias = false, mlp_bias = false;
  /// Blocks of equal MLPs. A token passes `copies` of them (active experts) after a router of
  /// `experts` outputs; 1 and 0 where there are no experts.
  struct Blocks {
    std::uint64_t layers = 0;
    std::uint64_t ffn = 0;  ///< f
    std::uint64_t copies = 1, experts = 0;
  };
  std::vector<Blocks> blocks;
};

/// The shape of a model as it is.
Shape shape_of(const workload::ModelShape& model);

/// Linear layers of a model that are equal but for their weights.
struct LinearLayer {
  std::string name;  ///< "q", "k", "v", "o", "fc1", "gate", ..., "head"
  std::uint64_t inputs = 0, outputs = 0;
  std::uint64_t count = 1;  ///< times in the model
  bool quantised = true;    ///< false: FP16 whatever the scheme
};
std::vector<LinearLayer> linear_layers(const Shape& shape);

/// Bias additions and gate products of a model.
struct ElementwiseLayer {
  std::string name;
  std::uint64_t width = 0;
  std::uint64_t count = 1;
  bool product = false;  ///< a multiplication, not an addition
};
std::vector<ElementwiseLayer> elementwise_layers(const Shape& shape);

/// Energy by the paper's categories in mJ, and latency in s.
struct Breakdown {
  double fp_mult_mj = 0.0, fp_add_mj = 0.0, fp_shift_mj = 0.0;
  double lut_build_mj = 0.0, lut_lookup_mj = 0.0;
  double latency_s = 0.0;
  double energy_mj() const {
    return fp_mult_mj + fp_add_mj + fp_shift_mj + lut_build_mj + lut_lookup_mj;
  }
};

/// One operation of a model with what was chosen for it. Energy and latency are those of all
/// `count`.
struct Entry {
  std::string layer;  ///< "q", "k", "v", "o", "fc1", "gate", ..., "head"
  Operation operation;
  std::uint64_t count = 1;  ///< times in the model
  Tiling tiling;
  double energy_mj = 0.0, latency_s = 0.0;
};

struct Account {
  Breakdown total;
  std::vector<Entry> entries;
};

/// Accounts of layers and models. Equal operations are searched once.
class Accountant {
 public:
  /// One linear layer and token. Throws Impossible as linear_operations.
  Account linear(const Scheme& scheme, std::uint64_t inputs, std::uint64_t outputs);
  /// A whole model and one token; the head is FP16 whatever the scheme. Throws Impossible with the
  /// path of the size at fault ("hidden", "ffn").
  Account model(const Shape& shape, const Scheme& scheme);

 private:
  using Key = std::tuple<Kind, std::uint32_t, std::uint64_t, std::uint64_t, std::uint64_t>;
  const Choice& chosen(const Operation& operation);
  void add(Account& account, const std::string& layer, const std::vector<Operation>& operations,
           std::uint64_t count);
  std::map<Key, Choice> known_;
};

}  // namespace addax::published
