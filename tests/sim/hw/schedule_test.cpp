// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/catch.h"
#include "tests/sim/hw/bench.h"

using namespace addax;
using namespace addax::hw;
using bench::Bench;
using bench::Schedule;
using bench::with_load;
using bench::with_store;
using quantity::Cycles;

// A load of 640 bits asked for in cycle t is there in cycle t + 20: 10 of latency, 10 of transfer,
// and the latency hides behind a transfer before it. "Starts at" looks at the cycle before, too.

TEST_CASE("while the array works on one half, the other is filled: compute-bound passes abut") {
  Schedule schedule;
  for (int i = 0; i < 4; ++i) with_load(schedule.work(30));
  Bench b;
  b.start(schedule, 7);
  CHECK(b.dram.read_bits() == 2 * 640);  // both halves are asked for at once
  CHECK(b.starts_at(20, 1));
  b.until(50);
  CHECK(b.dram.read_bits() == 2 * 640);
  CHECK(b.starts_at(50, 2));
  CHECK(b.dram.read_bits() == 3 * 640);  // the half of the first pass is free now
  CHECK(b.starts_at(80, 3));
  CHECK(b.starts_at(110, 4));
  b.finish();
  CHECK(b.array.last_result() == 140 + 7);
  CHECK(b.dma.front() == nullptr);
}

TEST_CASE("with two halves a short pass cannot hide all of the latency of the load after next") {
  Schedule schedule;
  for (int i = 0; i < 5; ++i) with_load(schedule.work(4));
  Bench b;
  b.start(schedule);
  CHECK(b.starts_at(20, 1));
  CHECK(b.starts_at(30, 2));  // the channel's next ten cycles
  CHECK(b.starts_at(44, 3));  // asked at 24 when the first pass left: data from 34 on
  CHECK(b.starts_at(54, 4));  // asked at 34, hidden behind the load before
  CHECK(b.starts_at(68, 5));  // asked at 48: data from 58 on
  b.finish();
  CHECK(b.array.last_result() == 72);
}

TEST_CASE("two passes of L latency, T transfer, A array take max(2 T, 2 A, L + T + A)") {
  constexpr std::uint64_t kLatency = 10, kTransfer = 10;
  for (const std::uint64_t array : {1, 4, 9, 10, 11, 15, 19, 20, 21, 40}) {
    INFO("A = " << array);
    const auto cycles = [array](int passes) {
      Schedule schedule;
      for (int i = 0; i < passes; ++i) with_load(schedule.work(array));
      Bench b;
      b.start(schedule);
      b.finish();
      return b.array.last_result();
    };
    const std::uint64_t pair = std::max({2 * kTransfer, 2 * array, kLatency + kTransfer + array});
    CHECK(cycles(22) - cycles(12) == 5 * pair);
  }
}

TEST_CASE("a half is asked for again when the scratchpads hold the rest of its data") {
  Schedule schedule;
  for (int i = 0; i < 3; ++i) with_load(schedule.work(30, 0, 12));
  Bench b;
  b.start(schedule);
  CHECK(b.starts_at(20, 1));
  b.until(38);
  CHECK(b.dram.read_bits() == 2 * 640);
  b.until(39);
  CHECK(b.dram.read_bits() == 3 * 640);  // asked for at 38: 18 of 30 cycles have gone
  CHECK(b.starts_at(50, 2));
  CHECK(b.starts_at(80, 3));
  b.finish();
  CHECK(b.array.last_result() == 110);
}

TEST_CASE("a pass that works on no half frees none") {
  Schedule schedule;
  schedule.work(30);
  for (int i = 0; i < 3; ++i) with_load(schedule.work(30));
  Bench b;
  b.start(schedule);
  b.until(59);
  CHECK(b.dram.read_bits() == 2 * 640);  // both halves are full since 30, whose pass works until 60
  b.until(61);
  CHECK(b.dram.read_bits() == 3 * 640);
  b.finish();
  CHECK(b.array.last_result() == 120);
}

TEST_CASE("where the scratchpads hold a whole pass, two halves hide all of the latency") {
  Schedule schedule;
  for (int i = 0; i < 5; ++i) with_load(schedule.work(4, 0, 4));
  Bench b;
  b.start(schedule);
  for (int i = 0; i < 5; ++i) CHECK(b.starts_at(20 + 10 * static_cast<std::uint64_t>(i), i + 1));
  b.finish();
  CHECK(b.array.last_result() == 64);
}

