// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/mapping/plan.h"

namespace addax::mapping {

/// What the mapper may use of the buffer, and how a layer's tensors are placed.
struct LayerContext {
  const arch::Architecture& architecture;
  std::size_t group = 0;
  Placement placement;
};

/// The fixed dataflow of a product of M tokens, N outputs and K inputs in `copies` matrices: loops
/// copy, m, n, k, n (outermost first), activations and sums held where they fit. Of the tilings
/// tried, the one with the least product of array cycles and access energy at Eyeriss's normalised
/// costs: the choice depends on no bandwidth, so that more bandwidth never makes a layer slower.
/// Throws Impossible (path "buffer") where no tile fits.
ProductPlan map_product(const LayerContext& context, const Problem& problem, const Kernel& kernel);

/// Attention, fused where the scores of a block of queries fit, twice if possible. Of the block sizes,
/// heads taken together and spilling, the choice that moves the fewest bits over DRAM. Throws
/// Impossible (path "buffer") where nothing fits.
AttentionPlan map_attention(const LayerContext& context, const workload::AttentionShape& shape,
                            const workload::Widths& widths);

/// Bits that keep two blocks of one token's scores on chip: what fused attention works best with.
std::uint64_t attention_workspace(const workload::AttentionShape& shape,
                                  const workload::Widths& widths);

/// Bits of the banks that stream when a layer leaves half the buffer to resident tensors: what
/// tensors that stay on chip between layers must leave free.
std::uint64_t resident_budget(const arch::GlobalBuffer& buffer);

}  // namespace addax::mapping
