// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>

#include "models/values/pseudo_random.h"
#include "sim/engine/bounds.h"
#include "tests/sim/detailed/cases.h"
#include "tests/sim/detailed/vector_cases.h"

// Cycles of random layers by three models, a row of CSV each: closed form, `cycle`, `detailed`.
// addax_deviations [PRODUCTS [OPERATIONS [TABLES [SEED]]]]
namespace addax {
namespace {

constexpr int kProducts = 704, kOperations = 100, kTables = 160;
constexpr std::uint32_t kSeed = 20261128;

/// Of a layer, in words, and what may make it unusual.
struct Description {
  std::string kind, design, format, shape, array, networks;
  std::uint64_t tokens = 0;
  std::uint64_t building = 0;  ///< cycles in which the busiest PE builds its tables
  std::uint32_t tables = 0;    ///< a PE has: 1, 2
  std::string table;           ///< each of them
  std::uint64_t sharing = 1;   ///< columns that share the reduction
};

struct Cycles {
  quantity::Cycles cycle, detailed;
};

struct Busiest {
  const char* name;
  std::uint32_t width_bits;
};

/// The network that takes the most cycles.
Busiest busiest_network(const arch::Networks& networks, const mapping::LayerTotals& totals) {
  struct Use {
    const char* name;
    const arch::Network& network;
    std::uint64_t bits;
  };
  const Use uses[] = {{"activation", networks.activation, totals.activation_bits},
                      {"weight", networks.weight, totals.weight_bits},
                      {"psum", networks.psum, totals.psum_bits},
                      {"output", networks.output, totals.output_bits}};
  const Use& most =
      *std::max_element(std::begin(uses), std::end(uses), [](const Use& x, const Use& y) {
        return x.bits * y.network.width_bits < y.bits * x.network.width_bits;
      });
  return {most.name, most.network.width_bits};
}

void print(int number, const arch::Architecture& a, const mapping::LayerPlan& plan,
           const Description& of, const Cycles& cycles) {
  const mapping::LayerTotals totals = mapping::totals(plan);
  const auto busy = engine::bounds(a, plan, totals);
  const auto longest = std::max_element(busy.begin(), busy.end());
  const auto bound = static_cast<result::Resource>(longest - busy.begin());
  // Single tables are not read while they are built: the rest of the PE's cycles is fewer. Double
  // ones are: the PE has no others.
  const bool tables = bound == result::Resource::kCompute && of.tables > 0 &&
                      of.building * (of.tables > 1 ? 1 : 2) >= totals.array_cycles.value() &&
                      of.building > 0;
  const Busiest network = busiest_network(a.networks, totals);
  const double cycle_ns = 1e9 / a.clock.value();
  fmt::print("{},{},{},{},{},{},{},{},{},{},\"{}\",{},{},{},{},{},{},{:.0f},{},{},", number,
             of.kind, of.design, of.format, tables ? "tables" : result::name(bound), of.shape,
             of.array, of.networks, of.tokens, of.tables, of.table, of.sharing, network.name,
             network.width_bits, totals.passes, totals.psum_bits > 0 ? 1 : 0, a.write_queue,
             a.dram.refresh_time.value() / cycle_ns, of.building, totals.array_cycles.value());
  for (const quantity::Cycles each : busy) fmt::print("{},", each.value());
  fmt::print("{},{},{},\"{}\"\n", std::max(*longest, totals.pass_cycles).value(),
             cycles.cycle.value(), cycles.detailed.value(), mapping::describe(plan));
}

/// Cycles in which the busiest PE builds tables.
std::uint64_t building(const arch::Lut& lut, const mapping::ProductPlan& plan) {
  std::uint64_t cycles = 0;
  for (const mapping::PassClass& each : mapping::pass_classes(plan.problem, plan.nest)) {
    const mapping::PeWork pe = plan.dataflow.work(each.position, plan.activation_streams).pe;
    if (pe.builds) cycles += each.count * pe.waves * lut.build_cycles().value();
  }
  return cycles;
}

std::uint64_t columns_sharing(const mapping::ProductPlan& plan) {
  mapping::NestWalk walk(plan.problem, plan.nest);
  walk.next();
  const mapping::ArrayMapping& array = plan.dataflow.mapping();
  const std::uint64_t units = mapping::joint_tile(
      array, plan.dataflow.array_extents(walk.position().extents))[mapping::kUnits];
  const std::uint64_t rows = mapping::spread_over(array.y, mapping::kUnits, units);
  return mapping::spread_over(array.x, mapping::kUnits, quantity::ceil_div(units, rows));
}

void print_product(int number, const char* kind, const tests::Case& one, bool narrow) {
  const arch::Architecture& a = one.architecture;
  const mapping::ProductPlan plan = tests::plan_of(one);
  if (!detailed::models(plan)) return;
  const std::optional<arch::Lut>& lut = a.groups[0].datapath.lut;
  Description of;
  of.kind = kind;
  of.design = a.name;
  of.format = workload::describe(one.format);
  of.shape = fmt::format("{} x {} x {}", one.shape.tokens, one.shape.inputs, one.shape.outputs);
  of.array = fmt::format("{} x {}", a.rows, a.groups[0].columns);
  of.networks = narrow ? "narrow" : "wide";
  of.tokens = one.shape.tokens;
  of.building = lut ? building(*lut, plan) : 0;
  of.tables = lut ? lut->copies : 0;
  if (lut)
    of.table = fmt::format("keys of {}, {}, readers {}", lut->key_bits,
                           lut->half_table ? "half" : "full", lut->readers);
  of.sharing = columns_sharing(plan);
  const detailed::ProductRun exact = tests::clocked(
      a, plan, values::pseudo_random(one.linear(), one.widths, static_cast<std::uint32_t>(number)));
  print(number, a, plan, of, {tests::simulated(a, plan).cycles, exact.cycles});
}

void print_operation(int number, const tests::VectorCase& one) {
  const std::size_t name = one.what.find(' ');
  Description of;
  of.kind = "vector";
  of.design = one.architecture.name;
  of.format = one.what.substr(0, name);
  of.shape = one.what.substr(name + 1);
  of.array = fmt::format("{} lanes", one.plan.lanes);
  print(number, one.architecture, one.plan, of,
        {tests::simulated(one).cycles, tests::clocked(one).cycles});
}

/// All kinds in turn, once on networks as wide as shipped and once on narrow ones.
void print_products(int first, int products, const char* name,
                    const std::vector<tests::Kind>& kinds, std::uint32_t seed) {
  tests::Cases wide(seed, false), narrow(seed + 1, true);
  for (int i = 0; i < products; ++i) {
    const std::size_t number = static_cast<std::size_t>(i);
    const bool is_narrow = number / kinds.size() % 2 == 1;
    tests::Cases& cases = is_narrow ? narrow : wide;
    print_product(first + i, name, cases.varied(kinds[number % kinds.size()]), is_narrow);
  }
}

struct Counts {
  int products = kProducts, operations = kOperations, tables = kTables;
};

int run(const Counts& counts, std::uint32_t seed) {
  fmt::print(
      "case,kind,design,format,bound,shape,array,networks,tokens,tables,table,sharing,busiest,"
      "network_bits,passes,psums_return,write_queue,refresh_cycles,building,array_cycles");
  for (int i = 0; i < result::kResourceCount; ++i)
    fmt::print(",{}", result::name(static_cast<result::Resource>(i)));
  fmt::print(",closed,cycle,detailed,mapping\n");
  print_products(0, counts.products, "product", tests::kinds(), seed);
  tests::VectorCases cases(seed + 2);
  for (int i = 0; i < counts.operations; ++i) print_operation(counts.products + i, cases.next());
  print_products(counts.products + counts.operations, counts.tables, "table", tests::table_kinds(),
                 seed + 3);
  return 0;
}

}  // namespace
}  // namespace addax