TEST_CASE("an array that was idle pays its fill, one that goes on does not") {
  Schedule busy;
  for (int i = 0; i < 3; ++i) with_load(busy.work(30, 3));
  Bench b;
  b.start(busy);
  CHECK(b.starts_at(20, 1));
  CHECK(b.starts_at(53, 2));
  CHECK(b.starts_at(83, 3));
  b.finish();
  CHECK(b.array.last_result() == 113);

  Schedule starved;
  for (int i = 0; i < 2; ++i) with_load(starved.work(4, 3));
  Bench c;
  c.start(starved);
  CHECK(c.starts_at(30, 2));
  c.finish();
  CHECK(c.array.last_result() == 30 + 4 + 3);
}

TEST_CASE("passes on the same data keep their half until the last of them has left") {
  Schedule schedule;
  with_load(schedule.work(30));
  schedule.work(30);
  with_load(schedule.work(30));
  with_load(schedule.work(30));
  Bench b;
  b.start(schedule);
  CHECK(b.starts_at(20, 1));
  CHECK(b.starts_at(50, 2));
  b.until(80);
  CHECK(b.dram.read_bits() == 2 * 640);
  CHECK(b.starts_at(80, 3));
  CHECK(b.dram.read_bits() == 3 * 640);
  CHECK(b.starts_at(110, 4));
  b.finish();
  CHECK(b.array.last_result() == 140);
}

TEST_CASE("data for resident banks are asked for when all passes before have left") {
  Schedule schedule;
  with_load(schedule.work(30));
  bench::Pass& second = with_load(schedule.work(30));
  second.resident_load_bits = 640;
  second.resident_load_words = 10;
  Bench b;
  b.start(schedule);
  b.until(50);
  CHECK(b.dram.read_bits() == 640);
  CHECK(b.starts_at(80, 2));  // latency, 10 cycles resident, 10 cycles streaming
  b.finish();
  CHECK(b.array.last_result() == 110);
  CHECK(b.buffer.resident_writes() == 10);
  CHECK(b.buffer.stream_writes() == 20);
}

TEST_CASE("what may have been stored is asked for when every result before is on its way") {
  Schedule schedule;
  with_store(schedule.work(2));
  bench::Pass& second = schedule.work(4);
  second.resident_load_bits = 640;
  second.resident_load_words = 10;
  second.loads_results = true;
  with_load(schedule.work(4)).loads_results = true;
  Bench b;
  b.start(schedule, 30);
  // The result has drained at 32: on the channel from 42 to 52, and the load behind it.
  b.until(32);
  CHECK(b.dram.read_bits() == 0);
  CHECK(b.starts_at(62, 2));
  // Streamed data wait as well, for the array at 66: there is no result to wait for.
  CHECK(b.dram.read_bits() == 640);
  CHECK(b.starts_at(86, 3));
  b.finish();
  CHECK(b.dma.last_write() == 52);
  CHECK(b.dma.finished());
}

TEST_CASE("a half stays taken while the pass that works on it waits for resident data") {
  Schedule schedule;
  with_load(schedule.work(30));
  bench::Pass& second = schedule.work(30);
  second.resident_load_bits = 640;
  second.resident_load_words = 10;
  with_load(schedule.work(30));
  with_load(schedule.work(30));
  Bench b;
  b.start(schedule);
  CHECK(b.starts_at(20, 1));
  // At 50 the resident data and the other half are asked for, and no third one.
  CHECK(b.starts_at(70, 2));
  b.until(100);
  CHECK(b.dram.read_bits() == 3 * 640);
  b.until(101);
  CHECK(b.dram.read_bits() == 4 * 640);
  b.finish();
}

TEST_CASE("results leave when they are complete, and a full write queue holds the array up") {
  arch::Architecture a = bench::architecture();
  a.write_queue = 1;
  Schedule schedule;
  for (int i = 0; i < 3; ++i) with_store(schedule.work(2));
  Bench b(a);
  b.start(schedule);
  CHECK(b.starts_at(0, 1));
  CHECK(b.starts_at(2, 2));   // but its result finds a place at 22: on the channel from 12 to 22
  CHECK(b.starts_at(22, 3));  // the second is asked for at 22, and on the channel until 42
  b.finish();
  CHECK(b.dma.last_write() == 62);
  CHECK(b.dram.write_bits() == 3 * 640);
  CHECK(b.buffer.resident_reads() == 30);
}

