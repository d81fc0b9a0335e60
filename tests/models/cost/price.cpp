// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost.h"
#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"
#include "tests/catch.h"
#include "tests/models/cost/example.h"

namespace {

using namespace addax;
using action::Action;
using action::Component;
using action::Verb;
using arith::Arithmetic;

Action access(Component component, Verb verb, std::uint32_t width = 1, std::uint32_t group = 0) {
  return {component, verb, width, group, std::nullopt};
}

Action compute(Arithmetic arithmetic, Component component = Component::kArray) {
  return {component, Verb::kCompute, 1, 0, arithmetic};
}

struct Example {
  cost::CostTable table = cost::example::table();
  arch::Architecture architecture = cost::example::architecture();
  cost::Price price(const Action& action) const {
    return cost::PriceList(table, architecture).of(action);
  }
  double energy(const Action& action) const { return price(action).energy.value(); }
};

}  // namespace

TEST_CASE("an arithmetic operation costs its row") {
  const Example x;
  CHECK(x.energy(compute(Arithmetic::kFp32Add)) == 0.9);
  CHECK(x.energy(compute(Arithmetic::kFp16Multiply)) == 1.1);
  CHECK(x.energy(compute(Arithmetic::kFp16Add, Component::kLut)) == 0.4);
  CHECK(x.price(compute(Arithmetic::kFp32Add)).row == "fp32.add");
}

TEST_CASE("DRAM costs bits, and background power for every cycle") {
  const Example x;
  CHECK(x.energy(access(Component::kDram, Verb::kRead)) == 8.0);
  CHECK(x.energy(access(Component::kDram, Verb::kWrite)) == 8.0);
  // 100 mW x 4 ns = 400 pJ.
  const cost::Price background = x.price(access(Component::kDram, Verb::kPowered));
  CHECK(background.energy.value() == Approx(400.0));
  CHECK(background.low.value() == Approx(200.0));
  CHECK(background.high.value() == Approx(800.0));
  CHECK(background.assumed.value() == Approx(400.0));
  CHECK(background.evidence == cost::Evidence::kAssumed);
}

TEST_CASE("a buffer access is a bank's and the wires to it") {
  const Example x;
  // 4 banks of 20 480 um2: a side of sqrt(0.08192) = 0.286217 mm; 64 bits x 0.12 x half of it.
  const double wires = 64 * 0.12 * 0.5 * std::sqrt(4 * 20480.0 / 1e6);
  CHECK(wires == Approx(1.09907).epsilon(1e-5));
  CHECK(x.energy(access(Component::kBuffer, Verb::kRead, 64)) == Approx(2.0 + wires));
  CHECK(x.energy(access(Component::kBuffer, Verb::kWrite, 64)) == Approx(3.0 + wires));
  // Two words are two accesses; half a word is a whole one with half the wires.
  CHECK(x.energy(access(Component::kBuffer, Verb::kRead, 128)) == Approx(2 * (2.0 + wires)));
  CHECK(x.energy(access(Component::kBuffer, Verb::kRead, 32)) == Approx(2.0 + wires / 2));
  // 4 banks x 0.25 mW x 4 ns, and 50 000 um2 of control at 1e-5 mW a um2.
  CHECK(x.energy(access(Component::kBuffer, Verb::kPowered)) == Approx(4.0 + 2.0));
}

TEST_CASE("a bank wider than 64 bits is macros side by side") {
  Example x;
  x.architecture.buffer.width_bits = 256;
  const double wires = 256 * 0.12 * 0.5 * std::sqrt(4 * 20480.0 / 1e6);
  // Four macros of 512 bytes; the area is linear in bytes and so does not change.
  CHECK(x.energy(access(Component::kBuffer, Verb::kRead, 256)) == Approx(4 * 2.0 + wires));
}

