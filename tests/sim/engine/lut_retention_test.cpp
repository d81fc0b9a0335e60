// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/engine.h"
#include "sim/input/cost_reader.h"
#include "sim/input/trace_request.h"
#include "tests/catch.h"
#include "tests/sim/engine/lut_grid.h"

using namespace addax;

namespace {

result::DesignResult evaluated(const arch::Architecture& a, const std::string& trace) {
  static const cost::CostTable costs = input::read_cost_table("physical-45nm");
  engine::Options options;
  options.fidelity = engine::Fidelity::kAnalytic;
  options.costs = &costs;
  return result::evaluate(engine::run(a, input::resolve_trace(trace), options), a, trace, costs);
}

const result::LayerResult& coded(const result::DesignResult& design) {
  for (const result::LayerResult& layer : design.layers)
    if (layer.activity.name == "coded") return layer;
  throw std::runtime_error("no layer");
}

arch::Lut flip_flops(bool half, bool gated) {
  arch::Lut lut;
  lut.key_bits = 4;
  lut.half_table = half;
  lut.storage = arch::Storage::kFlipFlop;
  lut.clock_gated = gated;
  lut.readers = 4;  // of all four outputs at once, so that no second column need build the table
  return lut;
}

}  // namespace

TEST_CASE("four tables of 4-bit keys cost what their adds, entries, queries and bits cost") {
  // micro-linear: 16 inputs are 4 keys, for 4 outputs in 2 planes: 32 queries.
  for (const bool half : {true, false})
    for (const bool gated : {true, false}) {
      const arch::Architecture a = tests::with_lut(flip_flops(half, gated));
      const result::DesignResult design = evaluated(a, "micro-linear");
      const result::LayerResult& layer = coded(design);
      REQUIRE(layer.activity.retention.has_value());
      const result::Retention& kept = *layer.activity.retention;
      CHECK(kept.distinct == 4);
      CHECK(kept.built == 4);
      CHECK(kept.queries == 32);
      CHECK(kept.builds_a_table() == 1.0);
      CHECK(kept.outputs_a_build() == 4.0);
      CHECK(kept.planes == 2);
      CHECK(kept.tiles_a_build() == 1.0);
      const double entries = half ? 8 : 16;
      const cost::TableEnergy& energy = layer.energy.tables;
      CHECK(energy.adds.value.value() == Approx(4 * 12 * 0.4));
      CHECK(energy.writes.value.value() == Approx(4 * entries * 16 * 0.009));
      CHECK(energy.build().value.value() ==
            Approx(energy.adds.value.value() + energy.writes.value.value()));
      CHECK(energy.reads.value.value() == Approx(32 * 16 * (0.009 + (entries - 1) * 0.00009)));
      const std::uint64_t pes = std::uint64_t{a.rows} * a.groups[0].columns;
      const double bit_cycles =
          entries * 16 * static_cast<double>(pes * layer.activity.cycles.value());
      CHECK(energy.hold.value.value() == Approx(bit_cycles * (gated ? 0.000293 : 0.0088)));
      // The parts are the component.
      CHECK(layer.energy.by_component.at("lut").value.value() ==
            Approx(energy.build().value.value() + energy.reads.value.value() +
                   energy.hold.value.value()));
    }
}

TEST_CASE(
    "four columns that take an output each build the same tables, each for a quarter of a tile") {
  arch::Lut lut = flip_flops(true, true);
  lut.readers = 1;
  const result::DesignResult design = evaluated(tests::with_lut(lut), "micro-linear");
  const result::Retention& kept = *coded(design).activity.retention;
  CHECK(kept.distinct == 4);
  CHECK(kept.built == 4 * 4);
  CHECK(kept.builds_a_table() == 4.0);
  CHECK(kept.outputs_a_build() == 1.0);
  CHECK(kept.tiles_a_build() == 0.25);
}

TEST_CASE("the tables of a design are those of its layers") {
  const result::DesignResult design =
      evaluated(tests::with_lut(flip_flops(true, true)), "opt-125m.decode.bcq-3bit");
  cost::TableEnergy sum;
  for (const result::LayerResult& layer : design.layers) sum.add(layer.energy.tables);
  CHECK(design.energy_of_tables.reads.value.value() == Approx(sum.reads.value.value()));
  CHECK(design.energy_of_tables.leakage.value.value() == Approx(sum.leakage.value.value()));
  CHECK(design.energy_by_component.at("lut").value.value() ==
        Approx(sum.build().value.value() + sum.reads.value.value() + sum.hold.value.value()));
}

TEST_CASE("the longer tables are kept the less they cost to build, in any storage") {
  std::size_t compared = 0;
  for (const arch::Lut& lut : tests::lut_grid()) {
    // What a table costs to build depends on neither.
    if (lut.readers != 8 || lut.copies != 1 || !lut.clock_gated) continue;
    const result::DesignResult design =
        evaluated(tests::with_lut(lut), "opt-125m.prefill.bcq-3bit");
    std::map<double, double> building;  // pJ a query, by queries that a build serves
    for (const result::LayerResult& layer : design.layers) {
      if (!layer.activity.retention) continue;
      const result::Retention& kept = *layer.activity.retention;
      CHECK(kept.built >= kept.distinct);
      CHECK(kept.queries > 0);
      building[kept.outputs_a_build() * kept.planes] =
          layer.energy.tables.build().value.value() / static_cast<double>(kept.queries);
    }
    REQUIRE_FALSE(building.empty());
    compared += building.size() - 1;
    double before = building.begin()->second;
    for (const auto& [served, energy] : building) {
      INFO(served);
      CHECK(energy <= before * (1 + 1e-12));
      before = energy;
    }
  }
  CHECK(compared > 0);
}
