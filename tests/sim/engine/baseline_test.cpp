// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/baseline.h"

#include "models/quantity/diagnosis.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "tests/catch.h"

using namespace addax;
using arith::Arithmetic;
using engine::BaselineKind;
using result::Equalisation;
using workload::FormatKind;

namespace {

arch::ColumnGroup group(const std::string& name, std::uint32_t columns, arch::Datapath datapath) {
  const arch::Scratchpad pad{64, 16, arch::Storage::kFlipFlop};
  return {name, columns, std::move(datapath), pad, pad, pad};
}

arch::Datapath fp16_mac() {
  arch::Datapath path;
  path.name = "fp16_mac";
  path.units = {{Arithmetic::kFp16Multiply, 1, 1, 1}, {Arithmetic::kFp32Add, 1, 1, 1}};
  return path;
}

arch::Datapath shift_lut_add() {
  arch::Datapath path;
  path.name = "shift_lut_add";
  path.units = {{Arithmetic::kFp32Add, 1, 1, 1}, {Arithmetic::kExponentAdd, 1, 1, 1}};
  path.lut = arch::Lut{};
  return path;
}

arch::Architecture architecture(std::vector<arch::ColumnGroup> groups) {
  arch::Architecture a;
  a.name = "test";
  a.clock = quantity::Hertz(1e9);
  a.rows = 12;
  a.groups = std::move(groups);
  a.buffer = {8, 16384, 64};
  a.networks = {{64, 1}, {64, 1}, {64, 1}, {64, 1}};
  a.dram = {"lpddr4",
            quantity::BitsPerSecond(2e11),
            512,
            quantity::Nanoseconds(50.0),
            quantity::Nanoseconds(3900.0),
            quantity::Nanoseconds(280.0)};
  a.vector_unit.lanes = 16;
  a.vector_unit.buffer_width_bits = 64;
  a.vector_unit.operations[Arithmetic::kFp32Add] = {1};
  return a;
}

arch::Architecture design() {
  return architecture({group("lut", 14, shift_lut_add()), group("mac", 2, fp16_mac())});
}
arch::Architecture pattern() { return architecture({group("mac", 14, fp16_mac())}); }

workload::Operation linear(const std::string& name, std::uint64_t inputs, std::uint64_t outputs,
                           const workload::WeightFormat& format) {
  workload::Linear work;
  work.tokens = 1;
  work.inputs = inputs;
  work.outputs = outputs;
  work.weights = format;
  return {name, "linear", work, {"x"}, "y"};
}

workload::Trace trace(std::vector<workload::Operation> operations) {
  workload::Trace trace;
  trace.name = "test";
  workload::Phase phase;
  phase.name = "decode-1";
  phase.kind = workload::PhaseKind::kDecode;
  phase.blocks = {{"block", 2, std::move(operations)}};
  trace.phases = {phase};
  return trace;
}

const workload::WeightFormat& format_of(const workload::Trace& trace, std::size_t operation) {
  return std::get<workload::Linear>(trace.phases[0].blocks[0].operations[operation].work).weights;
}

double area_um2(const cost::CostTable& table, const arch::Architecture& a) {
  return cost::area(table, a).total.value.value();
}

}  // namespace

TEST_CASE("The FP16 baseline has every linear layer in FP16 and everything else as it was") {
  workload::Trace original =
      trace({linear("q", 64, 64, workload::default_format(FormatKind::kShiftAdd, 3)),
             {"norm",
              "norm",
              workload::Elementwise{workload::VectorFunction::kRmsNorm, 1, 64, 1, 64},
              {"x"},
              "x"}});
  original.widths.activation_bits = 8;
  const workload::Trace baseline = engine::baseline_trace(original, BaselineKind::kFp16);
  CHECK(format_of(baseline, 0) == workload::WeightFormat{});
  CHECK(baseline.widths.activation_bits == 16);
  CHECK(baseline.phases[0].blocks[0].operations[1] == original.phases[0].blocks[0].operations[1]);
}

TEST_CASE("The same-bits baseline stores as many bits a weight as the design, scales apart") {
  struct Row {
    FormatKind kind;
    std::uint32_t bits, expected;
  };
  for (const Row& row : {Row{FormatKind::kShiftAdd, 3, 3}, Row{FormatKind::kBcq, 4, 4},
                         Row{FormatKind::kBinary, 1, 1}, Row{FormatKind::kTernary, 0, 2},
                         Row{FormatKind::kW8a8, 0, 8}, Row{FormatKind::kMsfp, 0, 4}}) {
    INFO(workload::name(row.kind));
    const workload::Trace baseline = engine::baseline_trace(
        trace({linear("q", 256, 64, workload::default_format(row.kind, row.bits))}),
        BaselineKind::kSameBits);
    CHECK(format_of(baseline, 0).kind == FormatKind::kInt);
    CHECK(format_of(baseline, 0).bits == row.expected);
    CHECK(format_of(baseline, 0).scales.group == 128);
  }
}

TEST_CASE("The same-bits baseline keeps the design's group size, and FP16 and integer layers") {
  workload::WeightFormat grouped = workload::default_format(FormatKind::kBcq, 3);
  grouped.scales.group = 64;
  const workload::WeightFormat integers = workload::default_format(FormatKind::kInt, 5);
  const workload::Trace baseline =
      engine::baseline_trace(trace({linear("q", 256, 64, grouped), linear("k", 256, 64, integers),
                                    linear("head", 256, 64, workload::WeightFormat{})}),
                             BaselineKind::kSameBits);
  CHECK(format_of(baseline, 0).scales.group == 64);
  CHECK(format_of(baseline, 1) == integers);
  CHECK(format_of(baseline, 2) == workload::WeightFormat{});
}