TEST_CASE("scratchpads cost by storage") {
  const Example x;
  // 8 words of flip-flops: a bit costs 0.005 + 7 x 0.001 pJ to read and 0.01 pJ to write.
  CHECK(x.energy(access(Component::kActivationScratchpad, Verb::kRead, 16)) == Approx(16 * 0.012));
  CHECK(x.energy(access(Component::kActivationScratchpad, Verb::kWrite, 16)) == Approx(0.16));
  // (8 x 16 x 6 + 7 x 16 x 2) um2 x 1e-5 mW x 4 ns.
  CHECK(x.energy(access(Component::kActivationScratchpad, Verb::kPowered)) ==
        Approx(992 * 1e-5 * 4));
  // 256 bytes of SRAM, within the fit.
  CHECK(x.energy(access(Component::kWeightScratchpad, Verb::kRead, 16, 1)) == Approx(2.0));
  CHECK(x.energy(access(Component::kWeightScratchpad, Verb::kPowered, 1, 1)) == Approx(1.0));
  CHECK(x.price(access(Component::kWeightScratchpad, Verb::kRead, 16, 1)).evidence ==
        cost::Evidence::kDerived);
  // A scratchpad that is not there leaks nothing.
  CHECK(x.energy(access(Component::kWeightScratchpad, Verb::kPowered)) == 0.0);
}

TEST_CASE("SRAM outside the fitted range is assumed") {
  Example x;
  x.architecture.groups[1].weight_scratchpad.words = 127;
  const cost::Price small = x.price(access(Component::kWeightScratchpad, Verb::kRead, 16, 1));
  CHECK(small.evidence == cost::Evidence::kAssumed);
  CHECK(small.assumed.value() == Approx(2.0));
}

TEST_CASE("a flip-flop table costs its ports, its writes, its clock and its leakage") {
  Example x;
  // 8 entries of 16 bits, two readers.
  CHECK(x.energy(access(Component::kLut, Verb::kRead, 16)) == Approx(16 * 0.012));
  CHECK(x.energy(access(Component::kLut, Verb::kWrite, 16)) == Approx(0.16));
  CHECK(x.energy(access(Component::kLut, Verb::kHold)) == Approx(0.0003));
  // Cells 8 x 16 x 6, ports 7 x 16 x 2 x 2, generator 4 x 1360 um2.
  CHECK(x.energy(access(Component::kLut, Verb::kPowered)) == Approx((768 + 448 + 5440) * 1e-5 * 4));
  x.architecture.groups[0].datapath.lut->clock_gated = false;
  CHECK(x.energy(access(Component::kLut, Verb::kHold)) == Approx(0.008));
}

TEST_CASE("an SRAM table has a macro for every reader, and holds without a clock") {
  Example x;
  x.architecture.groups[0].datapath.lut->storage = arch::Storage::kSram;
  CHECK(x.energy(access(Component::kLut, Verb::kRead, 16)) == Approx(2.0));
  CHECK(x.energy(access(Component::kLut, Verb::kWrite, 16)) == Approx(6.0));
  CHECK(x.energy(access(Component::kLut, Verb::kHold)) == 0.0);
  // Two macros of 0.25 mW and the generator.
  CHECK(x.energy(access(Component::kLut, Verb::kPowered)) == Approx(2.0 + 5440 * 1e-5 * 4));
}

TEST_CASE("networks cost the length of the array, a neighbour link a pitch") {
  const Example x;
  // LUT PE: exponent adds 66, FP32 adds 8368, registers (3 x 16 + 2 x 32) x 6 = 672, control 1000,
  // activations 992, sums 4 x 32 x 6 + 3 x 32 x 2 = 960, table 768, ports 448, generator 5440.
  const double lut_pe = 66 + 8368 + 672 + 1000 + 992 + 960 + 768 + 448 + 5440;
  // MAC PE: 1640 + 4184, registers (16 + 2 x 32) x 6 = 480, control, activations, 256 B of SRAM,
  // sums.
  const double mac_pe = 1640 + 4184 + 480 + 1000 + 992 + 2560 + 960;
  const double pitch_mm = std::sqrt((lut_pe + 3 * mac_pe) / 4 / 1e6);
  CHECK(x.energy(access(Component::kNeighbourLink, Verb::kTransfer)) == Approx(0.12 * pitch_mm));
  for (const Component network : {Component::kActivationNetwork, Component::kWeightNetwork,
                                  Component::kPsumNetwork, Component::kOutputNetwork}) {
    CHECK(x.energy(access(network, Verb::kTransfer)) == Approx(0.12 * 2 * pitch_mm));
    CHECK(x.energy(access(network, Verb::kDeliver)) == Approx(0.12 * 4 * pitch_mm));
  }
}

