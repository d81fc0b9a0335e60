// SPDX-License-Identifier: Apache-2.0
// What the audit charges: the paper's constants until a step replaces them by the cost table's.
#include "models/reproduction/audit_prices.h"

#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "tests/catch.h"

using namespace addax;
using action::Component;
using action::Verb;
using arith::Arithmetic;
using reproduction::Assumption;
using reproduction::MemoryCosts;

namespace {

struct Priced {
  explicit Priced(arch::Architecture described)
      : architecture(std::move(described)),
        table(input::read_complete_cost_table("physical-45nm")),
        prices({architecture, trace, activity, table}),
        list(table, architecture) {}

  double pj(Component component, Verb verb, std::uint32_t width, std::uint32_t group = 0) const {
    return list.of({component, verb, width, group, {}}).energy.value();
  }
  double row(const std::string& key) const {
    return table.rows.at(key).figures.at("energy_pj").value;
  }

  arch::Architecture architecture;
  cost::CostTable table;
  workload::Trace trace;
  result::Activity activity;
  reproduction::AuditPrices prices;
  cost::PriceList list;
};

arch::Architecture with_tables(arch::Storage storage, bool gated) {
  arch::Architecture a = input::read_architecture("eyeriss_shiftadd");
  a.groups[0].datapath.lut->storage = storage;
  a.groups[0].datapath.lut->clock_gated = gated;
  return a;
}

std::vector<Assumption> steps_between(Assumption first, Assumption last) {
  std::vector<Assumption> steps;
  for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i)
    steps.push_back(static_cast<Assumption>(i));
  return steps;
}
std::vector<Assumption> before(Assumption step) {
  return steps_between(Assumption::kPublished, static_cast<Assumption>(static_cast<int>(step) - 1));
}
std::vector<Assumption> from(Assumption step) { return steps_between(step, Assumption::kTime); }

}  // namespace

TEST_CASE("An assumption is reached at its own step and after it, not before") {
  CHECK_FALSE(reproduction::reached(Assumption::kSums, Assumption::kKeys));
  CHECK(reproduction::reached(Assumption::kKeys, Assumption::kKeys));
  CHECK(reproduction::reached(Assumption::kScales, Assumption::kKeys));
}

TEST_CASE("Memories cost the paper's 16-bit accesses until their technology changes") {
  const Priced shiftadd(input::read_architecture("eyeriss_shiftadd"));
  for (const Assumption step : before(Assumption::kMemoryCosts))
    for (const std::uint32_t group : {0U, 1U}) {
      const MemoryCosts memory = shiftadd.prices.memory(group, step);
      CHECK(memory.dram * 16 == Approx(200.0));
      CHECK(memory.buffer_read * 16 == Approx(22.2));
      CHECK(memory.buffer_write * 16 == Approx(22.2));
      CHECK(memory.network * 16 == Approx(7.4));
      CHECK(memory.psum_network * 16 == Approx(3.7));
      CHECK(memory.activation_register * 16 == Approx(3.7));
      CHECK(memory.weight_register * 16 == Approx(7.4));
      CHECK(memory.psum_register * 16 == Approx(3.7));
    }
}

