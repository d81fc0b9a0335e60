// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "models/mapping/plan.h"

namespace addax::mapping {

// The three kinds of plan: passes one by one, and their sums in closed form.

/// Any order and tiling of the loops; a pass works on one matrix of the batch. The buffer's tile of
/// an operand is replaced when the loops that select it step. Outputs leave pass by pass when they are
/// complete. A tile that is replaced before leaves as sums of the accumulator's width, and comes back
/// for the rest of its reduction; outputs that are placed on chip stay there.
std::unique_ptr<PassSource> product_passes(const ProductPlan& plan);
LayerTotals product_totals(const ProductPlan& plan);
/// LayerTotals::pass_cycles alone, which takes less time.
quantity::Cycles pass_cycles(const ProductPlan& plan);

std::unique_ptr<PassSource> attention_passes(const AttentionPlan& plan);
LayerTotals attention_totals(const AttentionPlan& plan);

std::unique_ptr<PassSource> vector_passes(const VectorPlan& plan);
LayerTotals vector_totals(const VectorPlan& plan);

}  // namespace addax::mapping
