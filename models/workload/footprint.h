// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "models/quantity/quantity.h"
#include "models/workload/model.h"

namespace addax::workload {

/// What the weights of a model take in memory, part by part. A head that is tied to the embedding
/// is stored once, as the embedding. All but linear layers are of 16 bits an element.
struct Footprint {
  quantity::Bits linear;      ///< codes of the blocks' attention and MLP layers, all experts
  quantity::Bits scales;      ///< scales, zero points and shared exponents of all linear layers
  quantity::Bits router;      ///< codes of routers
  quantity::Bits projection;  ///< codes of the embedding's projections (OPT-350M)
  quantity::Bits head;        ///< codes; 0 where tied
  quantity::Bits embedding;   ///< vocabulary x width
  quantity::Bits positions;   ///< learned positions, with the two rows that OPT keeps unused
  quantity::Bits norms;
  quantity::Bits biases;
  quantity::Bits total() const;
};

/// Footprint of the model when the linear layer `layer` ("block.3.q", "head") is stored as
/// `format(layer, role)`. Formulae of the linear layers: stored_bits. Throws CountOverflow.
Footprint footprint(
    const ModelShape& model,
    const std::function<WeightFormat(const std::string& layer, LinearRole role)>& format);

/// Weights of the blocks' attention and MLP layers as a trace has them.
struct BlockWeights {
  std::string formats;       ///< in words, joined by " + "
  double code_bits = 0.0;    ///< a weight, on average
  double stored_bits = 0.0;  ///< the same with scales, zero points and shared exponents
};
BlockWeights block_weights(const Trace& trace);

/// Parameters of the model, tied ones once.
std::uint64_t parameters(const ModelShape& model);

/// Bits of the cached keys and values of one sequence of `context` tokens; of the last ones where
/// attention has a window. Throws CountOverflow.
quantity::Bits cache_bits(const ModelShape& model, std::uint64_t context, std::uint32_t kv_bits);

}  // namespace addax::workload