TEST_CASE("a clocked PE costs control and its pipeline registers") {
  const Example x;
  const cost::Price lut = x.price(access(Component::kArray, Verb::kClocked));
  CHECK(lut.energy.value() == Approx(2.0 + 112 * 0.008));
  CHECK(lut.low.value() == Approx(1.0 + 112 * 0.008));
  CHECK(lut.assumed.value() == Approx(2.0));
  CHECK(x.energy(access(Component::kArray, Verb::kClocked, 1, 1)) == Approx(2.0 + 80 * 0.008));
  // Units, registers and control leak by area.
  CHECK(x.energy(access(Component::kArray, Verb::kPowered, 1, 1)) ==
        Approx((1640 + 4184 + 480 + 1000) * 1e-5 * 4));
}

TEST_CASE("the vector unit is clocked and powered whole") {
  const Example x;
  CHECK(x.energy(access(Component::kVectorUnit, Verb::kClocked)) == Approx(2 * 5.0));
  CHECK(x.energy(access(Component::kVectorUnit, Verb::kPowered)) ==
        Approx(2 * (3000 + 4184) * 1e-5 * 4));
}

TEST_CASE("leakage carries the range of both its rows") {
  Example x;
  x.table.rows["fp16.multiply"].figures["area_um2"] = {1640, 640, 2640};
  const cost::Price price = x.price(access(Component::kArray, Verb::kPowered, 1, 1));
  CHECK(price.low.value() == Approx((640 + 4184 + 480 + 1000) * 0.5e-5 * 4));
  CHECK(price.high.value() == Approx((2640 + 4184 + 480 + 1000) * 2e-5 * 4));
  CHECK(price.assumed.value() == Approx(price.energy.value()));
}

TEST_CASE("a price per cycle follows the clock") {
  Example x;
  x.architecture.clock = quantity::Hertz(1e9);
  CHECK(x.energy(access(Component::kDram, Verb::kPowered)) == Approx(100.0));
}

TEST_CASE("an action without a row is an error that names the row") {
  const Example x;
  try {
    x.price(compute(Arithmetic::kInt8Multiply));
    FAIL("priced without a row");
  } catch (const quantity::Impossible& error) {
    CHECK(std::string(error.what()).find("'int8.multiply'") != std::string::npos);
    CHECK(error.diagnosis().path == "rows.int8.multiply");
    CHECK(error.diagnosis().value.empty());
    CHECK(error.diagnosis().message ==
          "a row 'int8.multiply' with its energy_pj, which this run needs of cost table 'example'");
  }
}

TEST_CASE("DRAM without a row is the architecture's to change, from what the table has") {
  Example x;
  x.architecture.dram.type = "ddr9";
  try {
    x.price(access(Component::kDram, Verb::kRead));
    FAIL("priced without a row");
  } catch (const quantity::Impossible& error) {
    CHECK(error.diagnosis().path == "dram.type");
    CHECK(error.diagnosis().value == "ddr9");
    CHECK(error.diagnosis().message.find(", the rows dram.TYPE in cost table 'example'") !=
          std::string::npos);
  }
}

TEST_CASE("a row without the figure asked for is an error that names both") {
  Example x;
  x.table.rows["wire"].figures = {{"energy_mac", {2, 2, 2}}};
  try {
    x.price(access(Component::kNeighbourLink, Verb::kTransfer));
    FAIL("priced without a figure");
  } catch (const quantity::Impossible& error) {
    CHECK(std::string(error.what()).find("'wire'") != std::string::npos);
    CHECK(std::string(error.what()).find("'energy_pj_per_bit_mm'") != std::string::npos);
  }
}

TEST_CASE("a verb that a component does not have is a defect") {
  const Example x;
  CHECK_THROWS_AS(x.price(access(Component::kDram, Verb::kHold)), quantity::Defect);
  CHECK_THROWS_AS(x.price(access(Component::kArray, Verb::kClocked, 1, 7)), quantity::Defect);
}
