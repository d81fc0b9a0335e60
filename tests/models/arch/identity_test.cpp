// SPDX-License-Identifier: Apache-2.0
#include "models/arch/identity.h"

#include <functional>
#include <set>

#include "tests/catch.h"
#include "tests/models/cost/example.h"

using namespace addax;
using arch::Architecture;

namespace {

std::string identity(const Architecture& architecture) {
  return quantity::Bytes().add(architecture).text();
}

using Change = std::function<void(Architecture&)>;

std::vector<Change> changes_of(std::size_t group) {
  const auto of = [group](auto&& change) {
    return Change([group, change](Architecture& a) { change(a.groups[group]); });
  };
  return {
      of([](auto& g) { ++g.columns; }),
      of([](auto& g) { ++g.activation_scratchpad.words; }),
      of([](auto& g) { ++g.weight_scratchpad.width_bits; }),
      of([](auto& g) { g.psum_scratchpad.storage = arch::Storage::kLatch; }),
      of([](auto& g) { ++g.datapath.units.at(0).count; }),
      of([](auto& g) { ++g.datapath.units.at(0).latency_cycles; }),
      of([](auto& g) { ++g.datapath.units.at(0).initiation_interval; }),
      of([](auto& g) { g.datapath.skips_zeros_in_time = !g.datapath.skips_zeros_in_time; }),
      of([](auto& g) { g.datapath.lut = arch::Lut{}; }),
      of([](auto& g) { (g.datapath.lut = arch::Lut{})->key_bits = 3; }),
      of([](auto& g) { (g.datapath.lut = arch::Lut{})->half_table = false; }),
      of([](auto& g) { (g.datapath.lut = arch::Lut{})->entry_bits = 32; }),
      of([](auto& g) { (g.datapath.lut = arch::Lut{})->readers = 7; }),
      of([](auto& g) { (g.datapath.lut = arch::Lut{})->copies = 2; }),
      of([](auto& g) { (g.datapath.lut = arch::Lut{})->generator_adders = 5; }),
      of([](auto& g) { (g.datapath.lut = arch::Lut{})->write_ports = 5; }),
  };
}

const std::vector<Change> kShared = {
    [](Architecture& a) { ++a.rows; },
    [](Architecture& a) { a.clock = quantity::Hertz(1.0); },
    [](Architecture& a) { ++a.buffer.banks; },
    [](Architecture& a) { ++a.buffer.bank_bytes; },
    [](Architecture& a) { ++a.buffer.width_bits; },
    [](Architecture& a) { ++a.networks.activation.width_bits; },
    [](Architecture& a) { ++a.networks.weight.latency_cycles; },
    [](Architecture& a) { ++a.networks.psum.width_bits; },
    [](Architecture& a) { ++a.networks.output.latency_cycles; },
    [](Architecture& a) { a.dram.type += "x"; },
    [](Architecture& a) { a.dram.peak_bandwidth = quantity::BitsPerSecond(1.0); },
    [](Architecture& a) { ++a.dram.burst_bits; },
    [](Architecture& a) { a.dram.latency = quantity::Nanoseconds(7.5); },
    [](Architecture& a) { a.dram.refresh_interval = quantity::Nanoseconds(1e9); },
    [](Architecture& a) { a.dram.refresh_time = quantity::Nanoseconds(0.5); },
    [](Architecture& a) { ++a.vector_unit.lanes; },
    [](Architecture& a) { ++a.vector_unit.buffer_width_bits; },
    [](Architecture& a) { a.vector_unit.operations[arith::Arithmetic::kInt8Add].cycles = 9; },
    [](Architecture& a) { ++a.write_queue; },
};

}  // namespace

TEST_CASE("Designs that differ in anything but names have different identities") {
  const Architecture plain = cost::example::architecture();
  std::vector<Change> changes = kShared;
  for (std::size_t group = 0; group < plain.groups.size(); ++group)
    for (const Change& change : changes_of(group)) changes.push_back(change);
  std::set<std::string> met = {identity(plain)};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Architecture changed = plain;
    changes[i](changed);
    INFO("change " << i);
    CHECK(met.insert(identity(changed)).second);
  }
  Architecture renamed = plain;
  renamed.name = renamed.description = renamed.groups[0].name = renamed.groups[0].datapath.name =
      "x";
  CHECK(identity(renamed) == identity(plain));
}

TEST_CASE("A layer on one column group does not see the others, and one on none sees none") {
  const Architecture plain = cost::example::architecture();
  REQUIRE(plain.groups.size() > 1);
  for (std::size_t group = 0; group < plain.groups.size(); ++group)
    for (const Change& change : changes_of(group)) {
      Architecture changed = plain;
      change(changed);
      for (std::size_t seen = 0; seen < plain.groups.size(); ++seen)
        CHECK((identity(arch::seen_from(changed, seen)) ==
               identity(arch::seen_from(plain, seen))) == (seen != group));
      CHECK(identity(arch::seen_from(changed, {})) == identity(arch::seen_from(plain, {})));
    }
  for (const Change& change : kShared) {
    Architecture changed = plain;
    change(changed);
    CHECK(identity(arch::seen_from(changed, 0)) != identity(arch::seen_from(plain, 0)));
    CHECK(identity(arch::seen_from(changed, {})) != identity(arch::seen_from(plain, {})));
  }
  CHECK(identity(arch::seen_from(plain, 0)) != identity(arch::seen_from(plain, 1)));
}
