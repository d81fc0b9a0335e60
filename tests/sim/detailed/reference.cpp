// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/detailed/reference.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace addax::tests {
namespace {

using mapping::ArrayExtents;
using mapping::Role;

// A wave: where its tile begins and ends, for tokens, outputs and inputs.
struct Step {
  ArrayExtents begin{}, end{};
  ArrayExtents whole{};  // extents of a wave that is not cut short
};

void enumerate(const std::vector<nest::Loop>& loops, std::size_t at, const Step& outer,
               std::vector<Step>& steps) {
  if (at == loops.size()) {
    steps.push_back(outer);
    return;
  }
  const nest::Loop& loop = loops[at];
  for (std::uint64_t from = outer.begin[loop.dimension]; from < outer.end[loop.dimension];
       from += loop.tile) {
    Step inner = outer;
    inner.begin[loop.dimension] = from;
    inner.end[loop.dimension] = std::min(outer.end[loop.dimension], from + loop.tile);
    enumerate(loops, at + 1, inner, steps);
  }
}

std::vector<Step> steps_of(const mapping::ProductPlan& plan) {
  std::vector<Step> steps;
  ArrayExtents whole{};
  mapping::NestWalk walk(plan.problem, plan.nest);
  while (walk.next()) {
    Step pass;
    const ArrayExtents extents = plan.dataflow.array_extents(walk.position().extents);
    pass.begin = {walk.offset(Role::kToken), walk.offset(Role::kOutput),
                  walk.offset(Role::kReduction), 0};
    for (std::size_t d = 0; d < pass.begin.size(); ++d) pass.end[d] = pass.begin[d] + extents[d];
    if (steps.empty()) whole = mapping::joint_tile(plan.dataflow.mapping(), extents);
    pass.whole = whole;
    enumerate(plan.dataflow.mapping().waves, 0, pass, steps);
  }
  return steps;
}

// Which of the places that loops spread over has a point, and the tile that it holds.
std::uint64_t place_of(const std::vector<nest::Loop>& loops, const ArrayExtents& point,
                       ArrayExtents& begin, ArrayExtents& whole) {
  std::uint64_t place = 0;
  for (const nest::Loop& loop : loops) {
    const std::size_t d = loop.dimension;
    if (loop.tile >= whole[d]) continue;
    const std::uint64_t i = (point[d] - begin[d]) / loop.tile;
    place = place * ((whole[d] + loop.tile - 1) / loop.tile) + i;
    begin[d] += i * loop.tile;
    whole[d] = loop.tile;
  }
  return place;
}

}  // namespace

std::vector<float> in_order_of(const mapping::ProductPlan& plan,
                               const detailed::Operands& operands) {
  const std::vector<Step> steps = steps_of(plan);
  const auto has = [&](const Step& step, std::uint64_t m, std::uint64_t n) {
    return step.begin[0] <= m && m < step.end[0] && step.begin[1] <= n && n < step.end[1];
  };
  std::vector<float> y(operands.tokens * operands.outputs, 0.0F);
  for (std::uint64_t m = 0; m < operands.tokens; ++m)
    for (std::uint64_t n = 0; n < operands.outputs; ++n) {
      // (stay, column, row) -> sum of that PE; a stay is one wave, or several that PEs keep sums over.
      std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, float> sums;
      std::uint64_t stay = 0;
      bool keeps = false;
      bool before = false;
      for (const Step& step : steps) {
        const bool here = has(step, m, n);
        if (here && !(before && keeps)) ++stay;
        before = here;
        if (!here) continue;
        for (std::uint64_t k = step.begin[2]; k < step.end[2]; ++k) {
          const ArrayExtents point = {m, n, k, 0};
          ArrayExtents begin = step.begin;
          ArrayExtents whole = step.whole;
          const std::uint64_t row = place_of(plan.dataflow.mapping().y, point, begin, whole);
          const std::uint64_t column = place_of(plan.dataflow.mapping().x, point, begin, whole);
          const std::uint64_t tokens = std::min(step.end[0], begin[0] + whole[0]) - begin[0];
          const std::uint64_t outputs = std::min(step.end[1], begin[1] + whole[1]) - begin[1];
          keeps = plan.dataflow.mapping().keeps_sums || tokens * outputs == 1;
          const float product = arith::to_fp32(arith::fp16_multiply(
              operands.w[n * operands.inputs + k], operands.x[m * operands.inputs + k]));
          const auto [sum, first] = sums.insert({{stay, column, row}, product});
          if (!first) sum->second = arith::fp32_add(sum->second, product);
        }
      }
      for (const auto& [pe, sum] : sums)
        y[m * operands.outputs + n] = arith::fp32_add(y[m * operands.outputs + n], sum);
    }
  return y;
}

}  // namespace addax::tests