TEST_CASE("a second place in the write queue lets the array run on, and hides the latency") {
  Schedule schedule;
  for (int i = 0; i < 4; ++i) with_store(schedule.work(2));
  Bench b;
  b.start(schedule);
  CHECK(b.starts_at(0, 1));
  CHECK(b.starts_at(2, 2));
  CHECK(b.starts_at(4, 3));   // ends at 22: the first result has gone
  CHECK(b.starts_at(22, 4));  // ends at 32: the second, too
  b.finish();
  // Writes end at 22, 32, 42 (asked at 22), 52 (asked at 32).
  CHECK(b.dma.last_write() == 52);
}

TEST_CASE("results of several passes wait in the PEs, which go on until they are full") {
  arch::Architecture a = bench::architecture();
  a.write_queue = 1;
  Schedule schedule;
  for (int i = 0; i < 6; ++i) with_store(schedule.work_with_room(2, 2));
  Bench b(a);
  b.start(schedule);
  CHECK(b.starts_at(0, 1));
  CHECK(b.starts_at(2, 2));  // the first result is on the channel until 22
  CHECK(b.starts_at(4, 3));
  CHECK(b.starts_at(6, 4));   // those of two passes wait, and there is no room for a third
  CHECK(b.starts_at(22, 5));  // the second is asked for, and on the channel until 42
  CHECK(b.starts_at(42, 6));
  b.finish();
  CHECK(b.dma.last_write() == 6 * 20 + 2);
  CHECK(b.dma.finished());
}

TEST_CASE("resident data wait for results that are still in the PEs") {
  arch::Architecture a = bench::architecture();
  a.write_queue = 1;
  Schedule schedule;
  for (int i = 0; i < 2; ++i) with_store(schedule.work_with_room(2, 2));
  bench::Pass& third = schedule.work(2);
  third.resident_load_bits = 640;
  third.resident_load_words = 10;
  Bench b(a);
  b.start(schedule);
  CHECK(b.starts_at(2, 2));
  b.until(22);
  CHECK(b.dram.read_bits() == 0);  // the array is idle since 4
  CHECK(b.starts_at(42, 3));       // asked for at 22, before the second result
  b.finish();
}

TEST_CASE("a result is complete when the array has drained") {
  Schedule schedule;
  with_store(schedule.work(2));
  Bench b;
  b.start(schedule, 5);
  b.until(7);
  CHECK(b.dram.write_bits() == 0);
  b.until(8);
  CHECK(b.dram.write_bits() == 640);
  b.finish();
  CHECK(b.array.last_result() == 7);
  CHECK(b.dma.last_write() == 27);
}

TEST_CASE("reads and writes share the channel in the order in which they were asked for") {
  Schedule schedule;
  for (int i = 0; i < 3; ++i) with_store(with_load(schedule.work(4)));
  Bench b;
  b.start(schedule);
  CHECK(b.starts_at(20, 1));
  // At 24 the third load is asked for, then the first write: data from 34 to 44, and 44 to 54.
  CHECK(b.starts_at(30, 2));
  // The second write is asked for at 34 (54 to 64): two results wait until the first has gone, and the
  // third pass ends at 54.
  CHECK(b.starts_at(44, 3));
  b.finish();
  // The third is asked for at 54.
  CHECK(b.dma.last_write() == 74);
}

TEST_CASE("a network or the buffer may hold a pass up") {
  Schedule schedule;
  bench::Pass& pass = schedule.work(30);
  mapping::PassWork work = *pass.work;
  pass.work = &work;
  const auto cycles = [&] {
    schedule.rewind();
    Bench b;
    b.start(schedule);
    b.finish();
    return b.array.last_result();
  };
  CHECK(cycles() == 30);
  work.activation_bits = 64 * 31;
  CHECK(cycles() == 31);
  work.weight_bits = 128 * 31;
  pass.scale_bits = 1;
  CHECK(cycles() == 32);
  work.psum_bits = 64 * 33;
  CHECK(cycles() == 33);
  work.output_bits = 64 * 34;
  CHECK(cycles() == 34);
  work.stream_reads = 2 * 34;  // two banks a half
  pass.scale_words = 1;
  CHECK(cycles() == 35);
  work.resident_reads = 4 * 36 - 10;  // four resident banks
  work.resident_writes = 10;
  CHECK(cycles() == 36);
}

