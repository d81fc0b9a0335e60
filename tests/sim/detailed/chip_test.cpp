// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/chip.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <random>

#include "models/mapping/mapper.h"
#include "sim/engine/bounds.h"
#include "sim/engine/kernel.h"
#include "sim/hw/chip.h"
#include "sim/input/architecture_reader.h"
#include "tests/catch.h"
#include "tests/models/mapping/example.h"
#include "tests/seed.h"
#include "tests/sim/detailed/reference.h"

using namespace addax;
using arith::Arithmetic;

namespace {

struct Shape {
  std::uint64_t tokens = 1, outputs = 1, inputs = 1;
};

detailed::Operands random_operands(const Shape& shape, std::mt19937& random) {
  detailed::Operands made{shape.tokens, shape.outputs, shape.inputs, {}, {}};
  // Halves of all exponents that are not so large that sums overflow.
  const auto value = [&] {
    return arith::Fp16{static_cast<std::uint16_t>((random() & 0x83FFU) | (random() % 20 << 10U))};
  };
  for (std::uint64_t i = 0; i < shape.tokens * shape.inputs; ++i) made.x.push_back(value());
  for (std::uint64_t i = 0; i < shape.outputs * shape.inputs; ++i) made.w.push_back(value());
  return made;
}

mapping::ProductPlan plan_of(const arch::Architecture& a, const Shape& shape) {
  const workload::WeightFormat format = workload::default_format(workload::FormatKind::kFp16, 0);
  return mapping::map_product({a, 0, {}, mapping::normalised_prices(a, 0)},
                              {1, shape.tokens, shape.outputs, shape.inputs},
                              mapping::example::kernel(format, shape.outputs, shape.inputs), {});
}

hw::LayerRun simulated(const arch::Architecture& a, const mapping::ProductPlan& plan) {
  const engine::Kernel kernel;
  hw::Chip chip("chip", a);
  return chip.run(plan);
}

detailed::ProductRun clocked(const arch::Architecture& a, const mapping::ProductPlan& plan,
                             const detailed::Operands& operands) {
  const engine::Kernel kernel;
  detailed::Chip chip("chip", a, plan);
  return chip.run(operands);
}

void require_same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  REQUIRE(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

void require_same_actions(const mapping::LayerTotals& clocked,
                          const mapping::LayerTotals& simulated) {
  REQUIRE(clocked.activation_bits == simulated.activation_bits);
  REQUIRE(clocked.activation_row_bits == simulated.activation_row_bits);
  REQUIRE(clocked.weight_bits == simulated.weight_bits);
  REQUIRE(clocked.weight_row_bits == simulated.weight_row_bits);
  REQUIRE(clocked.psum_bits == simulated.psum_bits);
  REQUIRE(clocked.output_bits == simulated.output_bits);
  REQUIRE(clocked.dram_read_bits == simulated.dram_read_bits);
  REQUIRE(clocked.dram_write_bits == simulated.dram_write_bits);
  for (const Arithmetic a : {Arithmetic::kFp16Multiply, Arithmetic::kFp32Add})
    REQUIRE(clocked.array_arithmetic[a] == simulated.array_arithmetic[a]);
}

// An array, buffer, networks and DRAM of any size, and a product that they may run.
struct Case {
  arch::Architecture architecture;
  Shape shape;
};

class Cases {
 public:
  Cases(std::uint32_t seed, bool narrow_networks) : random_(seed), narrow(narrow_networks) {}

  Case next() {
    Case made{input::read_architecture("eyeriss_fp16"), {}};
    arch::Architecture& a = made.architecture;
    a.rows = static_cast<std::uint32_t>(pick(1, 7));
    a.groups[0].columns = static_cast<std::uint32_t>(pick(1, 6));
    a.buffer.bank_bytes = 128U << pick(0, 4);
    for (arch::Network* network :
         {&a.networks.activation, &a.networks.weight, &a.networks.psum, &a.networks.output}) {
      if (narrow) network->width_bits = 32U << pick(0, 4);
      network->latency_cycles = static_cast<std::uint32_t>(pick(1, 3));
    }
    // Most are bound by something else.
    if (pick(0, 3) > 0) a.dram.peak_bandwidth = quantity::BitsPerSecond(2.048e12);
    constexpr std::uint64_t kTokens[] = {1, 4, 64};
    made.shape = {kTokens[pick(0, 2)], extent(), extent()};
    return made;
  }
  std::mt19937& random() { return random_; }

 private:
  std::uint64_t pick(std::uint64_t least, std::uint64_t most) {
    return least + random_() % (most - least + 1);
  }
  std::uint64_t extent() {
    constexpr std::uint64_t kEdges[] = {1, 2, 7, 13, 31, 97, 128, 131};
    return pick(0, 2) == 0 ? kEdges[pick(0, 7)] : pick(1, 150);
  }

  std::mt19937 random_;
  bool narrow;
};

/// By how much `cycle` is off, by what bounds the case.
struct Deviations {
  int cases = 0, within_five = 0, beyond = 0;  ///< beyond 5 % and 20 cycles
  double worst = 0.0;
};
using ByBound = std::map<result::Resource, Deviations>;

result::Resource bound_of(const Case& one, const mapping::ProductPlan& plan) {
  const auto busy = engine::bounds(one.architecture, plan, mapping::totals(plan));
  return static_cast<result::Resource>(std::max_element(busy.begin(), busy.end()) - busy.begin());
}

/// Values and actions agree; returns by how much cycles do.
ByBound compared(Cases& cases, int number) {
  ByBound deviations;
  for (int i = 0; i < number; ++i) {
    const Case one = cases.next();
    const auto& [a, shape] = one;
    const mapping::ProductPlan plan = plan_of(a, shape);
    INFO("case " << i << ": " << shape.tokens << " x " << shape.inputs << " x " << shape.outputs
                 << " on " << a.rows << " x " << a.groups[0].columns << ", "
                 << mapping::describe(mapping::LayerPlan(plan)));
    const detailed::Operands operands = random_operands(shape, cases.random());
    const detailed::ProductRun run = clocked(a, plan, operands);
    require_same_bits(run.y, tests::in_order_of(plan, operands));
    const hw::LayerRun simple = simulated(a, plan);
    require_same_actions(run.totals, simple.totals);
    const auto exact = static_cast<double>(run.cycles.value());
    const double off = std::abs(static_cast<double>(simple.cycles.value()) - exact);
    Deviations& of = deviations[bound_of(one, plan)];
    ++of.cases;
    of.within_five += off <= 0.05 * exact ? 1 : 0;
    of.beyond += off > 20.0 && off > 0.05 * exact ? 1 : 0;
    of.worst = std::max(of.worst, off / exact);
  }
  for (const auto& [bound, of] : deviations)
    WARN(result::name(bound) << ": " << of.cases << " cases, " << of.within_five << " within 5 %, "
                             << of.beyond << " beyond that and 20 cycles, worst " << of.worst);
  return deviations;
}

}  // namespace

TEST_CASE(
    "a product clocked PE by PE is the reference's bit for bit, with the actions of cycle, whose "
    "cycles are within 5 % or 20 in 99 of 100 cases") {
  constexpr int kCases = 300;
  Cases cases(tests::printed(20261123), false);
  ByBound deviations = compared(cases, kCases);
  int beyond = 0;
  for (const auto& [bound, of] : deviations) beyond += of.beyond;
  CHECK(beyond * 100 <= kCases);
  CHECK(deviations[result::Resource::kDram].cases * 3 <= kCases);
}

// Sums that stay leave in bursts, which `cycle` spreads over a pass.
TEST_CASE("on narrow networks values and actions agree, cycles within a fifth") {
  Cases cases(tests::printed(20261124), true);
  for (const auto& [bound, of] : compared(cases, 400))
    CHECK((of.beyond * 10 < of.cases && of.worst < 0.2));
}