TEST_CASE("A table port is worth mu / q MACs a cycle and a multiplier one") {
  // 14 columns x 12 rows of one port, mu = 8, q = 3: 168 x 8 / 3 = 448 MACs a cycle.
  const auto shiftadd = workload::default_format(FormatKind::kShiftAdd, 3);
  CHECK(engine::peak_macs_a_cycle(design(), trace({linear("q", 64, 64, shiftadd)})) ==
        Approx(448.0));
  // FP16 layers run on the 2 columns of multipliers: 24 MACs a cycle.
  CHECK(engine::peak_macs_a_cycle(design(), trace({linear("head", 64, 64, {})})) == Approx(24.0));
  // Half of the MACs each: 2 / (1/448 + 1/24), the mean over the time that they take.
  CHECK(engine::peak_macs_a_cycle(
            design(), trace({linear("q", 64, 64, shiftadd), linear("head", 64, 64, {})})) ==
        Approx(2.0 / (1.0 / 448.0 + 1.0 / 24.0)));
}

TEST_CASE(
    "A multiplier without an adder of its own, and a port without an accumulator, are worth less") {
  arch::Architecture a = design();
  a.groups[0].datapath.lut->readers = 4;    // four ports, one add: 448 MACs a cycle as before
  a.groups[1].datapath.units[0].count = 2;  // two multipliers, one add: 24
  a.groups[1].datapath.units[1].initiation_interval = 3;  // an add every third cycle: 8
  const auto shiftadd = workload::default_format(FormatKind::kShiftAdd, 3);
  CHECK(engine::peak_macs_a_cycle(a, trace({linear("q", 64, 64, shiftadd)})) == Approx(448.0));
  CHECK(engine::peak_macs_a_cycle(a, trace({linear("head", 64, 64, {})})) == Approx(8.0));
}

TEST_CASE("A baseline sums in FP16 where its design does, and is eyeriss_fp16_sum16 then") {
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  const arch::Architecture wide = input::read_architecture("eyeriss_fp16");
  const arch::Architecture narrow = input::read_architecture("eyeriss_fp16_sum16");
  workload::Trace sums = trace({});
  for (const std::uint32_t bits : {32U, 16U}) {
    sums.widths.accumulator_bits = bits;
    const arch::Architecture baseline =
        engine::baseline_architecture(wide, wide, sums, table, Equalisation::kIsoPe).architecture;
    const arch::Architecture& expected = bits == 16 ? narrow : wide;
    CHECK(baseline.name == expected.name);
    const arch::ColumnGroup &ours = baseline.groups[0], &shipped = expected.groups[0];
    for (const Arithmetic arithmetic :
         {Arithmetic::kFp16Multiply, Arithmetic::kFp16Add, Arithmetic::kFp32Add})
      CHECK(ours.datapath.rate(arithmetic).operations ==
            shipped.datapath.rate(arithmetic).operations);
    CHECK(ours.psum_scratchpad.width_bits == shipped.psum_scratchpad.width_bits);
    CHECK(area_um2(table, baseline) == area_um2(table, expected));
  }
}

TEST_CASE("An iso-PE baseline has the design's rows and columns and nothing of its datapath") {
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  const auto baseline =
      engine::baseline_architecture(design(), pattern(), trace({}), table, Equalisation::kIsoPe);
  CHECK(baseline.architecture.rows == 12);
  REQUIRE(baseline.architecture.groups.size() == 1);
  CHECK(baseline.architecture.groups[0].columns == 16);
  CHECK(baseline.architecture.groups[0].datapath.name == "fp16_mac");
  CHECK(baseline.residual == 0.0);
}

TEST_CASE("An iso-area baseline has the most columns that fit into the design's area") {
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  const auto baseline =
      engine::baseline_architecture(design(), pattern(), trace({}), table, Equalisation::kIsoArea);
  const double budget = area_um2(table, design());
  arch::Architecture wider = baseline.architecture;
  wider.groups[0].columns += 1;
  CHECK(area_um2(table, baseline.architecture) <= budget);
  CHECK(area_um2(table, wider) > budget);
  CHECK(baseline.residual <= 0.0);
  CHECK(baseline.residual == Approx(area_um2(table, baseline.architecture) / budget - 1.0));
}

TEST_CASE("A design smaller than one column of multipliers has no iso-area baseline") {
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  arch::Datapath adder;
  adder.name = "adder";
  adder.units = {{Arithmetic::kInt8Add, 1, 1, 1}};
  arch::ColumnGroup small = group("adder", 1, adder);
  const arch::Scratchpad tiny{1, 8, arch::Storage::kLatch};
  small.activation_scratchpad = small.weight_scratchpad = small.psum_scratchpad = tiny;
  CHECK_THROWS_AS(engine::baseline_architecture(architecture({small}), pattern(), trace({}), table,
                                                Equalisation::kIsoArea),
                  quantity::Impossible);
}

TEST_CASE("An iso-throughput baseline has the columns whose peak is nearest to the design's") {
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  const auto shiftadd = workload::default_format(FormatKind::kShiftAdd, 3);
  // 448 MACs a cycle over 12 rows: 37.33 columns, nearest 37, which is 0.893 % short.
  const auto baseline =
      engine::baseline_architecture(design(), pattern(), trace({linear("q", 64, 64, shiftadd)}),
                                    table, Equalisation::kIsoThroughput);
  CHECK(baseline.architecture.groups[0].columns == 37);
  CHECK(baseline.residual == Approx(37.0 * 12.0 / 448.0 - 1.0));
}

TEST_CASE("Iso-throughput without a linear layer that the design runs is refused") {
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  CHECK_THROWS_AS(engine::baseline_architecture(design(), pattern(), trace({}), table,
                                                Equalisation::kIsoThroughput),
                  quantity::Impossible);
}
