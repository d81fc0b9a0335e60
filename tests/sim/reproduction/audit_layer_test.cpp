// SPDX-License-Identifier: Apache-2.0
// One linear layer after every step of the audit, against the rules derived a second time.
#include "models/reproduction/audit_layer.h"

#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "tests/catch.h"
#include "tests/sim/reproduction/audit_reference.h"

using namespace addax;
using reproduction::Assumption;
using tests::audit::kLayerSteps;
using tests::audit::Subject;
using tests::audit::Sums;

namespace {

struct Size {
  long inputs, outputs;
};
// The second is such that exactly as many PEs as the arrays have, 168 and 108, divide it.
const Size kSizes[] = {{64, 48}, {72, 84}};

/// An architecture with all that prices need.
class Bench {
 public:
  explicit Bench(arch::Architecture architecture)
      : architecture_(std::move(architecture)),
        table_(input::read_complete_cost_table("physical-45nm")),
        prices_({architecture_, trace_, activity_, table_}) {}
  explicit Bench(const std::string& name) : Bench(input::read_architecture(name)) {}

  Subject subject(Size size, std::uint32_t group = 0) const {
    return {
        architecture_, prices_.list(), table_.rows.at("barrel.shift").figures.at("energy_pj").value,
        group,         size.inputs,    size.outputs};
  }
  Sums layer(const Subject& subject, const workload::WeightFormat& format, Assumption now) const {
    reproduction::AuditLayer layer;
    layer.inputs = static_cast<std::uint64_t>(subject.inputs);
    layer.outputs = static_cast<std::uint64_t>(subject.outputs);
    layer.count = 7;  // an account is of one instance
    layer.format = format;
    layer.group = subject.group;
    reproduction::Tally tally;
    reproduction::account(tally, layer, architecture_, prices_, now);
    return sums(tally);
  }
  Sums elementwise(std::uint64_t width, bool product, Assumption now) const {
    reproduction::Tally tally;
    reproduction::account(tally, published::ElementwiseLayer{"bias", width, 7, product}, prices_,
                          now);
    return sums(tally);
  }

 private:
  static Sums sums(const reproduction::Tally& tally) {
    const reproduction::AuditEnergy& e = tally.energy;
    CHECK(e.other == 0.0);
    CHECK(e.fixed == 0.0);
    return {e.dram,   e.buffer,     e.network,    e.registers,
            e.tables, e.arithmetic, tally.time_s, tally.dram_bits};
  }

  arch::Architecture architecture_;
  cost::CostTable table_;
  workload::Trace trace_;
  result::Activity activity_;
  reproduction::AuditPrices prices_;
};

/// Held at a cost, two adders for three terms, entries written two at a time, and with 35 PEs one
/// fewer than would divide a layer well.
arch::Architecture clocked_tables() {
  arch::Architecture a = input::read_architecture("eyeriss_shiftadd");
  a.rows = 5;
  a.groups[0].columns = 7;
  a.clock = quantity::Hertz(2e8);
  arch::Datapath& path = a.groups[0].datapath;
  path.lut->storage = arch::Storage::kFlipFlop;
  path.lut->clock_gated = false;
  path.lut->copies = 2;
  path.lut->write_ports = 2;
  for (arch::Unit& unit : path.units)
    if (unit.executes == arith::Arithmetic::kExponentAdd) unit.count = 2;
  return a;
}

void check_equal(const Sums& found, const Sums& derived) {
  const std::pair<const char*, double Sums::*> parts[] = {
      {"dram", &Sums::dram},       {"buffer", &Sums::buffer},
      {"network", &Sums::network}, {"registers", &Sums::registers},
      {"tables", &Sums::tables},   {"arithmetic", &Sums::arithmetic},
      {"seconds", &Sums::seconds}, {"DRAM bits", &Sums::dram_bits}};
  for (const auto& [name, part] : parts) {
    INFO(name);
    CHECK(found.*part == Approx(derived.*part).epsilon(1e-9));
  }
}

const char* step_key(Assumption step) {
  return reproduction::audit_steps()[static_cast<std::size_t>(step)].key;
}

}  // namespace

TEST_CASE("An FP16 layer costs after every step of the audit what its rules say") {
  const Bench bench("eyeriss_fp16");
  const auto format = workload::default_format(workload::FormatKind::kFp16, 16);
  for (const Size size : kSizes)
    for (const Assumption step : kLayerSteps) {
      INFO(size.inputs << " x " << size.outputs << " after " << step_key(step));
      const Subject subject = bench.subject(size);
      check_equal(bench.layer(subject, format, step), tests::audit::fp16(subject, step));
    }
}

TEST_CASE("The FP16 head of the design with tables runs on its multipliers, 60 of 168 PEs") {
  const Bench bench("eyeriss_shiftadd");
  const auto format = workload::default_format(workload::FormatKind::kFp16, 16);
  for (const Assumption step : kLayerSteps) {
    INFO(step_key(step));
    const Subject subject = bench.subject({64, 60}, 1);
    check_equal(bench.layer(subject, format, step), tests::audit::fp16(subject, step));
  }
}

TEST_CASE("A layer of integers costs after every step of the audit what its rules say") {
  const Bench bench("eyeriss_int");
  auto format = workload::default_format(workload::FormatKind::kInt, 3);
  REQUIRE(format.zero_points);
  for (const std::uint64_t group : {16, 128}) {
    format.scales.group = group;
    for (const Size size : kSizes)
      for (const Assumption step : kLayerSteps) {
        INFO(size.inputs << " x " << size.outputs << " g" << group << " after " << step_key(step));
        const Subject subject = bench.subject(size);
        check_equal(bench.layer(subject, format, step),
                    tests::audit::integers(subject, 3, static_cast<long>(group), step));
      }
  }
}

TEST_CASE("A layer of lookups costs after every step of the audit what its rules say") {
  const auto format = workload::default_format(workload::FormatKind::kShiftAdd, 3);
  const Bench shipped("eyeriss_shiftadd");
  const Bench clocked(clocked_tables());
  for (const Bench* bench : {&shipped, &clocked})
    for (const Size size : kSizes)
      for (const Assumption step : kLayerSteps) {
        INFO((bench == &shipped ? "shipped " : "clocked tables ")
             << size.inputs << " x " << size.outputs << " after " << step_key(step));
        const Subject subject = bench->subject(size);
        check_equal(bench->layer(subject, format, step),
                    tests::audit::lookups(subject, 3, 3, step));
      }
}

TEST_CASE(
    "Biases and gate products cost the paper's on-chip operations at the prices of the step") {
  const Bench bench("eyeriss_fp16");
  for (const bool product : {false, true})
    for (const Assumption step : kLayerSteps) {
      INFO((product ? "gate product after " : "bias after ") << step_key(step));
      check_equal(bench.elementwise(72, product, step),
                  tests::audit::elementwise(bench.subject({72, 1}), product, step));
    }
}