int main(int count, char** words) {
  std::array<std::uint32_t, 4> numbers = {addax::kProducts, addax::kOperations, addax::kTables,
                                          addax::kSeed};
  bool valid = count <= 5;
  for (int i = 1; valid && i < count; ++i) {
    const char* end = words[i] + std::strlen(words[i]);
    const auto parsed = std::from_chars(words[i], end, numbers.at(static_cast<std::size_t>(i - 1)));
    valid = parsed.ec == std::errc() && parsed.ptr == end;
  }
  constexpr std::uint32_t kMost = 1'000'000;
  if (!valid || std::max({numbers[0], numbers[1], numbers[2]}) > kMost) {
    fmt::print(
        stderr,
        "usage: addax_deviations [PRODUCTS [OPERATIONS [TABLES [SEED]]]]: random cases of each, at "
        "most {}, as CSV (default {} {} {} {})\n",
        kMost, addax::kProducts, addax::kOperations, addax::kTables, addax::kSeed);
    return 2;
  }
  return addax::run(
      {static_cast<int>(numbers[0]), static_cast<int>(numbers[1]), static_cast<int>(numbers[2])},
      numbers[3]);
}

// The SystemC library asks for it; every run elaborates in a context of its own instead.
extern "C" int sc_main(int, char**) { return 0; }
