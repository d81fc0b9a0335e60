// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/workload/model.h"

namespace addax::workload {

/// The sizes of one forward pass.
struct PassShape {
  std::uint64_t batch = 1;
  std::uint64_t new_tokens = 1;        ///< S, a sequence
  std::uint64_t past = 0;              ///< P
  std::uint64_t distinct_experts = 0;  ///< D, where there are experts
  std::uint64_t tokens() const { return quantity::checked_mul(batch, new_tokens); }
};

/// Formats of the linear layers of one block or of the ends of the model.
struct LayerFormats {
  WeightFormat q, k, v, qkv, o, gate, up, down, router, fc1, fc2;
};
bool operator==(const LayerFormats& a, const LayerFormats& b);

bool has_experts(const ModelShape& model, std::uint64_t layer);
LayerFormats formats_of_block(const ModelShape& model, std::uint64_t layer,
                              const std::function<WeightFormat(const std::string&, LinearRole)>& f);

/// Operations of one block, in order; `experts` as has_experts of its layer.
std::vector<Operation> block_operations(const ModelShape& model, const PassShape& pass,
                                        const Widths& widths, const LayerFormats& formats,
                                        bool experts, std::uint64_t ffn);

}  // namespace addax::workload