TEST_CASE("From then on memories cost what the cost table gives for the group's own") {
  const Priced shiftadd(input::read_architecture("eyeriss_shiftadd"));
  struct Pads {
    std::uint32_t activation, weight, psum;  // bits a word
  };
  const Pads pads[] = {{16, 8, 32}, {16, 16, 32}};
  for (const Assumption step : from(Assumption::kMemoryCosts))
    for (const std::uint32_t g : {0U, 1U}) {
      INFO("group " << g);
      const Priced& p = shiftadd;
      const MemoryCosts memory = p.prices.memory(g, step);
      CHECK(memory.dram == Approx(8.0));  // LPDDR4
      CHECK(memory.buffer_read * 64 == Approx(p.pj(Component::kBuffer, Verb::kRead, 64)));
      CHECK(memory.buffer_write * 64 == Approx(p.pj(Component::kBuffer, Verb::kWrite, 64)));
      CHECK(memory.network == Approx(p.pj(Component::kWeightNetwork, Verb::kTransfer, 1) +
                                     p.pj(Component::kWeightNetwork, Verb::kDeliver, 1)));
      CHECK(memory.psum_network == Approx(p.pj(Component::kNeighbourLink, Verb::kTransfer, 1, g)));
      const auto pad = [&](Component component, Verb verb, std::uint32_t width) {
        return p.pj(component, verb, width, g) / width;
      };
      CHECK(memory.activation_register ==
            Approx(pad(Component::kActivationScratchpad, Verb::kRead, pads[g].activation)));
      CHECK(memory.weight_register ==
            Approx(pad(Component::kWeightScratchpad, Verb::kWrite, pads[g].weight) +
                   pad(Component::kWeightScratchpad, Verb::kRead, pads[g].weight)));
      CHECK(memory.psum_register ==
            Approx((pad(Component::kPsumScratchpad, Verb::kWrite, pads[g].psum) +
                    pad(Component::kPsumScratchpad, Verb::kRead, pads[g].psum)) /
                   2));
    }
  // Reading and writing cost differently, so that neither can stand for the other.
  const MemoryCosts memory = shiftadd.prices.memory(1, Assumption::kMemoryCosts);
  CHECK(memory.buffer_read != memory.buffer_write);
}

TEST_CASE("Arithmetic that the paper has costs the paper's, all other what the cost table gives") {
  const Priced p(input::read_architecture("eyeriss_int"));
  const auto of = [&](Arithmetic arithmetic, Assumption step) {
    return p.prices.of(arithmetic, step);
  };
  for (const Assumption step : before(Assumption::kArithmeticCosts)) {
    CHECK(of(Arithmetic::kFp16Multiply, step) == 1.1);
    CHECK(of(Arithmetic::kFp16Add, step) == 0.4);
    CHECK(of(Arithmetic::kFp32Add, step) == 0.4);
    CHECK(p.prices.shift(step) == 0.15);
  }
  for (const Assumption step : from(Assumption::kArithmeticCosts)) {
    CHECK(of(Arithmetic::kFp16Multiply, step) == p.row("fp16.multiply"));
    CHECK(of(Arithmetic::kFp16Add, step) == p.row("fp16.add"));
    CHECK(p.prices.shift(step) == 0.057);  // Table 1 of the paper
  }
  for (const Assumption step : before(Assumption::kAccumulators))
    CHECK(of(Arithmetic::kFp32Add, step) == of(Arithmetic::kFp16Add, step));
  for (const Assumption step : from(Assumption::kAccumulators))
    CHECK(of(Arithmetic::kFp32Add, step) == 0.9);  // Horowitz
  for (const Assumption step : from(Assumption::kPublished)) {
    CHECK(of(Arithmetic::kExponentAdd, step) == p.row("exponent.add"));
    CHECK(of(Arithmetic::kInt8Add, step) == p.row("int8.add"));
    CHECK(of(Arithmetic::kFp16Convert, step) == p.row("fp16.convert"));
  }
}

TEST_CASE("The paper's arithmetic follows another cost table from its own step on") {
  Priced p(input::read_architecture("eyeriss_int"));
  p.table.rows.at("fp16.multiply").figures.at("energy_pj").value = 2.5;
  p.table.rows.at("fp16.add").figures.at("energy_pj").value = 0.7;
  const reproduction::AuditPrices prices({p.architecture, p.trace, p.activity, p.table});
  CHECK(prices.of(Arithmetic::kFp16Multiply, Assumption::kUnits) == 1.1);
  CHECK(prices.of(Arithmetic::kFp16Add, Assumption::kUnits) == 0.4);
  CHECK(prices.of(Arithmetic::kFp16Multiply, Assumption::kArithmeticCosts) == 2.5);
  CHECK(prices.of(Arithmetic::kFp16Add, Assumption::kArithmeticCosts) == 0.7);
  CHECK(prices.of(Arithmetic::kFp32Add, Assumption::kArithmeticCosts) == 0.7);
}

