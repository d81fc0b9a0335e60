// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "models/values/pseudo_random.h"
#include "sim/engine/bounds.h"
#include "tests/sim/detailed/cases.h"

// Latencies of random products by three models, a row of CSV each: closed form, `cycle`, `detailed`.
namespace addax {
namespace {

int run(int number, std::uint32_t seed, const std::string& only) {
  tests::Cases cases(seed, false);
  fmt::print("case,kind,bound,rows,columns,tokens,inputs,outputs,closed,cycle,detailed,mapping\n");
  const std::vector<tests::Kind>& kinds = tests::kinds();
  for (int i = 0; i < number; ++i) {
    tests::Case one = cases.next(kinds[static_cast<std::size_t>(i) % kinds.size()]);
    if (std::getenv("CASE") && std::atoi(std::getenv("CASE")) != i) continue;

    const arch::Architecture& a = one.architecture;
    if (a.name.find(only) == std::string::npos) continue;
    const mapping::ProductPlan plan = tests::plan_of(one);
    if (std::getenv("PSUM"))
      one.architecture.groups[0].psum_scratchpad.words = std::atoi(std::getenv("PSUM"));
    if (std::getenv("WPAD"))
      one.architecture.groups[0].weight_scratchpad.words = std::atoi(std::getenv("WPAD"));
    if (std::getenv("NETW"))
      for (auto* n : {&one.architecture.networks.psum, &one.architecture.networks.output,
                      &one.architecture.networks.weight})
        n->width_bits = std::atoi(std::getenv("NETW"));

    if (!detailed::models(plan)) continue;
    const auto busy = engine::bounds(a, plan, mapping::totals(plan));
    const auto longest = std::max_element(busy.begin(), busy.end());
    const auto bound = static_cast<result::Resource>(longest - busy.begin());
    const detailed::ProductRun exact = tests::clocked(
        a, plan, values::pseudo_random(one.linear(), one.widths, static_cast<std::uint32_t>(i)));
    const hw::LayerRun simple = tests::simulated(a, plan);
    fmt::print("{},{} {},{},{},{},{},{},{},{},{},{},\"{}\"\n", i, a.name,
               workload::describe(one.format), result::name(bound), a.rows, a.groups[0].columns,
               one.shape.tokens, one.shape.inputs, one.shape.outputs, longest->value(),
               simple.cycles.value(), exact.cycles.value(),
               mapping::describe(mapping::LayerPlan(plan)));
  }
  return 0;
}

}  // namespace
}  // namespace addax

int main(int count, char** words) {
  return addax::run(count > 1 ? std::atoi(words[1]) : 300,
                    count > 2 ? static_cast<std::uint32_t>(std::atoi(words[2])) : 20261128U,
                    count > 3 ? words[3] : "");
}

// The SystemC library asks for it; every run elaborates in a context of its own instead.
extern "C" int sc_main(int, char**) { return 0; }
