// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/dram.h"

#include "models/quantity/quantity.h"
#include "tests/catch.h"
#include "tests/sim/hw/bench.h"

using namespace addax;
using hw::DramPort;
using hw::DramTiming;
using quantity::Nanoseconds;

// 1 GHz, 64 bits a cycle, bursts of 128 bits: 2 cycles. With refresh: 80 of every 100 cycles carry
// data.
namespace {

DramTiming timing(double interval_ns, double refresh_ns) {
  arch::Architecture a = hw::bench::architecture();
  a.dram.refresh_interval = Nanoseconds(interval_ns);
  a.dram.refresh_time = Nanoseconds(refresh_ns);
  return DramTiming(a);
}

/// Cycle in which bursts are through that may start in cycle `start`.
std::uint64_t end(const DramTiming& timing, std::uint64_t start, std::uint64_t bursts) {
  return DramTiming::to_cycles(timing.advance(DramTiming::to_ticks(start), bursts));
}

}  // namespace

TEST_CASE("without refresh, bursts follow each other") {
  const DramTiming t = timing(0, 0);
  CHECK(t.bursts(0) == 0);
  CHECK(t.bursts(1) == 1);
  CHECK(t.bursts(128) == 1);
  CHECK(t.bursts(129) == 2);
  CHECK(end(t, 5, 0) == 5);
  CHECK(end(t, 5, 3) == 11);
  CHECK(end(t, 1000, 1000) == 3000);
}

TEST_CASE("a refresh of no time changes nothing") { CHECK(end(timing(100, 0), 90, 10) == 110); }

TEST_CASE("data that end with the last cycle before a refresh are not delayed, a burst more is") {
  const DramTiming t = timing(100, 20);
  CHECK(end(t, 70, 4) == 78);
  CHECK(end(t, 70, 5) == 80);
  CHECK(end(t, 70, 6) == 100 + 2);
  // The burst that the refresh cuts goes on after it.
  CHECK(end(t, 79, 1) == 100 + 1);
}

TEST_CASE("a transfer that may start in a refresh waits for its end") {
  const DramTiming t = timing(100, 20);
  CHECK(end(t, 78, 1) == 80);    // the cycle before
  CHECK(end(t, 80, 1) == 102);   // the first cycle of the refresh
  CHECK(end(t, 99, 1) == 102);   // its last
  CHECK(end(t, 100, 1) == 102);  // the cycle after
}

TEST_CASE("a long transfer pays every refresh that it meets") {
  const DramTiming t = timing(100, 20);
  CHECK(end(t, 0, 40) == 80);
  CHECK(end(t, 0, 41) == 102);
  CHECK(end(t, 0, 80) == 180);
  CHECK(end(t, 0, 4000) == 99 * 100 + 80);
  CHECK(end(t, 350, 40) == 380 + 20 + 50);
}

TEST_CASE("a burst may take a fraction of a cycle, as 819.2 bits a cycle make of 1024") {
  arch::Architecture a = hw::bench::architecture();
  a.clock = quantity::Hertz(2.5e8);
  a.dram.peak_bandwidth = quantity::BitsPerSecond(2.048e11);
  a.dram.burst_bits = 1024;
  const DramTiming t(a);
  CHECK(end(t, 0, 1) == 2);  // 1.25 cycles
  CHECK(end(t, 0, 4) == 5);
  CHECK(end(t, 0, 4000000) == 5000000);
}

TEST_CASE("latency is whole cycles, rounded up") {
  arch::Architecture a = hw::bench::architecture();
  CHECK(DramTiming(a).latency_cycles() == 10);
  a.dram.latency = Nanoseconds(10.25);
  CHECK(DramTiming(a).latency_cycles() == 11);
}

TEST_CASE("a duration beyond 64 bits of ticks is refused, not wrapped") {
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;
  CHECK_THROWS_AS(timing(0, 0).advance(0, std::uint64_t{1} << 44), quantity::CountOverflow);
  CHECK(timing(0, 0).advance(kHalf - 1, std::uint64_t{1} << 42) == 2 * (kHalf - 1) + 1);
  CHECK_THROWS_AS(timing(0, 0).advance(kHalf, std::uint64_t{1} << 42), quantity::CountOverflow);
  // A tenth of the time is left to data: 2^61 ticks of them take ten times as long.
  CHECK_THROWS_AS(timing(100, 90).advance(0, std::uint64_t{1} << 40), quantity::CountOverflow);
}

TEST_CASE("latency is hidden behind earlier transfers; reads and writes share the channel") {
  hw::bench::Bench bench;
  DramPort& port = bench.dram;
  using Direction = DramPort::Direction;
  CHECK(port.first_burst(0) == 12);
  CHECK(port.transfer(Direction::kRead, 640, 0) == 20);
  CHECK(port.first_burst(0) == 22);
  CHECK(port.transfer(Direction::kRead, 640, 0) == 30);
  CHECK(port.transfer(Direction::kWrite, 640, 5) == 40);
  CHECK(port.transfer(Direction::kRead, 640, 29) == 50);  // first data at 39, channel free at 40
  CHECK(port.transfer(Direction::kRead, 640, 41) == 61);  // the channel has waited for one cycle
  CHECK(port.transfer(Direction::kRead, 1, 61) == 73);    // a whole burst
  CHECK(bench.dram.read_bits() == 4 * 640 + 1);
  CHECK(bench.dram.write_bits() == 640);
  CHECK(bench.dram.bursts() == 5 * 5 + 1);
}

TEST_CASE("a layer begins with an idle channel and no counts") {
  hw::bench::Bench bench;
  bench.dram.transfer(DramPort::Direction::kRead, 6400, 0);
  bench.dram.start_layer();
  CHECK(bench.dram.read_bits() == 0);
  CHECK(bench.dram.bursts() == 0);
  CHECK(bench.dram.transfer(DramPort::Direction::kRead, 128, 0) == 12);
}
