// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "models/mapping/plan.h"

namespace addax::mapping {

// The three kinds of plan: passes one by one, and their sums in closed form.
std::unique_ptr<PassSource> product_passes(const ProductPlan& plan);
LayerTotals product_totals(const ProductPlan& plan);
void add_activation_loads(const ProductPlan& plan, LayerTotals& sum);

std::unique_ptr<PassSource> attention_passes(const AttentionPlan& plan);
LayerTotals attention_totals(const AttentionPlan& plan);

std::unique_ptr<PassSource> vector_passes(const VectorPlan& plan);
LayerTotals vector_totals(const VectorPlan& plan);

}  // namespace addax::mapping
