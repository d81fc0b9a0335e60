// SPDX-License-Identifier: Apache-2.0
#include "models/arch/architecture.h"
#include "models/quantity/diagnosis.h"
#include "tests/catch.h"
#include "tests/models/cost/example.h"

namespace {

using namespace addax;

std::string path_at_fault(const arch::Architecture& architecture) {
  try {
    arch::check(architecture);
  } catch (const quantity::Impossible& error) {
    return error.diagnosis().path;
  }
  return "";
}

}  // namespace

TEST_CASE("an architecture that contradicts itself is refused at the key") {
  const arch::Architecture good = cost::example::architecture();
  CHECK(path_at_fault(good).empty());

  arch::Architecture a = good;
  a.dram.refresh_interval = quantity::Nanoseconds(100);
  a.dram.refresh_time = quantity::Nanoseconds(100);
  CHECK(path_at_fault(a) == "dram.refresh_time_ns");

  a = good;
  a.buffer.banks = 2;
  CHECK(path_at_fault(a) == "buffer.banks");

  a = good;
  a.buffer.width_bits = 48;
  CHECK(path_at_fault(a) == "buffer.width_bits");

  a = good;
  a.groups[1].name = a.groups[0].name;
  CHECK(path_at_fault(a) == "groups[1].name");

  a = good;
  a.groups[1].datapath.units.push_back(a.groups[1].datapath.units[0]);
  CHECK(path_at_fault(a) == "groups[1].datapath.units[2].executes");
}

TEST_CASE(
    "a table is built by the slower of its adders and its write ports, then the tree drains") {
  arch::Lut lut;
  lut.key_bits = 8;
  lut.generator_adders = 2;
  lut.write_ports = 1;
  // 152 adds on 2 adders take 76 cycles, 128 writes 128; the tree has 3 levels.
  CHECK(lut.build_cycles() == quantity::Cycles(128 + 3));
  lut.write_ports = 4;
  CHECK(lut.build_cycles() == quantity::Cycles(76 + 3));
}

TEST_CASE("what DRAM gives a cycle is its bandwidth over the clock, less refresh") {
  arch::Architecture a = cost::example::architecture();
  a.dram.peak_bandwidth = quantity::BitsPerSecond(2.048e11);
  CHECK(a.dram_bits_per_cycle() == Approx(819.2));
  CHECK(a.dram_availability() == 1.0);
  a.dram.refresh_interval = quantity::Nanoseconds(3904);
  a.dram.refresh_time = quantity::Nanoseconds(280);
  CHECK(a.dram_availability() == Approx(1.0 - 280.0 / 3904.0));
}
