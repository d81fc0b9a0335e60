// SPDX-License-Identifier: Apache-2.0
// The audit starts at the published accounting, ends at the simulation, and each step between them
// changes what it says and nothing else.
#include "models/reproduction/audit_layer.h"
#include "tests/catch.h"
#include "tests/sim/reproduction/audit_cases.h"

using namespace addax;
using namespace addax::tests::audit;

namespace {

bool same(const DesignCost& a, const DesignCost& b) {
  for (double reproduction::AuditEnergy::*part : reproduction::AuditEnergy::kParts)
    if (a.energy.*part != b.energy.*part) return false;
  return a.latency_s == b.latency_s;
}

}  // namespace

TEST_CASE("The audit has a cost for each step, in the order of the assumptions") {
  const auto& steps = reproduction::audit_steps();
  for (std::size_t i = 0; i < steps.size(); ++i)
    CHECK(steps[i].assumption == static_cast<Assumption>(i));
  CHECK(Audited("opt-125m", kFp16).costs.size() == steps.size());
}

TEST_CASE("The audit starts at the published account, in the units that the paper prints") {
  for (const std::string model : {"opt-125m", "llama-2-7b"})
    for (const Case& design : {kFp16, kOptq, kShiftAdd}) {
      INFO(model << " " << published::name(design.scheme));
      published::Accountant accountant;
      const published::Breakdown account = accountant.model(shape(model), design.scheme).total;
      const Audited audit(model, design);
      const DesignCost& printed = audit.after(Assumption::kPublished);
      CHECK(printed.energy.total() == Approx(account.energy_mj()).epsilon(1e-12));
      CHECK(printed.latency_s * 1e3 == Approx(account.latency_s).epsilon(1e-12));
      const DesignCost& units = audit.after(Assumption::kUnits);
      CHECK(units.energy.total() == Approx(account.energy_mj() * 1e-3).epsilon(1e-12));
      CHECK(units.latency_s == Approx(account.latency_s).epsilon(1e-12));
    }
}

TEST_CASE("The audit ends at the simulation, and its parts add up to it") {
  for (const Case& design : {kFp16, kOptq, kShiftAdd}) {
    const Audited audit("opt-1.3b", design);
    const DesignCost& last = audit.costs.back();
    const Simulated& s = audit.simulated;
    const result::Totals totals =
        result::evaluate(s.activity, s.architecture, s.trace.name, s.table).totals;
    CHECK(last.energy.total() == Approx(totals.energy.value.value() / 1e12).epsilon(1e-12));
    CHECK(last.latency_s == totals.latency.value());
  }
}

TEST_CASE("A step leaves the designs that it does not speak of as they were") {
  const auto unchanged = [](const Audited& audit, Assumption from, Assumption to) {
    return same(audit.after(from), audit.after(to));
  };
  using A = Assumption;
  const Audited fp16("opt-350m", kFp16);
  CHECK(unchanged(fp16, A::kUnits, A::kArithmeticCosts));  // Horowitz's, already in the tables
  CHECK(unchanged(fp16, A::kArithmeticCosts, A::kOperandWidths));
  CHECK(unchanged(fp16, A::kSums, A::kScales));
  const Audited optq("opt-350m", kOptq);
  CHECK(unchanged(optq, A::kUnits, A::kArithmeticCosts));
  CHECK(unchanged(optq, A::kSums, A::kKeys));
  CHECK_FALSE(unchanged(optq, A::kArithmeticCosts, A::kOperandWidths));
  CHECK_FALSE(unchanged(optq, A::kKeys, A::kScales));
  const Audited shiftadd("opt-350m", kShiftAdd);
  CHECK_FALSE(unchanged(shiftadd, A::kUnits, A::kArithmeticCosts));
  CHECK(unchanged(shiftadd, A::kArithmeticCosts, A::kOperandWidths));
  CHECK_FALSE(unchanged(shiftadd, A::kSums, A::kKeys));
  CHECK_FALSE(unchanged(shiftadd, A::kKeys, A::kScales));
  CHECK_FALSE(unchanged(shiftadd, A::kScales, A::kTables));
  CHECK(unchanged(fp16, A::kScales, A::kTables));
  CHECK(unchanged(optq, A::kScales, A::kTables));
  // OPT-350M's embedding is narrower than its blocks; OPT-1.3B is as the paper has it.
  CHECK_FALSE(unchanged(fp16, A::kAccumulators, A::kShapes));
  CHECK(unchanged(Audited("opt-1.3b", kFp16), A::kAccumulators, A::kShapes));
}

TEST_CASE("Keys of every plane: 8 q bits a key reach the array, where 10 were fetched") {
  const Audited audit("opt-1.3b", kShiftAdd);
  // 24 blocks of four 2048 x 2048 and two 2048 x 8192 layers, one key for 8 weights.
  const double keys = 24.0 * 12.0 * 2048.0 * 2048.0 / 8.0;
  const double more_j = keys * (8.0 * 3.0 - 10.0) * 200.0 / 16.0 / 1e12;  // the paper's DRAM
  CHECK(audit.after(Assumption::kKeys).energy.dram - audit.after(Assumption::kSums).energy.dram ==
        Approx(more_j).epsilon(1e-6));
}

TEST_CASE("From shared scales on, the bits of a layer from DRAM are those that are stored") {
  const arch::Architecture architecture = input::read_architecture("eyeriss_shiftadd");
  const cost::CostTable table = input::read_complete_cost_table("physical-45nm");
  const workload::Trace trace;
  const result::Activity activity;
  const reproduction::AuditPrices prices({architecture, trace, activity, table});
  reproduction::AuditLayer layer;
  layer.inputs = 2048;
  layer.outputs = 512;
  layer.format = workload::default_format(workload::FormatKind::kShiftAdd, 3);
  const auto bits = [&](Assumption now) {
    reproduction::Tally tally;
    reproduction::account(tally, layer, architecture, prices, now);
    return tally.dram_bits;
  };
  const double keys = 2048.0 / 8.0 * 512.0 * 3.0 * 8.0;
  // 3 planes x 2048/8 columns of blocks x 8 blocks of rows, each scale 3 terms of 8 bits.
  const double scales = 3.0 * 256.0 * 8.0 * 24.0;
  const double outputs = 512.0 * 16.0;
  // The paper's building of 256 tables multiplies 8 inputs by 8 constants into one result each.
  const double build = 256.0 * (8.0 + 1.0) * 16.0 + 8.0 * 16.0;
  CHECK(bits(Assumption::kScales) == Approx(keys + scales + outputs + build).epsilon(1e-12));
  const double inputs = 2048.0 * 16.0;
  CHECK(bits(Assumption::kTables) == Approx(keys + scales + outputs + inputs).epsilon(1e-12));
}
