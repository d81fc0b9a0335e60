// SPDX-License-Identifier: Apache-2.0
#include "models/quantity/check.h"
#include "tests/catch.h"
#include "tests/sim/hw/bench.h"

using namespace addax;
using namespace addax::hw;
using arith::Arithmetic;
using quantity::Cycles;

TEST_CASE("a half moves a word a bank and cycle; its user never waits for the other half's") {
  bench::Bench b;
  using Access = BufferPort::Access;
  CHECK(b.buffer.stream(Access::kWrite, 10, 7) == 7 + 5);
  CHECK(b.buffer.stream(Access::kRead, 9, 7) == 7 + 5);
  CHECK(b.buffer.stream(Access::kRead, 0, 7) == 7);
  CHECK(b.buffer.stream_reads() == 9);
  CHECK(b.buffer.stream_writes() == 10);
}

TEST_CASE("users of the resident banks queue up in the order of their requests") {
  bench::Bench b;
  CHECK(b.buffer.resident(5, 4, 10) == 13);  // 9 on 4 banks: 4, 4 and 1
  CHECK(b.buffer.resident(2, 1, 11) == 13);  // on the three banks that the last of them leaves free
  CHECK(b.buffer.resident(1, 0, 12) == 14);  // none is left
  CHECK(b.buffer.resident(1, 0, 14) == 15);  // the cycle in which it has gone
  CHECK(b.buffer.resident(0, 0, 3) == 3);    // nothing to do, nobody to wait for
  CHECK(b.buffer.resident(0, 1, 20) == 21);
  CHECK(b.buffer.resident_reads() == 9);
  CHECK(b.buffer.resident_writes() == 6);
}

TEST_CASE("a network carries its width a cycle and serves the earlier request first") {
  bench::Bench b;  // activation network: 64 bits
  CHECK(b.activations.carry(640, 1280, 3) == 13);
  CHECK(b.activations.carry(1, 1, 12) == 14);
  CHECK(b.activations.carry(65, 65, 14) == 16);
  CHECK(b.activations.carry(0, 0, 2) == 2);
  CHECK(b.activations.bits() == 706);
  CHECK(b.activations.row_bits() == 1346);
  CHECK(b.weights.carry(640, 640, 3) == 8);  // 128 bits
}

TEST_CASE("kinds of units work side by side, equal units share their operations") {
  arch::Datapath path;
  path.units = {{Arithmetic::kFp16Multiply, 2, 5, 1}, {Arithmetic::kFp32Add, 1, 3, 4}};
  engine::Kernel kernel;
  Units units("units", path);
  workload::ArithmeticCounts counts;
  CHECK(units.cycles(counts) == 0);
  counts[Arithmetic::kFp16Multiply] = 33;
  CHECK(units.cycles(counts) == 17);
  counts[Arithmetic::kFp32Add] = 5;
  CHECK(units.cycles(counts) == 20);
  counts[Arithmetic::kInt8Add] = 1;  // a unit that is not there is our mistake, not the user's
  CHECK_THROWS_AS(units.cycles(counts), quantity::Defect);
}

TEST_CASE("a single table is built, then read; a double one is built while the other is read") {
  arch::Lut params;  // mu = 8: max(152 / 2, 128) + 3 = 131 cycles
  engine::Kernel kernel;
  Lut single("single", params);
  CHECK(single.wave_cycles(true, 40, 30) == 131 + 40);
  CHECK(single.wave_cycles(true, 30, 40) == 131 + 40);
  CHECK(single.wave_cycles(false, 40, 30) == 40);
  params.copies = 2;
  Lut both("double", params);
  CHECK(both.wave_cycles(true, 40, 30) == 131);
  CHECK(both.wave_cycles(true, 132, 30) == 132);
  Lut none("none", std::nullopt);
  CHECK(none.wave_cycles(false, 0, 12) == 12);
}

TEST_CASE("a column group takes as long as its busiest PE, in every wave, and counts all PEs") {
  bench::Bench b;
  bench::Schedule schedule;
  bench::Pass& pass = schedule.work(7);
  mapping::PassWork work = *pass.work;
  work.pe.waves = 3;
  work.arithmetic[Arithmetic::kFp16Multiply] = 100;
  work.accesses.weight_reads = 50;
  pass.work = &work;
  CHECK(b.group.compute(pass) == 21);
  CHECK(b.group.compute(pass) == 21);
  CHECK(b.group.busy_cycles() == 42);
  b.group.end_layer();
  CHECK(b.group.operations()[Arithmetic::kFp16Multiply] == 200);
  CHECK(b.group.accesses().weight_reads == 100);
}

TEST_CASE("scalings are counted, and take the time of the PE that has the most to do") {
  bench::Bench b;
  bench::Schedule schedule;
  bench::Pass& pass = schedule.work(7);
  mapping::PassWork work = *pass.work;
  pass.work = &work;
  workload::ArithmeticCounts scaling;
  scaling[Arithmetic::kExponentAdd] = 3;
  pass.scaling = &scaling;
  pass.scalings = 12;
  CHECK(b.group.compute(pass) == 7);
  mapping::PassWork longer = work;
  longer.pe.scaled_cycles = 9;
  pass.work = &longer;
  pass.scalings = 13;
  CHECK(b.group.compute(pass) == 9);
  b.group.end_layer();
  CHECK(b.group.operations()[Arithmetic::kExponentAdd] == 25 * 3);
}

TEST_CASE("vector jobs run in the order in which they were submitted") {
  bench::Bench b;  // latency 4; a port of one word a cycle; 4 resident banks
  CHECK(b.vector_unit.submit({Cycles(10), 0, 0}, 5) == 19);
  CHECK(b.vector_unit.end_of(1) == 19);
  CHECK(b.vector_unit.submit({Cycles(2), 0, 0}, 0) == 21);   // ready long before, but second
  CHECK(b.vector_unit.submit({Cycles(1), 0, 0}, 17) == 22);  // the unit is free at 17
  CHECK(b.vector_unit.end_of(2) == 21);
  CHECK(b.vector_unit.end_of(0) == 0);
  CHECK(b.vector_unit.busy_cycles() == 13);
  CHECK_THROWS_AS(b.vector_unit.end_of(4), quantity::Defect);
}

TEST_CASE("a vector job takes as long as its operands take over the unit's port or the banks") {
  bench::Bench b;
  CHECK(b.vector_unit.submit({Cycles(3), 9, 5}, 0) == 9 + 4);  // nine words in, beside five out
  CHECK(b.vector_unit.reads() == 9);
  CHECK(b.vector_unit.writes() == 5);
  arch::Architecture a = bench::architecture();
  a.vector_unit.buffer_width_bits = 640;
  bench::Bench wide(a);
  CHECK(wide.vector_unit.submit({Cycles(3), 90, 10}, 0) == 25 + 4);  // 100 words in 4 banks
}

TEST_CASE("only the latest vector jobs are remembered") {
  bench::Bench b;
  for (int i = 0; i < 5; ++i) b.vector_unit.submit({Cycles(1), 0, 0}, 0);
  CHECK(b.vector_unit.end_of(2) == 2 + 4);
  CHECK(b.vector_unit.end_of(5) == 5 + 4);
  CHECK_THROWS_AS(b.vector_unit.end_of(1), quantity::Defect);
}