TEST_CASE("a pass waits for the vector jobs that it builds on") {
  Schedule schedule;
  schedule.work(2).vector.cycles = Cycles(10);
  schedule.work(2);
  schedule.work(2).vector_jobs_before = 1;
  Bench b;
  b.start(schedule, 3);
  CHECK(b.starts_at(0, 1));
  CHECK(b.starts_at(2, 2));
  // Drained at 5, ten cycles of the lanes, four of latency.
  CHECK(b.starts_at(19, 3));
  b.finish();
  CHECK(b.array.last_result() == 19 + 2 + 3);
}

TEST_CASE("an array that waits for the vector unit fills again") {
  Schedule schedule;
  schedule.work(2).vector.cycles = Cycles(10);
  schedule.work(2, 5).vector_jobs_before = 1;
  Bench b;
  b.start(schedule, 3);
  CHECK(b.starts_at(19, 2));
  b.finish();
  CHECK(b.array.last_result() == 19 + 5 + 2 + 3);
}

TEST_CASE("passes of the vector unit alone follow each other, their latency included") {
  Schedule schedule;
  for (int i = 0; i < 2; ++i) with_load(schedule.none()).vector = {Cycles(6), 0, 0};
  Bench b;
  b.start(schedule, 9);  // no array, no drain
  CHECK(b.starts_at(20, 1));
  CHECK(b.starts_at(30, 2));
  b.finish();
  CHECK(b.array.last_result() == 40);
  CHECK(b.vector_unit.busy_cycles() == 12);
}

TEST_CASE("a half is free when the vector unit has its last operands, before its latency") {
  Schedule schedule;
  for (int i = 0; i < 3; ++i) with_load(schedule.none()).vector = {Cycles(6), 0, 0};
  Bench b;
  b.start(schedule);
  CHECK(b.starts_at(30, 2));
  CHECK(b.starts_at(46, 3));  // the first half is asked for again at 20 + 6
  b.finish();
}

TEST_CASE("a result of the vector unit alone finds its place when it comes") {
  arch::Architecture a = bench::architecture();
  a.write_queue = 1;
  Schedule schedule;
  for (int i = 0; i < 2; ++i) with_store(schedule.none()).vector = {Cycles(6), 0, 0};
  Bench b(a);
  b.start(schedule);
  CHECK(b.starts_at(0, 1));   // its result is on the channel until 10 + 20
  CHECK(b.starts_at(26, 2));  // four cycles of latency before there is a place
  b.finish();
  CHECK(b.dma.last_write() == 36 + 20);
}

TEST_CASE("words are written to a half when they have come") {
  Schedule schedule;
  with_load(schedule.none()).stream_load_words = 40;
  Bench b;
  b.start(schedule);
  CHECK(b.starts_at(12 + 20, 1));  // the first burst is there at 12; 40 words, two banks
  b.finish();
}

TEST_CASE("a mere transfer reads, then writes") {
  Schedule schedule;
  with_store(with_load(schedule.none()));
  Bench b;
  b.start(schedule);
  b.finish();
  CHECK(b.dma.last_write() == 20 + 20);
}

TEST_CASE("a mere transfer keeps its half until its data have gone") {
  Schedule schedule;
  for (int i = 0; i < 3; ++i) with_store(with_load(schedule.none()));
  Bench b;
  b.start(schedule);
  CHECK(b.starts_at(30, 2));  // the first is on the channel from 30 to 40, the second until 50
  CHECK(b.starts_at(60, 3));  // asked for at 40
  b.finish();
  CHECK(b.dma.last_write() == 80);
}

TEST_CASE("a layer takes as long on a chip that has worked before as on a fresh one") {
  Schedule schedule;
  for (int i = 0; i < 5; ++i) with_store(with_load(schedule.work(4, 3)));
  Bench b;
  b.start(schedule, 2);
  b.finish();
  const std::uint64_t first = b.dma.last_write();
  schedule.rewind();
  b.start(schedule, 2);
  b.finish();
  CHECK(b.dma.last_write() == first);
  CHECK(b.array.passes() == 5);
  CHECK(b.dram.read_bits() == 5 * 640);
}

TEST_CASE("a layer without passes takes no time") {
  Schedule schedule;
  Bench b;
  b.start(schedule);
  b.finish();
  CHECK(b.array.last_result() == 0);
  CHECK(b.dma.last_write() == 0);
}