TEST_CASE("Counts cost the sum of their operations") {
  const Priced p(input::read_architecture("eyeriss_shiftadd"));
  workload::ArithmeticCounts counts;
  counts[Arithmetic::kExponentAdd] = 3;
  counts[Arithmetic::kFp16Add] = 2;
  counts[Arithmetic::kFp32Add] = 5;
  counts.lut_queries = 100;  // priced apart
  CHECK(p.prices.of(counts, Assumption::kScales) ==
        Approx(3 * p.row("exponent.add") + 2 * 0.4 + 5 * 0.4));
  CHECK(p.prices.of(counts, Assumption::kAccumulators) ==
        Approx(3 * p.row("exponent.add") + 2 * 0.4 + 5 * 0.9));
}

TEST_CASE("A query costs the paper's 0.37 pJ until tables are the design's") {
  for (const arch::Storage storage : {arch::Storage::kSram, arch::Storage::kFlipFlop}) {
    const Priced p(with_tables(storage, true));
    for (const Assumption step : before(Assumption::kTables))
      CHECK(p.prices.query(0, step) == 0.37);
    for (const Assumption step : from(Assumption::kTables))
      CHECK(p.prices.query(0, step) == Approx(p.pj(Component::kLut, Verb::kRead, 16)));
    CHECK(p.pj(Component::kLut, Verb::kRead, 16) != 0.37);
  }
}

TEST_CASE("A table is built by 152 adds and 128 writes") {
  const Priced p(input::read_architecture("eyeriss_shiftadd"));
  CHECK(p.prices.build(0) ==
        Approx(128 * p.pj(Component::kLut, Verb::kWrite, 16) + 152 * p.row("fp16.add")));
  arch::Architecture full = input::read_architecture("eyeriss_shiftadd");
  full.groups[0].datapath.lut->half_table = false;
  const Priced whole(full);
  CHECK(whole.prices.build(0) ==
        Approx(256 * whole.pj(Component::kLut, Verb::kWrite, 16) + 152 * whole.row("fp16.add")));
}

TEST_CASE("Holding costs every bit of every copy in all PEs, in flip-flops, and nothing in SRAM") {
  CHECK(Priced(with_tables(arch::Storage::kSram, true)).prices.hold(0) == 0.0);
  // 108 PEs, 128 entries of 16 bits: 0.0088 pJ a bit clocked, 0.000293 gated.
  const Priced clocked(with_tables(arch::Storage::kFlipFlop, false));
  CHECK(clocked.prices.hold(0) == Approx(108.0 * 2048 * 0.0088));
  CHECK(Priced(with_tables(arch::Storage::kFlipFlop, true)).prices.hold(0) ==
        Approx(108.0 * 2048 * 0.000293));
  arch::Architecture twice = with_tables(arch::Storage::kFlipFlop, false);
  twice.groups[0].datapath.lut->copies = 2;
  CHECK(Priced(twice).prices.hold(0) == Approx(2 * clocked.prices.hold(0)));
}

TEST_CASE("An operand costs its bits at each level: on chip registers and links alone") {
  MemoryCosts memory;
  memory.dram = 1.0;
  memory.buffer_read = 10.0;
  memory.buffer_write = 30.0;
  memory.network = 100.0;
  memory.psum_network = 200.0;
  memory.activation_register = 1000.0;
  memory.weight_register = 2000.0;
  memory.psum_register = 3000.0;
  const published::UnitCosts all = unit_costs(memory, {1, 2, 3, 4, 5, 6, 7});
  const auto check = [](const published::OperandCosts& costs, const std::vector<double>& expected) {
    CHECK(std::vector<double>{costs.dram, costs.buffer, costs.network, costs.registers} ==
          expected);
  };
  check(all.inputs, {1.0, 10.0, 100.0, 2 * 1000.0});
  check(all.weights, {3.0, 0.0, 3 * 100.0, 4 * 2000.0});
  check(all.outputs, {5.0, 6 * 20.0, 7 * 200.0, 7 * 3000.0});
  const published::UnitCosts inside = unit_costs(memory, reproduction::on_chip(2));
  check(inside.inputs, {0.0, 0.0, 0.0, 2 * 1000.0});
  check(inside.weights, {0.0, 0.0, 0.0, 2 * 2000.0});
  check(inside.outputs, {0.0, 0.0, 2 * 200.0, 2 * 3000.0});
}
